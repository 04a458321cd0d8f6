//! Cache policies: how long the edge keeps answers.

mod form;

use aws_sdk_cloudfront::types::CachePolicyType;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};
use serde::{Deserialize, Serialize};

use self::form::live_of;
use super::cloudfront::cut_answer;
use super::meanwhile::still_due;
use crate::Cloud;
use crate::listing;
use crate::naming::{Tags, are_ours, taken};

/// The code of "there is no such thing".
const MISSING: &str = "NoSuchCachePolicy";

/// A cache policy whose key is the path and the query string. Its name is its identity.
///
/// Cookies and headers are neither in the key nor forwarded: an answer that is kept for everybody
/// cannot depend on who asked.
///
/// Read budget: 1 call for all of an account (a call per 100).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachePolicy {
    /// Its name: 1 to 128 characters, unique in the account. Source: CreateCachePolicy.
    pub name: String,
    /// Seconds an answer is kept at least, whatever it says itself.
    pub min_seconds: i64,
    /// Seconds an answer is kept that says nothing itself.
    pub default_seconds: i64,
    /// Seconds an answer is kept at most.
    pub max_seconds: i64,
    /// What else the key holds, such as `query: all`; see [`key`].
    pub key: String,
    /// Whose it is, kept in its comment: see [`crate::claim`].
    #[serde(default)]
    pub tags: Tags,
}

/// What CloudFront mints for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachePolicyOutputs {
    /// Its id.
    pub id: String,
}

/// The key of every policy of ours.
pub const KEY: &str = "cookies: none, headers: none, query: all";

async fn list(cx: &Cx<Cloud>) -> Result<Vec<Live<CachePolicy>>, CloudError> {
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let request = cx.cloud.cloudfront().list_cache_policies().r#type(CachePolicyType::Custom).set_marker(marker);
        let answer = cx.cloud.call("cloudfront:ListCachePolicies", "", request.send()).await?;
        let Some(page) = answer.cache_policy_list else { return Ok(found) };
        let policies = page.items.unwrap_or_default().into_iter().filter_map(|each| each.cache_policy);
        found.extend(policies.filter_map(|each| Some(live_of(each.id, each.cache_policy_config?))));
        marker = page.next_marker.filter(|next| !next.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

impl CachePolicy {
    async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:CreateCachePolicy";
        let request = cx.cloud.cloudfront().create_cache_policy().cache_policy_config(self.config()?);
        let id = match cx.cloud.find(OPERATION, &self.name, &["CachePolicyAlreadyExists"], request.send()).await? {
            Some(created) => created.cache_policy.ok_or_else(|| cut_answer(OPERATION, &self.name))?.id,
            None => {
                let found = list(cx).await?.into_iter().find(|each| each.inputs.name == self.name);
                let found = found.ok_or_else(|| {
                    CloudError::not_yet(OPERATION, &self.name, "it exists, and CloudFront does not list it yet")
                })?;
                if !are_ours(&self.tags, &found.inputs.tags) {
                    return Err(taken(OPERATION, &self.name));
                }
                return self.update(cx, &found).await;
            }
        };
        Ok(Live { inputs: self.clone(), outputs: CachePolicyOutputs { id: id.clone() }, id })
    }

    async fn update(&self, cx: &Cx<Cloud>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:GetCachePolicy";
        const WRITE: &str = "cloudfront:UpdateCachePolicy";
        let made = || Live { id: live.id.clone(), inputs: self.clone(), outputs: live.outputs.clone() };
        if live.inputs != *self {
            let look = cx.cloud.cloudfront().get_cache_policy().id(&live.id).send();
            let found = cx.cloud.call(OPERATION, &live.id, look).await?;
            let config = found.cache_policy.and_then(|each| each.cache_policy_config);
            let now = live_of(live.id.clone(), config.ok_or_else(|| cut_answer(OPERATION, &live.id))?);
            if !still_due(WRITE, &live.id, self, &live.inputs, &now.inputs)? {
                return Ok(made());
            }
            let request = cx
                .cloud
                .cloudfront()
                .update_cache_policy()
                .id(&live.id)
                .set_if_match(found.e_tag)
                .cache_policy_config(self.config()?);
            cx.cloud.call(WRITE, &live.id, request.send()).await?;
        }
        Ok(made())
    }
}

impl Resource for CachePolicy {
    const TYPE: &'static str = "cache_policy";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::Global;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] =
        &[("name", "cloudfront:CreateCachePolicy.CachePolicyConfig.Name")];
    const STABLE: &'static [&'static str] = &["id"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:ListCachePolicies",
        "cloudfront:GetCachePolicy",
        "cloudfront:CreateCachePolicy",
        "cloudfront:UpdateCachePolicy",
        "cloudfront:DeleteCachePolicy",
    ];
    type Outputs = CachePolicyOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let found = list(cx).await?;
        let is = |key: &Key<Self>, each: &Live<Self>| {
            key.id.as_ref().map_or(each.inputs.name == key.inputs.name, |id| each.id == *id)
        };
        Ok(keys.iter().map(|key| found.iter().find(|each| is(key, each)).cloned()).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(cx, live).await,
            None => self.create(cx).await,
        }
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloudfront = cx.cloud.cloudfront();
        let Some(found) = cx
            .cloud
            .find("cloudfront:GetCachePolicy", &live.id, &[MISSING], cloudfront.get_cache_policy().id(&live.id).send())
            .await?
        else {
            return Ok(());
        };
        let request = cloudfront.delete_cache_policy().id(&live.id).set_if_match(found.e_tag);
        cx.cloud.find("cloudfront:DeleteCachePolicy", &live.id, &[MISSING], request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let prefix = listing::prefix(owner);
        Ok(list(cx).await?.into_iter().filter(|live| live.inputs.name.starts_with(&prefix)).collect())
    }
}
