//! The end of objects: what nothing wants any more, what was replaced, what a cut-off run left behind.

use std::collections::{BTreeMap, BTreeSet};

use super::{Doomed, Planner, retired};
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::journal::Entry;
use crate::kind::Wanted;
use crate::owner::{Claim, claim};
use crate::resource::{Holds, LiveValue, OnRemove};
use crate::state::{Record, Standing};
use crate::step::{Action, Step, StepId};

impl<C: Send + Sync + 'static> Planner<'_, C> {
    /// Creations that were cut off: what they left is ours, and what they left nothing of is forgotten.
    pub(super) fn settle_intents(&mut self, wanted: &Wanted) {
        for (intent, live) in self.world.intents() {
            let facts = self.registry.facts(&intent.type_name);
            if live.as_ref().is_some_and(|live| self.is_taken(&intent.type_name, &live.id)) {
                // What takes it writes its record, and that settles it: until then it stays open.
                continue;
            }
            self.notes.push(Entry::Settled { address: intent.address.clone() });
            let Some(live) = live else { continue };
            let known = facts.on_remove == OnRemove::Forget || self.recorded(&intent.address, &live.id);
            if known || claim(facts, &self.state.scope, live) == Claim::Foreign {
                continue;
            }
            let standing = retired(facts);
            let (region, inputs, depends) = (&self.state.scope.region, intent.inputs.clone(), intent.depends.clone());
            let record = Record::of(facts, region, &intent.address, live, inputs, depends, standing);
            self.notes.push(Entry::Done { record: Box::new(record.clone()), retire: standing });
            if standing == Standing::Deposed || !wanted.desired.contains_key(&intent.address) {
                self.doomed.push((record, live.clone(), true));
            }
        }
    }

    fn recorded(&self, address: &Address, id: &str) -> bool {
        self.state.records_at(address).iter().any(|each| each.id == id)
    }

    /// Records that nothing wants: gone declarations, replaced objects, versions past their number.
    pub(super) fn retire_records(&mut self, wanted: &Wanted) {
        let replaced: BTreeSet<_> =
            self.doomed.iter().map(|(each, _, _)| (each.address.clone(), each.id.clone())).collect();
        for record in &self.state.records {
            let facts = *self.registry.facts(&record.type_name);
            let is_wanted = wanted.desired.contains_key(&record.address);
            let Some(live) = self.world.at_record(&record.address, &record.id) else {
                if !facts.effect || !is_wanted {
                    self.notes.push(Entry::Removed { address: record.address.clone(), id: record.id.clone() });
                }
                continue;
            };
            if self.is_taken(&record.type_name, &record.id) {
                if !is_wanted {
                    self.notes.push(Entry::Removed { address: record.address.clone(), id: record.id.clone() });
                }
                continue;
            }
            let keep = match (record.standing, facts.on_remove) {
                _ if facts.on_remove == OnRemove::Forget && !is_wanted => {
                    self.notes.push(Entry::Removed { address: record.address.clone(), id: record.id.clone() });
                    true
                }
                (Standing::Current, _) => is_wanted,
                (Standing::Retained, OnRemove::Retain(kept)) => is_wanted && self.younger(record) < kept,
                _ => replaced.contains(&(record.address.clone(), record.id.clone())),
            };
            if !keep {
                self.doomed.push((record.clone(), live.clone(), false));
            }
        }
    }

    /// How many retained objects of the same address are younger, the one that retires now included.
    fn younger(&self, record: &Record) -> usize {
        let retiring =
            self.state.current(&record.address).filter(|current| !self.is_taken(&current.type_name, &current.id));
        let younger = |each: &&Record| {
            each.standing == Standing::Retained
                && each.ordinal > record.ordinal
                && !self.is_taken(&each.type_name, &each.id)
        };
        let retained = self.state.records_at(&record.address).iter().filter(younger).count();
        retained + usize::from(retiring.is_some())
    }

    /// A deletion waits for everything that used the object: its changes, and its own deletion.
    pub(super) fn delete_doomed(&mut self) {
        let ordered = users_first(std::mem::take(&mut self.doomed));
        let first = self.steps.len();
        let mut users = self.users();
        for (offset, (record, live, replaces)) in ordered.iter().enumerate() {
            self.refused.extend(self.refusal(record));
            let id = StepId(first + offset);
            let after = users.get(&record.address).cloned().unwrap_or_default();
            self.steps.push(deletion(id, record, live, *replaces, after));
            for used in &record.depends {
                users.entry(used.clone()).or_default().insert(id);
            }
        }
    }

    /// By address: the steps so far that change the resource itself or something that used it or will use it.
    fn users(&self) -> BTreeMap<Address, BTreeSet<StepId>> {
        let mut users: BTreeMap<Address, BTreeSet<StepId>> = BTreeMap::new();
        for step in &self.steps {
            let recorded = self.state.records_at(&step.address).iter().flat_map(|each| &each.depends);
            for used in recorded.chain(&step.depends).chain([&step.address]) {
                users.entry(used.clone()).or_default().insert(step.id);
            }
        }
        users
    }

    /// Why a record's object may not be deleted, if so.
    fn refusal(&self, record: &Record) -> Option<Diagnostic> {
        let holds_data = self.registry.facts(&record.type_name).holds == Holds::Data;
        let (why, hint) = if self.allow.protected.contains(record.address.declaration()) {
            ("is protected", "its declaration says `protect = true`: remove that first")
        } else if holds_data && self.allow.protect_data {
            ("holds data", "this environment is protected: set `protect = false` there first")
        } else if holds_data && !self.allow.delete_data {
            ("holds data", "say `--delete-data` if the data may be lost")
        } else {
            return None;
        };
        Some(
            Diagnostic::error("protected", format!("{} ({}) {why} and would be deleted", record.address, record.id))
                .hint(hint),
        )
    }
}

fn deletion(id: StepId, record: &Record, live: &LiveValue, replaces: bool, after: BTreeSet<StepId>) -> Step {
    Step {
        id,
        address: record.address.clone(),
        type_name: record.type_name.clone(),
        action: Action::Delete,
        inputs: record.inputs.clone(),
        prior: Some(record.inputs.clone()),
        live: Some(live.clone()),
        changes: Vec::new(),
        after,
        depends: record.depends.clone(),
        retire: Standing::Deposed,
        replaces,
        once_spread: Vec::new(),
        location: None,
    }
}

/// Users before what they use, so that each deletion finds nothing that still needs it.
fn users_first(doomed: Vec<Doomed>) -> Vec<Doomed> {
    let mut at_address: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (at, (record, _, _)) in doomed.iter().enumerate() {
        at_address.entry(&record.address).or_default().push(at);
    }
    let uses = |at: usize| {
        let (user, _, _) = &doomed[at];
        let others = user.depends.iter().filter(|used| **used != user.address);
        others.filter_map(|used| at_address.get(used)).flatten().copied()
    };
    let mut users = vec![0_usize; doomed.len()];
    (0..doomed.len()).flat_map(uses).for_each(|used| users[used] += 1);
    let mut left: BTreeSet<(usize, usize)> = users.iter().copied().zip(0..).collect();
    let mut order = Vec::with_capacity(doomed.len());
    // A cycle of records cannot be made by us; were there one, the least used goes first.
    while let Some((_, next)) = left.pop_first() {
        order.push(next);
        for used in uses(next) {
            if left.remove(&(users[used], used)) {
                users[used] -= 1;
                left.insert((users[used], used));
            }
        }
    }
    let mut doomed: Vec<_> = doomed.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| doomed[at].take()).collect()
}
