//! Steps: everything that changes the outside world is one, and a plan is made of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::address::Address;
use crate::diagnostic::Location;
use crate::diff::{Cause, Change};
use crate::journal::Entry;
use crate::resource::LiveValue;
use crate::state::{Scope, Standing};

/// A step's place in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct StepId(pub usize);

/// What a step does. A replacement is two: a creation and, after everything moved over, a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Makes an object.
    Create,
    /// Changes an object in place.
    Update,
    /// Deletes an object.
    Delete,
    /// Does something that leaves no object behind.
    Run,
}

/// Something that lives and whose changes spread slowly.
#[derive(Clone, Debug, Serialize)]
pub struct Front {
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What it was when the world was read.
    pub live: LiveValue,
}

/// One step of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its place in the plan.
    pub id: StepId,
    /// The resource.
    pub address: Address,
    /// The resource's type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What is done.
    pub action: Action,
    /// The wanted inputs, placeholders for what other steps mint; on a deletion the recorded ones.
    pub inputs: Value,
    /// What we set the last time.
    pub prior: Option<Value>,
    /// What lives now.
    pub live: Option<LiveValue>,
    /// What differs; empty unless the action is an update.
    pub changes: Vec<Change>,
    /// The steps that must be done before.
    pub after: BTreeSet<StepId>,
    /// What the resource waits for, for its record.
    pub depends: BTreeSet<Address>,
    /// What becomes of the object that is current now, when this makes another.
    pub retire: Standing,
    /// Whether this is one half of a replacement.
    pub replaces: bool,
    /// What must have spread to every edge before: the step narrows or takes away what the edges use.
    pub once_spread: Vec<Front>,
    /// Where the declaration stands; absent when it is gone from the file.
    pub location: Option<Location>,
}

/// What will be done, in full, before anything is. Immutable.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Whose it is.
    pub scope: Scope,
    /// The lineage of the state that it was made on.
    pub lineage: String,
    /// The serial of the state that it was made on: its journal belongs to that state alone.
    pub base_serial: u64,
    /// What is done, each after all that it waits for.
    pub steps: Vec<Step>,
    /// What the journal learns without any call: renames, found and vanished objects.
    pub notes: Vec<Entry>,
    /// Outputs of everything that lives, by address.
    pub outputs: BTreeMap<Address, Value>,
    /// The stack's named values, placeholders for what steps mint.
    pub told: BTreeMap<String, String>,
    /// How many resources stay as they are.
    pub unchanged: usize,
    /// Whether it is all that there is to do: not a selection, whose named values would not be the stack's.
    pub whole: bool,
}

impl Plan {
    /// Whether nothing would be done to the world.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many steps do this.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    /// What was recorded and lives no more, although nobody ended it here.
    pub fn gone(&self) -> BTreeSet<&Address> {
        let removed = self.notes.iter().filter_map(|note| match note {
            Entry::Removed { address, .. } => Some(address),
            _ => None,
        });
        removed.collect()
    }

    /// The steps that set back what somebody changed or deleted outside the stack file.
    pub fn drifted(&self) -> impl Iterator<Item = &Step> {
        let gone = self.gone();
        self.steps.iter().filter(move |step| {
            let made_again = step.action == Action::Create && gone.contains(&step.address);
            made_again || step.changes.iter().any(|change| change.cause == Cause::Drift)
        })
    }

    /// Only the deletions: what stays of a stack that ends stays as it is.
    #[must_use]
    pub fn deletions(mut self) -> Self {
        self.steps.retain(|step| step.action == Action::Delete);
        let kept: BTreeSet<StepId> = self.steps.iter().map(|step| step.id).collect();
        self.steps.iter_mut().for_each(|step| step.after.retain(|before| kept.contains(before)));
        self
    }

    /// The plan less the steps that wait until every edge has followed, and what waits for those.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        let mut late = BTreeSet::new();
        for step in &self.steps {
            if !step.once_spread.is_empty() || step.after.iter().any(|before| late.contains(before)) {
                late.insert(step.id);
            }
        }
        self.steps.retain(|step| !late.contains(&step.id));
        self.whole &= late.is_empty();
        self
    }

    /// The plan less the steps that are not asked for. With `only`, the steps of those declarations
    /// (`kind.name`) and what they wait for stay; those of `except` and what waits for them go.
    #[must_use]
    pub fn select(mut self, only: &[String], except: &[String]) -> Self {
        let belongs = |step: &Step, words: &[String]| {
            words
                .iter()
                .any(|word| *word == step.address.declaration().to_string() || *word == step.address.to_string())
        };
        let mut kept: BTreeSet<StepId> =
            self.steps.iter().filter(|step| only.is_empty() || belongs(step, only)).map(|step| step.id).collect();
        for step in self.steps.iter().rev() {
            if kept.contains(&step.id) {
                kept.extend(&step.after);
            }
        }
        for step in &self.steps {
            if belongs(step, except) || step.after.iter().any(|before| !kept.contains(before)) {
                kept.remove(&step.id);
            }
        }
        let every = self.steps.len();
        self.steps.retain(|step| kept.contains(&step.id));
        self.whole &= self.steps.len() == every;
        self
    }
}
