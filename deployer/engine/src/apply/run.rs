//! One run of a plan: what waits, what is under way, what is durable.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::entries::{Batch, Ended, fresh, intent_of, lost_task, result_of, unwritten};
use super::pace::Pace;
use super::perform::{Outcome, perform};
use super::{Applied, CutOff, Event, Failure, STOP_WITHIN, Stop};
use crate::address::Address;
use crate::journal::{Entry, Journal, JournalError};
use crate::plan::told_text;
use crate::resource::{Cx, Registry};
use crate::step::{Action, Plan, Step, StepId};
use crate::value::{OutputRef, finish, is_known, resolve};

/// How long a write of the journal goes on once everything that was under way has been left.
const WRITE_WITHIN: Duration = Duration::from_millis(500);

/// A plan on its way.
pub(super) struct Run<'a, C> {
    registry: &'a Arc<Registry<C>>,
    cx: &'a Cx<C>,
    plan: &'a Plan,
    parallelism: usize,
    /// When a write is due, where writes are dear.
    pace: Option<Pace>,
    waiting: Vec<StepId>,
    /// Steps whose intents are durable and that wait for their turn.
    due: VecDeque<(StepId, Value)>,
    /// Steps that ended well, durably or not.
    succeeded: BTreeSet<StepId>,
    outputs: BTreeMap<Address, Value>,
    tasks: JoinSet<Outcome>,
    in_flight: BTreeMap<Id, (StepId, Value, Duration)>,
    /// Entries that belong to no step and are not durable yet.
    notes: Vec<Entry>,
    /// Steps whose results are not durable yet.
    ended: Vec<Ended>,
    say: UnboundedSender<(Address, String)>,
    heard: UnboundedReceiver<(Address, String)>,
    deadline: Option<Duration>,
    /// Since when nothing is waited for any more but the journal.
    aborted: Option<Duration>,
    /// Steps that make something, or wait for what is made or changed in this run.
    fresh: BTreeSet<StepId>,
    cut: Option<(JournalError, Vec<Entry>)>,
    applied: Applied,
}

impl<'a, C: Send + Sync + 'static> Run<'a, C> {
    pub(super) fn new(
        registry: &'a Arc<Registry<C>>,
        cx: &'a Cx<C>,
        plan: &'a Plan,
        parallelism: usize,
        dear: bool,
    ) -> Self {
        let (say, heard) = unbounded_channel();
        let opened = Entry::Opened { lineage: plan.lineage.clone(), serial: plan.base_serial };
        Self {
            registry,
            cx,
            plan,
            parallelism: parallelism.max(1),
            pace: dear.then(|| Pace::of(&plan.steps)),
            waiting: plan.steps.iter().map(|step| step.id).collect(),
            due: VecDeque::new(),
            succeeded: BTreeSet::new(),
            outputs: plan.outputs.clone(),
            tasks: JoinSet::new(),
            in_flight: BTreeMap::new(),
            notes: std::iter::once(opened).chain(plan.notes.iter().cloned()).collect(),
            ended: Vec::new(),
            say,
            heard,
            deadline: None,
            aborted: None,
            fresh: fresh(plan),
            cut: None,
            applied: Applied::default(),
        }
    }

    fn step(&self, id: StepId) -> &'a Step {
        let at = self.plan.steps.binary_search_by_key(&id, |step| step.id).expect("ids are of this plan, in its order");
        &self.plan.steps[at]
    }

    /// Heeds a stop: what is in flight has a while to end, nothing else begins.
    pub(super) fn heed(&mut self, level: Stop, watch: &mut (dyn FnMut(Event<'_>) + Send)) {
        if level == Stop::No {
            return;
        }
        if !std::mem::replace(&mut self.applied.stopped, true) {
            watch(Event::Stopping(self.tasks.len()));
        }
        self.wind_up();
        if level == Stop::Now {
            self.abort();
        }
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    fn abort(&mut self) {
        self.aborted.get_or_insert(self.cx.clock.now());
        self.tasks.abort_all();
    }

    fn wind_up(&mut self) {
        self.deadline = self.deadline.or_else(|| Some(self.cx.clock.now() + STOP_WITHIN));
        for (id, _) in std::mem::take(&mut self.due) {
            let step = self.step(id);
            if step.live.is_none() {
                // Its call was never made, nor anything before it: nobody needs to look for what it made.
                self.notes.push(Entry::Settled { address: step.address.clone() });
            }
            self.waiting.push(id);
        }
    }

    /// What should be made durable now, if anything.
    pub(super) fn next_batch(&mut self) -> Option<Batch> {
        if self.cut.is_some() {
            return None;
        }
        let ready: Vec<StepId> = match self.deadline {
            Some(_) => Vec::new(),
            None => self.waiting.iter().copied().filter(|id| self.step(*id).after.is_subset(&self.succeeded)).collect(),
        };
        let idle = self.tasks.is_empty() && self.due.is_empty();
        let nothing = self.notes.is_empty() && self.ended.is_empty() && ready.is_empty();
        let left = || self.waiting.iter().copied().filter(|id| !ready.contains(id));
        let too_early = |pace: &Pace| !idle && (ready.is_empty() || !pace.has_spare(left()));
        if nothing || self.pace.as_ref().is_some_and(too_early) {
            return None;
        }
        self.waiting = left().collect();
        self.pace.iter_mut().for_each(Pace::spend);
        let begun: Vec<(StepId, Value)> = ready.into_iter().map(|id| (id, self.inputs(self.step(id)))).collect();
        let ended = std::mem::take(&mut self.ended);
        let mut entries = std::mem::take(&mut self.notes);
        entries.extend(ended.iter().map(|each| each.entry.clone()));
        entries.extend(begun.iter().map(|(id, inputs)| intent_of(self.step(*id), inputs)));
        if idle && self.plan.whole && self.succeeded.len() == self.plan.steps.len() {
            entries.push(Entry::Told { outputs: self.told() });
        }
        Some(Batch { entries, ended, begun })
    }

    /// Starts what is durably begun, as far as there is room.
    pub(super) fn start_due(&mut self, watch: &mut (dyn FnMut(Event<'_>) + Send)) {
        while self.tasks.len() < self.parallelism {
            let Some((id, inputs)) = self.due.pop_front() else { return };
            let step = self.step(id);
            watch(Event::Started(step));
            let cx = self.cx.at(&step.address, Some(self.say.clone())).with_fresh(self.fresh.contains(&id));
            let task = perform(Arc::clone(self.registry), cx, step.clone(), inputs.clone());
            let handle = self.tasks.spawn(task);
            self.in_flight.insert(handle.id(), (id, inputs, self.cx.clock.now()));
        }
    }

    /// Waits for the end of the write, if one is due, else for anything to happen; what happens is collected.
    pub(super) async fn wait(
        &mut self,
        batch: Option<&Batch>,
        journal: &mut dyn Journal,
        stop: &mut watch::Receiver<Stop>,
        watch: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Option<Result<(), JournalError>> {
        let mut write = batch.map(|batch| journal.append(&batch.entries));
        loop {
            let now = self.cx.clock.now();
            let left = self.deadline.filter(|_| self.aborted.is_none()).map(|deadline| deadline.saturating_sub(now));
            let late = self.aborted.filter(|_| write.is_some()).map(|since| (since + WRITE_WITHIN).saturating_sub(now));
            let written = async {
                match write.as_mut() {
                    Some(write) => write.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                written = written => return Some(written),
                Some(ended) = self.tasks.join_next_with_id() => self.collect(ended, watch),
                Some((address, what)) = self.heard.recv() => watch(Event::Progress(&address, what)),
                Ok(()) = stop.changed() => self.heed(*stop.borrow_and_update(), watch),
                () = self.cx.clock.sleep(left.unwrap_or_default()), if left.is_some() => self.abort(),
                () = self.cx.clock.sleep(late.unwrap_or_default()), if late.is_some() => return Some(Err(unwritten())),
            }
            write.as_ref()?;
            self.start_due(watch);
        }
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

    fn collect(&mut self, ended: Result<(Id, Outcome), JoinError>, watch: &mut (dyn FnMut(Event<'_>) + Send)) {
        while let Ok((address, what)) = self.heard.try_recv() {
            watch(Event::Progress(&address, what));
        }
        let (task, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(lost_task(&error))),
        };
        let (id, inputs, since) = self.in_flight.remove(&task).expect("every task was started here");
        let step = self.step(id);
        let took = self.cx.clock.now().saturating_sub(since);
        let (entry, error) = match outcome {
            Ok(live) => {
                let facts = self.registry.facts(&step.type_name);
                let entry = result_of(step, facts, &self.plan.scope.region, inputs, live.as_ref());
                if let Some(live) = live {
                    self.outputs.insert(step.address.clone(), live.outputs);
                }
                self.succeeded.insert(id);
                (entry, None)
            }
            Err(error) => {
                (Entry::Failed { address: step.address.clone(), error: Box::new(error.clone()) }, Some(error))
            }
        };
        self.ended.push(Ended { step: id, entry, error, took });
    }

    /// A batch is durable, or the journal is lost: then its intents never begin, and its results are kept.
    pub(super) fn settle(
        &mut self,
        batch: Batch,
        written: Result<(), JournalError>,
        watch: &mut (dyn FnMut(Event<'_>) + Send),
    ) {
        match written {
            Ok(()) => self.due.extend(batch.begun),
            Err(error) => {
                let intent = |entry: &Entry| matches!(entry, Entry::Begun { .. } | Entry::Touched { .. });
                let unwritten = batch.entries.into_iter().filter(|entry| !intent(entry)).collect();
                self.cut = Some((error, unwritten));
                self.waiting.extend(batch.begun.into_iter().map(|(id, _)| id));
                self.wind_up();
            }
        }
        self.tell(batch.ended, watch);
    }

    fn tell(&mut self, ended: Vec<Ended>, watch: &mut (dyn FnMut(Event<'_>) + Send)) {
        for Ended { step: id, error, took, .. } in ended {
            match error {
                None => {
                    self.applied.done.insert(id);
                    watch(Event::Finished(self.step(id), took));
                }
                Some(error) => {
                    watch(Event::Failed(self.step(id), &error));
                    self.applied.failed.push(Failure { step: id, error });
                }
            }
        }
    }

    /// The stack's named values, as far as they are known.
    fn told(&self) -> BTreeMap<String, String> {
        let lookup = |found: &OutputRef| self.outputs.get(&found.address)?.get(&found.output).cloned();
        self.plan.told.iter().map(|(name, text)| (name.clone(), told_text(text, &lookup))).collect()
    }

    pub(super) fn finish(mut self, watch: &mut (dyn FnMut(Event<'_>) + Send)) -> Result<Applied, Box<CutOff>> {
        let late = std::mem::take(&mut self.ended);
        let late_entries: Vec<Entry> =
            std::mem::take(&mut self.notes).into_iter().chain(late.iter().map(|each| each.entry.clone())).collect();
        self.tell(late, watch);
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort();
        for id in waiting {
            watch(Event::Skipped(self.step(id)));
            self.applied.skipped.push(id);
        }
        self.applied.told = self.told();
        match self.cut {
            None => Ok(self.applied),
            Some((error, mut unwritten)) => {
                unwritten.extend(late_entries);
                Err(Box::new(CutOff { error, unwritten, applied: self.applied }))
            }
        }
    }
}
