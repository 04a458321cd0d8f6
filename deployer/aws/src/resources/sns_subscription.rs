//! Subscriptions to SNS topics: who gets what is published.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use aws_sdk_sns::types::Subscription;
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};

use super::sns_topic::{self, MISSING};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::region::{Home, Region};

/// In place of an ARN: its owner has not followed the link that AWS mailed. Source: ListSubscriptionsByTopic.
const PENDING: &str = "PendingConfirmation";
/// In place of an ARN: its owner has left, and AWS goes on listing it for a while.
const LEFT: &str = "Deleted";

/// One subscription. AWS knows it by topic, protocol and endpoint: subscribing twice makes one.
///
/// Read budget: 1 call a topic for 100 of its subscriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct SnsSubscription<R: Region = Home> {
    /// ARN of the topic.
    pub topic_arn: String,
    /// How messages are delivered: `lambda` or `email`. Source: Subscribe.
    pub protocol: String,
    /// Where to: the ARN of a function's alias, or an address. Source: Subscribe.
    pub endpoint: String,
    /// Whether messages are delivered: those of an address once its owner has followed the link that AWS mails there.
    pub confirmed: bool,
    /// The region of the topic.
    #[serde(skip)]
    pub region: PhantomData<R>,
}

/// What a subscription is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnsSubscriptionOutputs {
    /// Its ARN, which AWS mints; `PendingConfirmation` before there is one.
    pub arn: String,
}

fn live<R: Region>(inputs: SnsSubscription<R>, arn: String) -> Live<SnsSubscription<R>> {
    let id = format!("{}/{}/{}", inputs.topic_arn, inputs.protocol, inputs.endpoint);
    Live { id, inputs, outputs: SnsSubscriptionOutputs { arn } }
}

/// A subscription of a listing; `None`: there was one.
fn of<R: Region>(topic_arn: &str, found: Subscription) -> Option<Live<SnsSubscription<R>>> {
    let arn = found.subscription_arn.filter(|arn| arn != LEFT)?;
    let inputs = SnsSubscription {
        topic_arn: topic_arn.to_owned(),
        protocol: found.protocol.unwrap_or_default(),
        endpoint: found.endpoint.unwrap_or_default(),
        confirmed: arn != PENDING,
        region: PhantomData,
    };
    Some(live(inputs, arn))
}

/// Every subscription to a topic; none where there is no topic.
async fn all<R: Region>(cloud: &Cloud, topic_arn: &str) -> Result<Vec<Live<SnsSubscription<R>>>, CloudError> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let request = R::sns(cloud).list_subscriptions_by_topic().topic_arn(topic_arn).set_next_token(next);
        let page = cloud.find("sns:ListSubscriptionsByTopic", topic_arn, MISSING, request.send()).await?;
        let Some(page) = page else { return Ok(found) };
        found.extend(page.subscriptions.unwrap_or_default().into_iter().filter_map(|each| of(topic_arn, each)));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

impl<R: Region> SnsSubscription<R> {
    fn is_to_the_same(&self, other: &Self) -> bool {
        (&self.topic_arn, &self.protocol, &self.endpoint) == (&other.topic_arn, &other.protocol, &other.endpoint)
    }

    /// Subscribes; AWS asks an address by mail whether it wants that.
    async fn subscribe(&self, cloud: &Cloud) -> Result<Live<Self>, CloudError> {
        let request = R::sns(cloud).subscribe().topic_arn(&self.topic_arn).protocol(&self.protocol);
        // The answer then tells who is still asked from who has agreed: an ARN is given to the latter alone.
        let request = request.endpoint(&self.endpoint).return_subscription_arn(false);
        let made = cloud.call("sns:Subscribe", &self.topic_arn, request.send()).await?;
        let arn = made.subscription_arn.filter(|arn| arn.starts_with("arn:"));
        let confirmed = arn.is_some();
        Ok(live(Self { confirmed, ..self.clone() }, arn.unwrap_or_else(|| PENDING.to_owned())))
    }
}

impl<R: Region> Resource for SnsSubscription<R> {
    const TYPE: &'static str = if R::IS_EDGE { "edge_sns_subscription" } else { "sns_subscription" };
    const PLACE: Place = R::PLACE;
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["topic_arn", "protocol", "endpoint"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("protocol", "sns:Subscribe.Protocol")];
    const ACTIONS: &'static [&'static str] = &["sns:ListSubscriptionsByTopic", "sns:Subscribe", "sns:Unsubscribe"];
    type Outputs = SnsSubscriptionOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let topics: BTreeMap<&str, ()> = keys.iter().map(|key| (key.inputs.topic_arn.as_str(), ())).collect();
        let found = all_of(topics.keys().map(|topic| all(&cx.cloud, topic)).collect()).await?;
        let found: Vec<_> = found.into_iter().flatten().collect();
        let live = |key: &Key<Self>| found.iter().find(|each| each.inputs.is_to_the_same(&key.inputs)).cloned();
        Ok(keys.iter().map(live).collect())
    }

    /// Subscribes, and says what a person must do where somebody is to agree.
    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        found: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let found = match found {
            Some(found) => found.clone(),
            None => self.subscribe(&cx.cloud).await?,
        };
        if found.inputs.confirmed {
            return Ok(found);
        }
        Err(CloudError::new(
            ErrorClass::NeedsPerson,
            "sns:Subscribe",
            &self.topic_arn,
            "subscription-pending",
            "AWS has mailed a link to the address that is to get these messages: its owner follows it, then run again",
        ))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        if !live.inputs.confirmed {
            // AWS forgets it by itself, and nobody can unsubscribe it before.
            return Ok(());
        }
        let request = R::sns(&cx.cloud).unsubscribe().subscription_arn(&live.outputs.arn);
        cx.cloud.find("sns:Unsubscribe", &live.inputs.topic_arn, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let account = &cx.cloud.target.account;
        let topics = listing::topics::<R>(cx, owner).await?;
        let arns: Vec<_> = topics.iter().map(|name| sns_topic::arn(R::name(&cx.cloud), account, name)).collect();
        let found = all_of(arns.iter().map(|topic| all(&cx.cloud, topic)).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_has_not_agreed_is_known_from_one_that_has_and_from_one_that_left() {
        let told = |arn: &str| of::<Home>("t", Subscription::builder().subscription_arn(arn).protocol("email").build());
        let confirmed = |arn: &str| told(arn).map(|live| live.inputs.confirmed);
        assert_eq!(confirmed(PENDING), Some(false));
        assert_eq!(confirmed("arn:aws:sns:us-west-2:1:t:6d1f"), Some(true));
        assert_eq!(confirmed("Deleted"), None);
    }
}
