//! Apply: one loop that starts what is ready, and alone writes the journal and the outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use crate::address::Address;
use crate::journal::{Entry, Journal, JournalError};
use crate::plan::told_text;
use crate::refresh::read_patiently;
use crate::resource::{AnyKey, CloudError, Cx, ErrorClass, LiveValue, Registry};
use crate::retry::Attempts;
use crate::state::{Intent, Record, Standing};
use crate::step::{Action, Plan, Step, StepId};
use crate::value::{OutputRef, finish, is_known, resolve};

/// How long calls in flight may take after a stop: CI systems kill 7.5 s after their first signal.
const STOP_WITHIN: Duration = Duration::from_secs(6);

/// How urgently a run should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Not at all.
    #[default]
    No,
    /// Start nothing new, let calls in flight end.
    Soon,
    /// Leave at once: the journal holds what is open.
    Now,
}

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

/// Applies a plan with at most `parallelism` steps at a time.
///
/// Each creation's intent is durable before its first call, and each result before anything that
/// waits for it starts. A failed step stops only what waits for it.
///
/// # Errors
/// When the journal cannot be written: nothing further was started.
pub async fn apply<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    plan: &Plan,
    parallelism: usize,
    journal: &mut dyn Journal,
    mut stop: watch::Receiver<Stop>,
    watch: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Applied, JournalError> {
    if plan.is_empty() && plan.notes.is_empty() {
        return Ok(Applied { told: plan.told.clone(), ..Applied::default() });
    }
    let opened = Entry::Opened { lineage: plan.lineage.clone(), serial: plan.base_serial };
    journal.append(&std::iter::once(opened).chain(plan.notes.iter().cloned()).collect::<Vec<_>>())?;
    let mut run = Run::new(registry, cx, plan, parallelism);
    loop {
        let level = *stop.borrow_and_update();
        if level == Stop::No {
            run.start_ready(journal, watch)?;
        } else {
            run.stop(level);
        }
        if run.tasks.is_empty() {
            break;
        }
        let left = run.deadline.map(|deadline| deadline.saturating_sub(cx.clock.now()));
        tokio::select! {
            Some(ended) = run.tasks.join_next_with_id() => run.collect(ended, journal, watch)?,
            Some((address, what)) = run.heard.recv() => watch(Event::Progress(&address, what)),
            Ok(()) = stop.changed() => {}
            () = cx.clock.sleep(left.unwrap_or_default()), if left.is_some() => run.tasks.abort_all(),
        }
    }
    run.finish(journal, watch)
}

/// What a finished task brings.
type Outcome = Result<Option<LiveValue>, CloudError>;

struct Run<'a, C> {
    registry: &'a Arc<Registry<C>>,
    cx: &'a Cx<C>,
    plan: &'a Plan,
    parallelism: usize,
    waiting: Vec<StepId>,
    outputs: BTreeMap<Address, Value>,
    tasks: JoinSet<Outcome>,
    in_flight: BTreeMap<Id, (StepId, Value, Duration)>,
    say: UnboundedSender<(Address, String)>,
    heard: UnboundedReceiver<(Address, String)>,
    deadline: Option<Duration>,
    applied: Applied,
}

impl<'a, C: Send + Sync + 'static> Run<'a, C> {
    fn new(registry: &'a Arc<Registry<C>>, cx: &'a Cx<C>, plan: &'a Plan, parallelism: usize) -> Self {
        let (say, heard) = unbounded_channel();
        Self {
            registry,
            cx,
            plan,
            parallelism: parallelism.max(1),
            waiting: plan.steps.iter().map(|step| step.id).collect(),
            outputs: plan.outputs.clone(),
            tasks: JoinSet::new(),
            in_flight: BTreeMap::new(),
            say,
            heard,
            deadline: None,
            applied: Applied::default(),
        }
    }

    fn step(&self, id: StepId) -> &'a Step {
        let at = self.plan.steps.binary_search_by_key(&id, |step| step.id).expect("ids are of this plan, in its order");
        &self.plan.steps[at]
    }

    /// Starts every step whose turn has come; their intents are one durable write.
    fn start_ready(
        &mut self,
        journal: &mut dyn Journal,
        watch: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<(), JournalError> {
        let free = self.parallelism.saturating_sub(self.tasks.len());
        let ready: Vec<StepId> = self
            .waiting
            .iter()
            .copied()
            .filter(|id| self.step(*id).after.is_subset(&self.applied.done))
            .take(free)
            .collect();
        if ready.is_empty() {
            return Ok(());
        }
        self.waiting.retain(|id| !ready.contains(id));
        let prepared: Vec<(&Step, Value)> =
            ready.iter().map(|id| (self.step(*id), self.inputs(self.step(*id)))).collect();
        let begun: Vec<Entry> = prepared.iter().map(|(step, inputs)| begun(step, inputs)).collect();
        journal.append(&begun)?;
        for (step, inputs) in prepared {
            watch(Event::Started(step));
            let cx = self.cx.at(&step.address, Some(self.say.clone()));
            let task = perform(Arc::clone(self.registry), cx, step.clone(), inputs.clone());
            let handle = self.tasks.spawn(task);
            self.in_flight.insert(handle.id(), (step.id, inputs, self.cx.clock.now()));
        }
        Ok(())
    }

    /// The step's inputs with everything that is minted by now.
    fn inputs(&self, step: &Step) -> Value {
        if step.action == Action::Delete {
            return step.inputs.clone();
        }
        let resolved =
            resolve(&step.inputs, &|found: &OutputRef| self.outputs.get(&found.address)?.get(&found.output).cloned());
        if is_known(&resolved) { finish(&resolved) } else { resolved }
    }

    fn collect(
        &mut self,
        ended: Result<(Id, Outcome), JoinError>,
        journal: &mut dyn Journal,
        watch: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<(), JournalError> {
        while let Ok((address, what)) = self.heard.try_recv() {
            watch(Event::Progress(&address, what));
        }
        let (task, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(lost_task(&error))),
        };
        let (id, inputs, since) = self.in_flight.remove(&task).expect("every task was started here");
        let step = self.step(id);
        match outcome {
            Ok(live) => {
                journal.append(&[done(step, inputs, live.as_ref())])?;
                if let Some(live) = live {
                    self.outputs.insert(step.address.clone(), live.outputs);
                }
                self.applied.done.insert(id);
                watch(Event::Finished(step, self.cx.clock.now().saturating_sub(since)));
            }
            Err(error) => {
                journal.append(&[Entry::Failed { address: step.address.clone(), error: Box::new(error.clone()) }])?;
                watch(Event::Failed(step, &error));
                self.applied.failed.push(Failure { step: id, error });
            }
        }
        Ok(())
    }

    fn stop(&mut self, level: Stop) {
        self.applied.stopped = true;
        match level {
            Stop::Now => self.tasks.abort_all(),
            _ => self.deadline = self.deadline.or_else(|| Some(self.cx.clock.now() + STOP_WITHIN)),
        }
    }

    fn finish(
        mut self,
        journal: &mut dyn Journal,
        watch: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<Applied, JournalError> {
        for id in std::mem::take(&mut self.waiting) {
            watch(Event::Skipped(self.step(id)));
            self.applied.skipped.push(id);
        }
        let outputs = &self.outputs;
        let lookup = |found: &OutputRef| outputs.get(&found.address)?.get(&found.output).cloned();
        self.applied.told =
            self.plan.told.iter().map(|(name, text)| (name.clone(), told_text(text, &lookup))).collect();
        if self.applied.failed.is_empty() && self.applied.skipped.is_empty() && self.plan.whole {
            journal.append(&[Entry::Told { outputs: self.applied.told.clone() }])?;
        }
        Ok(self.applied)
    }
}

/// The intent of a step. What has no record yet, be it new or only found, is an intent of its own.
fn begun(step: &Step, inputs: &Value) -> Entry {
    match step.action {
        Action::Create | Action::Update if step.prior.is_none() => Entry::Begun {
            intent: Intent {
                address: step.address.clone(),
                type_name: step.type_name.clone(),
                inputs: inputs.clone(),
                depends: step.depends.clone(),
            },
        },
        _ => Entry::Touched {
            address: step.address.clone(),
            id: step.live.as_ref().map_or_else(|| step.type_name.clone(), |live| live.id.clone()),
        },
    }
}

fn done(step: &Step, inputs: Value, live: Option<&LiveValue>) -> Entry {
    match live {
        Some(live) => {
            let record = Record {
                address: step.address.clone(),
                id: live.id.clone(),
                type_name: step.type_name.clone(),
                standing: Standing::Current,
                ordinal: 0,
                inputs,
                outputs: live.outputs.clone(),
                depends: step.depends.clone(),
            };
            Entry::Done { record: Box::new(record), retire: step.retire }
        }
        None => Entry::Removed {
            address: step.address.clone(),
            id: step.live.as_ref().map(|live| live.id.clone()).unwrap_or_default(),
        },
    }
}

/// A task that was aborted or panicked: what it did is unknown.
fn lost_task(error: &JoinError) -> CloudError {
    let (code, what) = if error.is_panic() {
        ("panic", "a bug of the deployer: the step panicked")
    } else {
        ("stopped", "stopped before AWS answered")
    };
    CloudError::new(ErrorClass::Unknown, "", "", code, what)
}

/// Does one step, again after throttles and lost answers; it looks before it repeats the latter.
async fn perform<C: Send + Sync + 'static>(
    registry: Arc<Registry<C>>,
    cx: Cx<C>,
    step: Step,
    inputs: Value,
) -> Outcome {
    let resource = registry.get(&step.type_name).expect("planned types are registered");
    if !is_known(&inputs) && step.action != Action::Delete {
        return Err(CloudError::inputs(&step.address.to_string(), "what it waits for did not say what it needs"));
    }
    let mut live = step.live.clone();
    let mut attempts = Attempts::default();
    loop {
        let tried = match (step.action, &live) {
            (Action::Delete, Some(there)) => resource.delete(cx.again(), there.clone()).await.map(|()| None),
            (Action::Delete, None) => Ok(None),
            _ => resource.reconcile(cx.again(), inputs.clone(), step.prior.clone(), live.clone()).await.map(Some),
        };
        let error = match tried {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let Some(wait) = attempts.next_wait(&error, &step.address.to_string()) else { return Err(error) };
        cx.say(format!("{} ({}), trying again in {:.1} s", waiting_for(error.class), error.code, wait.as_secs_f64()));
        cx.clock.sleep(wait).await;
        if error.class == ErrorClass::Unknown && !resource.facts().effect {
            let key = AnyKey {
                address: step.address.clone(),
                id: live.as_ref().map(|each| each.id.clone()),
                inputs: inputs.clone(),
            };
            live = read_patiently(&registry, &cx, &step.type_name, vec![key]).await?.into_iter().next().flatten();
        }
    }
}

fn waiting_for(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Throttled => "AWS asks for a slower pace",
        ErrorClass::NotYet => "not ready yet",
        _ => "no answer",
    }
}
