//! `deployer up`: makes the world as the stack files say.

use std::sync::Arc;
use std::time::Instant;

use deployer_aws::Cloud;
use deployer_engine::apply::{Applied, apply};
use deployer_engine::resource::Cx;
use deployer_engine::state::State;
use deployer_engine::step::{Plan, Step};

use super::build::{build, describe};
use crate::arguments::{Globals, Selection};
use crate::context::Context;
use crate::error::{Exit, Failure, exit_of};
use crate::planning::{Prepared, known_addresses, prepare};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::lock::Lock;

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    selection: &Selection,
    delete_data: bool,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
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
    let mut prepared = prepare(context, cloud, state, None, delete_data, report).await?;
    if !prepared.unbuilt.is_empty() {
        let built = build(context, Some(&prepared.unbuilt), report).await?;
        let Prepared { state, .. } = prepared;
        prepared = prepare(context, cloud, state, Some(built), delete_data, report).await?;
    }
    prepared.plan = prepared.plan.select(&selection.target, &selection.exclude);
    report.plan(&prepared.plan, &|step: &Step| describe(context, step));
    if !prepared.plan.is_empty() {
        confirmed(globals, report, "Do this? [y/N]", "y")?;
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

/// The lock, and the state with what an interrupted run left behind saved.
pub async fn locked(
    context: &Context,
    globals: &Globals,
    verb: &str,
    report: &Reporter,
) -> Result<(Lock, State), Failure> {
    let command = format!("deployer {verb} -s {} -e {}", context.scope.stack, context.scope.environment);
    let lock = context.store.lock(&command, globals.lock_wait).await?;
    let loaded = context.store.load()?;
    loaded.notice.iter().for_each(|notice| report.note(notice));
    if !loaded.interrupted {
        return Ok((lock, loaded.state));
    }
    report.note("an earlier run was interrupted: what it began is looked up and taken over");
    Ok((lock, save(context, loaded.state)?))
}

fn save(context: &Context, state: State) -> Result<State, Failure> {
    context.store.save(state).map_err(|error| {
        Failure::new(Exit::Other, "state-not-written", format!("the state cannot be written: {error}"))
            .hint("nothing is lost: the journal beside it holds what was done; make room and run again")
    })
}

/// Asks, unless the answer was given on the command line.
pub fn confirmed(globals: &Globals, report: &Reporter, question: &str, answer: &str) -> Result<(), Failure> {
    if globals.yes {
        return Ok(());
    }
    if !globals.may_ask() {
        return Err(Failure::usage("nobody can be asked here").hint("look at the plan, then say `-y`"));
    }
    if report.confirm(question, answer) {
        Ok(())
    } else {
        Err(Failure::new(Exit::Other, "declined", "nothing was changed"))
    }
}

/// Applies a plan and saves what came of it, however it went.
pub async fn applied(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    prepared: &Prepared,
    report: &Reporter,
    signals: &Signals,
) -> Result<(Applied, std::collections::BTreeMap<String, String>), Failure> {
    let plan = &prepared.plan;
    if plan.is_empty() && plan.notes.is_empty() {
        return Ok((Applied { told: plan.told.clone(), ..Applied::default() }, plan.told.clone()));
    }
    let mut journal = context
        .store
        .open_journal()
        .map_err(|error| Failure::new(Exit::Other, "journal", format!("the journal cannot be written: {error}")))?;
    let cx = Cx::new(Arc::clone(cloud));
    let stop = signals.applying();
    let applied =
        apply(&context.registry, &cx, plan, globals.parallelism, &mut journal, stop, &mut |event| report.event(&event))
            .await;
    signals.applied();
    let applied = applied.map_err(|error| {
        Failure::new(Exit::Other, "journal", error.to_string())
            .hint("nothing further was started; make room on the disk and run again")
    })?;
    let state = save(context, context.store.load()?.state)?;
    let told = if applied.told.is_empty() { state.outputs } else { applied.told.clone() };
    Ok((applied, told))
}

/// The exit code of an applied plan.
pub fn ended(plan: &Plan, applied: &Applied, signals: &Signals) -> Result<Exit, Failure> {
    if applied.stopped && !(applied.failed.is_empty() && applied.skipped.is_empty()) {
        return Err(signals.stopped());
    }
    let Some(first) = applied.failed.first() else { return Ok(Exit::Done) };
    let all_failed_alike =
        applied.done.is_empty() && applied.failed.iter().all(|each| exit_of(&each.error) == exit_of(&first.error));
    let needs_person = applied.failed.iter().any(|each| exit_of(&each.error) == Exit::NeedsPerson);
    match exit_of(&first.error) {
        _ if needs_person => Ok(Exit::NeedsPerson),
        exit if all_failed_alike && exit != Exit::Other => Ok(exit),
        _ if plan.steps.len() > 1 || !applied.done.is_empty() => Ok(Exit::Partial),
        exit => Ok(exit),
    }
}
