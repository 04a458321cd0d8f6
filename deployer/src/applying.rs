//! What `up` and `down` share: the lock, the question, the run, and how it ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_engine::apply::{Applied, apply};
use deployer_engine::state::State;
use deployer_engine::step::Plan;

use crate::arguments::{Globals, Output};
use crate::context::Context;
use crate::error::{Exit, Failure, exit_of};
use crate::planning::Prepared;
use crate::render::Reporter;
use crate::signals::{Signals, gate};
use crate::store::lock::Lock;

/// Refuses, before anything is begun, a command that would have to ask and cannot.
pub fn may_go_on(globals: &Globals) -> Result<(), Failure> {
    if globals.yes || (globals.may_ask() && globals.output() != Output::Quiet) {
        return Ok(());
    }
    Err(Failure::usage("nobody can be asked here").hint("look at `deployer plan`, then say `-y`"))
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
    let loaded = context.load(report)?;
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

/// Whether it may go on: asks, unless the answer was given on the command line. `answers` are those that mean yes.
pub async fn confirmed(
    globals: &Globals,
    report: &Reporter,
    question: &str,
    answers: &[&str],
) -> Result<bool, Failure> {
    if globals.yes {
        return Ok(true);
    }
    may_go_on(globals)?;
    let given = report.ask(question).await;
    let confirmed = answers.iter().any(|answer| given.eq_ignore_ascii_case(answer));
    if !confirmed {
        report.note("nothing was changed");
    }
    Ok(confirmed)
}

/// Applies a plan and saves what came of it, however it went.
pub async fn applied(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    prepared: &Prepared,
    report: &Reporter,
    signals: &Signals,
) -> Result<(Applied, BTreeMap<String, String>), Failure> {
    let plan = &prepared.plan;
    if plan.is_empty() && plan.notes.is_empty() {
        return Ok((Applied { told: plan.told.clone(), ..Applied::default() }, plan.told.clone()));
    }
    let mut journal = context
        .store
        .open_journal()
        .map_err(|error| Failure::new(Exit::Other, "journal", format!("the journal cannot be written: {error}")))?;
    let stop = signals.applying();
    let cx = Arc::new(cloud.guarded(gate(stop.clone()))).context();
    let applied =
        apply(&context.registry, &cx, plan, globals.parallelism, &mut journal, stop, &mut |event| report.event(&event))
            .await;
    signals.applied();
    let applied = applied.map_err(|cut| {
        Failure::new(Exit::Other, "journal", cut.error.to_string())
            .hint("nothing further was started; make room on the disk and run again")
    })?;
    let state = save(context, context.store.load()?.state)?;
    // A selection does not know all that the named values are made of.
    let told = if plan.whole { applied.told.clone() } else { state.outputs };
    Ok((applied, told))
}

/// The exit code of an applied plan.
pub fn ended(plan: &Plan, applied: &Applied, signals: &Signals) -> Result<Exit, Failure> {
    if applied.stopped {
        return Err(signals.stopped());
    }
    let Some(first) = applied.failed.first() else {
        return Ok(if applied.skipped.is_empty() { Exit::Done } else { Exit::Partial });
    };
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
