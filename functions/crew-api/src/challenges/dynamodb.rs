//! Challenges in DynamoDB: one item each. The hash key carries the id, and the range key is always the same, so
//! that every condition guards the one item. Items of earlier days have other keys, and nothing here reads them.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use functions_shared::mail::Address;
use jiff::Timestamp;

use super::{Challenge, ChallengeId, Challenges, Digest, MOST_TRIES, MailOutcome, Proof, Purpose, Redeeming, Taking};

/// The range key of every challenge.
const RANGE: &str = "challenge";
/// The `mail` of a challenge about which none was sent yet.
const WAITING: &str = "waiting";
/// The `mail` of a challenge whose mail is on its way, or whose outcome was never written.
const SENDING: &str = "sending";

type Item = HashMap<String, AttributeValue>;

/// The table of magic links.
pub struct DynamoChallenges {
    aws: Arc<Aws>,
    table: TableName,
}

impl DynamoChallenges {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, table: TableName) -> Self {
        Self { aws, table }
    }

    async fn put(&self, id: &ChallengeId, challenge: &Challenge) -> Result<(), CallError> {
        let client = self.aws.dynamodb().await;
        let answer = client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(key(id)))
            .item("email", text(challenge.email.as_str()))
            .item("purpose", text(challenge.purpose.name()))
            .item("opened_at", seconds(challenge.opened_at))
            .item("expires_at", seconds(challenge.expires_at()))
            .item("mail", text(WAITING))
            .item("tries", number(0))
            .send()
            .await;
        answer.map(drop).map_err(|error| CallError::new("PutItem", &error))
    }

    async fn get(&self, id: &ChallengeId) -> Result<Option<Item>, CallError> {
        let client = self.aws.dynamodb().await;
        let request = client.get_item().table_name(self.table.as_str()).set_key(Some(key(id))).consistent_read(true);
        let answer = request.send().await.map_err(|error| CallError::new("GetItem", &error))?;
        Ok(answer.item)
    }

    async fn update(&self, id: &ChallengeId) -> UpdateItemFluentBuilder {
        let client = self.aws.dynamodb().await;
        client.update_item().table_name(self.table.as_str()).set_key(Some(key(id)))
    }

    async fn take_for_mail(&self, id: &ChallengeId, taking: &Taking) -> Result<bool, CallError> {
        let code = taking.digests.code.as_ref();
        let set = match code {
            Some(_) => "SET mail = :sending, token_digest = :token, code_digest = :code",
            None => "SET mail = :sending, token_digest = :token",
        };
        let request = self
            .update(id)
            .await
            .update_expression(set)
            .condition_expression("mail = :waiting AND expires_at > :now")
            .expression_attribute_values(":sending", text(SENDING))
            .expression_attribute_values(":waiting", text(WAITING))
            .expression_attribute_values(":token", text(taking.digests.token.as_str()))
            .expression_attribute_values(":now", seconds(taking.now));
        let request = match code {
            Some(code) => request.expression_attribute_values(":code", text(code.as_str())),
            None => request,
        };
        Ok(sent(request).await?.is_some())
    }

    async fn settle_mail(&self, id: &ChallengeId, outcome: MailOutcome) -> Result<(), CallError> {
        let (before, after) = match outcome {
            MailOutcome::Sent => (SENDING, "sent"),
            MailOutcome::Unknown => (SENDING, "unknown"),
            MailOutcome::Refused => (SENDING, "refused"),
            MailOutcome::Nobody => (WAITING, "nobody"),
        };
        let request = self
            .update(id)
            .await
            .update_expression("SET mail = :after")
            .condition_expression("mail = :before")
            .expression_attribute_values(":before", text(before))
            .expression_attribute_values(":after", text(after));
        sent(request).await.map(drop)
    }

    async fn count(&self, id: &ChallengeId, now: Timestamp) -> Result<Option<Digest>, CallError> {
        let request = self
            .update(id)
            .await
            .update_expression("SET tries = tries + :one")
            .condition_expression(
                "tries < :most AND expires_at > :now AND attribute_exists(code_digest) AND attribute_not_exists(redeemed_at)",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(MOST_TRIES))
            .expression_attribute_values(":now", seconds(now))
            .return_values(ReturnValue::AllNew);
        let item = sent(request).await?;
        Ok(item.and_then(|item| Some(Digest::of_table(item.get("code_digest")?.as_s().ok()?))))
    }

    async fn use_up(&self, id: &ChallengeId, redeeming: &Redeeming) -> Result<Option<Address>, CallError> {
        let (attribute, digest) = match &redeeming.by {
            Proof::Code(digest) => ("code_digest", digest),
            Proof::Token(digest) => ("token_digest", digest),
        };
        let request = self
            .update(id)
            .await
            .update_expression("SET redeemed_at = :now")
            .condition_expression("#digest = :digest AND expires_at > :now AND attribute_not_exists(redeemed_at)")
            .expression_attribute_names("#digest", attribute)
            .expression_attribute_values(":digest", text(digest.as_str()))
            .expression_attribute_values(":now", seconds(redeeming.now))
            .return_values(ReturnValue::AllNew);
        let item = sent(request).await?;
        Ok(item.and_then(|item| item.get("email")?.as_s().ok()?.parse().ok()))
    }
}

/// The item after an update; `None`: its condition does not hold.
async fn sent(request: UpdateItemFluentBuilder) -> Result<Option<Item>, CallError> {
    match request.send().await {
        Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
        Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => {
            Ok(None)
        }
        Err(error) => Err(CallError::new("UpdateItem", &error)),
    }
}

fn key(id: &ChallengeId) -> Item {
    HashMap::from([("short_code".to_owned(), text(&format!("challenge#{id}"))), ("created_at".to_owned(), text(RANGE))])
}

fn waiting(item: &Item) -> Option<Challenge> {
    let field = |name: &str| item.get(name)?.as_s().ok().map(String::as_str);
    let purpose = [Purpose::SignIn, Purpose::Invitation].into_iter().find(|each| field("purpose") == Some(each.name()));
    let opened_at: i64 = item.get("opened_at")?.as_n().ok()?.parse().ok()?;
    let waits = field("mail") == Some(WAITING);
    Some(Challenge {
        email: field("email").filter(|_| waits)?.parse().ok()?,
        purpose: purpose?,
        opened_at: Timestamp::from_second(opened_at).ok()?,
    })
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn seconds(moment: Timestamp) -> AttributeValue {
    AttributeValue::N(moment.as_second().to_string())
}

impl Challenges for DynamoChallenges {
    fn open<'a>(&'a self, id: &'a ChallengeId, challenge: &'a Challenge) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.put(id, challenge))
    }

    fn waiting<'a>(&'a self, id: &'a ChallengeId) -> BoxFuture<'a, Result<Option<Challenge>, CallError>> {
        Box::pin(async { Ok(self.get(id).await?.as_ref().and_then(waiting)) })
    }

    fn take<'a>(&'a self, id: &'a ChallengeId, taking: &'a Taking) -> BoxFuture<'a, Result<bool, CallError>> {
        Box::pin(self.take_for_mail(id, taking))
    }

    fn settle<'a>(&'a self, id: &'a ChallengeId, outcome: &'a MailOutcome) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.settle_mail(id, *outcome))
    }

    fn try_code<'a>(&'a self, id: &'a ChallengeId, now: Timestamp) -> BoxFuture<'a, Result<Option<Digest>, CallError>> {
        Box::pin(self.count(id, now))
    }

    fn redeem<'a>(
        &'a self,
        id: &'a ChallengeId,
        redeeming: &'a Redeeming,
    ) -> BoxFuture<'a, Result<Option<Address>, CallError>> {
        Box::pin(self.use_up(id, redeeming))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async {
            let nobody = ChallengeId("0".repeat(32));
            self.get(&nobody).await.map(drop)
        })
    }
}
