//! The journal: what was begun and what was done, durable before and after each step.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::history::{Run, conclude};
use crate::resource::CloudError;
use crate::state::{Intent, Record, Standing, State};

/// One line of the journal. The state is the fold of these over the last one written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A run began on the state of this lineage and serial. Lines of another serial are stale.
    Opened {
        /// The state's lineage.
        lineage: String,
        /// The state's serial.
        serial: u64,
    },
    /// What the run has done by now, for the history. It takes the place of what was told of it before.
    Tallied {
        /// The run, cut off so far.
        run: Run,
    },
    /// An address was renamed in the stack file (`was`).
    Moved {
        /// The former address.
        from: Address,
        /// The present one.
        to: Address,
    },
    /// A creation is about to be tried.
    Begun {
        /// What is being created.
        intent: Intent,
    },
    /// An update, a deletion or an effect is about to be tried: its record tells the rest.
    Touched {
        /// What is being changed.
        address: Address,
        /// Its id; an effect's type.
        id: String,
    },
    /// An object is as the record says.
    Done {
        /// The record.
        record: Box<Record>,
        /// What becomes of the object that was current before.
        retire: Standing,
    },
    /// An object is gone, or is ours no more.
    Removed {
        /// Its address.
        address: Address,
        /// Its id.
        id: String,
    },
    /// A step failed. A creation stays open: it may have left something behind.
    Failed {
        /// What failed.
        address: Address,
        /// Why.
        error: Box<CloudError>,
    },
    /// An open creation was looked up and nothing was there, or what was there has a record now.
    Settled {
        /// What had been begun.
        address: Address,
    },
    /// The stack's named values.
    Told {
        /// Values by name.
        outputs: BTreeMap<String, String>,
    },
}

/// The state after these entries.
#[must_use]
pub fn fold(mut state: State, entries: impl IntoIterator<Item = Entry>) -> State {
    entries.into_iter().for_each(|entry| enter(&mut state, entry));
    state
}

/// Brings the state up to this entry.
pub fn enter(state: &mut State, entry: Entry) {
    match entry {
        Entry::Opened { .. } | Entry::Touched { .. } | Entry::Failed { .. } => {}
        Entry::Tallied { run } => conclude(&mut state.history, &run.clone(), run),
        Entry::Moved { from, to } => state.rename(&from, &to),
        Entry::Begun { intent } => {
            state.intents.retain(|each| each.address != intent.address || each.inputs != intent.inputs);
            state.intents.push(intent);
        }
        Entry::Done { record, retire } => state.put(*record, retire),
        Entry::Removed { address, id } => state.remove(&address, &id),
        Entry::Settled { address } => state.intents.retain(|each| each.address != address),
        Entry::Told { outputs } => state.outputs = outputs,
    }
}

/// Where a journal is kept.
pub trait Journal: Send {
    /// Appends the entries, all or none, in this order. They are durable when it ends well; when it does not,
    /// nobody knows whether they are, and nothing more may be appended.
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>>;

    /// Whether each write is dear, such as a call over the net: then few are made, each of much.
    fn is_dear(&self) -> bool;
}

/// The journal could not be written: nothing further may be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalError(pub String);

impl std::fmt::Display for JournalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the journal cannot be written: {}", self.0)
    }
}

impl std::error::Error for JournalError {}
