//! Sails and claims in DynamoDB.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use jiff::Timestamp;

use super::{Cursor, Departures, SailPage, Sails, SlotOfSail, TableHealth};
use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use crate::config::TableName;
use crate::sail::Sail;

/// The index of the events table by departure.
pub const BY_DEPARTURE: &str = "by-departure";
/// The one value of that index's hash key: all sails are in one calendar.
pub const CALENDAR: &str = "sails";

/// The most keys of one BatchGetItem. Source: DynamoDB API reference.
const MOST_KEYS_A_CALL: usize = 100;
/// How often keys that DynamoDB left out are asked for again.
const ROUNDS: u32 = 5;
/// The wait before the first repetition; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

type Item = HashMap<String, AttributeValue>;

/// Reads the tables of events and roles.
pub struct DynamoSails {
    aws: Arc<Aws>,
    events: TableName,
    roles: TableName,
}

impl DynamoSails {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, events: TableName, roles: TableName) -> Self {
        Self { aws, events, roles }
    }

    async fn query(&self, departures: &Departures) -> Result<SailPage, CallError> {
        let range = match departures.until {
            Some(_) => "calendar = :calendar AND departs_at BETWEEN :from AND :until",
            None => "calendar = :calendar AND departs_at >= :from",
        };
        let client = self.aws.dynamodb().await;
        let answer = client
            .query()
            .table_name(self.events.as_str())
            .index_name(BY_DEPARTURE)
            .key_condition_expression(range)
            .expression_attribute_values(":calendar", text(CALENDAR))
            .expression_attribute_values(":from", seconds(departures.from))
            .set_exclusive_start_key(departures.after.as_ref().map(start_key))
            .limit(i32::try_from(departures.limit).unwrap_or(i32::MAX));
        let answer = match departures.until {
            Some(until) => answer.expression_attribute_values(":until", seconds(until)),
            None => answer,
        };
        let answer = answer.send().await;
        let answer = answer.map_err(|error| CallError::new("Query", &error))?;
        let next = match &answer.last_evaluated_key {
            Some(key) => Some(
                cursor(key)
                    .ok_or_else(|| CallError::odd_result("Query", "the page ends at a key that is no sail's"))?,
            ),
            None => None,
        };
        Ok(SailPage { next, sails: answer.items.unwrap_or_default().into_iter().filter_map(sail).collect() })
    }

    async fn claimed_of(&self, slots: &[SlotOfSail]) -> Result<BTreeSet<SlotOfSail>, CallError> {
        const OPERATION: &str = "BatchGetItem";
        let client = self.aws.dynamodb().await;
        let mut wanted: Vec<Item> = slots.iter().map(role_key).collect();
        let mut found = BTreeSet::new();
        let mut wait = FIRST_WAIT;
        for _ in 0..ROUNDS {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .projection_expression("event_id, slot")
                .consistent_read(true)
                .build()
                .map_err(|_| CallError::odd_result(OPERATION, "no keys"))?;
            let answer = client
                .batch_get_item()
                .request_items(self.roles.as_str(), keys)
                .send()
                .await
                .map_err(|error| CallError::new(OPERATION, &error))?;
            let items = answer.responses.unwrap_or_default().into_values().flatten();
            found.extend(items.filter_map(|item| slot_of_sail(&item)));
            let left = answer.unprocessed_keys.unwrap_or_default();
            wanted = left.into_values().flat_map(|keys| keys.keys).collect();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(CallError::odd_result(OPERATION, "UnprocessedKeys"))
    }

    async fn events_answer(&self) -> Result<(), CallError> {
        let departures = Departures { from: Timestamp::UNIX_EPOCH, until: None, after: None, limit: 1 };
        self.query(&departures).await.map(drop)
    }

    async fn roles_answer(&self) -> Result<(), CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .get_item()
            .table_name(self.roles.as_str())
            .key("event_id", text("healthz"))
            .key("slot", text("captain#1"))
            .projection_expression("event_id")
            .send()
            .await;
        answer.map(drop).map_err(|error| CallError::new("GetItem", &error))
    }
}

impl Sails for DynamoSails {
    fn departing<'a>(&'a self, departures: &'a Departures) -> BoxFuture<'a, Result<SailPage, CallError>> {
        Box::pin(self.query(departures))
    }

    fn claimed<'a>(&'a self, slots: &'a [SlotOfSail]) -> BoxFuture<'a, Result<BTreeSet<SlotOfSail>, CallError>> {
        Box::pin(async move {
            // A key that is named twice in one call is refused.
            let distinct: BTreeSet<&SlotOfSail> = slots.iter().collect();
            let distinct: Vec<SlotOfSail> = distinct.into_iter().cloned().collect();
            let mut found = BTreeSet::new();
            for chunk in distinct.chunks(MOST_KEYS_A_CALL) {
                found.extend(self.claimed_of(chunk).await?);
            }
            Ok(found)
        })
    }

    fn health(&self) -> BoxFuture<'_, Vec<TableHealth>> {
        Box::pin(async {
            let (events, roles) = tokio::join!(self.events_answer(), self.roles_answer());
            let health = |table, result| TableHealth { table, result };
            vec![health("events", events), health("roles", roles)]
        })
    }
}

/// The sail of an entry. One that a person wrote wrongly must not hide all others.
fn sail(item: Item) -> Option<Sail> {
    let key = item.get("event_id").and_then(|value| value.as_s().ok()).cloned();
    let sail = serde_dynamo::from_item(item).ok();
    if sail.is_none() {
        // The error itself would quote what somebody wrote.
        tracing::warn!(event_id = key, "an entry of the events table is no sail");
    }
    sail
}

fn slot_of_sail(item: &Item) -> Option<SlotOfSail> {
    let field = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    Some(SlotOfSail { event_id: field("event_id")?.parse().ok()?, slot: field("slot")?.parse().ok()? })
}

fn role_key(slot: &SlotOfSail) -> Item {
    HashMap::from([
        ("event_id".to_owned(), text(slot.event_id.as_str())),
        ("slot".to_owned(), text(&slot.slot.to_string())),
    ])
}

/// A place in the index is told by its own key and the table's.
fn start_key(cursor: &Cursor) -> Item {
    HashMap::from([
        ("calendar".to_owned(), text(CALENDAR)),
        ("departs_at".to_owned(), seconds(cursor.departs_at)),
        ("event_id".to_owned(), text(cursor.event_id.as_str())),
    ])
}

fn cursor(key: &Item) -> Option<Cursor> {
    let departs_at: i64 = key.get("departs_at")?.as_n().ok()?.parse().ok()?;
    Some(Cursor {
        departs_at: Timestamp::from_second(departs_at).ok()?,
        event_id: key.get("event_id")?.as_s().ok()?.parse().ok()?,
    })
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn seconds(moment: Timestamp) -> AttributeValue {
    AttributeValue::N(moment.as_second().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sail::{Role, SailState};

    fn item() -> Item {
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let slots = HashMap::from([("captain".to_owned(), number("1")), ("deckhand".to_owned(), number("2"))]);
        HashMap::from([
            ("event_id".to_owned(), text("evening-1")),
            ("calendar".to_owned(), text(CALENDAR)),
            ("title".to_owned(), text("Evening sail")),
            ("vessel".to_owned(), text("Jada")),
            ("departs_at".to_owned(), number("1790000000")),
            ("returns_at".to_owned(), number("1790007200")),
            ("guest_limit".to_owned(), number("20")),
            ("state".to_owned(), text("in_progress")),
            ("slots".to_owned(), AttributeValue::M(slots)),
        ])
    }

    #[test]
    fn an_entry_of_the_table_becomes_a_sail() {
        let sail = sail(item()).expect("a sail");
        assert_eq!(sail.departs_at.as_second(), 1_790_000_000);
        assert_eq!(sail.state, SailState::InProgress);
        assert_eq!(sail.slots[&Role::Deckhand], 2);
    }

    #[test]
    fn a_sail_becomes_an_entry_that_reads_back() {
        let first = sail(item()).expect("a sail");
        let written: Item = serde_dynamo::to_item(&first).expect("an entry");
        assert_eq!(written["departs_at"], seconds(first.departs_at));
        assert_eq!(sail(written), Some(first));
    }

    #[test]
    fn an_entry_that_is_no_sail_is_left_out() {
        let mut broken = item();
        broken.insert("departs_at".to_owned(), text("tomorrow"));
        assert_eq!(sail(broken), None);
    }

    #[test]
    fn a_cursor_is_a_key_of_the_index() {
        let place: Cursor = "1790000000.evening-1".parse().expect("a cursor");
        assert_eq!(cursor(&start_key(&place)), Some(place));
    }
}
