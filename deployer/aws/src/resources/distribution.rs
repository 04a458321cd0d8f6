//! CloudFront distributions: the front door.

mod form;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::time::Duration;

use aws_sdk_cloudfront::types::{Distribution as Found, DistributionConfig, DistributionConfigWithTags};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Place, Resource};
use deployer_engine::secret::SecretRef;
use zeroize::Zeroize as _;

pub use self::form::{Behavior, Distribution, DistributionOutputs, ErrorRule, GENERATION_HEADER, Origin, Protocol, SECRET_HEADER};
use super::cloudfront::{arn, cut_answer, look_again, read_tags, sdk_tags, unusable, write_tags};
use crate::Cloud;
use crate::client::all_of;
use crate::naming::{are_ours, taken};
use crate::wait;

/// The code of "there is no such thing".
const MISSING: &str = "NoSuchDistribution";
/// How long every edge may take to learn that a distribution is disabled: minutes, seldom more than ten.
const DISABLE_LIMIT: Duration = Duration::from_secs(20 * 60);
/// How long a distribution that exists may be missing from a listing.
const LISTING_LIMIT: Duration = Duration::from_secs(10);
/// How many creations of one name CloudFront may remember from before they were deleted.
const MAX_REFERENCES: u32 = 20;

async fn get(cx: &Cx<Cloud>, id: &str) -> Result<Option<(Found, Option<String>)>, CloudError> {
    const OPERATION: &str = "cloudfront:GetDistribution";
    let answer = cx.cloud.find(OPERATION, id, &[MISSING], cx.cloud.cloudfront().get_distribution().id(id).send()).await?;
    answer.map(|answer| Ok((answer.distribution.ok_or_else(|| cut_answer(OPERATION, id))?, answer.e_tag))).transpose()
}

/// The id of the distribution of that comment.
async fn id_by_name(cx: &Cx<Cloud>, name: &str) -> Result<Option<String>, CloudError> {
    let mut marker = None;
    loop {
        let answer = cx.cloud.call("cloudfront:ListDistributions", name, cx.cloud.cloudfront().list_distributions().set_marker(marker).send()).await?;
        let Some(page) = answer.distribution_list else { return Ok(None) };
        let found = page.items.unwrap_or_default().into_iter().find(|each| each.comment == name);
        marker = page.next_marker.filter(|next| page.is_truncated && !next.is_empty());
        if found.is_some() || marker.is_none() {
            return Ok(found.map(|each| each.id));
        }
    }
}

async fn read(cx: &Cx<Cloud>, key: &Key<Distribution>) -> Result<Option<Live<Distribution>>, CloudError> {
    let id = match &key.id {
        Some(id) => id.clone(),
        None => match id_by_name(cx, &key.inputs.name).await? {
            Some(id) => id,
            None => return Ok(None),
        },
    };
    read_by_id(cx, &id, &key.inputs).await
}

async fn read_by_id(cx: &Cx<Cloud>, id: &str, known: &Distribution) -> Result<Option<Live<Distribution>>, CloudError> {
    let arn = arn(cx, "distribution", id);
    let (found, tags) = futures::try_join!(get(cx, id), read_tags(cx, &arn))?;
    let (Some((found, _)), Some(tags)) = (found, tags) else { return Ok(None) };
    let outputs = outputs(cx, &found);
    let config = found.distribution_config.ok_or_else(|| cut_answer("cloudfront:GetDistribution", id))?;
    Ok(Some(Live { id: id.to_owned(), inputs: read::form(config, tags, known), outputs }))
}

fn outputs(cx: &Cx<Cloud>, found: &Found) -> DistributionOutputs {
    let url = url(&found.domain_name, cx.cloud.target.edge.as_deref());
    DistributionOutputs { id: found.id.clone(), arn: found.arn.clone(), domain: found.domain_name.clone(), url }
}

/// Where a browser reaches a domain of CloudFront: on the local AWS through a door of its own, `edge`.
fn url(domain: &str, edge: Option<&str>) -> String {
    let label = domain.split('.').next().unwrap_or_default();
    match edge.map(|edge| edge.trim_end_matches('/').rsplit_once(':').map_or("80", |(_, port)| port)) {
        Some(port) => format!("http://{label}.cloudfront.localhost:{port}"),
        None => format!("https://{domain}"),
    }
}

impl Distribution {
    /// The whole configuration with the values of its secrets.
    async fn config(&self, cx: &Cx<Cloud>, prior: Option<&Self>, base: DistributionConfig) -> Result<DistributionConfig, CloudError> {
        let mut secrets = write::Secrets::new();
        for (id, secret) in self.origins.iter().filter_map(|each| Some((&each.id, each.secret.as_ref()?))) {
            secrets.insert(id.clone(), secret_value(cx, secret).await?);
        }
        let config = write::config(self, prior, base, &secrets).map_err(|error| unusable(&error));
        secrets.values_mut().for_each(|value| value.zeroize());
        config
    }

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:CreateDistributionWithTags";
        for attempt in 1..=MAX_REFERENCES {
            let base = write::empty(&caller_reference(&self.name, attempt)).map_err(|error| unusable(&error))?;
            let with_tags = DistributionConfigWithTags::builder().distribution_config(self.config(cx, None, base).await?).tags(sdk_tags(&self.tags)).build();
            let request = cx.cloud.cloudfront().create_distribution_with_tags().distribution_config_with_tags(with_tags);
            match cx.cloud.call(OPERATION, &self.name, request.send()).await {
                Ok(created) => {
                    let found = created.distribution.ok_or_else(|| cut_answer(OPERATION, &self.name))?;
                    return self.after_create(cx, &found).await;
                }
                Err(error) if error.code == "DistributionAlreadyExists" => {}
                Err(error) => return Err(not_ready(error)),
            }
            // An earlier attempt of ours made it, or one of this name was deleted and CloudFront remembers it.
            if let Some(id) = wait::until(cx, "CloudFront to list the distribution", LISTING_LIMIT, || async { id_by_name(cx, &self.name).await.map(|id| id.map(Some)) }).await.or_else(none_listed)? {
                let live = read_by_id(cx, &id, self).await?.filter(|live| are_ours(&self.tags, &live.inputs.tags)).ok_or_else(|| taken(OPERATION, &self.name))?;
                return self.update(cx, None, &live).await;
            }
        }
        Err(CloudError::inputs(&self.name, "CloudFront remembers too many deleted distributions of this name: declare it under another"))
    }

    /// A creation that meets itself gets the earlier answer, which may be of other inputs.
    async fn after_create(&self, cx: &Cx<Cloud>, found: &Found) -> Result<Live<Self>, CloudError> {
        let is_as_wanted = found.distribution_config.clone().is_some_and(|config| read::form(config, self.tags.clone(), self) == *self);
        if is_as_wanted {
            return Ok(Live { id: found.id.clone(), inputs: self.clone(), outputs: outputs(cx, found) });
        }
        let live = read_by_id(cx, &found.id, self).await?.ok_or_else(|| cut_answer("cloudfront:CreateDistributionWithTags", &self.name))?;
        self.update(cx, None, &live).await
    }

    async fn update(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:GetDistributionConfig";
        if !self.is_set(prior, &live.inputs) {
            let found = cx.cloud.call(OPERATION, &live.id, cx.cloud.cloudfront().get_distribution_config().id(&live.id).send()).await?;
            let base = found.distribution_config.ok_or_else(|| cut_answer(OPERATION, &live.id))?;
            let request = cx.cloud.cloudfront().update_distribution().id(&live.id).set_if_match(found.e_tag).distribution_config(self.config(cx, prior, base).await?);
            cx.cloud.call("cloudfront:UpdateDistribution", &live.id, request.send()).await.map_err(look_again).map_err(not_ready)?;
        }
        write_tags(cx, &live.outputs.arn, &self.tags, prior.map(|each| &each.tags), &live.inputs.tags).await?;
        Ok(Live { id: live.id.clone(), inputs: self.clone(), outputs: live.outputs.clone() })
    }

    /// Whether all that is managed lives already; what `prior` set and `self` does not must be gone.
    fn is_set(&self, prior: Option<&Self>, live: &Self) -> bool {
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
            && optional(self.root_page.as_ref(), prior.and_then(|each| each.root_page.as_ref()), live.root_page.as_ref())
            && optional(self.web_acl_arn.as_ref(), prior.and_then(|each| each.web_acl_arn.as_ref()), live.web_acl_arn.as_ref())
            && optional(self.price_class.as_ref(), None, live.price_class.as_ref())
            && optional(self.http_version.as_ref(), None, live.http_version.as_ref())
            && optional(self.ipv6.as_ref(), None, live.ipv6.as_ref())
    }
}

/// A text that is the same for each attempt to create the distribution of that name.
fn caller_reference(name: &str, attempt: u32) -> String {
    if attempt == 1 { format!("deployer/{name}") } else { format!("deployer/{name}/{attempt}") }
}

/// Waiting for the listing in vain means that there is none.
fn none_listed(error: CloudError) -> Result<Option<String>, CloudError> {
    if error.class == ErrorClass::NotYet { Ok(None) } else { Err(error) }
}

/// What was made a moment ago may not be known at every corner of CloudFront.
fn not_ready(error: CloudError) -> CloudError {
    let new_companion = matches!(error.code.as_str(), "InvalidWebACLId" | "InvalidFunctionAssociation" | "NoSuchOriginAccessControl" | "InvalidOriginAccessControl" | "NoSuchResponseHeadersPolicy" | "NoSuchCachePolicy");
    if new_companion { CloudError { class: ErrorClass::NotYet, ..error } } else { error }
}

/// The value of a secret in its generation.
async fn secret_value(cx: &Cx<Cloud>, secret: &SecretRef) -> Result<String, CloudError> {
    let name = format!("{}:{}", secret.name, secret.generation);
    let answer = cx.cloud.call("ssm:GetParameter", &secret.name, cx.cloud.ssm().get_parameter().name(name).with_decryption(true).send()).await?;
    answer.parameter.and_then(|each| each.value).ok_or_else(|| cut_answer("ssm:GetParameter", &secret.name))
}

impl Resource for Distribution {
    const TYPE: &'static str = "distribution";
    const IDENTITY: Identity = Identity::Token;
    const PLACE: Place = Place::Global;
    const TAGGED: bool = true;
    const STABLE: &'static [&'static str] = &["id", "arn", "domain", "url"];
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:ListDistributions",
        "cloudfront:GetDistribution",
        "cloudfront:ListTagsForResource",
        "cloudfront:CreateDistribution",
        "cloudfront:UpdateDistribution",
        "cloudfront:TagResource",
        "cloudfront:UntagResource",
        "cloudfront:DeleteDistribution",
        "ssm:GetParameter",
    ];
    type Outputs = DistributionOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, key)).collect()).await
    }

    async fn reconcile(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: Option<&Live<Self>>) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(cx, prior, live).await,
            None => self.create(cx).await,
        }
    }

    /// Disables it, waits until every edge knows, then deletes it.
    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloudfront = cx.cloud.cloudfront();
        let Some((mut found, mut version)) = get(cx, &live.id).await? else { return Ok(()) };
        if let Some(mut config) = found.distribution_config.take().filter(|config| config.enabled) {
            config.enabled = false;
            let request = cloudfront.update_distribution().id(&live.id).set_if_match(version).distribution_config(config);
            let disabled = cx.cloud.call("cloudfront:UpdateDistribution", &live.id, request.send()).await.map_err(look_again)?;
            version = disabled.e_tag;
            found = disabled.distribution.ok_or_else(|| cut_answer("cloudfront:UpdateDistribution", &live.id))?;
        }
        if found.status != "Deployed" {
            let settled = || async {
                let Some((found, version)) = get(cx, &live.id).await? else { return Ok(Some(None)) };
                Ok((found.status == "Deployed").then_some(Some(version)))
            };
            match wait::until(cx, "every edge to learn that it is disabled", DISABLE_LIMIT, settled).await? {
                Some(newer) => version = newer,
                None => return Ok(()),
            }
        }
        let request = cloudfront.delete_distribution().id(&live.id).set_if_match(version);
        cx.cloud.find("cloudfront:DeleteDistribution", &live.id, &[MISSING], request.send()).await.map(drop).map_err(look_again)
    }
}
