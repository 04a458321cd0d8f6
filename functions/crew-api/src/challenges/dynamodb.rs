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
use functions_shared::mail::{Address, ON_ITS_WAY};
use functions_shared::random;
use jiff::Timestamp;

use super::{
    Challenge, ChallengeId, Challenges, Digest, Lost, MOST_LOST, MOST_TRIES, MailOutcome, Owed, Proof, Purpose,
    Redeeming, Taking,
};

/// The range key of every challenge.
const RANGE: &str = "challenge";
/// The `mail` of a challenge about which none was sent yet.
const WAITING: &str = "waiting";
/// The `mail` of a challenge whose mail is on its way, or whose outcome was never written.
const SENDING: &str = "sending";
/// The `mail` of a challenge whose mail surely did not go out.
const REFUSED: &str = "refused";
/// The index of mails that are not known to have gone out, by `unsettled` and `taken_at`.
pub const UNSETTLED_INDEX: &str = "unsettled";
/// The one value of its hash key.
const UNSETTLED: &str = "yes";

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

    async fn put(&self, id: &ChallengeId, challenge: &Challenge, owed: Option<&Owed>) -> Result<(), CallError> {
        let client = self.aws.dynamodb().await;
        let request = client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(key(id)))
            .item("email", text(challenge.email.as_str()))
            .item("purpose", text(challenge.purpose.name()))
            .item("opened_at", seconds(challenge.opened_at))
            .item("expires_at", seconds(challenge.expires_at()))
            .item("mail", text(WAITING))
            .item("tries", number(0));
        let request = match owed {
            Some(owed) => request
                .item("person_id", text(owed.person_id.as_str()))
                .item("message_key", text(owed.key.as_str()))
                .item("unsettled", text(UNSETTLED))
                .item("taken_at", seconds(challenge.opened_at)),
            None => request,
        };
        request.send().await.map(drop).map_err(|error| CallError::new("PutItem", &error))
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
        let mut set = "SET mail = :sending, token_digest = :token, person_id = :person, message_key = :key, \
                       unsettled = :yes, taken_at = :now"
            .to_owned();
        set.push_str(if code.is_some() { ", code_digest = :code" } else { "" });
        let request = self
            .update(id)
            .await
            .update_expression(set)
            // Our own token is there when the answer was lost and the SDK asks again.
            .condition_expression(
                "expires_at > :now AND (mail = :waiting OR (mail = :sending AND token_digest = :token))",
            )
            .expression_attribute_values(":person", text(taking.person_id.as_str()))
            .expression_attribute_values(":key", text(taking.key.as_str()))
            .expression_attribute_values(":yes", text(UNSETTLED))
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
        let (before, after, act) = match outcome {
            MailOutcome::Sent => (SENDING, "sent", "SET mail = :after REMOVE unsettled"),
            MailOutcome::Unknown => (SENDING, "unknown", "SET mail = :after"),
            MailOutcome::Refused => (SENDING, REFUSED, "SET mail = :after"),
            MailOutcome::Nobody => (WAITING, "nobody", "SET mail = :after REMOVE unsettled"),
        };
        let request = self
            .update(id)
            .await
            .update_expression(act)
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
        // This use and no other: it meets itself when the answer was lost and the SDK asks again.
        let own = random::id()?;
        let request = self
            .update(id)
            .await
            .update_expression("SET redeemed_at = :now, redeemed_by = :own")
            .condition_expression(
                "#digest = :digest AND expires_at > :now AND (attribute_not_exists(redeemed_at) OR redeemed_by = :own)",
            )
            .expression_attribute_values(":own", text(&own))
            .expression_attribute_names("#digest", attribute)
            .expression_attribute_values(":digest", text(digest.as_str()))
            .expression_attribute_values(":now", seconds(redeeming.now))
            .return_values(ReturnValue::AllNew);
        let item = sent(request).await?;
        Ok(item.and_then(|item| item.get("email")?.as_s().ok()?.parse().ok()))
    }

    async fn query_lost(&self, now: Timestamp) -> Result<Vec<Lost>, CallError> {
        let client = self.aws.dynamodb().await;
        let until = now.checked_sub(ON_ITS_WAY).unwrap_or(Timestamp::MIN);
        let answer = client
            .query()
            .table_name(self.table.as_str())
            .index_name(UNSETTLED_INDEX)
            .key_condition_expression("unsettled = :yes AND taken_at <= :until")
            .expression_attribute_values(":yes", text(UNSETTLED))
            .expression_attribute_values(":until", seconds(until))
            .limit(i32::try_from(MOST_LOST).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        Ok(answer.items.unwrap_or_default().iter().filter_map(lost).collect())
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
    let waits = field(item, "mail") == Some(WAITING);
    Some(Challenge {
        email: field(item, "email").filter(|_| waits)?.parse().ok()?,
        purpose: purpose(item)?,
        opened_at: moment(item, "opened_at")?,
    })
}

fn lost(item: &Item) -> Option<Lost> {
    Some(Lost {
        person_id: field(item, "person_id")?.parse().ok()?,
        purpose: purpose(item)?,
        key: field(item, "message_key")?.parse().ok()?,
        refused: field(item, "mail")? == REFUSED,
        at: moment(item, "taken_at")?,
    })
}

fn purpose(item: &Item) -> Option<Purpose> {
    Purpose::ALL.into_iter().find(|each| field(item, "purpose") == Some(each.name()))
}

fn field<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn moment(item: &Item, name: &str) -> Option<Timestamp> {
    let seconds: i64 = item.get(name)?.as_n().ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
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
    fn open<'a>(
        &'a self,
        id: &'a ChallengeId,
        challenge: &'a Challenge,
        owed: Option<&'a Owed>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.put(id, challenge, owed))
    }

    fn waiting<'a>(&'a self, id: &'a ChallengeId) -> BoxFuture<'a, Result<Option<Challenge>, CallError>> {
        Box::pin(async { Ok(self.get(id).await?.as_ref().and_then(waiting)) })
    }

    fn take<'a>(&'a self, id: &'a ChallengeId, taking: &'a Taking) -> BoxFuture<'a, Result<bool, CallError>> {
        Box::pin(self.take_for_mail(id, taking))
    }

    fn lost(&self, now: Timestamp) -> BoxFuture<'_, Result<Vec<Lost>, CallError>> {
        Box::pin(self.query_lost(now))
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
            self.get(&nobody).await?;
            self.query_lost(Timestamp::UNIX_EPOCH).await.map(drop)
        })
    }
}
