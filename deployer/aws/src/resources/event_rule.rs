//! EventBridge rules that fire on a schedule.

use aws_sdk_eventbridge::types::{RuleState, Tag};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, own_tags, tag_changes};

/// Code of "there is no such rule".
const MISSING: &[&str] = &["ResourceNotFoundException"];

/// A rule of the default bus that fires on a schedule, in UTC.
///
/// Read budget: 2 calls a rule, both at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRule {
    /// Its name: 1 to 64 of `A–Z a–z 0–9 . - _`. Source: PutRule.
    pub name: String,
    /// `rate(1 hour)` or `cron(0 18 * * ? *)`. Source: PutRule, `ScheduleExpression`.
    pub schedule: String,
    /// Whether it fires. Source: PutRule, `State`.
    pub enabled: bool,
    /// Words for people, at most 512 characters. Source: PutRule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a rule is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRuleOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of a rule of the default bus.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:events:{region}:{account}:rule/{name}")
}

fn arn_here(cloud: &Cloud, name: &str) -> String {
    arn(&cloud.target.region, &cloud.target.account, name)
}

fn to_tags(tags: Tags) -> Result<Vec<Tag>, CloudError> {
    let tag = |(key, value): (String, String)| {
        Tag::builder().key(&key).value(value).build().map_err(|error| CloudError::inputs(&key, error.to_string()))
    };
    tags.into_iter().map(tag).collect()
}

async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<EventRule>>, CloudError> {
    let (cloud, arn) = (&*cx.cloud, arn_here(&cx.cloud, name));
    let rule = cloud.find("events:DescribeRule", name, MISSING, cloud.events().describe_rule().name(name).send());
    let tags = cloud.find(
        "events:ListTagsForResource",
        name,
        MISSING,
        cloud.events().list_tags_for_resource().resource_arn(&arn).send(),
    );
    let (Some(rule), Some(tags)) = futures::try_join!(rule, tags)? else { return Ok(None) };
    let inputs = EventRule {
        name: name.to_owned(),
        schedule: rule.schedule_expression.unwrap_or_default(),
        enabled: rule.state != Some(RuleState::Disabled),
        description: rule.description.filter(|text| !text.is_empty()),
        tags: own_tags(tags.tags.unwrap_or_default().into_iter().map(|each| (each.key, each.value))),
    };
    Ok(Some(Live { id: name.to_owned(), inputs, outputs: EventRuleOutputs { arn } }))
}

impl EventRule {
    /// The description to write: PutRule replaces a rule, so what is not managed is written again.
    fn description_to_put(&self, prior: Option<&Self>, live: Option<&Self>) -> Option<String> {
        let reset = || prior.and_then(|each| each.description.as_ref()).map(|_| String::new());
        let kept = || live.and_then(|each| each.description.clone());
        self.description.clone().or_else(reset).or_else(kept)
    }

    fn is_as(&self, prior: Option<&Self>, live: &Self) -> bool {
        let description = self.description_to_put(prior, Some(live)).unwrap_or_default();
        (&self.schedule, self.enabled) == (&live.schedule, live.enabled)
            && description == live.description.as_deref().unwrap_or_default()
    }

    async fn put(&self, cloud: &Cloud, description: Option<String>, tags: Option<Tags>) -> Result<(), CloudError> {
        let state = if self.enabled { RuleState::Enabled } else { RuleState::Disabled };
        let request = cloud.events().put_rule().name(&self.name).schedule_expression(&self.schedule).state(state);
        let request = request.set_description(description).set_tags(tags.map(to_tags).transpose()?);
        cloud.call("events:PutRule", &self.name, request.send()).await.map(drop)
    }

    async fn update_tags(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let arn = arn_here(cloud, &self.name);
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        if !write.is_empty() {
            let request = cloud.events().tag_resource().resource_arn(&arn).set_tags(Some(to_tags(write)?));
            cloud.call("events:TagResource", &self.name, request.send()).await?;
        }
        if !remove.is_empty() {
            let request = cloud.events().untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            cloud.call("events:UntagResource", &self.name, request.send()).await?;
        }
        Ok(())
    }
}

impl Resource for EventRule {
    const TYPE: &'static str = "event_rule";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "events:PutRule.Name"),
        ("schedule", "events:PutRule.ScheduleExpression"),
        ("description", "events:PutRule.Description"),
    ];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "events:DeleteRule",
        "events:DescribeRule",
        "events:ListTagsForResource",
        "events:PutRule",
        "events:TagResource",
        "events:UntagResource",
    ];
    type Outputs = EventRuleOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live.map(|live| &live.inputs) {
            None => self.put(&cx.cloud, self.description.clone(), Some(self.tags.clone())).await?,
            Some(live) => {
                if !self.is_as(prior, live) {
                    // Tags are taken by the put that creates a rule only.
                    self.put(&cx.cloud, self.description_to_put(prior, Some(live)), None).await?;
                }
                self.update_tags(&cx.cloud, prior, live).await?;
            }
        }
        Ok(Live {
            id: self.name.clone(),
            inputs: self.clone(),
            outputs: EventRuleOutputs { arn: arn_here(&cx.cloud, &self.name) },
        })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        cx.cloud
            .find("events:DeleteRule", &live.id, MISSING, cx.cloud.events().delete_rule().name(&live.id).send())
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::rules(cx, owner).await?, |name| async move { read(cx, &name).await }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(description: Option<&str>) -> EventRule {
        EventRule {
            name: "n".into(),
            schedule: "rate(1 hour)".into(),
            enabled: true,
            description: description.map(str::to_owned),
            tags: Tags::new(),
        }
    }

    #[test]
    fn a_description_that_is_not_managed_survives_a_change_of_the_schedule() {
        let live = rule(Some("by hand"));
        let wanted = EventRule { schedule: "rate(2 hours)".into(), ..rule(None) };
        assert!(!wanted.is_as(Some(&rule(None)), &live));
        assert_eq!(wanted.description_to_put(Some(&rule(None)), Some(&live)).as_deref(), Some("by hand"));
    }

    #[test]
    fn a_description_that_is_declared_no_more_is_reset() {
        let live = rule(Some("ours"));
        assert!(!rule(None).is_as(Some(&live), &live));
        assert_eq!(rule(None).description_to_put(Some(&live), Some(&live)).as_deref(), Some(""));
        assert!(rule(None).is_as(Some(&live), &rule(None)));
    }
}
