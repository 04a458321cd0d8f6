//! People in DynamoDB: one table, in which a person's items share the hash key `person_id`.
//!
//! | `person_id` | `item` | what |
//! |---|---|---|
//! | the key | `person` | the person; in the index by name |
//! | the key | `ended#<session>` | a session that was ended, until it would have expired |
//! | the key | `entry#<epoch milliseconds>#<random>` | a line of the history |
//! | `address#<address>` | `pointer` | whose address it is: one person an address |

mod items;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use jiff::Timestamp;

use super::{Entry, MOST_ENTRIES, People, PeoplePage, SessionKey, Written};
use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use crate::clock::SystemClock;
use crate::config::TableName;
use crate::conflict::{CONFLICT, Patience};
use crate::mail::Address;
use crate::person::{Person, PersonId};
use crate::random;

pub use items::BY_NAME;
use items::{Item, key, text};

/// The people's table.
pub struct DynamoPeople {
    aws: Arc<Aws>,
    table: TableName,
}

impl DynamoPeople {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, table: TableName) -> Self {
        Self { aws, table }
    }

    async fn get(&self, key: Item) -> Result<Option<Item>, CallError> {
        let client = self.aws.dynamodb().await;
        let request = client.get_item().table_name(self.table.as_str()).set_key(Some(key)).consistent_read(true);
        let answer = request.send().await.map_err(|error| CallError::new("GetItem", &error))?;
        Ok(answer.item)
    }

    async fn person(&self, person_id: &PersonId) -> Result<Option<Person>, CallError> {
        let found = self.get(key(person_id.as_str(), items::PERSON)).await?;
        Ok(found.and_then(items::person))
    }

    async fn person_of(&self, email: &Address) -> Result<Option<Person>, CallError> {
        let Some(pointer) = self.get(key(&items::address_key(email), items::POINTER)).await? else {
            return Ok(None);
        };
        match items::pointed_at(&pointer) {
            Some(person_id) => self.person(&person_id).await,
            None => Ok(None),
        }
    }

    async fn session(&self, session: &SessionKey) -> Result<Option<Person>, CallError> {
        const OPERATION: &str = "BatchGetItem";
        let person_id = session.person_id.as_str();
        let keys = KeysAndAttributes::builder()
            .keys(key(person_id, items::PERSON))
            .keys(key(person_id, &items::ended_key(session)))
            .consistent_read(true)
            .build()
            .map_err(|_| CallError::odd_result(OPERATION, "no keys"))?;
        let client = self.aws.dynamodb().await;
        let answer = client.batch_get_item().request_items(self.table.as_str(), keys).send().await;
        let answer = answer.map_err(|error| CallError::new(OPERATION, &error))?;
        // What was left out might be the end of the session: no answer is not a yes.
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            return Err(CallError::odd_result(OPERATION, "UnprocessedKeys"));
        }
        let mut found: Vec<Item> = answer.responses.unwrap_or_default().into_values().flatten().collect();
        Ok(match found.len() {
            1 => found.pop().and_then(items::person),
            _ => None,
        })
    }

    async fn query(&self, after: Option<&Person>, limit: u32) -> Result<PeoplePage, CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .query()
            .table_name(self.table.as_str())
            .index_name(BY_NAME)
            .key_condition_expression("directory = :directory")
            .expression_attribute_values(":directory", text(items::DIRECTORY))
            .set_exclusive_start_key(after.map(items::place))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        let people = answer.items.unwrap_or_default().into_iter().filter_map(items::person).collect();
        Ok(PeoplePage { people, more: answer.last_evaluated_key.is_some() })
    }

    fn put(
        &self,
        item: Item,
        condition: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<TransactWriteItem, CallError> {
        let values: HashMap<String, AttributeValue> =
            values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let put = Put::builder()
            .table_name(self.table.as_str())
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()))
            .build();
        let put = put.map_err(|_| CallError::odd_result("TransactWriteItems", "no item"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes all or nothing. Another transaction that is met is nobody who was there first: it is tried again.
    async fn write(&self, writes: Vec<TransactWriteItem>) -> Result<Written, CallError> {
        let client = self.aws.dynamodb().await;
        let mut patience = Patience::new();
        loop {
            let answer = client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let error = match answer {
                Ok(_) => return Ok(Written::Done),
                Err(error) => error,
            };
            match error.as_service_error().and_then(reason) {
                Some(Reason::Condition) => return Ok(Written::Conflict),
                Some(Reason::Another) => patience.wait(&SystemClock).await?,
                None => return Err(CallError::new("TransactWriteItems", &error)),
            }
        }
    }

    async fn add_with(&self, person: &Person, entry: &Entry) -> Result<Written, CallError> {
        const NEW: &str = "attribute_not_exists(person_id)";
        self.write(vec![
            self.put(items::pointer(person), NEW, &[])?,
            self.put(items::of_person(person)?, NEW, &[])?,
            self.put(items::of_entry(&person.person_id, entry, &random::id()?)?, NEW, &[])?,
        ])
        .await
    }

    async fn change_with(&self, person: &Person, entry: &Entry) -> Result<Written, CallError> {
        let before = AttributeValue::N(person.revision.saturating_sub(1).to_string());
        self.write(vec![
            self.put(items::of_person(person)?, "revision = :before", &[(":before", before)])?,
            self.put(
                items::of_entry(&person.person_id, entry, &random::id()?)?,
                "attribute_not_exists(person_id)",
                &[],
            )?,
        ])
        .await
    }

    async fn end_session(&self, session: &SessionKey, expires_at: Timestamp) -> Result<(), CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(key(session.person_id.as_str(), &items::ended_key(session))))
            .item("expires_at", AttributeValue::N(expires_at.as_second().to_string()))
            .send()
            .await;
        answer.map(drop).map_err(|error| CallError::new("PutItem", &error))
    }

    async fn history(&self, person_id: &PersonId) -> Result<Vec<Entry>, CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .query()
            .table_name(self.table.as_str())
            .key_condition_expression("person_id = :person AND begins_with(#item, :entry)")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":person", text(person_id.as_str()))
            .expression_attribute_values(":entry", text(items::ENTRY))
            .scan_index_forward(false)
            .limit(i32::try_from(MOST_ENTRIES).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        Ok(answer.items.unwrap_or_default().into_iter().filter_map(items::entry).collect())
    }
}

/// Why a transaction wrote nothing.
enum Reason {
    /// A condition does not hold: somebody was there first.
    Condition,
    /// Another transaction held one of the items.
    Another,
}

/// A condition that failed decides; a fault of another kind has no reason here.
fn reason(error: &TransactWriteItemsError) -> Option<Reason> {
    let cancelled = match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled,
        TransactWriteItemsError::TransactionInProgressException(_) => return Some(Reason::Another),
        _ => return None,
    };
    let told = |wanted: &str| cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(wanted));
    let condition = told("ConditionalCheckFailed").then_some(Reason::Condition);
    condition.or_else(|| told(CONFLICT).then_some(Reason::Another))
}

impl People for DynamoPeople {
    fn of_session<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        Box::pin(self.session(session))
    }

    fn by_id<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        Box::pin(self.person(person_id))
    }

    fn by_email<'a>(&'a self, email: &'a Address) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        Box::pin(self.person_of(email))
    }

    fn page<'a>(&'a self, after: Option<&'a Person>, limit: u32) -> BoxFuture<'a, Result<PeoplePage, CallError>> {
        Box::pin(self.query(after, limit))
    }

    fn add<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>> {
        Box::pin(self.add_with(person, entry))
    }

    fn change<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>> {
        Box::pin(self.change_with(person, entry))
    }

    fn end<'a>(&'a self, session: &'a SessionKey, expires_at: Timestamp) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.end_session(session, expires_at))
    }

    fn entries<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Vec<Entry>, CallError>> {
        Box::pin(self.history(person_id))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async {
            self.get(key("healthz", items::PERSON)).await?;
            self.query(None, 1).await.map(drop)
        })
    }
}
