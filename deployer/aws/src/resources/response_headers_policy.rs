//! Response headers policies: headers that CloudFront adds to every answer.

mod headers;

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{ResponseHeadersPolicyConfig, ResponseHeadersPolicyType};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};
use serde::{Deserialize, Serialize};

use super::cloudfront::{cut_answer, unusable};
use super::meanwhile::still_due;
use crate::Cloud;
use crate::listing;
use crate::naming::{Tags, are_ours, taken};

/// The code of "there is no such thing".
const MISSING: &str = "NoSuchResponseHeadersPolicy";

/// A response headers policy. Its name is its identity.
///
/// Read budget: 1 call for all of an account (a call per 100).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseHeadersPolicy {
    /// Its name: 1 to 128 of `A–Z a–z 0–9 - _`, unique in the account. Source: CreateResponseHeadersPolicy.
    pub name: String,
    /// The headers by lower-case name, each as browsers get it. The security headers become CloudFront's
    /// own fields, all others its custom headers.
    pub headers: BTreeMap<String, String>,
    /// Whether they replace headers of the same name that the origin sends.
    pub override_origin: bool,
    /// Whose it is, kept in its comment: see [`crate::claim`].
    #[serde(default)]
    pub tags: Tags,
}

/// What CloudFront mints for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseHeadersPolicyOutputs {
    /// Its id.
    pub id: String,
}

async fn list(cx: &Cx<Cloud>) -> Result<Vec<Live<ResponseHeadersPolicy>>, CloudError> {
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let request = cx
            .cloud
            .cloudfront()
            .list_response_headers_policies()
            .r#type(ResponseHeadersPolicyType::Custom)
            .set_marker(marker);
        let answer = cx.cloud.call("cloudfront:ListResponseHeadersPolicies", "", request.send()).await?;
        let Some(page) = answer.response_headers_policy_list else { return Ok(found) };
        let policies = page.items.unwrap_or_default().into_iter().filter_map(|each| each.response_headers_policy);
        found.extend(policies.filter_map(|each| {
            let inputs = headers::read(each.response_headers_policy_config?);
            Some(Live { id: each.id.clone(), inputs, outputs: ResponseHeadersPolicyOutputs { id: each.id } })
        }));
        marker = page.next_marker.filter(|next| !next.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

impl ResponseHeadersPolicy {
    async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:CreateResponseHeadersPolicy";
        let empty =
            ResponseHeadersPolicyConfig::builder().name(&self.name).build().map_err(|error| unusable(&error))?;
        let request = cx
            .cloud
            .cloudfront()
            .create_response_headers_policy()
            .response_headers_policy_config(headers::write(self, empty)?);
        let id = match cx
            .cloud
            .find(OPERATION, &self.name, &["ResponseHeadersPolicyAlreadyExists"], request.send())
            .await?
        {
            Some(created) => created.response_headers_policy.ok_or_else(|| cut_answer(OPERATION, &self.name))?.id,
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
        Ok(Live { inputs: self.clone(), outputs: ResponseHeadersPolicyOutputs { id: id.clone() }, id })
    }

    /// What others set in it, such as CORS, stays.
    async fn update(&self, cx: &Cx<Cloud>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:GetResponseHeadersPolicy";
        const WRITE: &str = "cloudfront:UpdateResponseHeadersPolicy";
        if live.inputs != *self {
            let found = cx
                .cloud
                .call(OPERATION, &live.id, cx.cloud.cloudfront().get_response_headers_policy().id(&live.id).send())
                .await?;
            let config = found
                .response_headers_policy
                .and_then(|each| each.response_headers_policy_config)
                .ok_or_else(|| cut_answer(OPERATION, &live.id))?;
            if !still_due(WRITE, &live.id, self, &live.inputs, &headers::read(config.clone()))? {
                return Ok(self.made(&live.id));
            }
            let request = cx
                .cloud
                .cloudfront()
                .update_response_headers_policy()
                .id(&live.id)
                .set_if_match(found.e_tag)
                .response_headers_policy_config(headers::write(self, config)?);
            cx.cloud.call(WRITE, &live.id, request.send()).await?;
        }
        Ok(self.made(&live.id))
    }

    fn made(&self, id: &str) -> Live<Self> {
        Live { id: id.to_owned(), inputs: self.clone(), outputs: ResponseHeadersPolicyOutputs { id: id.to_owned() } }
    }
}

impl Resource for ResponseHeadersPolicy {
    const TYPE: &'static str = "response_headers_policy";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::Global;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] =
        &[("name", "cloudfront:CreateResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name")];
    const STABLE: &'static [&'static str] = &["id"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:ListResponseHeadersPolicies",
        "cloudfront:GetResponseHeadersPolicy",
        "cloudfront:CreateResponseHeadersPolicy",
        "cloudfront:UpdateResponseHeadersPolicy",
        "cloudfront:DeleteResponseHeadersPolicy",
    ];
    type Outputs = ResponseHeadersPolicyOutputs;
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
            .find(
                "cloudfront:GetResponseHeadersPolicy",
                &live.id,
                &[MISSING],
                cloudfront.get_response_headers_policy().id(&live.id).send(),
            )
            .await?
        else {
            return Ok(());
        };
        let request = cloudfront.delete_response_headers_policy().id(&live.id).set_if_match(found.e_tag);
        cx.cloud.find("cloudfront:DeleteResponseHeadersPolicy", &live.id, &[MISSING], request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let prefix = listing::prefix(owner);
        Ok(list(cx).await?.into_iter().filter(|live| live.inputs.name.starts_with(&prefix)).collect())
    }
}
