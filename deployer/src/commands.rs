//! The verbs: one file each.

mod audit;
pub mod build;
mod completions;
mod dev;
mod doctor;
mod down;
pub mod explain;
mod export;
pub mod fmt;
pub mod graph;
mod history;
mod init;
mod invoke;
pub mod local;
mod lock;
pub mod logs;
mod man;
pub mod metrics;
mod open;
mod outputs;
mod permissions;
mod plan;
mod rebuild;
mod schema;
pub mod secrets;
mod state;
mod status;
mod up;
mod validate;

use crate::arguments::{Arguments, Command};
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;

/// Runs a command.
pub async fn run(arguments: &Arguments, report: &Reporter, signals: &Signals) -> Result<Exit, Failure> {
    let globals = &arguments.globals;
    let project = || Project::find(&globals.directory);
    match &arguments.command {
        Command::Init => init::run(globals, report, signals).await,
        Command::Validate => validate::run(&project()?, globals, report),
        Command::Plan { selection, detailed_exitcode, build, delete_data, md, out } => {
            let options = plan::Options {
                selection,
                detailed_exitcode: *detailed_exitcode,
                build: *build,
                delete_data: *delete_data,
                md: md.as_deref(),
                out: out.as_deref(),
            };
            plan::run(&project()?, globals, &options, report).await
        }
        Command::Up { plan, selection, delete_data, wait } => {
            let options = up::Options { selection, delete_data: *delete_data, wait: *wait, plan: plan.as_deref() };
            up::run(&project()?, globals, &options, report, signals).await
        }
        Command::Down { all, keep, delete_data } => {
            down::run(
                &project()?,
                globals,
                &down::Options { all: *all, keep, delete_data: *delete_data },
                report,
                signals,
            )
            .await
        }
        Command::Dev => dev::run(&project()?, globals, report, signals).await,
        Command::Doctor => doctor::run(&project()?, globals, report).await,
        Command::Fmt(options) => fmt::run(&project()?, globals, options, report),
        Command::Completions { shell } => completions::run(*shell, report),
        Command::Man { folder } => man::run(folder.as_deref(), report),
        Command::Explain(options) => explain::run(&project()?, globals, options, report).await,
        Command::Graph(options) => graph::run(&project()?, globals, options, report),
        Command::Open { name } => open::run(&project()?, globals, name.as_deref(), report).await,
        Command::Metrics(options) => metrics::run(&project()?, globals, options, report).await,
        Command::Tail(options) => logs::run(&project()?, globals, &options.clone().following(), report).await,
        Command::Logs(options) => logs::run(&project()?, globals, options, report).await,
        Command::Build { addresses } => build::run(&project()?, globals, addresses, report).await,
        Command::Status { all } => status::run(&project()?, globals, *all, report).await,
        Command::Outputs { all, name } => outputs::run(&project()?, globals, *all, name.as_deref(), report).await,
        Command::Export { bucket, advisories } => {
            export::run(&project()?, globals, bucket, advisories.as_deref(), report).await
        }
        Command::Invoke { address, data } => invoke::run(&project()?, globals, address, data, report).await,
        Command::Local { command } => local::run(&project()?, globals, command, report, signals).await,
        Command::Lock { command } => lock::run(&project()?, globals, command, report).await,
        Command::State { command } => state::run(&project()?, globals, command, report, signals).await,
        Command::Secrets { command } => secrets::run(&project()?, globals, command, report, signals).await,
        Command::Audit { secrets: _ } => audit::run(&project()?, report),
        Command::Permissions { role, all } => permissions::run(&project()?, globals, *role, *all, report),
        Command::History { most } => history::run(&project()?, globals, *most, report).await,
        Command::Schema { md } => schema::run(*md, report),
    }
}
