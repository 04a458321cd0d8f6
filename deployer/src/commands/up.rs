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
use crate::reach::Others;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

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
    let words = selection.target.iter().chain(&selection.exclude);
    known_addresses(project, &files, globals, words, true, report).await?;
    for file in files {
        let others = Others::read(project, &file, globals, &[], true, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
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
    let work = async |writer: &mut dyn Writer| {
        let state = writer.state().clone();
        let mut prepared = prepare(context, cloud, state.clone(), None, delete_data, report).await?;
        if !prepared.unbuilt.is_empty() {
            let built = context.with_shipped(build(context, Some(&prepared.unbuilt), report).await?, &state);
            prepared = prepare(context, cloud, state, Some(built), delete_data, report).await?;
        }
        prepared.plan = prepared.plan.select(&selection.target, &selection.exclude);
        report.plan(&prepared.plan, &|step: &Step| describe(context, step));
        if !prepared.plan.is_empty() && !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
            return Ok(None);
        }
        let (applied, told) = applied(context, cloud, globals, &prepared, writer, report, signals).await?;
        Ok(Some((prepared.plan, applied, told)))
    };
    let Some((plan, applied, told)) = locked(context, globals, "up", report, signals, work).await? else {
        return Ok(Exit::Other);
    };
    if !plan.is_empty() {
        report.applied(&plan, &applied, started.elapsed());
    }
    if applied.failed.is_empty() && !applied.stopped {
        report.outputs(&told);
    }
    ended(&plan, &applied, signals)
}
