//! The tables in DynamoDB.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, KeysAndAttributes, Put,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use futures::future::try_join_all;

use super::expression::{self, Expression};
use super::{Act, Item, Key, Query, Source, Table, Tables, Verdict, Write, Written};
use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use crate::config::TableName;
use crate::conflict::CONFLICT;

/// The most keys of one BatchGetItem. Source: DynamoDB API reference.
const MOST_KEYS_A_CALL: usize = 100;
/// How often keys that DynamoDB left out are asked for again.
const ROUNDS: u32 = 5;
/// The wait before the first repetition; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

type Attributes = HashMap<String, AttributeValue>;

/// The physical names of the tables that a function may use.
pub type TableNames = BTreeMap<Table, TableName>;

/// The tables of an account.
pub struct DynamoTables {
    aws: Arc<Aws>,
    names: TableNames,
}

impl DynamoTables {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, names: TableNames) -> Self {
        Self { aws, names }
    }

    fn name(&self, table: Table) -> Result<&str, CallError> {
        let name = self.names.get(&table).map(TableName::as_str);
        name.ok_or_else(|| CallError::odd_result(table.name(), "this function has no such table"))
    }

    async fn get_one(&self, key: &Key) -> Result<Option<Item>, CallError> {
        let client = self.aws.dynamodb().await;
        let request = client.get_item().table_name(self.name(key.table)?).set_key(Some(attributes(&key.attributes())));
        let answer = request.consistent_read(true).send().await;
        let answer = answer.map_err(|error| CallError::new("GetItem", &error))?;
        answer.item.map(values).transpose()
    }

    async fn get_batch(&self, keys: &[Key]) -> Result<Vec<Item>, CallError> {
        const OPERATION: &str = "BatchGetItem";
        let mut by_table: BTreeMap<Table, Vec<Attributes>> = BTreeMap::new();
        for key in keys {
            by_table.entry(key.table).or_default().push(attributes(&key.attributes()));
        }
        let mut wanted = HashMap::new();
        for (table, keys) in by_table {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            wanted.insert(self.name(table)?.to_owned(), keys.map_err(|_| CallError::odd_result(OPERATION, "no keys"))?);
        }
        let client = self.aws.dynamodb().await;
        let mut found = Vec::new();
        let mut wait = FIRST_WAIT;
        for _ in 0..ROUNDS {
            let answer = client.batch_get_item().set_request_items(Some(wanted)).send().await;
            let answer = answer.map_err(|error| CallError::new(OPERATION, &error))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                found.push(values(item)?);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(CallError::odd_result(OPERATION, "UnprocessedKeys"))
    }

    async fn query_all(&self, query: &Query) -> Result<Vec<Item>, CallError> {
        let (table, hash, range) = query.from.keys();
        let keys = expression::of_keys((hash, &query.hash), range, &query.range);
        let client = self.aws.dynamodb().await;
        let (index, consistent) = match query.from {
            Source::Table(_) => (None, true),
            Source::Index(index) => (Some(index.parts().1.to_owned()), false),
        };
        let mut start = query.after.as_ref().map(attributes);
        let mut found = Vec::new();
        loop {
            let left = query.limit.map(|limit| (limit as usize).saturating_sub(found.len()));
            let answer = client
                .query()
                .table_name(self.name(table)?)
                .set_index_name(index.clone())
                .consistent_read(consistent)
                .key_condition_expression(&keys.text)
                .set_expression_attribute_names(Some(keys.names.clone()))
                .set_expression_attribute_values(Some(keys.values.clone()))
                .scan_index_forward(!query.backwards)
                .set_exclusive_start_key(start)
                .set_limit(left.map(|left| i32::try_from(left).unwrap_or(i32::MAX)))
                .send()
                .await
                .map_err(|error| CallError::new("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(values(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || query.limit.is_some_and(|limit| found.len() >= limit as usize) {
                return Ok(found);
            }
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, CallError> {
        let items: Result<Vec<TransactWriteItem>, CallError> = writes.iter().map(|write| self.part(write)).collect();
        let client = self.aws.dynamodb().await;
        let answer = client.transact_write_items().set_transact_items(Some(items?)).send().await;
        let error = match answer {
            Ok(_) => return Ok(Written::Done),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                judge(cancelled.cancellation_reasons()).ok_or_else(|| CallError::new("TransactWriteItems", &error))
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Written::Conflict),
            _ => Err(CallError::new("TransactWriteItems", &error)),
        }
    }

    fn part(&self, write: &Write) -> Result<TransactWriteItem, CallError> {
        let table = self.name(write.key.table)?;
        let only_if = write.only_if.as_ref();
        let Expression { text, names, values } =
            only_if.map(|only_if| expression::of_condition(only_if, write.key.table.keys().0)).unwrap_or_default();
        let text = Some(text).filter(|text| !text.is_empty());
        let names = Some(names).filter(|names| !names.is_empty());
        let values = Some(values).filter(|values| !values.is_empty());
        let key = write.key.attributes();
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let part = TransactWriteItem::builder();
        let part = match &write.act {
            Act::Put(item) => {
                let mut item = item.clone();
                item.extend(key);
                let put = Put::builder().table_name(table).set_item(Some(attributes(&item)));
                let put = put.set_condition_expression(text).set_expression_attribute_names(names);
                let put = put.set_expression_attribute_values(values).return_values_on_condition_check_failure(old);
                part.put(put.build().map_err(not_built)?)
            }
            Act::Delete => {
                let delete = Delete::builder().table_name(table).set_key(Some(attributes(&key)));
                let delete = delete.set_condition_expression(text).set_expression_attribute_names(names);
                let delete =
                    delete.set_expression_attribute_values(values).return_values_on_condition_check_failure(old);
                part.delete(delete.build().map_err(not_built)?)
            }
            Act::Check => {
                let check = ConditionCheck::builder().table_name(table).set_key(Some(attributes(&key)));
                let check = check.set_condition_expression(text).set_expression_attribute_names(names);
                let check = check.set_expression_attribute_values(values).return_values_on_condition_check_failure(old);
                part.condition_check(check.build().map_err(not_built)?)
            }
        };
        Ok(part.build())
    }
}

impl Tables for DynamoTables {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Item>, CallError>> {
        Box::pin(self.get_one(key))
    }

    fn get_all<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Item>, CallError>> {
        Box::pin(async move {
            // A key that is named twice in one call is refused.
            let mut distinct = keys.to_vec();
            distinct.sort();
            distinct.dedup();
            let calls = distinct.chunks(MOST_KEYS_A_CALL).map(|chunk| self.get_batch(chunk));
            Ok(try_join_all(calls).await?.concat())
        })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Item>, CallError>> {
        Box::pin(self.query_all(query))
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<Written, CallError>> {
        Box::pin(self.transact(writes))
    }
}

/// What the reasons say. A condition that failed decides; else a conflict asks for another try; anything
/// else (a throttle, a fault of ours) is an error.
fn judge(reasons: &[CancellationReason]) -> Option<Written> {
    const FAILED: &str = "ConditionalCheckFailed";
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    if codes.contains(&FAILED) {
        let verdict = |reason: &CancellationReason| match reason.code() {
            Some(FAILED) => Verdict::Failed(reason.item.clone().and_then(|item| values(item).ok())),
            _ => Verdict::Held,
        };
        return Some(Written::Refused(reasons.iter().map(verdict).collect()));
    }
    codes.contains(&CONFLICT).then_some(Written::Conflict)
}

fn not_built<E>(_: E) -> CallError {
    CallError::odd_result("TransactWriteItems", "no item")
}

fn attributes(item: &Item) -> Attributes {
    item.iter().map(|(name, value)| (name.clone(), expression::attribute(value))).collect()
}

fn values(item: Attributes) -> Result<Item, CallError> {
    serde_dynamo::from_item(item).map_err(|_| CallError::odd_result("read", "an item of another shape"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    #[test]
    fn a_failed_condition_decides_and_a_conflict_alone_is_tried_again() {
        let failed = Written::Refused(vec![Verdict::Held, Verdict::Failed(None)]);
        assert_eq!(judge(&[reason("TransactionConflict"), reason("ConditionalCheckFailed")]), Some(failed));
        assert_eq!(judge(&[reason("None"), reason("TransactionConflict")]), Some(Written::Conflict));
        assert_eq!(judge(&[reason("None"), reason("ThrottlingError")]), None);
    }

    #[test]
    fn an_item_reads_back_as_written() {
        let item = serde_json::json!({ "a": "x", "n": -3, "t": true, "l": [1, "b"], "m": { "k": 1 } });
        let item: Item = item.as_object().expect("an object").clone();
        assert_eq!(values(attributes(&item)).expect("an item"), item);
    }
}
