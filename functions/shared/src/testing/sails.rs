//! Sails in memory.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::Faults;
use crate::BoxFuture;
use crate::call_error::CallError;
use crate::sail::{Role, Sail, SailState};
use crate::sails::{Cursor, Departures, SailPage, Sails, SlotOfSail, TableHealth};

/// The tables of events and roles.
#[derive(Debug, Default)]
pub struct MemorySails {
    faults: Arc<Faults>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sails: Vec<Sail>,
    claimed: BTreeSet<SlotOfSail>,
    broken: Vec<&'static str>,
}

/// A confirmed evening sail of two hours with one captain, for 20 guests.
pub fn sail(event_id: &str, departs_at: &str) -> Sail {
    let departs_at: jiff::Timestamp = departs_at.parse().expect("a moment");
    Sail {
        event_id: event_id.parse().expect("a key"),
        title: format!("Sail {event_id}"),
        vessel: "Jada".to_owned(),
        departs_at,
        returns_at: departs_at + jiff::SignedDuration::from_hours(2),
        guest_limit: 20,
        state: SailState::Confirmed,
        slots: [(Role::Captain, 1)].into(),
    }
}

impl MemorySails {
    /// These sails, with no slot claimed; calls count among `faults`.
    pub fn new(sails: impl IntoIterator<Item = Sail>, faults: Arc<Faults>) -> Self {
        let mut sails: Vec<Sail> = sails.into_iter().collect();
        sails.sort_by_key(order);
        let state = State { sails, ..State::default() };
        Self { faults, state: Mutex::new(state) }
    }

    /// Somebody claims a slot.
    pub fn claim(&self, event_id: &str, slot: &str) {
        let slot = SlotOfSail { event_id: event_id.parse().expect("a key"), slot: slot.parse().expect("a slot") };
        self.state.lock().expect("never poisoned").claimed.insert(slot);
    }

    /// From now on the table (`events` or `roles`) refuses.
    pub fn break_table(&self, table: &'static str) {
        self.state.lock().expect("never poisoned").broken.push(table);
    }

    fn answers(&self, table: &'static str) -> Result<(), CallError> {
        let state = self.state.lock().expect("never poisoned");
        match state.broken.contains(&table) {
            true => Err(CallError::odd_result("Query", "ResourceNotFoundException")),
            false => Ok(()),
        }
    }

    fn page(&self, departures: &Departures) -> SailPage {
        let state = self.state.lock().expect("never poisoned");
        let after = departures.after.as_ref();
        let after = after.map(|cursor| (cursor.departs_at, cursor.event_id.clone()));
        let wanted = |sail: &&Sail| {
            sail.departs_at >= departures.from
                && departures.until.is_none_or(|until| sail.departs_at <= until)
                && after.as_ref().is_none_or(|after| order(sail) > *after)
        };
        let limit = departures.limit as usize;
        let sails: Vec<Sail> = state.sails.iter().filter(wanted).take(limit).cloned().collect();
        // Like DynamoDB, a full page names its end even when nothing follows.
        let end = sails.last().filter(|_| sails.len() == limit);
        let next = end.map(|sail| Cursor { departs_at: sail.departs_at, event_id: sail.event_id.clone() });
        SailPage { sails, next }
    }
}

impl Sails for MemorySails {
    fn departing<'a>(&'a self, departures: &'a Departures) -> BoxFuture<'a, Result<SailPage, CallError>> {
        let result = self.answers("events");
        let result = result.and_then(|()| self.faults.call("Query", || Ok(self.page(departures))));
        Box::pin(async { result })
    }

    fn claimed<'a>(&'a self, slots: &'a [SlotOfSail]) -> BoxFuture<'a, Result<BTreeSet<SlotOfSail>, CallError>> {
        let read = || {
            let state = self.state.lock().expect("never poisoned");
            let claimed = |slot: &&SlotOfSail| state.claimed.contains(*slot);
            Ok(slots.iter().filter(claimed).cloned().collect())
        };
        let result = self.answers("roles");
        let result = result.and_then(|()| self.faults.call("BatchGetItem", read));
        Box::pin(async { result })
    }

    fn health(&self) -> BoxFuture<'_, Vec<TableHealth>> {
        let health = |table| TableHealth { table, result: self.answers(table) };
        let result = ["events", "roles"].map(health).to_vec();
        Box::pin(async { result })
    }
}

fn order(sail: &Sail) -> (jiff::Timestamp, crate::sail::EventId) {
    (sail.departs_at, sail.event_id.clone())
}
