//! `deployer secrets rotate`, `resume`, `abort` and `retire`: what may be done now is done, as steps of a plan.

use std::time::Duration;

use deployer_aws::rotation::Ask;
use deployer_aws::secrets::now;
use deployer_engine::address::DeclarationAddress;

use super::decide::Wish;
use super::opened::{Opened, open_all};
use super::round::{dry_round, round};
use crate::applying::{locked, may_go_on};
use crate::arguments::Globals;
use crate::arguments::secrets::Time;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// The longest that a command waits before it looks again: clocks are set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What the command line says.
pub struct Options {
    /// The secrets; none: every one.
    pub addresses: Vec<DeclarationAddress>,
    /// What is wished for them.
    pub wish: Wish,
    /// Only show it.
    pub dry_run: bool,
    /// Stay until it is done.
    pub wait: bool,
    /// The time that is taken for now.
    pub time: Time,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    if !options.dry_run {
        may_go_on(globals)?;
    }
    for opened in open_all(project, globals, true, &options.addresses, report).await? {
        let exit = rotate(&opened, globals, options, report, signals).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Round after round, as long as something may be done and is not waited for elsewhere.
async fn rotate(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let mut time = options.time;
    let mut wish = options.wish;
    loop {
        let at = opened.now(time)?;
        let command = wish.verb();
        let work =
            async |writer: &mut dyn Writer| round(opened, globals, options, wish, time, writer, report, signals).await;
        let round = match options.dry_run {
            true => dry_round(opened, globals, options, at, report).await?,
            false => locked(&opened.context, globals, &format!("secrets {command}"), report, signals, work).await?,
        };
        // What was begun goes on; a second one is not begun.
        wish = wish.going_on();
        match round.next {
            _ if round.exit != Exit::Done || options.dry_run => return Ok(round.exit),
            _ if round.again => {}
            Some(next) if options.wait && time.at.is_some() => time.at = Some(next.max(at)),
            Some(next) if options.wait => wait_until(next).await,
            _ => return Ok(round.exit),
        }
    }
}

async fn wait_until(next: u64) {
    loop {
        let left = Duration::from_secs(next.saturating_sub(now()));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(LOOK_EVERY)).await;
    }
}

/// Why rotations are looked at, for those who are asked by their names.
pub fn asked(by_name: bool, resume: bool) -> Ask {
    match (by_name, resume) {
        (_, true) => Ask::Resume,
        (true, false) => Ask::Now,
        (false, false) => Ask::Due,
    }
}
