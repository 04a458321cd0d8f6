//! `deployer up`: makes the world as the stack files say.

use std::sync::Arc;
use std::time::Instant;

use deployer_aws::Cloud;
use deployer_engine::step::Step;

use super::build::{build, describe};
use crate::applying::{applied, confirmed, ended, locked, may_go_on};
use crate::arguments::{Globals, Selection};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::planning::{known_addresses, prepare};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    selection: &Selection,
    delete_data: bool,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    may_go_on(globals)?;
    let files = project.select(globals.stack.as_deref(), selection.all)?;
    known_addresses(project, &files, globals, selection.target.iter().chain(&selection.exclude), report)?;
    for file in files {
        let context = Context::open(project, &file, globals, &[], report)?;
        let cloud = context.cloud(globals, true, report).await?;
        let exit = up(&context, &cloud, globals, selection, delete_data, report, signals).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

async fn up(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    selection: &Selection,
    delete_data: bool,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (lock, state) = locked(context, globals, "up", report).await?;
    let mut prepared = prepare(context, cloud, state.clone(), None, delete_data, report).await?;
    if !prepared.unbuilt.is_empty() {
        let built = build(context, Some(&prepared.unbuilt), report).await?;
        prepared = prepare(context, cloud, state, Some(built), delete_data, report).await?;
    }
    prepared.plan = prepared.plan.select(&selection.target, &selection.exclude);
    report.plan(&prepared.plan, &|step: &Step| describe(context, step));
    if !prepared.plan.is_empty() && !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
        return Ok(Exit::Other);
    }
    let (applied, told) = applied(context, cloud, globals, &prepared, report, signals).await?;
    drop(lock);
    if !prepared.plan.is_empty() {
        report.applied(&prepared.plan, &applied, started.elapsed());
    }
    if applied.failed.is_empty() && !applied.stopped {
        report.outputs(&told);
    }
    ended(&prepared.plan, &applied, signals)
}
