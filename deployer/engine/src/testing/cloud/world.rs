//! What a cloud in memory keeps: its objects, and what is planned to go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::super::faults::{Fault, Faults};
use super::super::time::VirtualTime;
use super::Thing;
use crate::clock::Clock as _;
use crate::resource::Identity;

/// What the cloud must know of a type.
#[derive(Clone, Copy, Debug)]
pub(in crate::testing) struct Sort {
    pub(in crate::testing) type_name: &'static str,
    pub(in crate::testing) identity: Identity,
    /// Whether an object of another stack under our name is refused.
    pub(in crate::testing) tagged: bool,
    /// Whether each shape is another object.
    pub(in crate::testing) by_shape: bool,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) things: Vec<Thing>,
    pub(super) done: Vec<String>,
    pub(super) minted: usize,
    pub(super) calls: usize,
    pub(super) changes: usize,
    pub(super) faults: Faults,
    /// When each object was made, by id.
    pub(super) made: BTreeMap<String, Duration>,
    pub(super) hidden_for: Duration,
    /// When each object was changed the last time, by id.
    pub(super) changed: BTreeMap<String, Duration>,
    pub(super) spread_for: Duration,
    /// Whether each object is read by a call of its own.
    pub(super) one_by_one: bool,
    pub(super) broken: Vec<String>,
    /// What somebody took away by hand: that it is still used is not our doing.
    pub(super) taken: BTreeSet<String>,
}

impl World {
    pub(super) fn next_fault(&mut self, changes: Option<&str>) -> Option<Fault> {
        let (call, change) = (self.calls, changes.map(|_| self.changes));
        self.calls += 1;
        self.changes += usize::from(changes.is_some());
        self.faults.take(call, change, changes.unwrap_or_default())
    }

    pub(super) fn make(&mut self, sort: Sort, inputs: Value) -> Thing {
        self.minted += 1;
        let id = match sort.identity {
            Identity::Name => format!("{}:{}", sort.type_name, inputs["name"].as_str().unwrap_or_default()),
            Identity::Parent => format!("{}:{}:{}", sort.type_name, inputs["links"], inputs["name"]),
            Identity::Token | Identity::Tag => format!("minted-{}", self.minted),
        };
        self.made.insert(id.clone(), VirtualTime.now());
        self.things.push(Thing { type_name: sort.type_name, id, inputs });
        self.things.last().expect("just pushed").clone()
    }

    /// Whether an object is shown to everybody by now.
    pub(super) fn is_seen(&self, id: &str) -> bool {
        self.made.get(id).is_none_or(|made| VirtualTime.now() >= *made + self.hidden_for)
    }

    pub(super) fn is_there(&self, id: &str) -> bool {
        self.things.iter().any(|thing| thing.id == id) && self.is_seen(id)
    }

    /// What may never be, not even between two calls.
    pub(super) fn check(&mut self) {
        let alive: BTreeSet<&str> =
            self.things.iter().map(|thing| &thing.id).chain(&self.taken).map(String::as_str).collect();
        let dangling = self.things.iter().filter(|thing| thing.type_name != "edition").find_map(|thing| {
            links(&thing.inputs)
                .find(|link| !alive.contains(link))
                .map(|link| format!("{} uses {link}, which is gone", thing.id))
        });
        self.broken.extend(dangling);
    }
}

impl Sort {
    /// Whether a repeated creation meets its earlier success.
    pub(super) fn meets_itself(self) -> bool {
        matches!(self.identity, Identity::Name | Identity::Parent)
    }

    /// Whether an object is the one that the inputs identify.
    pub(super) fn fits(self, thing: &Thing, inputs: &Value) -> bool {
        let field = if self.identity == Identity::Parent { &["name", "links"][..] } else { &["name"] };
        field.iter().all(|field| thing.inputs[field] == inputs[field])
            && (!self.by_shape || thing.inputs["shape"] == inputs["shape"])
    }
}

/// The ids that an object refers to.
pub(super) fn links(inputs: &Value) -> impl Iterator<Item = &str> {
    inputs["links"].as_array().into_iter().flatten().filter_map(Value::as_str)
}
