//! Sails for tests.

use std::sync::Arc;

use super::{Faults, MemoryTables};
use crate::roster;
use crate::sail::{Role, Sail, SailState};
use crate::sails;
use crate::tables::{Item, Table};

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
        revision: 1,
        waiver_token: None,
        guest_salt: None,
    }
}

impl MemoryTables {
    /// Tables with these sails, no slot of which is claimed; calls count among `faults`.
    pub fn with_sails(sails: impl IntoIterator<Item = Sail>, faults: Arc<Faults>) -> Self {
        let tables = Self::new(faults);
        for sail in sails {
            tables.set(sails::key(&sail.event_id), sails::event(&sail).expect("an item"));
        }
        tables
    }

    /// Somebody of another time holds a slot: an entry with an address alone.
    pub fn claim(&self, event_id: &str, slot: &str) {
        let key = roster::slot_key(&event_id.parse().expect("a key"), slot.parse().expect("a slot"));
        let email = ("email".to_owned(), "somebody@example.com".into());
        self.set(key, Item::from_iter([email, ("claimed_at".to_owned(), 1.into())]));
    }

    /// The state of a table's item as it is now.
    pub fn item(&self, table: Table, hash: &str, range: &str) -> Option<Item> {
        let (hash_name, range_name) = table.keys();
        let is = |item: &Item, name: &str, value: &str| item.get(name).and_then(|held| held.as_str()) == Some(value);
        let wanted = |item: &Item| is(item, hash_name, hash) && range_name.is_none_or(|name| is(item, name, range));
        self.items(table).into_iter().find(wanted)
    }
}
