//! `deployer up`: makes the world as the stack files say.

use std::sync::Arc;
use std::time::Instant;

use deployer_aws::Cloud;
use deployer_engine::resource::Spread;
use deployer_engine::spread::spread;
use deployer_engine::step::Step;

use super::build::{build, describe};
use crate::applying::{applied, confirmed, ended, locked, may_go_on};
use crate::arguments::{Globals, Selection, Wait};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::planning::{known_addresses, prepare};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// What the command line says beside the globals.
pub struct Options<'a> {
    /// Which steps are meant.
    pub selection: &'a Selection,
    /// Whether data may be lost.
    pub delete_data: bool,
    /// What to wait for in the end.
    pub wait: Wait,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    may_go_on(globals)?;
    let selection = options.selection;
    let files = project.select(globals.stack.as_deref(), selection.all)?;
    let words = selection.target.iter().chain(&selection.exclude);
    known_addresses(project, &files, globals, words, true, report).await?;
    for file in files {
        let others = Others::read(project, &file, globals, &[], true, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
        let cloud = context.cloud(globals, true, report).await?;
        let exit = up(&context, &cloud, globals, options, report, signals).await?;
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
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let work = async |writer: &mut dyn Writer| {
        let state = writer.state().clone();
        let mut prepared = prepare(context, cloud, state.clone(), None, options.delete_data, report).await?;
        if !prepared.unbuilt.is_empty() {
            let built = context.with_shipped(build(context, Some(&prepared.unbuilt), report).await?, &state);
            prepared = prepare(context, cloud, state, Some(built), options.delete_data, report).await?;
        }
        prepared.plan = prepared.plan.select(&options.selection.target, &options.selection.exclude);
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
        if options.wait == Wait::Edge {
            edges_follow(context, cloud, globals, report).await?;
        }
        report.outputs(&told);
    }
    ended(&plan, &applied, signals)
}

/// Waits until every edge serves what this run, or one before it, has changed.
async fn edges_follow(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    report: &Reporter,
) -> Result<(), Failure> {
    let state = context.load(globals, report).await?.state;
    for record in &state.records {
        if context.registry.facts(&record.type_name).spread == Spread::Slowly {
            report.note(&format!("{}: waiting for every edge to follow", record.address));
            spread(&context.registry, &cloud.context(), &record.type_name, &record.live()).await?;
        }
    }
    Ok(())
}
