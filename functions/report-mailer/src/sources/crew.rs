//! The crew's tables: sails, roles, waivers. Nothing that names a person leaves this file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use functions_shared::zone;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Dated, Source};
use crate::live::{Roles, SailMonth, Waivers};

/// How far back sails are told: a year and the month in which it began.
const TOLD: SignedDuration = SignedDuration::from_hours(24 * 396);
/// What the slots of captains begin with.
const CAPTAIN: &str = "captain";

type Item = HashMap<String, AttributeValue>;

/// Sails by month, from the table of events.
pub struct CrewSails {
    /// The clients of AWS.
    pub aws: Arc<Aws>,
    /// The table.
    pub events: TableName,
}

/// Role slots, from the tables of events and roles.
pub struct CrewRoles {
    /// The clients of AWS.
    pub aws: Arc<Aws>,
    /// The table of sails.
    pub events: TableName,
    /// The table of who does what.
    pub roles: TableName,
}

/// Waivers, from their table.
pub struct CrewWaivers {
    /// The clients of AWS.
    pub aws: Arc<Aws>,
    /// The table.
    pub waivers: TableName,
}

impl Source<Vec<SailMonth>> for CrewSails {
    fn name(&self) -> &'static str {
        "table of sails"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Vec<SailMonth>>, CallError>> {
        Box::pin(async move { Ok(Dated { data: months(&scan(&self.aws, &self.events, EVENT).await?, at), at }) })
    }
}

impl Source<Roles> for CrewRoles {
    fn name(&self) -> &'static str {
        "tables of sails and roles"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Roles>, CallError>> {
        Box::pin(async move {
            let (events, claims) =
                futures::try_join!(scan(&self.aws, &self.events, EVENT), scan(&self.aws, &self.roles, CLAIM))?;
            Ok(Dated { data: roles(&events, &claims, at), at })
        })
    }
}

impl Source<Waivers> for CrewWaivers {
    fn name(&self) -> &'static str {
        "table of waivers"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Waivers>, CallError>> {
        Box::pin(async move { Ok(Dated { data: waivers(&scan(&self.aws, &self.waivers, WAIVER).await?), at }) })
    }
}

/// What is read of a table: attributes, each by another name, because some are reserved words.
type Projection = &'static [(&'static str, &'static str)];
const EVENT: Projection = &[
    ("#id", "event_id"),
    ("#departs", "departs_at"),
    ("#state", "state"),
    ("#guests", "guest_limit"),
    ("#slots", "slots"),
];
const CLAIM: Projection = &[("#id", "event_id"), ("#slot", "slot"), ("#person", "person_id")];
const WAIVER: Projection = &[("#signed", "signed_at"), ("#hold", "hold")];

async fn scan(aws: &Aws, table: &TableName, projection: Projection) -> Result<Vec<Item>, CallError> {
    let client = aws.dynamodb().await;
    let words: Vec<&str> = projection.iter().map(|(word, _)| *word).collect();
    let names = projection.iter().map(|(word, name)| ((*word).to_owned(), (*name).to_owned())).collect();
    let request = client
        .scan()
        .table_name(table.as_str())
        .projection_expression(words.join(", "))
        .set_expression_attribute_names(Some(names));
    let items = request.into_paginator().items().send().collect::<Result<Vec<Item>, _>>().await;
    items.map_err(|error| CallError::new("Scan", &error))
}

/// A sail as far as it matters here. An item that is none is left out, as the crew's own lists do.
struct Event {
    id: String,
    departs: Timestamp,
    state: String,
    guests: u32,
    /// Places by role.
    slots: BTreeMap<String, u32>,
}

fn events(items: &[Item], at: Timestamp) -> Vec<Event> {
    let event = |item: &Item| {
        let slots = item.get("slots")?.as_m().ok()?;
        let slot = |(role, count): (&String, &AttributeValue)| Some((role.clone(), count.as_n().ok()?.parse().ok()?));
        Some(Event {
            id: text(item, "event_id")?.to_owned(),
            departs: Timestamp::from_second(number(item, "departs_at")?).ok()?,
            state: text(item, "state")?.to_owned(),
            guests: number(item, "guest_limit").and_then(|guests| u32::try_from(guests).ok()).unwrap_or_default(),
            slots: slots.iter().filter_map(slot).collect(),
        })
    };
    items.iter().filter_map(event).filter(|event| event.departs >= at - TOLD).collect()
}

fn months(items: &[Item], at: Timestamp) -> Vec<SailMonth> {
    let mut months: BTreeMap<Date, SailMonth> = BTreeMap::new();
    for event in events(items, at) {
        let month = zone::date_of(event.departs).first_of_month();
        let none = SailMonth { month, open: 0, completed: 0, cancelled: 0, guest_places: 0 };
        let told = months.entry(month).or_insert(none);
        match event.state.as_str() {
            "completed" => {
                told.completed += 1;
                told.guest_places += event.guests;
            }
            "cancelled" => told.cancelled += 1,
            _ => told.open += 1,
        }
    }
    months.into_values().collect()
}

fn roles(events_in: &[Item], claims: &[Item], at: Timestamp) -> Roles {
    let events: BTreeMap<String, Event> = events(events_in, at)
        .into_iter()
        .filter(|event| event.state != "cancelled")
        .map(|event| (event.id.clone(), event))
        .collect();
    let mut told = Roles::default();
    for event in events.values() {
        told.slots += event.slots.values().sum::<u32>();
        told.captain_slots += event.slots.get(CAPTAIN).copied().unwrap_or_default();
    }
    let mut captains = BTreeSet::new();
    for claim in claims {
        // Other items of the table are of people, not of slots.
        let role = text(claim, "slot").and_then(|slot| slot.split_once('#'));
        let event = text(claim, "event_id").and_then(|id| events.get(id));
        let (Some((role, _)), Some(event)) = (role, event) else { continue };
        if !event.slots.contains_key(role) {
            continue;
        }
        told.filled += 1;
        if role == CAPTAIN {
            told.captain_filled += 1;
            captains.extend(text(claim, "person_id"));
        }
    }
    told.captains = count(captains.len());
    told
}

fn waivers(items: &[Item]) -> Waivers {
    let signed = items.iter().filter(|item| item.contains_key("signed_at"));
    let on_hold = signed.clone().filter(|item| item.contains_key("hold"));
    Waivers { signed: count(signed.clone().count()), on_hold: count(on_hold.count()) }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An item of a table: texts, whole numbers, and maps of numbers.
    fn item(fields: Value) -> Item {
        let value = |value: &Value| match value {
            Value::String(text) => AttributeValue::S(text.clone()),
            Value::Object(map) => AttributeValue::M(
                map.iter().map(|(key, value)| (key.clone(), AttributeValue::N(value.to_string()))).collect(),
            ),
            other => AttributeValue::N(other.to_string()),
        };
        fields.as_object().expect("a table").iter().map(|(key, field)| (key.clone(), value(field))).collect()
    }

    fn sail(id: &str, departs: &str, state: &str) -> Item {
        let departs: Timestamp = departs.parse().expect("a moment");
        item(
            json!({ "event_id": id, "departs_at": departs.as_second(), "state": state, "guest_limit": 20, "slots": { "captain": 1, "deckhand": 2 } }),
        )
    }

    fn at() -> Timestamp {
        "2026-11-21T16:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn sails_are_counted_in_the_month_of_san_diego() {
        let sails = [
            // The evening of 31 October in San Diego.
            sail("a", "2026-11-01T02:00:00Z", "completed"),
            sail("b", "2026-11-20T20:00:00Z", "completed"),
            sail("c", "2026-11-22T20:00:00Z", "confirmed"),
            sail("d", "2026-11-23T20:00:00Z", "cancelled"),
            sail("e", "2024-11-23T20:00:00Z", "completed"),
            item(json!({ "event_id": "odd" })),
        ];
        let told: Vec<_> = months(&sails, at())
            .into_iter()
            .map(|month| (month.month.to_string(), month.open, month.completed, month.cancelled, month.guest_places))
            .collect();
        assert_eq!(told, [("2026-10-01".to_owned(), 0, 1, 0, 20), ("2026-11-01".to_owned(), 1, 1, 1, 20)]);
    }

    #[test]
    fn roles_are_counted_without_what_is_cancelled_or_no_slot() {
        let sails = [
            sail("a", "2026-11-20T20:00:00Z", "completed"),
            sail("b", "2026-11-22T20:00:00Z", "confirmed"),
            sail("c", "2026-11-23T20:00:00Z", "cancelled"),
        ];
        let claim = |event: &str, slot: &str, person: &str| {
            item(json!({ "event_id": event, "slot": slot, "person_id": person }))
        };
        let claims = [
            claim("a", "captain#1", "jane"),
            claim("b", "captain#1", "jane"),
            claim("b", "deckhand#1", "joe"),
            claim("b", "person#jane", "jane"),
            claim("c", "captain#1", "ann"),
        ];
        let expected = Roles { slots: 6, filled: 3, captain_slots: 2, captain_filled: 2, captains: 1 };
        assert_eq!(roles(&sails, &claims, at()), expected);
    }

    #[test]
    fn waivers_on_hold_are_among_the_signed() {
        let items = [
            item(json!({ "signed_at": 1 })),
            item(json!({ "signed_at": 2, "hold": "open" })),
            item(json!({ "guests": 3 })),
        ];
        assert_eq!(waivers(&items), Waivers { signed: 2, on_hold: 1 });
    }
}
