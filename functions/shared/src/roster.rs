//! Who holds which slot of a sail. A change is one transaction over:
//!
//! | item | condition |
//! |---|---|
//! | roles `<slot>` | held by whom the change says |
//! | roles `person#<id>` of whoever takes it | absent: one role a person a sail |
//! | roles `person#<id>` of whoever loses it | deleted |
//! | events | ahead, before its departure, with that many slots |
//! | waivers `crew-<id>` of whoever takes it | signed, and not on hold |
//! | audit | a new entry |
//! | requests | not answered before |

mod change;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::mail::Address;
use crate::person::{Grant, Person, PersonId, PersonName};
use crate::request::{Earlier, Request};
use crate::sail::{EventId, Role, Slot};
use crate::tables::{Condition, Item, Key, Query, Table, Tables, Write, read};

pub use change::{Authority, Change, Changed, Kind, RosterRefused};

/// What a person's own item of a sail begins with.
const PERSON: &str = "person#";

/// Somebody who holds a slot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    /// The slot, such as `deckhand#2`.
    #[serde(rename = "slot", with = "slot_text")]
    pub slot: Slot,
    /// The person. An entry from before there were people has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// The person's address.
    #[serde(with = "address_text")]
    pub email: Address,
    /// What people call this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// Since when, in epoch seconds.
    pub claimed_at: i64,
}

/// Somebody who may sign in, as far as slots are concerned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The person.
    pub person_id: PersonId,
    /// The person's address.
    pub email: Address,
    /// What people call this person.
    pub name: PersonName,
    /// What this person may do.
    pub grants: BTreeSet<Grant>,
}

impl Holder {
    /// What must hold of the slot's item while this person is in it.
    fn is_in_slot(&self) -> Condition {
        match &self.person_id {
            Some(person_id) => Condition::is("person_id", person_id.as_str()),
            None => Condition::is("email", self.email.as_str()),
        }
    }
}

impl Member {
    /// The person, unless revoked.
    pub fn of(person: Person) -> Option<Self> {
        let is_active = person.is_active();
        let Person { person_id, email, name, grants, .. } = person;
        is_active.then_some(Self { person_id, email, name, grants })
    }

    /// Whether this person may hold a slot of the role: any member of the crew, and captains alone command.
    pub fn may_hold(&self, role: Role) -> bool {
        match role {
            Role::Captain => self.grants.contains(&Grant::Captain),
            _ => self.grants.contains(&Grant::Crew) || self.grants.contains(&Grant::Captain),
        }
    }
}

/// Everybody who holds a slot of the sail; one query.
pub async fn of_sail(tables: &dyn Tables, event_id: &EventId) -> Result<Vec<Holder>, CallError> {
    let items = tables.query(&Query::all(Table::Roles, event_id.as_str())).await?;
    let holders = items.into_iter().filter(|item| slot_of(item).is_some()).filter_map(holder);
    Ok(holders.collect())
}

/// What is known before a slot changes hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// Who holds it.
    pub holder: Option<Holder>,
    /// What the same request was answered before.
    pub earlier: Option<Earlier>,
}

/// Who holds a slot, and whether the request was answered before; one read.
pub async fn before(
    tables: &dyn Tables,
    event_id: &EventId,
    slot: Slot,
    request: &Request,
    now: Timestamp,
) -> Result<Before, CallError> {
    let mut before = Before { holder: None, earlier: None };
    for item in tables.get_all(&[slot_key(event_id, slot), request.table_key()]).await? {
        match item.contains_key("request_id") {
            true => before.earlier = request.found(item, now)?,
            false => before.holder = holder(item),
        }
    }
    Ok(before)
}

/// The slot that a person holds on a sail.
pub async fn of_person(
    tables: &dyn Tables,
    event_id: &EventId,
    person_id: &PersonId,
) -> Result<Option<Slot>, CallError> {
    let item = tables.get(&person_key(event_id, person_id)).await?;
    Ok(item.as_ref().and_then(|item| item.get("held")?.as_str()?.parse().ok()))
}

/// The look that must find this person in the slot still.
pub fn still_held(event_id: &EventId, holder: &Holder) -> Write {
    slot_key(event_id, holder.slot).check(holder.is_in_slot())
}

/// The key of a slot's item.
pub fn slot_key(event_id: &EventId, slot: Slot) -> Key {
    Table::Roles.key(event_id.as_str(), slot.to_string())
}

fn person_key(event_id: &EventId, person_id: &PersonId) -> Key {
    Table::Roles.key(event_id.as_str(), format!("{PERSON}{person_id}"))
}

fn slot_of(item: &Item) -> Option<Slot> {
    item.get("slot")?.as_str()?.parse().ok()
}

/// An entry that somebody wrote wrongly must not hide all others.
fn holder(item: Item) -> Option<Holder> {
    let slot = slot_of(&item);
    let holder = read(item).ok();
    if holder.is_none() {
        tracing::warn!(slot = slot.map(|slot| slot.to_string()), "an entry of the roles table is nobody");
    }
    holder
}

mod slot_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::sail::Slot;

    pub fn serialize<S: Serializer>(slot: &Slot, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(slot)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Slot, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

mod address_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::mail::Address;

    pub fn serialize<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(address.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
