//! `deployer dev`: the whole product on this machine, shipped again whenever a file changes.

use deployer_engine::resolve::environment;
use deployer_local::Status;
use futures::future::LocalBoxFuture;

use super::local;
use crate::arguments::Globals;
use crate::dev::servers::Servers;
use crate::dev::work;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;

/// The environment when none is named.
const LOCAL: &str = "local";

/// Runs the command until it is told to end. What it has started ends with it. It is made on the heap: it holds all that
/// `up` holds and more, and other commands must not carry that on their stack.
pub fn run<'a>(
    project: &'a Project,
    globals: &'a Globals,
    report: &'a Reporter,
    signals: &'a Signals,
) -> LocalBoxFuture<'a, Result<Exit, Failure>> {
    Box::pin(works(project, globals, report, signals))
}

async fn works(project: &Project, globals: &Globals, report: &Reporter, signals: &Signals) -> Result<Exit, Failure> {
    let named = globals.environment.clone().or_else(|| Some(LOCAL.to_owned()));
    let globals = Globals { environment: named, yes: true, ..globals.clone() };
    is_local(project, &globals)?;
    let ran = !matches!(deployer_local::status(&project.folder).await, Ok(Status::Stopped));
    let mut servers = Servers::default();
    let hold = signals.hold();
    let ended = hold.stoppable(work(project, &globals, &mut servers, report, signals)).await;
    report.note("ending what runs for this");
    servers.stop().await;
    if !ran {
        deployer_local::down(&project.folder, false).await.map_err(local::failure)?;
    }
    drop(hold);
    ended.map(|()| Exit::Done)
}

/// Nothing else is shipped to without a question.
fn is_local(project: &Project, globals: &Globals) -> Result<(), Failure> {
    let name = globals.environment.as_deref().unwrap_or(LOCAL);
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        if !environment(&file, name)?.local {
            return Err(Failure::usage(format!("{} is on AWS in {name}, and `dev` asks nobody", file.name))
                .hint("name an environment with `endpoint = \"local\"`: `-e NAME`"));
        }
    }
    Ok(())
}
