//! Nudges in DynamoDB.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use jiff::Timestamp;

use super::{Claim, Claimed, KEPT, Nudges, Outcome};

/// The `state` of a nudge whose mail is on its way, or whose outcome was never written.
const SENDING: &str = "sending";
/// The `state` of a nudge whose mail SES has taken.
const SENT: &str = "sent";
/// The `state` of a nudge whose mail may or may not have gone out.
const UNKNOWN: &str = "unknown";

/// One item a sail, with the latest nudge about it.
pub struct DynamoNudges {
    aws: Arc<Aws>,
    table: TableName,
}

impl DynamoNudges {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, table: TableName) -> Self {
        Self { aws, table }
    }

    async fn put(&self, claim: &Claim) -> Result<Claimed, CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .put_item()
            .table_name(self.table.as_str())
            .item("nudge_id", text(&claim.nudge_id()))
            .item("event_id", text(claim.event_id.as_str()))
            .item("message_key", text(claim.key.as_str()))
            .item("state", text(SENDING))
            .item("claimed_at", seconds(claim.at))
            .item("expires_at", seconds(claim.at + KEPT))
            .condition_expression("attribute_not_exists(nudge_id) OR claimed_at <= :quiet_since")
            .expression_attribute_values(":quiet_since", seconds(claim.quiet_since()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match answer {
            Ok(_) => return Ok(Claimed::Won),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                Ok(judge(held.item().unwrap_or(&HashMap::new()), claim))
            }
            _ => Err(CallError::new("PutItem", &error)),
        }
    }

    async fn write(&self, claim: &Claim, outcome: &Outcome) -> Result<(), CallError> {
        let (state, message_id) = match outcome {
            Outcome::Sent(receipt) => (SENT, Some(receipt.message_id.as_str())),
            Outcome::Unknown => (UNKNOWN, None),
            Outcome::Refused => return self.release(claim).await,
        };
        let set = match message_id {
            Some(_) => "SET #state = :state, message_id = :message_id",
            None => "SET #state = :state",
        };
        let client = self.aws.dynamodb().await;
        let answer = client
            .update_item()
            .table_name(self.table.as_str())
            .key("nudge_id", text(&claim.nudge_id()))
            .update_expression(set)
            .condition_expression("message_key = :key")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state))
            .expression_attribute_values(":key", text(claim.key.as_str()));
        let answer = match message_id {
            Some(id) => answer.expression_attribute_values(":message_id", text(id)),
            None => answer,
        };
        match answer.send().await {
            Err(error)
                if !error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Err(CallError::new("UpdateItem", &error))
            }
            _ => Ok(()),
        }
    }

    async fn release(&self, claim: &Claim) -> Result<(), CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .delete_item()
            .table_name(self.table.as_str())
            .key("nudge_id", text(&claim.nudge_id()))
            .condition_expression("message_key = :key")
            .expression_attribute_values(":key", text(claim.key.as_str()))
            .send()
            .await;
        match answer {
            Err(error)
                if !error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Err(CallError::new("DeleteItem", &error))
            }
            _ => Ok(()),
        }
    }
}

impl Nudges for DynamoNudges {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>> {
        Box::pin(self.put(claim))
    }

    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.write(claim, outcome))
    }
}

/// What a claim that is there already means. Our own key is there when the first answer to our
/// write was lost and the SDK wrote again.
fn judge(held: &HashMap<String, AttributeValue>, claim: &Claim) -> Claimed {
    let field = |name: &str| held.get(name).and_then(|value| value.as_s().ok());
    if field("message_key").is_some_and(|key| key == claim.key.as_str()) {
        return Claimed::Won;
    }
    match field("state").map(String::as_str) {
        Some(SENT) => Claimed::Quiet,
        _ => Claimed::Unknown,
    }
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

    fn judged(fields: &[(&str, &str)]) -> Claimed {
        let claim = Claim {
            event_id: "evening".parse().expect("a key"),
            key: "ours".parse().expect("a key"),
            at: Timestamp::UNIX_EPOCH,
        };
        let held = fields.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
        judge(&held.collect(), &claim)
    }

    #[test]
    fn a_claim_with_our_key_is_ours_whatever_the_answer_said() {
        assert_eq!(judged(&[("message_key", "ours"), ("state", "sending")]), Claimed::Won);
    }

    #[test]
    fn anybody_elses_claim_is_never_ours() {
        let other = ("message_key", "other");
        assert_eq!(judged(&[other, ("state", "sent")]), Claimed::Quiet);
        assert_eq!(judged(&[other, ("state", "sending")]), Claimed::Unknown);
        assert_eq!(judged(&[other, ("state", "unknown")]), Claimed::Unknown);
        assert_eq!(judged(&[]), Claimed::Unknown);
    }
}
