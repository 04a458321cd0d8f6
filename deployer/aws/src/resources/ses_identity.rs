//! SES identities that are ours: an address that mail is sent from.

use aws_sdk_sesv2::types::Tag;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, are_ours, own_tags, tag_changes, taken};

/// Code of "there is no such identity".
const MISSING: &[&str] = &["NotFoundException"];
/// Code of a create that met another.
const EXISTS: &[&str] = &["AlreadyExistsException"];

/// An e-mail address that SES may send from, in the stack's region.
///
/// AWS sends a mail to a new address: SES sends from it once somebody has followed the link in it.
/// Read budget: 1 call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesIdentity {
    /// The address, such as `admin@example.com`. Source: CreateEmailIdentity.
    pub address: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What an identity is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesIdentityOutputs {
    /// Its ARN.
    pub arn: String,
}

/// The ARN of an identity.
pub fn arn(region: &str, account: &str, address: &str) -> String {
    format!("arn:aws:ses:{region}:{account}:identity/{address}")
}

fn live(cloud: &Cloud, inputs: SesIdentity) -> Live<SesIdentity> {
    let arn = arn(&cloud.target.region, &cloud.target.account, &inputs.address);
    Live { id: inputs.address.clone(), inputs, outputs: SesIdentityOutputs { arn } }
}

async fn read(cloud: &Cloud, address: &str) -> Result<Option<Live<SesIdentity>>, CloudError> {
    let found = cloud
        .find("ses:GetEmailIdentity", address, MISSING, cloud.ses().get_email_identity().email_identity(address).send())
        .await?;
    let tags = found.map(|each| own_tags(each.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))));
    Ok(tags.map(|tags| live(cloud, SesIdentity { address: address.to_owned(), tags })))
}

/// Creates an identity. `false`: there is one.
pub async fn create(cloud: &Cloud, address: &str, tags: &Tags) -> Result<bool, CloudError> {
    let tags = Some(sdk_tags(tags)).filter(|each| !each.is_empty());
    let request = cloud.ses().create_email_identity().email_identity(address).set_tags(tags);
    Ok(cloud.find("ses:CreateEmailIdentity", address, EXISTS, request.send()).await?.is_some())
}

/// Writes and removes tags of an identity or a configuration set.
pub async fn change_tags(cloud: &Cloud, arn: &str, (write, remove): (Tags, Vec<String>)) -> Result<(), CloudError> {
    if !write.is_empty() {
        cloud
            .call(
                "ses:TagResource",
                arn,
                cloud.ses().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(&write))).send(),
            )
            .await?;
    }
    if !remove.is_empty() {
        cloud
            .call(
                "ses:UntagResource",
                arn,
                cloud.ses().untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send(),
            )
            .await?;
    }
    Ok(())
}

/// Tags as the SDK takes them.
pub fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set"))
        .collect()
}

impl Resource for SesIdentity {
    const TYPE: &'static str = "ses_identity";
    const IDENTITY: Identity = Identity::Name;
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["address"];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "ses:CreateEmailIdentity",
        "ses:DeleteEmailIdentity",
        "ses:GetEmailIdentity",
        "ses:TagResource",
        "ses:UntagResource",
    ];
    type Outputs = SesIdentityOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(&cx.cloud, &key.inputs.address)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        found: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        let made = live(cloud, self.clone());
        let found = match found {
            Some(found) => found.clone(),
            None if create(cloud, &self.address, &self.tags).await? => return Ok(made),
            None => {
                let gone = || {
                    CloudError::not_yet("ses:CreateEmailIdentity", &self.address, "the identity is still being deleted")
                };
                let found = read(cloud, &self.address).await?.ok_or_else(gone)?;
                if are_ours(&self.tags, &found.inputs.tags) {
                    found
                } else {
                    return Err(taken("ses:CreateEmailIdentity", &self.address));
                }
            }
        };
        change_tags(
            cloud,
            &made.outputs.arn,
            tag_changes(&self.tags, prior.map(|each| &each.tags), &found.inputs.tags),
        )
        .await?;
        Ok(made)
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let address = &live.inputs.address;
        cx.cloud
            .find(
                "ses:DeleteEmailIdentity",
                address,
                MISSING,
                cx.cloud.ses().delete_email_identity().email_identity(address).send(),
            )
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, _: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let addresses = listing::identities(cx).await?.into_iter().filter(|name| name.contains('@')).collect();
        listing::read_each(addresses, |name| async move { read(&cx.cloud, &name).await }).await
    }
}
