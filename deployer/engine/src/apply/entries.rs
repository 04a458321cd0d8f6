//! What a step is to the journal, and to the run.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinError;

use crate::journal::{Entry, JournalError};
use crate::resource::{CloudError, ErrorClass, Facts, LiveValue};
use crate::state::{Intent, Record, Standing};
use crate::step::{Action, Plan, Step, StepId};

/// A step that ended, and what the journal learns of it.
pub(super) struct Ended {
    pub(super) step: StepId,
    pub(super) entry: Entry,
    pub(super) error: Option<CloudError>,
    pub(super) took: Duration,
}

/// What one write makes durable: results, and the intents of what they let begin.
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) ended: Vec<Ended>,
    pub(super) begun: Vec<(StepId, Value)>,
}

/// The steps that make something, or wait for what is made or changed in the same run.
pub(super) fn fresh(plan: &Plan) -> BTreeSet<StepId> {
    let (mut fresh, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for step in &plan.steps {
        if step.action == Action::Create || !step.after.is_disjoint(&changed) {
            fresh.insert(step.id);
        }
        if fresh.contains(&step.id) || step.action == Action::Update {
            changed.insert(step.id);
        }
    }
    fresh
}

/// The intent of a step. What has no record yet, be it new or only found, is an intent of its own.
pub(super) fn intent_of(step: &Step, inputs: &Value) -> Entry {
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

/// What a step that ended well leaves; the stack is in `region`.
pub(super) fn result_of(step: &Step, facts: &Facts, region: &str, inputs: Value, live: Option<&LiveValue>) -> Entry {
    match live {
        Some(live) => {
            let depends = step.depends.clone();
            let record = Record::of(facts, region, &step.address, live, inputs, depends, Standing::Current);
            Entry::Done { record: Box::new(record), retire: step.retire }
        }
        None => Entry::Removed {
            address: step.address.clone(),
            id: step.live.as_ref().map(|live| live.id.clone()).unwrap_or_default(),
        },
    }
}

/// A task that was aborted or panicked: what it did is unknown.
pub(super) fn lost_task(error: &JoinError) -> CloudError {
    let (code, what) = if error.is_panic() {
        ("panic", "a bug of the deployer: the step panicked")
    } else {
        ("stopped", "stopped before AWS answered")
    };
    CloudError::new(ErrorClass::Unknown, "", "", code, what)
}

/// A write that a stop did not wait for: nobody knows whether it was made.
pub(super) fn unwritten() -> JournalError {
    JournalError("the run had to end before the answer came".to_owned())
}
