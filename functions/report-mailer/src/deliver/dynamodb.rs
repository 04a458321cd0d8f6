//! What was sent, in DynamoDB.
//!
//! Two rows a mail, written together: the report's own (`report_id` = its name, `date_sent` = when
//! it was taken), which people query, and the invocation's (`report_id` = `ceo#<request id>`),
//! whose key a repetition meets again. `bounces`, `put_off` and `complaints` of a
//! report's row hold the ids of notices.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use functions_shared::mail::{Address, Receipt};

use super::{Claim, Claimed, Outcome, SentReports, Taken};
use crate::feedback::{Notice, Said};

/// The sort key of an invocation's row: it has no date, or a repetition would miss it.
const CLAIM: &str = "claim";
/// The reason with which DynamoDB refuses a condition within a transaction.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

type Item = HashMap<String, AttributeValue>;

/// Remembers reports in a table.
pub struct DynamoSentReports {
    aws: Arc<Aws>,
    table: TableName,
}

impl DynamoSentReports {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, table: TableName) -> Self {
        Self { aws, table }
    }

    async fn take(&self, claim: &Claim) -> Result<Claimed, CallError> {
        let writes = [report_row(claim), invocation_row(claim)].map(|item| self.put(item));
        match self.transact(writes.into_iter().collect()).await? {
            Written::Yes => Ok(Claimed::Won),
            // Who was refused meets rows, unless another attempt has just taken its own back.
            Written::ConditionFailed => Ok(Claimed::Lost(self.judge(claim).await?.unwrap_or(Taken::Unknown))),
        }
    }

    /// What the rows of an earlier attempt say; `None`: there are none.
    async fn judge(&self, claim: &Claim) -> Result<Option<Taken>, CallError> {
        let invocation = self.get(&invocation_id(claim), CLAIM).await?;
        let Some(date_sent) = field(&invocation, "report_date") else { return Ok(None) };
        let report = self.get(claim.report, date_sent).await?;
        Ok(Some(match (field(&report, "status"), field(&report, "message_id")) {
            (Some("sent"), id) => Taken::Sent(Receipt { message_id: id.unwrap_or_default().to_owned() }),
            _ => Taken::Unknown,
        }))
    }

    async fn write(&self, claim: &Claim, outcome: &Outcome) -> Result<(), CallError> {
        let (status, message_id) = match outcome {
            Outcome::Sent(receipt) => ("sent", Some(receipt.message_id.as_str())),
            Outcome::Unknown => ("unknown", None),
            Outcome::Refused => ("refused", None),
        };
        let mut writes = vec![self.update(claim, status, message_id)];
        if *outcome == Outcome::Refused {
            // Surely not sent: a repetition of the invocation may try again.
            writes.push(self.delete(&invocation_id(claim)));
        }
        self.transact(writes.into_iter().collect()).await.map(drop)
    }

    /// Adds a notice to the row of its mail. A set takes the same id once.
    async fn add(&self, notice: &Notice) -> Result<bool, CallError> {
        let invocation = self.get(&format!("{}#{}", notice.report, notice.request_id), CLAIM).await?;
        let Some(date_sent) = field(&invocation, "report_date") else { return Ok(false) };
        let set = match notice.said {
            Said::Bounced => "bounces",
            Said::PutOff => "put_off",
            Said::Complained => "complaints",
        };
        let client = self.aws.dynamodb().await;
        let answer = client
            .update_item()
            .table_name(self.table.as_str())
            .set_key(Some(key(&notice.report, date_sent)))
            .update_expression("ADD #set :id")
            .condition_expression("attribute_exists(report_id)")
            .expression_attribute_names("#set", set)
            .expression_attribute_values(":id", AttributeValue::Ss(vec![notice.id.clone()]))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(CallError::new("UpdateItem", &error)),
        }
    }

    fn put(&self, item: Item) -> Write {
        let put = Put::builder()
            .table_name(self.table.as_str())
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(report_id)")
            .build();
        put.map(|put| TransactWriteItem::builder().put(put).build())
    }

    fn update(&self, claim: &Claim, status: &str, message_id: Option<&str>) -> Write {
        let set = match message_id {
            Some(_) => "SET #status = :status, message_id = :message_id",
            None => "SET #status = :status",
        };
        let id = message_id.map(text);
        let values = id.map(|id| (":message_id".to_owned(), id)).into_iter();
        let values =
            values.chain([(":status".to_owned(), text(status)), (":key".to_owned(), text(claim.key.as_str()))]);
        let update = Update::builder()
            .table_name(self.table.as_str())
            .set_key(Some(key(claim.report, &claim.date_sent())))
            .update_expression(set)
            .condition_expression("message_key = :key")
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.collect()))
            .build();
        update.map(|update| TransactWriteItem::builder().update(update).build())
    }

    fn delete(&self, invocation: &str) -> Write {
        let delete = Delete::builder().table_name(self.table.as_str()).set_key(Some(key(invocation, CLAIM))).build();
        delete.map(|delete| TransactWriteItem::builder().delete(delete).build())
    }

    /// Writes all or nothing. The SDK gives each transaction a token, so that a repetition after a
    /// lost answer is the same transaction and not a second one.
    async fn transact(&self, writes: Result<Vec<TransactWriteItem>, BuildError>) -> Result<Written, CallError> {
        const OPERATION: &str = "TransactWriteItems";
        let writes = writes.map_err(|_| CallError::odd_result(OPERATION, "no writes"))?;
        let client = self.aws.dynamodb().await;
        let answer = client.transact_write_items().set_transact_items(Some(writes)).send().await;
        match answer {
            Ok(_) => Ok(Written::Yes),
            Err(error) if error.as_service_error().is_some_and(condition_failed) => Ok(Written::ConditionFailed),
            Err(error) => Err(CallError::new(OPERATION, &error)),
        }
    }

    async fn get(&self, report_id: &str, date_sent: &str) -> Result<Item, CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .get_item()
            .table_name(self.table.as_str())
            .set_key(Some(key(report_id, date_sent)))
            .consistent_read(true)
            .send()
            .await;
        let answer = answer.map_err(|error| CallError::new("GetItem", &error))?;
        Ok(answer.item.unwrap_or_default())
    }
}

type BuildError = aws_sdk_dynamodb::error::BuildError;
type Write = Result<TransactWriteItem, BuildError>;

/// What became of a transaction.
enum Written {
    Yes,
    ConditionFailed,
}

impl SentReports for DynamoSentReports {
    fn look<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Option<Taken>, CallError>> {
        Box::pin(self.judge(claim))
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>> {
        Box::pin(self.take(claim))
    }

    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.write(claim, outcome))
    }

    fn note<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<bool, CallError>> {
        Box::pin(self.add(notice))
    }
}

fn condition_failed(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return false;
    };
    let reasons = cancelled.cancellation_reasons();
    reasons.iter().any(|reason| reason.code() == Some(CONDITION_FAILED))
}

fn report_row(claim: &Claim) -> Item {
    let recipients = claim.recipients.iter().map(Address::as_str).map(text);
    let mut item = key(claim.report, &claim.date_sent());
    item.extend([
        ("recipients".to_owned(), AttributeValue::L(recipients.collect())),
        ("status".to_owned(), text("sending")),
        ("message_key".to_owned(), text(claim.key.as_str())),
        ("request_id".to_owned(), text(&claim.request_id)),
    ]);
    item
}

fn invocation_row(claim: &Claim) -> Item {
    let mut item = key(&invocation_id(claim), CLAIM);
    item.insert("report_date".to_owned(), text(&claim.date_sent()));
    item
}

fn invocation_id(claim: &Claim) -> String {
    format!("{}#{}", claim.report, claim.request_id)
}

fn key(report_id: &str, date_sent: &str) -> Item {
    HashMap::from([("report_id".to_owned(), text(report_id)), ("date_sent".to_owned(), text(date_sent))])
}

fn field<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
