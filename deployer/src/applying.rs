//! What `up` and `down` share: the lock, the question, the run, and how it ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deployer_aws::Cloud;
use deployer_engine::apply::{Applied, CutOff, Event, apply};
use deployer_engine::history::{Run, conclude};
use deployer_engine::journal::Entry;
use deployer_engine::step::Plan;
use deployer_engine::stop::Stop;
use tokio::sync::watch;

use crate::arguments::{Globals, Output};
use crate::context::Context;
use crate::error::{Exit, Failure, exit_of};
use crate::planning::Prepared;
use crate::remembering::{Noting, begun, over, run_of};
use crate::render::Reporter;
use crate::signals::{Signals, gate};
use crate::store::clock::SleepCounting;
use crate::store::rescue::{self, Fit, Rescue};
use crate::store::{StateStore, Writer, lock};

/// How long giving a lock back may take: a run that cannot reach its store must end soon.
const RELEASE_WITHIN: Duration = Duration::from_secs(3);
/// How long a stopped command goes on trying to take the lock, to save the state, and to give the lock back. With what the
/// steps under way have, that is 7 s.
const STOPPED_TRIES_FOR: Duration = Duration::from_secs(5);
const STOPPED_SAVES_WITHIN: Duration = Duration::from_millis(500);
const STOPPED_RELEASES_WITHIN: Duration = Duration::from_secs(1);

/// Refuses, before anything is begun, a command that would have to ask and cannot.
pub fn may_go_on(globals: &Globals) -> Result<(), Failure> {
    if globals.yes || (globals.may_ask() && globals.output() != Output::Quiet) {
        return Ok(());
    }
    Err(Failure::usage("nobody can be asked here").hint("look at `deployer plan`, then say `-y`"))
}

/// Runs `work` with the lock held and what earlier runs left behind saved. However it ends, the lock is given back.
pub async fn locked<T>(
    context: &Context,
    globals: &Globals,
    verb: &str,
    report: &Reporter,
    signals: &Signals,
    work: impl AsyncFnOnce(&mut dyn Writer) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let work = async |writer: &mut dyn Writer| {
        taken_up(context, writer, report).await?;
        work(writer).await
    };
    under_lock(context, globals, verb, report, signals, work).await
}

/// Runs `work` with the lock held, the state not looked at yet. However it ends the lock is given back.
pub async fn under_lock<T>(
    context: &Context,
    globals: &Globals,
    verb: &str,
    report: &Reporter,
    signals: &Signals,
    work: impl AsyncFnOnce(&mut dyn Writer) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let command = format!("deployer {verb} -s {} -e {}", context.scope.stack, context.scope.environment);
    let store = context.store(globals, true, report).await?;
    // Held before it is taken: who is stopped while the answer is on its way gives it back.
    let hold = signals.hold();
    let mut writer = taken(&*store, &command, globals.lock_wait, report, signals).await?;
    let ended = match signals.are_heard() {
        true => Err(signals.stopped()),
        false => hold.stoppable(work(&mut *writer)).await,
    };
    let within = if signals.are_heard() { STOPPED_RELEASES_WITHIN } else { RELEASE_WITHIN };
    if tokio::time::timeout(within, writer.release()).await.is_err() {
        report.note("the lock could not be given back; it is free a minute from now");
    }
    drop(hold);
    ended
}

/// Takes the lock. A stop ends the waiting for it at once, and a try that is under way soon.
async fn taken(
    store: &dyn StateStore,
    command: &str,
    wait: Duration,
    report: &Reporter,
    signals: &Signals,
) -> Result<Box<dyn Writer>, Failure> {
    let mut heard = signals.heard();
    let say = |text: &str| report.note(text);
    let late = async {
        if heard.wait_for(|stop| *stop != Stop::No).await.is_ok() {
            tokio::time::sleep(STOPPED_TRIES_FOR).await;
        }
    };
    tokio::select! {
        taken = lock(store, &SleepCounting, command, wait, &say, signals.heard()) => match taken {
            Err(_) if signals.are_heard() => Err(signals.stopped()),
            taken => taken,
        },
        () = late => Err(signals.stopped()),
    }
}

/// Loads the state, takes up what earlier runs left behind, and saves what that changes.
async fn taken_up(context: &Context, writer: &mut dyn Writer, report: &Reporter) -> Result<(), Failure> {
    let loaded = context.checked(writer.load().await?, report)?;
    let mut used = Vec::new();
    for (path, rescue) in rescue::find(&context.project.folder, &context.scope) {
        let told = match rescue.fit(&loaded.state) {
            Fit::Next => {
                writer.amend(&mut |state| rescue.merge(state));
                "is taken up"
            }
            Fit::Past => "is older than the state, which has found everything since",
            Fit::Other => {
                report.note(&format!("{} belongs to another history of the state: it is left alone", path.display()));
                continue;
            }
        };
        report.note(&format!("what an earlier run left in {} {told}", path.display()));
        used.push(path);
    }
    if loaded.interrupted {
        report.note("an earlier run was interrupted: what it began is looked up and taken over");
    }
    if loaded.interrupted || !used.is_empty() {
        writer.save().await?;
    }
    for path in used {
        std::fs::remove_file(&path).map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(())
}

/// What is told, and saved, when the journal could not be written any more: first on this machine, which answers. `run` is
/// what the history learns.
async fn cut_off(context: &Context, writer: &mut dyn Writer, cut: CutOff, run: Run, signals: &Signals) -> Failure {
    let CutOff { error, mut unwritten, applied } = cut;
    if applied.done.is_empty() && applied.failed.is_empty() {
        return Failure::new(Exit::Other, "journal", error.to_string())
            .hint("nothing was begun; make it writable and run again");
    }
    // Counted by itself: who takes it up may know a part of these entries already.
    unwritten.push(Entry::Tallied { run });
    let state = writer.state();
    let (lineage, serial) = (state.lineage.clone(), state.serial);
    let rescue = Rescue { scope: context.scope.clone(), lineage, serial, entries: unwritten };
    writer.amend(&mut |state| rescue.merge(state));
    let failure = Failure::new(Exit::Partial, "journal", error.to_string());
    let kept = rescue.write(&context.project.folder);
    let within = if signals.are_heard() { STOPPED_SAVES_WITHIN } else { Duration::MAX };
    if let Ok(Ok(())) = tokio::time::timeout(within, writer.save()).await {
        // One that stays tells what the state has already.
        let _ = kept.map(std::fs::remove_file);
        return failure.hint("nothing further was started; what was done is saved: run again");
    }
    match kept {
        Ok(path) => failure.hint(format!(
            "nothing further was started; what was done is in {}, and the next run takes it up from there",
            path.display()
        )),
        Err(error) => failure.hint(format!(
            "nothing further was started; no rescue file could be written either ({error}): the next run finds what was done by names and tags"
        )),
    }
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

/// How a plan is applied, and for what.
#[derive(Clone, Copy)]
pub struct Applying<'a> {
    /// The verb, for the history.
    pub verb: &'a str,
    /// What the command line says for all commands.
    pub globals: &'a Globals,
    /// Who is told.
    pub report: &'a Reporter,
    /// What stops it.
    pub signals: &'a Signals,
}

/// Applies a plan and saves what came of it, however it went.
pub async fn applied(
    context: &Context,
    cloud: &Arc<Cloud>,
    how: &Applying<'_>,
    prepared: &Prepared,
    writer: &mut dyn Writer,
) -> Result<(Applied, BTreeMap<String, String>), Failure> {
    let (plan, Applying { verb, globals, report, signals }) = (&prepared.plan, *how);
    if plan.is_empty() && plan.notes.is_empty() {
        return Ok((Applied { told: plan.told.clone(), ..Applied::default() }, plan.told.clone()));
    }
    let stop = stops(signals.applying(), writer.slips());
    let guarded = cloud.guarded(gate(stop.clone()));
    let guarded = writer.gate().into_iter().fold(guarded, |cloud, gate| cloud.guarded(gate));
    let cx = Arc::new(guarded).context();
    let mut watch = |event: Event<'_>| report.event(&event);
    let begun = begun(verb);
    let mut noting = Noting::new(writer, plan, begun.clone());
    let applied = apply(&context.registry, &cx, plan, globals.parallelism, &mut noting, stop, &mut watch).await;
    let saved = match applied {
        Ok(applied) => {
            if !plan.is_empty() {
                let run = over(run_of(&begun, plan, &applied));
                writer.amend(&mut |state| conclude(&mut state.history, &begun, run.clone()));
            }
            writer.save().await.map(|()| applied)
        }
        Err(cut) => {
            let run = run_of(&begun, plan, &cut.applied);
            Err(cut_off(context, writer, *cut, run, signals).await)
        }
    };
    signals.applied();
    let applied = saved?;
    // A selection does not know all that the named values are made of.
    let told = if plan.whole { applied.told.clone() } else { writer.state().outputs.clone() };
    Ok((applied, told))
}

/// What stops a run: a signal, or a lock that is not renewed any more.
fn stops(mut asked: watch::Receiver<Stop>, slips: Option<watch::Receiver<bool>>) -> watch::Receiver<Stop> {
    let Some(mut slips) = slips else { return asked };
    let (tell, stop) = watch::channel(*asked.borrow_and_update());
    let raise = move |tell: &watch::Sender<Stop>, level: Stop| tell.send_modify(|now| *now = level.max(*now));
    tokio::spawn(async move {
        let mut slipped = false;
        loop {
            tokio::select! {
                Ok(()) = asked.changed() => raise(&tell, *asked.borrow_and_update()),
                Ok(_) = slips.wait_for(|slips| *slips), if !slipped => {
                    slipped = true;
                    raise(&tell, Stop::Soon);
                }
                () = tell.closed() => return,
            }
        }
    });
    stop
}

/// The exit code of an applied plan.
pub fn ended(plan: &Plan, applied: &Applied, signals: &Signals) -> Result<Exit, Failure> {
    if applied.stopped && !signals.are_heard() {
        return Err(Failure::new(Exit::Partial, "lock-lost", "the lock of the state could not be renewed")
            .hint("nothing further was started; what was done is saved: run again"));
    }
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
