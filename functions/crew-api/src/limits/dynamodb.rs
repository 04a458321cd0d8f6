//! Counts in DynamoDB: an item a budget, subject and window, and one a mail address.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use jiff::Timestamp;

use super::{Asked, Budget, Limits, Verdict};

/// How long the moments of a mail address are kept after the last one, in seconds.
const KEPT_SECONDS: i64 = 2 * 86_400;

type Item = HashMap<String, AttributeValue>;

/// The table of limits.
pub struct DynamoLimits {
    aws: Arc<Aws>,
    table: TableName,
}

impl DynamoLimits {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, table: TableName) -> Self {
        Self { aws, table }
    }

    async fn add(&self, budget: &Budget, subject: &str, now: Timestamp) -> Result<Verdict, CallError> {
        let (window, left_seconds) = budget.window(now);
        let client = self.aws.dynamodb().await;
        let answer = client
            .update_item()
            .table_name(self.table.as_str())
            .set_key(Some(key(&format!("{}#{subject}#{window}", budget.class))))
            .update_expression("SET expires_at = :expires ADD hits :one")
            .condition_expression("attribute_not_exists(hits) OR hits < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(i64::from(budget.most)))
            .expression_attribute_values(":expires", number(now.as_second() + left_seconds))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Verdict::Within),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Verdict::Over { retry_after_seconds: left_seconds })
            }
            Err(error) => Err(CallError::new("UpdateItem", &error)),
        }
    }

    async fn get(&self, key: Item) -> Result<Option<Item>, CallError> {
        let client = self.aws.dynamodb().await;
        let request = client.get_item().table_name(self.table.as_str()).set_key(Some(key)).consistent_read(true);
        let answer = request.send().await.map_err(|error| CallError::new("GetItem", &error))?;
        Ok(answer.item)
    }

    async fn put(&self, subject: &str, asked: &Asked) -> Result<bool, CallError> {
        let at = asked.at.iter().map(|at| number(*at)).collect();
        let expires_at = asked.at.last().copied().unwrap_or_default() + KEPT_SECONDS;
        let client = self.aws.dynamodb().await;
        let answer = client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(asked_key(subject)))
            .item("asked_at", AttributeValue::L(at))
            .item("revision", AttributeValue::N(asked.revision.to_string()))
            .item("expires_at", number(expires_at))
            .condition_expression("attribute_not_exists(limit_id) OR revision = :before")
            .expression_attribute_values(":before", AttributeValue::N(asked.revision.saturating_sub(1).to_string()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(CallError::new("PutItem", &error)),
        }
    }
}

fn key(limit_id: &str) -> Item {
    HashMap::from([("limit_id".to_owned(), AttributeValue::S(limit_id.to_owned()))])
}

fn asked_key(subject: &str) -> Item {
    key(&format!("asked#{subject}"))
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn asked(item: &Item) -> Option<Asked> {
    let at = item.get("asked_at")?.as_l().ok()?;
    let at = at.iter().map(|each| each.as_n().ok()?.parse().ok()).collect::<Option<_>>()?;
    Some(Asked { at, revision: item.get("revision")?.as_n().ok()?.parse().ok()? })
}

impl Limits for DynamoLimits {
    fn count<'a>(
        &'a self,
        budget: &'a Budget,
        subject: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Verdict, CallError>> {
        Box::pin(self.add(budget, subject, now))
    }

    fn asked<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Asked, CallError>> {
        Box::pin(async { Ok(self.get(asked_key(subject)).await?.as_ref().and_then(asked).unwrap_or_default()) })
    }

    fn remember<'a>(&'a self, subject: &'a str, asked: &'a Asked) -> BoxFuture<'a, Result<bool, CallError>> {
        Box::pin(self.put(subject, asked))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async { self.get(key("healthz")).await.map(drop) })
    }
}
