//! SQS queues: a place for what waits, and for what failed.

mod attributes;
mod read;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::read::{outputs, read, url};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, are_ours, tag_changes, taken};

/// Codes of "there is no such queue".
const MISSING: &[&str] = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
/// Codes of "there is one, set otherwise".
const EXISTS: &[&str] = &["QueueAlreadyExists", "QueueNameExists"];

/// A standard SQS queue.
///
/// Read budget: 2 calls a queue, both at once. Its URL is made from region, account and name, so
/// that no call is needed to ask for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SqsQueue {
    /// Its name: 1 to 80 of `A–Z a–z 0–9 - _`. Source: CreateQueue.
    pub name: String,
    /// Seconds a message is kept: 60 to 1,209,600 (14 days). Absent: AWS's 345,600 (4 days).
    /// Source: SetQueueAttributes, `MessageRetentionPeriod`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_seconds: Option<u32>,
    /// Seconds for which a message is hidden from others once it was given to somebody: 0 to 43,200. Absent: AWS's 30.
    /// Source: SetQueueAttributes, `VisibilityTimeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility_seconds: Option<u32>,
    /// Where a message goes that nobody could deal with. Absent: it is given out until it is too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<DeadLetters>,
    /// Who may use it beside its own account: a policy document. Absent: nobody.
    /// Source: SetQueueAttributes, `Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Where messages go that were given out in vain. Source: SetQueueAttributes, `RedrivePolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetters {
    /// ARN of the queue that gets them.
    pub queue_arn: String,
    /// How often a message is given out before: 1 to 1,000.
    pub attempts: u32,
}

/// What a queue is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqsQueueOutputs {
    /// Its URL.
    pub url: String,
    /// Its ARN.
    pub arn: String,
}

/// The ARN of a queue.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{account}:{name}")
}

impl SqsQueue {
    /// Creates it. `false`: there is one of the name, set otherwise.
    async fn create(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let tags = self.tags.clone().into_iter().collect();
        let request = cloud
            .sqs()
            .create_queue()
            .queue_name(&self.name)
            .set_attributes(Some(attributes::changes(self, None, None)))
            .set_tags(Some(tags));
        Ok(cloud.find("sqs:CreateQueue", &self.name, EXISTS, request.send()).await?.is_some())
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let at = url(cloud, &self.name);
        let changes = attributes::changes(self, prior, Some(live));
        if !changes.is_empty() {
            cloud
                .call(
                    "sqs:SetQueueAttributes",
                    &self.name,
                    cloud.sqs().set_queue_attributes().queue_url(&at).set_attributes(Some(changes)).send(),
                )
                .await?;
        }
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        if !write.is_empty() {
            cloud
                .call(
                    "sqs:TagQueue",
                    &self.name,
                    cloud.sqs().tag_queue().queue_url(&at).set_tags(Some(write.into_iter().collect())).send(),
                )
                .await?;
        }
        if !remove.is_empty() {
            cloud
                .call(
                    "sqs:UntagQueue",
                    &self.name,
                    cloud.sqs().untag_queue().queue_url(&at).set_tag_keys(Some(remove)).send(),
                )
                .await?;
        }
        Ok(())
    }
}

impl Resource for SqsQueue {
    const TYPE: &'static str = "sqs_queue";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "sqs:CreateQueue.QueueName"),
        ("retention_seconds", "sqs:SetQueueAttributes.MessageRetentionPeriod"),
        ("visibility_seconds", "sqs:SetQueueAttributes.VisibilityTimeout"),
        ("dead_letters/attempts", "sqs:SetQueueAttributes.RedrivePolicy.maxReceiveCount"),
    ];
    const STABLE: &'static [&'static str] = &["url", "arn"];
    const ACTIONS: &'static [&'static str] = &[
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:GetQueueAttributes",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
    ];
    type Outputs = SqsQueueOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let one = |key: &Key<Self>| {
            let SqsQueue { name, policy, .. } = key.inputs.clone();
            async move { read(&cx.cloud, &name, policy.as_ref()).await }
        };
        all_of(keys.iter().map(one).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(&cx.cloud, prior, &live.inputs).await?,
            None if self.create(&cx.cloud).await? => {}
            None => {
                let found = read(&cx.cloud, &self.name, self.policy.as_ref()).await?.ok_or_else(|| {
                    CloudError::not_yet("sqs:CreateQueue", &self.name, "the queue of this name is still being deleted")
                })?;
                if !are_ours(&self.tags, &found.inputs.tags) {
                    return Err(taken("sqs:CreateQueue", &self.name));
                }
                self.update(&cx.cloud, prior, &found.inputs).await?;
            }
        }
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: outputs(&cx.cloud, &self.name) })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = cx.cloud.sqs().delete_queue().queue_url(url(&cx.cloud, &live.inputs.name));
        cx.cloud.find("sqs:DeleteQueue", &live.inputs.name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::queues(cx, owner).await?, |name| async move { read(&cx.cloud, &name, None).await })
            .await
    }
}
