//! SES configuration sets: how mail of one sender is sent and watched.

use std::collections::BTreeSet;

use aws_sdk_sesv2::operation::get_configuration_set::GetConfigurationSetOutput;
use aws_sdk_sesv2::types::{
    DeliveryOptions, ReputationOptions, SendingOptions, SuppressionListReason, SuppressionOptions, TlsPolicy,
};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use super::ses_identity::{change_tags, sdk_tags};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, are_ours, own_tags, tag_changes, taken};

/// Code of "there is no such set".
const MISSING: &[&str] = &["NotFoundException"];
/// Code of a create that met another.
const EXISTS: &[&str] = &["AlreadyExistsException"];

/// A configuration set. Read budget: 1 call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesConfigurationSet {
    /// Its name: 1 to 64 of `A–Z a–z 0–9 - _`. Source: CreateConfigurationSet.
    pub name: String,
    /// Whether CloudWatch gets bounce and complaint rates. Source: PutConfigurationSetReputationOptions.
    pub reputation_metrics: bool,
    /// Whether mail may be sent. Source: PutConfigurationSetSendingOptions.
    pub sending: bool,
    /// What puts a recipient on the account's suppression list: `BOUNCE`, `COMPLAINT`. Source: PutConfigurationSetSuppressionOptions.
    pub suppress: BTreeSet<String>,
    /// Whether mail goes over TLS or not at all. Source: PutConfigurationSetDeliveryOptions, `TlsPolicy`.
    pub require_tls: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a configuration set is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesConfigurationSetOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of a configuration set.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:ses:{region}:{account}:configuration-set/{name}")
}

fn live(cloud: &Cloud, inputs: SesConfigurationSet) -> Live<SesConfigurationSet> {
    let arn = arn(&cloud.target.region, &cloud.target.account, &inputs.name);
    Live { id: inputs.name.clone(), inputs, outputs: SesConfigurationSetOutputs { arn } }
}

fn from_aws(name: &str, found: GetConfigurationSetOutput) -> SesConfigurationSet {
    let reasons = found.suppression_options.and_then(|each| each.suppressed_reasons).unwrap_or_default();
    SesConfigurationSet {
        name: name.to_owned(),
        reputation_metrics: found.reputation_options.is_some_and(|each| each.reputation_metrics_enabled),
        sending: found.sending_options.is_none_or(|each| each.sending_enabled),
        suppress: reasons.iter().map(|each| each.as_str().to_owned()).collect(),
        require_tls: found.delivery_options.and_then(|each| each.tls_policy) == Some(TlsPolicy::Require),
        tags: own_tags(found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))),
    }
}

async fn read(cloud: &Cloud, name: &str) -> Result<Option<Live<SesConfigurationSet>>, CloudError> {
    let request = cloud.ses().get_configuration_set().configuration_set_name(name);
    let found = cloud.find("ses:GetConfigurationSet", name, MISSING, request.send()).await?;
    Ok(found.map(|found| live(cloud, from_aws(name, found))))
}

impl SesConfigurationSet {
    fn tls_policy(&self) -> TlsPolicy {
        if self.require_tls { TlsPolicy::Require } else { TlsPolicy::Optional }
    }

    fn reasons(&self) -> Vec<SuppressionListReason> {
        self.suppress.iter().map(|each| SuppressionListReason::from(each.as_str())).collect()
    }

    /// Creates it. `false`: there is one.
    async fn create(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let request = cloud
            .ses()
            .create_configuration_set()
            .configuration_set_name(&self.name)
            .reputation_options(
                ReputationOptions::builder().reputation_metrics_enabled(self.reputation_metrics).build(),
            )
            .sending_options(SendingOptions::builder().sending_enabled(self.sending).build())
            .suppression_options(SuppressionOptions::builder().set_suppressed_reasons(Some(self.reasons())).build())
            .delivery_options(DeliveryOptions::builder().tls_policy(self.tls_policy()).build())
            .set_tags(Some(sdk_tags(&self.tags)));
        Ok(cloud.find("ses:CreateConfigurationSet", &self.name, EXISTS, request.send()).await?.is_some())
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, found: &Live<Self>) -> Result<(), CloudError> {
        let (ses, name, is) = (cloud.ses(), &self.name, &found.inputs);
        if self.reputation_metrics != is.reputation_metrics {
            let request = ses
                .put_configuration_set_reputation_options()
                .configuration_set_name(name)
                .reputation_metrics_enabled(self.reputation_metrics);
            cloud.call("ses:PutConfigurationSetReputationOptions", name, request.send()).await?;
        }
        if self.sending != is.sending {
            let request =
                ses.put_configuration_set_sending_options().configuration_set_name(name).sending_enabled(self.sending);
            cloud.call("ses:PutConfigurationSetSendingOptions", name, request.send()).await?;
        }
        if self.suppress != is.suppress {
            let request = ses
                .put_configuration_set_suppression_options()
                .configuration_set_name(name)
                .set_suppressed_reasons(Some(self.reasons()));
            cloud.call("ses:PutConfigurationSetSuppressionOptions", name, request.send()).await?;
        }
        if self.require_tls != is.require_tls {
            let request =
                ses.put_configuration_set_delivery_options().configuration_set_name(name).tls_policy(self.tls_policy());
            cloud.call("ses:PutConfigurationSetDeliveryOptions", name, request.send()).await?;
        }
        change_tags(cloud, &found.outputs.arn, tag_changes(&self.tags, prior.map(|each| &each.tags), &is.tags)).await
    }
}

impl Resource for SesConfigurationSet {
    const TYPE: &'static str = "ses_configuration_set";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] =
        &[("name", "sesv2:CreateConfigurationSet.ConfigurationSetName")];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "ses:CreateConfigurationSet",
        "ses:DeleteConfigurationSet",
        "ses:GetConfigurationSet",
        "ses:PutConfigurationSetDeliveryOptions",
        "ses:PutConfigurationSetReputationOptions",
        "ses:PutConfigurationSetSendingOptions",
        "ses:PutConfigurationSetSuppressionOptions",
        "ses:TagResource",
        "ses:UntagResource",
    ];
    type Outputs = SesConfigurationSetOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(&cx.cloud, &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        found: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        if let Some(found) = found {
            self.update(cloud, prior, found).await?;
        } else if !self.create(cloud).await? {
            let gone = || {
                CloudError::not_yet(
                    "ses:CreateConfigurationSet",
                    &self.name,
                    "the configuration set is still being deleted",
                )
            };
            let found = read(cloud, &self.name).await?.ok_or_else(gone)?;
            if !are_ours(&self.tags, &found.inputs.tags) {
                return Err(taken("ses:CreateConfigurationSet", &self.name));
            }
            self.update(cloud, prior, &found).await?;
        }
        Ok(live(cloud, self.clone()))
    }

    async fn delete(cx: &Cx<Cloud>, found: &Live<Self>) -> Result<(), CloudError> {
        let name = &found.inputs.name;
        cx.cloud
            .find(
                "ses:DeleteConfigurationSet",
                name,
                MISSING,
                cx.cloud.ses().delete_configuration_set().configuration_set_name(name).send(),
            )
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(
            listing::configuration_sets(cx, owner).await?,
            |name| async move { read(&cx.cloud, &name).await },
        )
        .await
    }
}
