//! SNS topics: what is published there goes to everybody who has subscribed.

use std::marker::PhantomData;

use aws_sdk_sns::types::Tag;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met, own_tags, tag_changes};
use crate::policy::{in_words_of, same};
use crate::region::{Home, Region};

/// Codes of "there is no such topic".
pub(super) const MISSING: &[&str] = &["NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"];
/// Code of a create that met a topic of the name with another policy or other tags; bad inputs have it too.
const EXISTS_OTHERWISE: &[&str] = &["InvalidParameter", "InvalidParameterException"];
/// The attribute that holds the policy.
const POLICY: &str = "Policy";

/// A standard SNS topic with its policy.
///
/// Its messages are not encrypted with AWS's own key for SNS, under which neither SES nor CloudWatch can publish.
/// Read budget: 2 calls a topic, both at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct SnsTopic<R: Region = Home> {
    /// Its name: 1 to 256 of `A–Z a–z 0–9 - _`. Source: CreateTopic.
    pub name: String,
    /// Who may publish and subscribe: a policy document in place of AWS's default one. Source: SetTopicAttributes.
    pub policy: Value,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// Its region.
    #[serde(skip)]
    pub region: PhantomData<R>,
}

/// What a topic is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnsTopicOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of a topic.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:sns:{region}:{account}:{name}")
}

fn its_arn<R: Region>(cloud: &Cloud, name: &str) -> String {
    arn(R::name(cloud), &cloud.target.account, name)
}

fn live<R: Region>(cloud: &Cloud, inputs: SnsTopic<R>) -> Live<SnsTopic<R>> {
    let outputs = SnsTopicOutputs { arn: its_arn::<R>(cloud, &inputs.name) };
    Live { id: inputs.name.clone(), inputs, outputs }
}

async fn read<R: Region>(
    cloud: &Cloud,
    name: &str,
    known: Option<&Value>,
) -> Result<Option<Live<SnsTopic<R>>>, CloudError> {
    let arn = its_arn::<R>(cloud, name);
    let attributes = R::sns(cloud).get_topic_attributes().topic_arn(&arn).send();
    let tags = R::sns(cloud).list_tags_for_resource().resource_arn(&arn).send();
    let (attributes, tags) = futures::try_join!(
        cloud.find("sns:GetTopicAttributes", name, MISSING, attributes),
        cloud.find("sns:ListTagsForResource", name, MISSING, tags)
    )?;
    let (Some(attributes), Some(tags)) = (attributes, tags) else { return Ok(None) };
    let text = attributes.attributes.unwrap_or_default().remove(POLICY).unwrap_or_default();
    // A text that is no JSON differs from every policy that is wanted.
    let policy = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let inputs = SnsTopic {
        name: name.to_owned(),
        policy: in_words_of(policy, known),
        tags: own_tags(tags.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))),
        region: PhantomData,
    };
    Ok(Some(live(cloud, inputs)))
}

fn sdk_tags(tags: Tags) -> Result<Vec<Tag>, CloudError> {
    let one = |(key, value): (String, String)| {
        let built = Tag::builder().key(&key).value(value).build();
        built.map_err(|error| CloudError::inputs(&key, error.to_string()))
    };
    tags.into_iter().map(one).collect()
}

impl<R: Region> SnsTopic<R> {
    /// Creates it; one of the same name, policy and tags is taken for it. The topic that stands in the way otherwise.
    async fn create(&self, cloud: &Cloud) -> Result<Option<Live<Self>>, CloudError> {
        let request = R::sns(cloud).create_topic().name(&self.name).attributes(POLICY, self.policy.to_string());
        let request = request.set_tags(Some(sdk_tags(self.tags.clone())?));
        match cloud.call("sns:CreateTopic", &self.name, request.send()).await {
            Ok(_) => Ok(None),
            Err(error) if EXISTS_OTHERWISE.contains(&error.code.as_str()) => {
                let found = read(cloud, &self.name, Some(&self.policy)).await?.ok_or(error)?;
                met("sns:CreateTopic", &self.name, &self.tags, Some(found), |each: &Self| &each.tags).map(Some)
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let arn = its_arn::<R>(cloud, &self.name);
        if !same(&live.policy, &self.policy) {
            let request = R::sns(cloud).set_topic_attributes().topic_arn(&arn).attribute_name(POLICY);
            let request = request.attribute_value(self.policy.to_string());
            cloud.call("sns:SetTopicAttributes", &self.name, request.send()).await?;
        }
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        if !write.is_empty() {
            let request = R::sns(cloud).tag_resource().resource_arn(&arn).set_tags(Some(sdk_tags(write)?));
            cloud.call("sns:TagResource", &self.name, request.send()).await?;
        }
        if !remove.is_empty() {
            let request = R::sns(cloud).untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            cloud.call("sns:UntagResource", &self.name, request.send()).await?;
        }
        Ok(())
    }
}

impl<R: Region> Resource for SnsTopic<R> {
    const TYPE: &'static str = if R::IS_EDGE { "edge_sns_topic" } else { "sns_topic" };
    const PLACE: Place = R::PLACE;
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const STABLE: &'static [&'static str] = &["arn"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("name", "sns:CreateTopic.Name")];
    const ACTIONS: &'static [&'static str] = &[
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
        "sns:TagResource",
        "sns:UntagResource",
    ];
    type Outputs = SnsTopicOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(&cx.cloud, &key.inputs.name, Some(&key.inputs.policy))).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        found: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let met = match found {
            Some(found) => Some(found.clone()),
            None => self.create(&cx.cloud).await?,
        };
        if let Some(met) = met {
            self.update(&cx.cloud, prior, &met.inputs).await?;
        }
        Ok(live(&cx.cloud, self.clone()))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let request = R::sns(&cx.cloud).delete_topic().topic_arn(&live.outputs.arn);
        cx.cloud.find("sns:DeleteTopic", &live.inputs.name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let names = listing::topics::<R>(cx, owner).await?;
        listing::read_each(names, |name| async move { read(&cx.cloud, &name, None).await }).await
    }
}
