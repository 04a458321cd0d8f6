//! CloudWatch alarms: a figure that is watched, and who is told when it is too high.

mod read;
mod watched;

use std::marker::PhantomData;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::read::{ask, read};
use crate::Cloud;
use crate::client::json::CLOUDWATCH;
use crate::listing;
use crate::naming::{Tags, met, tag_changes};
use crate::region::{Home, Region};

pub use watched::{Metric, Watched};

/// Codes of "there is no such alarm".
const MISSING: &[&str] = &["ResourceNotFound", "ResourceNotFoundException"];

/// How the figure is held against the threshold.
const COMPARES: &str = "GreaterThanThreshold";

/// A metric alarm.
///
/// Read budget: 1 call for 100 alarms, and 1 call each for its tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct CloudwatchAlarm<R: Region = Home> {
    /// Its name: 1 to 255 characters. Source: PutMetricAlarm.
    pub name: String,
    /// Words for whoever is told: up to 1,024 characters. Source: PutMetricAlarm.
    pub description: String,
    /// The figure that is watched.
    pub watches: Watched,
    /// Above this it goes off.
    pub threshold: f64,
    /// For how many periods one after the other: 1 and more. Source: PutMetricAlarm, `EvaluationPeriods`.
    pub periods: u32,
    /// What it is when nothing was measured: `notBreaching`, `breaching`, `ignore` or `missing`. Source: PutMetricAlarm.
    pub missing: String,
    /// ARNs of the topics that are told when it goes off, and when all is well again.
    pub tells: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// Its region: that of the metric and of the topics.
    #[serde(skip)]
    pub region: PhantomData<R>,
}

/// The ARN of an alarm.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}")
}

fn arn_of<R: Region>(cloud: &Cloud, name: &str) -> String {
    arn(R::name(cloud), &cloud.target.account, name)
}

impl<R: Region> CloudwatchAlarm<R> {
    fn into_live(self) -> Live<Self> {
        Live { id: self.name.clone(), inputs: self, outputs: () }
    }

    /// Writes all of it. AWS takes the tags for a new one alone.
    async fn put(&self, cloud: &Cloud) -> Result<(), CloudError> {
        let mut body = self.watches.fields();
        for (field, value) in [
            ("AlarmName", json!(self.name)),
            ("AlarmDescription", json!(self.description)),
            ("ActionsEnabled", json!(true)),
            ("AlarmActions", json!(self.tells)),
            ("OKActions", json!(self.tells)),
            ("Threshold", json!(self.threshold)),
            ("ComparisonOperator", json!(COMPARES)),
            ("EvaluationPeriods", json!(self.periods)),
            ("TreatMissingData", json!(self.missing)),
            ("Tags", CLOUDWATCH.tags(&self.tags)),
        ] {
            body[field] = value;
        }
        ask::<R>(cloud, "PutMetricAlarm", &self.name, body).await.map(drop)
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        if (Self { tags: Tags::new(), ..live.clone() }) != (Self { tags: Tags::new(), ..self.clone() }) {
            self.put(cloud).await?;
        }
        let arn = arn_of::<R>(cloud, &self.name);
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        if !write.is_empty() {
            let body = json!({ "ResourceARN": arn, "Tags": CLOUDWATCH.tags(&write) });
            ask::<R>(cloud, "TagResource", &self.name, body).await?;
        }
        if !remove.is_empty() {
            ask::<R>(cloud, "UntagResource", &self.name, json!({ "ResourceARN": arn, "TagKeys": remove })).await?;
        }
        Ok(())
    }
}

impl<R: Region> Resource for CloudwatchAlarm<R> {
    const TYPE: &'static str = if R::IS_EDGE { "edge_cloudwatch_alarm" } else { "cloudwatch_alarm" };
    const PLACE: Place = R::PLACE;
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "cloudwatch:PutMetricAlarm.AlarmName"),
        ("description", "cloudwatch:PutMetricAlarm.AlarmDescription"),
        ("periods", "cloudwatch:PutMetricAlarm.EvaluationPeriods"),
    ];
    const ACTIONS: &'static [&'static str] = &[
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
    ];
    type Outputs = ();
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let names: Vec<_> = keys.iter().map(|key| key.inputs.name.as_str()).collect();
        let found = read::<R>(&cx.cloud, &names).await?;
        Ok(names.iter().map(|name| found.iter().find(|each| each.id == **name).cloned()).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let found = match live {
            Some(live) => Some(live.clone()),
            // Written blindly it would take the place of another's alarm of that name.
            None => match read::<R>(&cx.cloud, &[&self.name]).await?.pop() {
                Some(found) => {
                    Some(met("cloudwatch:PutMetricAlarm", &self.name, &self.tags, Some(found), |each| &each.tags)?)
                }
                None => None,
            },
        };
        match found {
            Some(found) => self.update(&cx.cloud, prior, &found.inputs).await?,
            None => self.put(&cx.cloud).await?,
        }
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let body = json!({ "AlarmNames": [live.id] });
        match ask::<R>(&cx.cloud, "DeleteAlarms", &live.id, body).await {
            Err(error) if !MISSING.contains(&error.code.as_str()) => Err(error),
            _ => Ok(()),
        }
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let names = listing::alarms::<R>(cx, owner).await?;
        read::<R>(&cx.cloud, &names.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}
