//! `deployer secrets`: what can be done with secrets, one file each.

mod carry;
mod decide;
mod findings;
mod import;
mod list;
mod opened;
mod rotate;
mod round;
mod told;
mod turns;
mod value;
mod warnings;

use deployer_aws::rotation::{Limits, Turn};

use self::decide::Wish;
use self::opened::parsed;
use self::rotate::{Options, asked};
use crate::arguments::Globals;
use crate::arguments::secrets::{SecretsCommand, Until};
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;

pub use list::audited;
pub use warnings::warn;

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    command: &SecretsCommand,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let one = |word: &String| Ok::<_, Failure>(parsed(std::slice::from_ref(word))?.remove(0));
    let options = match command {
        SecretsCommand::List { all } => return list::list(project, globals, *all, report).await,
        SecretsCommand::Audit { all, time } => return list::audit(project, globals, *all, *time, report).await,
        SecretsCommand::Get { address, reveal } => {
            return value::get(project, globals, one(address)?, *reveal, report).await;
        }
        SecretsCommand::Set { address, file } => {
            return value::set(project, globals, one(address)?, file.as_deref(), report, signals).await;
        }
        SecretsCommand::Import { file, plain, secret, reader, dry_run } => {
            let options = import::Options { file, plain, secret, reader: reader.as_deref(), dry_run: *dry_run };
            return import::run(project, globals, &options, report, signals).await;
        }
        SecretsCommand::Rotate { addresses, going, emergency } => {
            let limits = Limits { until: turn(going.until), emergency: *emergency };
            let wish = Wish::Rotate(asked(!addresses.is_empty(), false), limits);
            Options { addresses: parsed(addresses)?, wish, dry_run: going.dry_run, wait: going.wait, time: going.time }
        }
        SecretsCommand::Resume { addresses, going } => {
            let limits = Limits { until: turn(going.until), emergency: false };
            let wish = Wish::Rotate(asked(!addresses.is_empty(), true), limits);
            Options { addresses: parsed(addresses)?, wish, dry_run: going.dry_run, wait: going.wait, time: going.time }
        }
        SecretsCommand::Abort { address, time } => {
            Options { addresses: vec![one(address)?], wish: Wish::Abort, dry_run: false, wait: false, time: *time }
        }
        SecretsCommand::Retire { address, emergency, time } => {
            let wish = Wish::Retire { emergency: *emergency };
            Options { addresses: vec![one(address)?], wish, dry_run: false, wait: false, time: *time }
        }
    };
    rotate::run(project, globals, &options, report, signals).await
}

fn turn(until: Until) -> Turn {
    match until {
        Until::Publish => Turn::Publish,
        Until::Activate => Turn::Activate,
        Until::Retire => Turn::Retire,
    }
}
