//! SES identities that are whole domains: signed by DKIM, proved by records in the domain's zone.

mod read;

use aws_sdk_sesv2::types::{BehaviorOnMxFailure, DkimSigningAttributesOrigin};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use self::read::{MISSING, Told, read};
use super::ses_identity::{change_tags, create};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met, tag_changes};

/// A domain that SES may send from, in the stack's region, with DKIM keys that AWS keeps and renews.
///
/// Read budget: 1 call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesDomain {
    /// The domain. Source: CreateEmailIdentity.
    pub domain: String,
    /// A domain below it that stands in the envelope, so that SPF speaks of the same domain. Absent: AWS's own.
    /// Source: PutEmailIdentityMailFromAttributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,
    /// Whether the records stand, so that SES sends from it.
    pub verified: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a domain is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SesDomainOutputs {
    /// Its ARN.
    pub arn: String,
    /// The records that its zone must have, one a line: name, type, value.
    pub records: String,
}

impl SesDomain {
    async fn put_mail_from(&self, cloud: &Cloud) -> Result<(), CloudError> {
        let request = cloud.ses().put_email_identity_mail_from_attributes().email_identity(&self.domain);
        // Until its records stand, mail goes out under AWS's own.
        let request = request
            .set_mail_from_domain(self.mail_from.clone())
            .behavior_on_mx_failure(BehaviorOnMxFailure::UseDefaultValue);
        cloud.call("ses:PutEmailIdentityMailFromAttributes", &self.domain, request.send()).await.map(drop)
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Live<Self>) -> Result<(), CloudError> {
        let had = prior.is_some_and(|prior| prior.mail_from.is_some());
        if self.mail_from != live.inputs.mail_from && (self.mail_from.is_some() || had) {
            self.put_mail_from(cloud).await?;
        }
        let changes = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags);
        change_tags(cloud, &live.outputs.arn, changes).await
    }

    /// Has SES look again for what it has given up.
    async fn look_again(&self, cloud: &Cloud, told: &Told) -> Result<(), CloudError> {
        if told.gave_up_keys {
            let request = cloud.ses().put_email_identity_dkim_signing_attributes().email_identity(&self.domain);
            let request = request.signing_attributes_origin(DkimSigningAttributesOrigin::AwsSes);
            cloud.call("ses:PutEmailIdentityDkimSigningAttributes", &self.domain, request.send()).await?;
        }
        if told.gave_up_envelope && self.mail_from.is_some() {
            self.put_mail_from(cloud).await?;
        }
        Ok(())
    }

    /// The domain when SES sends from it; else what a person must do.
    fn judged(&self, found: Live<Self>) -> Result<Live<Self>, CloudError> {
        if found.inputs.verified {
            return Ok(Live { inputs: self.clone(), ..found });
        }
        let what = format!(
            "set these records where the domain's zone is, then run again in some minutes:\n{}",
            found.outputs.records
        );
        Err(CloudError::new(ErrorClass::NeedsPerson, "ses:CreateEmailIdentity", &self.domain, "domain-pending", what))
    }
}

impl Resource for SesDomain {
    const TYPE: &'static str = "ses_domain";
    const IDENTITY: Identity = Identity::Name;
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["domain"];
    const STABLE: &'static [&'static str] = &["arn"];
    const ACTIONS: &'static [&'static str] = &[
        "ses:CreateEmailIdentity",
        "ses:DeleteEmailIdentity",
        "ses:GetEmailIdentity",
        "ses:PutEmailIdentityDkimSigningAttributes",
        "ses:PutEmailIdentityMailFromAttributes",
        "ses:TagResource",
        "ses:UntagResource",
    ];
    type Outputs = SesDomainOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let one = |key: &Key<Self>| {
            let domain = key.inputs.domain.clone();
            async move { Ok(read(&cx.cloud, &domain).await?.map(|told| told.live)) }
        };
        all_of(keys.iter().map(one).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let cloud = &*cx.cloud;
        let found = match live {
            Some(live) => live.clone(),
            None => {
                create(cloud, &self.domain, &self.tags).await?;
                let found = read(cloud, &self.domain).await?.map(|told| told.live);
                met("ses:CreateEmailIdentity", &self.domain, &self.tags, found, |each: &Self| &each.tags)?
            }
        };
        self.update(cloud, prior, &found).await?;
        let Some(newest) = read(cloud, &self.domain).await? else { return self.judged(found) };
        self.look_again(cloud, &newest).await?;
        self.judged(newest.live)
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let domain = &live.inputs.domain;
        let request = cx.cloud.ses().delete_email_identity().email_identity(domain).send();
        cx.cloud.find("ses:DeleteEmailIdentity", domain, MISSING, request).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, _: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let domains = listing::identities(cx).await?.into_iter().filter(|name| !name.contains('@')).collect();
        let read = |name: String| async move { Ok(read(&cx.cloud, &name).await?.map(|told| told.live)) };
        listing::read_each(domains, read).await
    }
}
