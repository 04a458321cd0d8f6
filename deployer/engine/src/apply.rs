//! Apply: one loop that starts what is ready, and alone writes the journal and the outputs.

mod entries;
mod pace;
mod perform;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use self::run::Run;
use crate::address::Address;
use crate::journal::{Entry, Journal, JournalError};
use crate::resource::{CloudError, Cx, Registry};
use crate::step::{Plan, Step, StepId};

pub use crate::stop::Stop;

/// How long calls in flight may take after a stop: CI systems kill 7.5 s after their first signal.
pub const STOP_WITHIN: Duration = Duration::from_secs(5);

/// What happens while a plan is applied, for those who watch.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A step began.
    Started(&'a Step),
    /// A step says what it does or waits for.
    Progress(&'a Address, String),
    /// A step is done.
    Finished(&'a Step, Duration),
    /// A step failed for good.
    Failed(&'a Step, &'a CloudError),
    /// A step is not tried, because one that it waits for failed or the run was stopped.
    Skipped(&'a Step),
    /// The run was asked to stop; so many steps are under way and have at most [`STOP_WITHIN`].
    Stopping(usize),
}

/// A step that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which.
    pub step: StepId,
    /// Why.
    pub error: CloudError,
}

/// How a plan went.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The steps that are done.
    pub done: BTreeSet<StepId>,
    /// The steps that failed.
    pub failed: Vec<Failure>,
    /// The steps that were not tried.
    pub skipped: Vec<StepId>,
    /// Whether a signal ended the run.
    pub stopped: bool,
    /// The stack's named values, as far as they are known.
    pub told: BTreeMap<String, String>,
}

/// A run that ended early because its journal could not be written any more.
#[derive(Clone, Debug)]
pub struct CutOff {
    /// Why.
    pub error: JournalError,
    /// What came of the calls in flight and of those just before: the journal may lack it.
    pub unwritten: Vec<Entry>,
    /// How the plan went until then.
    pub applied: Applied,
}

/// Applies a plan with at most `parallelism` steps at a time.
///
/// Each creation's intent is durable before its first call, and each result before anything that
/// waits for it starts. What happens while a write is under way is in the next one. Where writes are
/// dear there are at most two for each level of the plan. A failed step stops only what waits for it.
///
/// # Errors
/// When the journal cannot be written: from then on nothing was started.
pub async fn apply<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    plan: &Plan,
    parallelism: usize,
    journal: &mut dyn Journal,
    mut stop: watch::Receiver<Stop>,
    watch: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Applied, Box<CutOff>> {
    if plan.is_empty() && plan.notes.is_empty() {
        return Ok(Applied { told: plan.told.clone(), ..Applied::default() });
    }
    let cx = cx.again().until(stop.clone());
    let mut run = Run::new(registry, &cx, plan, parallelism, journal.is_dear());
    loop {
        run.heed(*stop.borrow_and_update(), watch);
        let batch = run.next_batch();
        run.start_due(watch);
        if batch.is_none() && run.is_idle() {
            break;
        }
        let written = run.wait(batch.as_ref(), journal, &mut stop, watch).await;
        if let (Some(batch), Some(written)) = (batch, written) {
            run.settle(batch, written, watch);
        }
    }
    run.finish(watch)
}
