//! Origin access controls: how a distribution signs what it asks of an origin.

use aws_sdk_cloudfront::types::{
    OriginAccessControlConfig, OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors,
    OriginAccessControlSigningProtocols, OriginAccessControlSummary,
};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};
use serde::{Deserialize, Serialize};

use super::cloudfront::{cut_answer, unusable};
use super::meanwhile::still_due;
use crate::Cloud;
use crate::claim;
use crate::listing;
use crate::naming::{Tags, are_ours, taken};

/// The code of "there is no such thing".
const MISSING: &str = "NoSuchOriginAccessControl";

/// An origin access control that signs every request with SigV4. Its name is its identity.
///
/// Read budget: 1 call for all of an account (a call per 100).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginAccessControl {
    /// Its name: 1 to 64 characters, unique in the account. Source: CreateOriginAccessControl.
    pub name: String,
    /// What it signs for: `s3` or `lambda`.
    pub origin_type: String,
    /// When it signs: `always`; `no-override` would let a viewer's own signature through.
    pub signing: String,
    /// Whose it is, kept in its description: see [`crate::claim`].
    #[serde(default)]
    pub tags: Tags,
}

/// What CloudFront mints for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginAccessControlOutputs {
    /// Its id.
    pub id: String,
}

fn live_of(found: OriginAccessControlSummary) -> Live<OriginAccessControl> {
    let inputs = OriginAccessControl {
        name: found.name,
        origin_type: found.origin_access_control_origin_type.to_string(),
        signing: found.signing_behavior.to_string(),
        tags: claim::told(&found.description),
    };
    Live { id: found.id.clone(), inputs, outputs: OriginAccessControlOutputs { id: found.id } }
}

fn read(config: OriginAccessControlConfig) -> OriginAccessControl {
    OriginAccessControl {
        name: config.name,
        origin_type: config.origin_access_control_origin_type.to_string(),
        signing: config.signing_behavior.to_string(),
        tags: claim::told(config.description.as_deref().unwrap_or_default()),
    }
}

async fn list(cx: &Cx<Cloud>) -> Result<Vec<Live<OriginAccessControl>>, CloudError> {
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let request = cx.cloud.cloudfront().list_origin_access_controls().set_marker(marker);
        let answer = cx.cloud.call("cloudfront:ListOriginAccessControls", "", request.send()).await?;
        let Some(page) = answer.origin_access_control_list else { return Ok(found) };
        found.extend(page.items.unwrap_or_default().into_iter().map(live_of));
        marker = page.next_marker.filter(|next| page.is_truncated && !next.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

impl OriginAccessControl {
    fn config(&self) -> Result<OriginAccessControlConfig, CloudError> {
        OriginAccessControlConfig::builder()
            .name(&self.name)
            .description(claim::text(&self.tags))
            .signing_protocol(OriginAccessControlSigningProtocols::Sigv4)
            .signing_behavior(OriginAccessControlSigningBehaviors::from(self.signing.as_str()))
            .origin_access_control_origin_type(OriginAccessControlOriginTypes::from(self.origin_type.as_str()))
            .build()
            .map_err(|error| unusable(&error))
    }

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:CreateOriginAccessControl";
        let request = cx.cloud.cloudfront().create_origin_access_control().origin_access_control_config(self.config()?);
        let id =
            match cx.cloud.find(OPERATION, &self.name, &["OriginAccessControlAlreadyExists"], request.send()).await? {
                Some(created) => created.origin_access_control.ok_or_else(|| cut_answer(OPERATION, &self.name))?.id,
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
        Ok(Live { inputs: self.clone(), outputs: OriginAccessControlOutputs { id: id.clone() }, id })
    }

    async fn update(&self, cx: &Cx<Cloud>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "cloudfront:GetOriginAccessControl";
        const WRITE: &str = "cloudfront:UpdateOriginAccessControl";
        let made = || Live { id: live.id.clone(), inputs: self.clone(), outputs: live.outputs.clone() };
        if live.inputs != *self {
            let look = cx.cloud.cloudfront().get_origin_access_control().id(&live.id).send();
            let found = cx.cloud.call(OPERATION, &live.id, look).await?;
            let config = found.origin_access_control.and_then(|each| each.origin_access_control_config);
            let now = read(config.ok_or_else(|| cut_answer(OPERATION, &live.id))?);
            if !still_due(WRITE, &live.id, self, &live.inputs, &now)? {
                return Ok(made());
            }
            let request = cx
                .cloud
                .cloudfront()
                .update_origin_access_control()
                .id(&live.id)
                .set_if_match(found.e_tag)
                .origin_access_control_config(self.config()?);
            cx.cloud.call(WRITE, &live.id, request.send()).await?;
        }
        Ok(made())
    }
}

impl Resource for OriginAccessControl {
    const TYPE: &'static str = "origin_access_control";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::Global;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name", "origin_type"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.Name"),
        ("origin_type", "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.OriginAccessControlOriginType"),
        ("signing", "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.SigningBehavior"),
    ];
    const STABLE: &'static [&'static str] = &["id"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "cloudfront:ListOriginAccessControls",
        "cloudfront:GetOriginAccessControl",
        "cloudfront:CreateOriginAccessControl",
        "cloudfront:UpdateOriginAccessControl",
        "cloudfront:DeleteOriginAccessControl",
    ];
    type Outputs = OriginAccessControlOutputs;
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
                "cloudfront:GetOriginAccessControl",
                &live.id,
                &[MISSING],
                cloudfront.get_origin_access_control().id(&live.id).send(),
            )
            .await?
        else {
            return Ok(());
        };
        let request = cloudfront.delete_origin_access_control().id(&live.id).set_if_match(found.e_tag);
        cx.cloud.find("cloudfront:DeleteOriginAccessControl", &live.id, &[MISSING], request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let prefix = listing::prefix(owner);
        Ok(list(cx).await?.into_iter().filter(|live| live.inputs.name.starts_with(&prefix)).collect())
    }
}
