//! CloudFront distributions: the front door.

mod find;
mod form;
mod make;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::time::Duration;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};

use self::find::{MISSING, get};
pub use self::form::{
    Behavior, Distribution, DistributionOutputs, ErrorRule, GENERATION_HEADER, Origin, Own, Protocol, SECRET_HEADER,
};
use super::cloudfront::cut_answer;
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::wait;

/// The status of a distribution that every edge has as it is.
const DEPLOYED: &str = "Deployed";
/// How long every edge may take to learn that a distribution is disabled: minutes, seldom more than ten.
const DISABLE_LIMIT: Duration = Duration::from_secs(20 * 60);

impl Resource for Distribution {
    const TYPE: &'static str = "distribution";
    const IDENTITY: Identity = Identity::Token;
    const PLACE: Place = Place::Global;
    const TAGGED: bool = true;
    const STABLE: &'static [&'static str] = &["id", "arn", "domain", "url"];
    const SPREAD: Spread = Spread::Slowly;
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:ListDistributions",
        "cloudfront:GetDistribution",
        "cloudfront:GetDistributionConfig",
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
        all_of(keys.iter().map(|key| find::read(cx, key)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(cx, prior, live).await,
            None => self.create(cx).await,
        }
    }

    async fn is_spread(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<bool, CloudError> {
        Ok(get(cx, &live.id).await?.is_none_or(|(found, _)| found.status == DEPLOYED))
    }

    /// Disables it, waits until every edge knows, then deletes it.
    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloudfront = cx.cloud.cloudfront();
        let Some((mut found, mut version)) = get(cx, &live.id).await? else { return Ok(()) };
        if let Some(mut config) = found.distribution_config.take().filter(|config| config.enabled) {
            config.enabled = false;
            let request =
                cloudfront.update_distribution().id(&live.id).set_if_match(version).distribution_config(config);
            let disabled = cx.cloud.call("cloudfront:UpdateDistribution", &live.id, request.send()).await?;
            version = disabled.e_tag;
            found = disabled.distribution.ok_or_else(|| cut_answer("cloudfront:UpdateDistribution", &live.id))?;
        }
        if found.status != DEPLOYED {
            let settled = || async {
                let Some((found, version)) = get(cx, &live.id).await? else { return Ok(Some(None)) };
                Ok((found.status == DEPLOYED).then_some(Some(version)))
            };
            match wait::until(cx, "every edge to learn that it is disabled", DISABLE_LIMIT, settled).await? {
                Some(newer) => version = newer,
                None => return Ok(()),
            }
        }
        let request = cloudfront.delete_distribution().id(&live.id).set_if_match(version);
        cx.cloud.find("cloudfront:DeleteDistribution", &live.id, &[MISSING], request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let unknown = Self::default();
        listing::read_each(listing::distributions(cx, owner).await?, |id| async {
            let id = id;
            find::read_by_id(cx, &id, &unknown).await
        })
        .await
    }
}
