//! Making distributions, and making them as wanted.

use std::time::Duration;

use aws_sdk_cloudfront::types::{Distribution as Found, DistributionConfig, DistributionConfigWithTags};
use deployer_engine::resource::{CloudError, Cx, Live};
use deployer_engine::secret::SecretRef;
use zeroize::Zeroize as _;

use super::super::cloudfront::{cut_answer, sdk_tags, unusable, write_tags};
use super::super::meanwhile::unchanged;
use super::find::{id_by_name, outputs, read_by_id};
use super::form::Distribution;
use super::{read, write};
use crate::Cloud;
use crate::naming::met;
use crate::wait;

/// How long a distribution that exists may be missing from a listing.
const LISTING_LIMIT: Duration = Duration::from_secs(10);
/// How many creations of one name CloudFront may remember from before they were deleted.
const MAX_REFERENCES: u32 = 20;

impl Distribution {
    /// The whole configuration with the values of its secrets.
    async fn config(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        base: DistributionConfig,
    ) -> Result<DistributionConfig, CloudError> {
        let mut secrets = write::Secrets::new();
        for (id, secret) in self.origins.iter().filter_map(|each| Some((&each.id, each.secret.as_ref()?))) {
            secrets.insert(id.clone(), secret_value(cx, secret).await?);
        }
        let config = write::config(self, prior, base, &secrets).map_err(|error| unusable(&error));
        secrets.values_mut().for_each(|value| value.zeroize());
        config
    }

    /// Makes it; one of its name that is ours already becomes as wanted.
    pub(super) async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:CreateDistributionWithTags";
        for attempt in 1..=MAX_REFERENCES {
            let base = write::empty(&caller_reference(&self.name, attempt)).map_err(|error| unusable(&error))?;
            let with_tags = DistributionConfigWithTags::builder()
                .distribution_config(self.config(cx, None, base).await?)
                .tags(sdk_tags(&self.tags))
                .build();
            let request =
                cx.cloud.cloudfront().create_distribution_with_tags().distribution_config_with_tags(with_tags);
            match cx.cloud.call(OPERATION, &self.name, request.send()).await {
                Ok(created) => {
                    let found = created.distribution.ok_or_else(|| cut_answer(OPERATION, &self.name))?;
                    return self.after_create(cx, &found).await;
                }
                Err(error) if error.code == "DistributionAlreadyExists" => {}
                Err(error) => return Err(error),
            }
            // An earlier attempt of ours made it, or one of this name was deleted and CloudFront remembers it.
            if let Some(id) = self.listed(cx).await? {
                let found = read_by_id(cx, &id, self).await?;
                let live = met(OPERATION, &self.name, &self.tags, found, |each| &each.tags)?;
                return self.update(cx, None, &live).await;
            }
        }
        Err(CloudError::inputs(
            &self.name,
            "CloudFront remembers too many deleted distributions of this name: declare it under another",
        ))
    }

    /// The id of the one that exists by CloudFront's own word; `None`: it waits in vain for it to be listed.
    async fn listed(&self, cx: &Cx<Cloud>) -> Result<Option<String>, CloudError> {
        let look = || async { id_by_name(cx, &self.name).await };
        match wait::until(cx, "CloudFront to list the distribution", LISTING_LIMIT, look).await {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.code == wait::TOO_LONG => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A creation that meets itself gets the earlier answer, which may be of other inputs.
    async fn after_create(&self, cx: &Cx<Cloud>, found: &Found) -> Result<Live<Self>, CloudError> {
        let is_as_wanted = found
            .distribution_config
            .clone()
            .is_some_and(|config| read::form(config, self.tags.clone(), self) == *self);
        if is_as_wanted {
            return Ok(Live { id: found.id.clone(), inputs: self.clone(), outputs: outputs(cx, found) });
        }
        let live = read_by_id(cx, &found.id, self)
            .await?
            .ok_or_else(|| cut_answer("cloudfront:CreateDistributionWithTags", &self.name))?;
        self.update(cx, None, &live).await
    }

    /// Changes what differs.
    pub(super) async fn update(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: &Live<Self>,
    ) -> Result<Live<Self>, CloudError> {
        if !self.is_set(prior, &live.inputs) {
            self.put(cx, prior, live).await?;
        }
        write_tags(cx, &live.outputs.arn, &self.tags, prior.map(|each| &each.tags), &live.inputs.tags).await?;
        Ok(Live { id: live.id.clone(), inputs: self.clone(), outputs: live.outputs.clone() })
    }

    /// Writes the configuration, looking at its newest version first: somebody may have changed it, or
    /// an attempt before this one made it so already.
    async fn put(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Live<Self>) -> Result<(), CloudError> {
        const OPERATION: &str = "cloudfront:UpdateDistribution";
        let (cloudfront, id) = (cx.cloud.cloudfront(), &live.id);
        let look = cloudfront.get_distribution_config().id(id).send();
        let found = cx.cloud.call("cloudfront:GetDistributionConfig", id, look).await?;
        let base = found.distribution_config.ok_or_else(|| cut_answer("cloudfront:GetDistributionConfig", id))?;
        let now = read::form(base.clone(), live.inputs.tags.clone(), self);
        if self.is_set(prior, &now) {
            return Ok(());
        }
        unchanged(OPERATION, id, &live.inputs, &read::form(base.clone(), live.inputs.tags.clone(), &live.inputs))?;
        let config = self.config(cx, prior, base).await?;
        let request = cloudfront.update_distribution().id(id).set_if_match(found.e_tag).distribution_config(config);
        cx.cloud.call(OPERATION, id, request.send()).await.map(drop)
    }

    /// Whether all that is managed lives already; what `prior` set and `self` does not must be gone.
    pub(super) fn is_set(&self, prior: Option<&Self>, live: &Self) -> bool {
        fn optional<T: PartialEq>(wanted: Option<&T>, prior: Option<&T>, live: Option<&T>) -> bool {
            match (wanted, prior) {
                (Some(_), _) => wanted == live,
                (None, Some(_)) => live.is_none(),
                (None, None) => true,
            }
        }
        let fixed = (&self.name, self.enabled, &self.origins, &self.default_behavior, &self.behaviors, &self.errors);
        let as_live = (&live.name, live.enabled, &live.origins, &live.default_behavior, &live.behaviors, &live.errors);
        fixed == as_live
            && optional(
                self.root_page.as_ref(),
                prior.and_then(|each| each.root_page.as_ref()),
                live.root_page.as_ref(),
            )
            && optional(self.own.as_ref(), prior.and_then(|each| each.own.as_ref()), live.own.as_ref())
            && optional(
                self.web_acl_arn.as_ref(),
                prior.and_then(|each| each.web_acl_arn.as_ref()),
                live.web_acl_arn.as_ref(),
            )
            && optional(self.price_class.as_ref(), None, live.price_class.as_ref())
            && optional(self.http_version.as_ref(), None, live.http_version.as_ref())
            && optional(self.ipv6.as_ref(), None, live.ipv6.as_ref())
    }
}

/// A text that is the same for each attempt to create the distribution of that name.
fn caller_reference(name: &str, attempt: u32) -> String {
    if attempt == 1 { format!("deployer/{name}") } else { format!("deployer/{name}/{attempt}") }
}

/// The value of a secret in its generation.
async fn secret_value(cx: &Cx<Cloud>, secret: &SecretRef) -> Result<String, CloudError> {
    let name = format!("{}:{}", secret.name, secret.generation);
    let answer = cx
        .cloud
        .call("ssm:GetParameter", &secret.name, cx.cloud.ssm().get_parameter().name(name).with_decryption(true).send())
        .await?;
    answer.parameter.and_then(|each| each.value).ok_or_else(|| cut_answer("ssm:GetParameter", &secret.name))
}
