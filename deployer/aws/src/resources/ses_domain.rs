//! SES identities that are whole domains: signed by DKIM, proved by records in the domain's zone.

use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::types::{BehaviorOnMxFailure, MailFromDomainStatus};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use super::ses_identity::{arn, change_tags, create};
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met, own_tags, tag_changes};

/// Code of "there is no such identity".
const MISSING: &[&str] = &["NotFoundException"];

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

/// What the zone must have: DKIM keys, and, for the envelope, who answers for it and who may send.
fn records(domain: &str, region: &str, tokens: &[String], mail_from: Option<&str>) -> String {
    let keys = tokens.iter().map(|token| format!("{token}._domainkey.{domain} CNAME {token}.dkim.amazonses.com"));
    let envelope = mail_from.into_iter().flat_map(|name| {
        [
            format!("{name} MX 10 feedback-smtp.{region}.amazonses.com"),
            format!("{name} TXT \"v=spf1 include:amazonses.com ~all\""),
        ]
    });
    keys.chain(envelope).collect::<Vec<_>>().join("\n")
}

fn described(cloud: &Cloud, domain: &str, found: GetEmailIdentityOutput) -> Live<SesDomain> {
    let target = &cloud.target;
    let envelope = found.mail_from_attributes;
    let settled = envelope.as_ref().is_none_or(|each| each.mail_from_domain_status != MailFromDomainStatus::Pending);
    let mail_from = envelope.map(|each| each.mail_from_domain).filter(|name| !name.is_empty());
    let tokens = found.dkim_attributes.and_then(|each| each.tokens).unwrap_or_default();
    let outputs = SesDomainOutputs {
        arn: arn(&target.region, &target.account, domain),
        records: records(domain, &target.region, &tokens, mail_from.as_deref()),
    };
    let inputs = SesDomain {
        domain: domain.to_owned(),
        verified: found.verified_for_sending_status && (mail_from.is_none() || settled),
        mail_from,
        tags: own_tags(found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))),
    };
    Live { id: domain.to_owned(), inputs, outputs }
}

async fn read(cloud: &Cloud, domain: &str) -> Result<Option<Live<SesDomain>>, CloudError> {
    let request = cloud.ses().get_email_identity().email_identity(domain).send();
    let found = cloud.find("ses:GetEmailIdentity", domain, MISSING, request).await?;
    Ok(found.map(|found| described(cloud, domain, found)))
}

impl SesDomain {
    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Live<Self>) -> Result<(), CloudError> {
        let had = prior.is_some_and(|prior| prior.mail_from.is_some());
        if self.mail_from != live.inputs.mail_from && (self.mail_from.is_some() || had) {
            let request = cloud.ses().put_email_identity_mail_from_attributes().email_identity(&self.domain);
            // Until its records stand, mail goes out under AWS's own.
            let request = request
                .set_mail_from_domain(self.mail_from.clone())
                .behavior_on_mx_failure(BehaviorOnMxFailure::UseDefaultValue);
            cloud.call("ses:PutEmailIdentityMailFromAttributes", &self.domain, request.send()).await?;
        }
        let changes = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags);
        change_tags(cloud, &live.outputs.arn, changes).await
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
        "ses:PutEmailIdentityMailFromAttributes",
        "ses:TagResource",
        "ses:UntagResource",
    ];
    type Outputs = SesDomainOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(&cx.cloud, &key.inputs.domain)).collect()).await
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
                let found = read(cloud, &self.domain).await?;
                met("ses:CreateEmailIdentity", &self.domain, &self.tags, found, |each: &Self| &each.tags)?
            }
        };
        self.update(cloud, prior, &found).await?;
        let newest = read(cloud, &self.domain).await?;
        self.judged(newest.unwrap_or(found))
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let domain = &live.inputs.domain;
        let request = cx.cloud.ses().delete_email_identity().email_identity(domain).send();
        cx.cloud.find("ses:DeleteEmailIdentity", domain, MISSING, request).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, _: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let domains = listing::identities(cx).await?.into_iter().filter(|name| !name.contains('@')).collect();
        listing::read_each(domains, |name| async move { read(&cx.cloud, &name).await }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_told_every_record_that_ses_looks_for() {
        let tokens = ["a", "b", "c"].map(str::to_owned);
        let told = records("example.com", "us-west-2", &tokens, Some("mail.example.com"));
        assert_eq!(
            told.lines().collect::<Vec<_>>(),
            [
                "a._domainkey.example.com CNAME a.dkim.amazonses.com",
                "b._domainkey.example.com CNAME b.dkim.amazonses.com",
                "c._domainkey.example.com CNAME c.dkim.amazonses.com",
                "mail.example.com MX 10 feedback-smtp.us-west-2.amazonses.com",
                "mail.example.com TXT \"v=spf1 include:amazonses.com ~all\"",
            ]
        );
    }
}
