//! What SES tells of a domain: whether it sends from it, which records it looks for, and what it looks for no longer.

use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::types::{DkimAttributes, DkimStatus, MailFromDomainStatus};
use deployer_engine::resource::{CloudError, Live};

use super::{SesDomain, SesDomainOutputs};
use crate::Cloud;
use crate::client::Target;
use crate::naming::own_tags;
use crate::resources::ses_identity::arn;

/// Code of "there is no such identity".
pub(super) const MISSING: &[&str] = &["NotFoundException"];
/// Where SES keeps the public keys if it does not say where. Source: DkimAttributes, `SigningHostedZone`.
const KEYS_ZONE: &str = "dkim.amazonses.com";

/// A domain, and what SES has given up: it looks for records for 72 hours, and then only when it is asked again.
/// Source: DkimAttributes, MailFromAttributes.
pub(super) struct Told {
    /// The domain.
    pub live: Live<SesDomain>,
    /// The DKIM keys.
    pub gave_up_keys: bool,
    /// The domain in the envelope.
    pub gave_up_envelope: bool,
}

/// The domain of that name.
pub(super) async fn read(cloud: &Cloud, domain: &str) -> Result<Option<Told>, CloudError> {
    let request = cloud.ses().get_email_identity().email_identity(domain).send();
    let found = cloud.find("ses:GetEmailIdentity", domain, MISSING, request).await?;
    Ok(found.map(|found| told(&cloud.target, domain, found)))
}

/// What the zone must have: DKIM keys, and, for the envelope, who answers for it and who may send.
fn records(domain: &str, region: &str, keys: Option<&DkimAttributes>, mail_from: Option<&str>) -> String {
    let zone = keys.and_then(DkimAttributes::signing_hosted_zone).unwrap_or(KEYS_ZONE);
    let tokens = keys.map(DkimAttributes::tokens).unwrap_or_default();
    let keys = tokens.iter().map(|token| format!("{token}._domainkey.{domain} CNAME {token}.{zone}"));
    let envelope = mail_from.into_iter().flat_map(|name| {
        [
            format!("{name} MX 10 feedback-smtp.{region}.amazonses.com"),
            format!("{name} TXT \"v=spf1 include:amazonses.com ~all\""),
        ]
    });
    keys.chain(envelope).collect::<Vec<_>>().join("\n")
}

fn told(target: &Target, domain: &str, found: GetEmailIdentityOutput) -> Told {
    let envelope = found.mail_from_attributes.filter(|each| !each.mail_from_domain.is_empty());
    let envelope_is =
        |status: MailFromDomainStatus| envelope.as_ref().is_some_and(|each| each.mail_from_domain_status == status);
    let gave_up_envelope = envelope_is(MailFromDomainStatus::Failed);
    let settled = !gave_up_envelope && !envelope_is(MailFromDomainStatus::Pending);
    let keys = found.dkim_attributes;
    let gave_up_keys = keys.as_ref().and_then(|each| each.status.as_ref()) == Some(&DkimStatus::Failed);
    let mail_from = envelope.map(|each| each.mail_from_domain);
    let outputs = SesDomainOutputs {
        arn: arn(&target.region, &target.account, domain),
        records: records(domain, &target.region, keys.as_ref(), mail_from.as_deref()),
    };
    let inputs = SesDomain {
        domain: domain.to_owned(),
        verified: found.verified_for_sending_status && settled,
        mail_from,
        tags: own_tags(found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))),
    };
    Told { live: Live { id: domain.to_owned(), inputs, outputs }, gave_up_keys, gave_up_envelope }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::types::{BehaviorOnMxFailure, MailFromAttributes};

    use super::*;

    fn keys(status: DkimStatus, zone: Option<&str>) -> DkimAttributes {
        let tokens = Some(["a", "b", "c"].map(str::to_owned).into());
        let zone = zone.map(str::to_owned);
        DkimAttributes::builder().status(status).set_tokens(tokens).set_signing_hosted_zone(zone).build()
    }

    fn domain(sends: bool, keys: DkimAttributes, envelope: MailFromDomainStatus) -> Told {
        let envelope = MailFromAttributes::builder()
            .mail_from_domain("mail.example.com")
            .mail_from_domain_status(envelope)
            .behavior_on_mx_failure(BehaviorOnMxFailure::UseDefaultValue)
            .build()
            .expect("all of it is there");
        let found = GetEmailIdentityOutput::builder().verified_for_sending_status(sends).dkim_attributes(keys);
        let target = Target { region: "us-west-2".to_owned(), ..Target::default() };
        told(&target, "example.com", found.mail_from_attributes(envelope).build())
    }

    #[test]
    fn a_zone_is_told_every_record_that_ses_looks_for() {
        let told = domain(false, keys(DkimStatus::Pending, None), MailFromDomainStatus::Pending);
        assert_eq!(
            told.live.outputs.records.lines().collect::<Vec<_>>(),
            [
                "a._domainkey.example.com CNAME a.dkim.amazonses.com",
                "b._domainkey.example.com CNAME b.dkim.amazonses.com",
                "c._domainkey.example.com CNAME c.dkim.amazonses.com",
                "mail.example.com MX 10 feedback-smtp.us-west-2.amazonses.com",
                "mail.example.com TXT \"v=spf1 include:amazonses.com ~all\"",
            ]
        );
    }

    #[test]
    fn keys_are_where_ses_says_that_it_keeps_them() {
        let keys = keys(DkimStatus::Pending, Some("dkim.eu-south-1.amazonses.com"));
        let told = domain(false, keys, MailFromDomainStatus::Pending);
        let first = told.live.outputs.records.lines().next();
        assert_eq!(first, Some("a._domainkey.example.com CNAME a.dkim.eu-south-1.amazonses.com"));
    }

    #[test]
    fn what_ses_looks_for_no_longer_is_not_taken_for_settled() {
        use MailFromDomainStatus::{Failed, Pending, Success, TemporaryFailure};
        let is = |sends, status, envelope| {
            let told = domain(sends, keys(status, None), envelope);
            (told.live.inputs.verified, told.gave_up_keys, told.gave_up_envelope)
        };
        assert_eq!(is(true, DkimStatus::Success, Success), (true, false, false));
        assert_eq!(is(true, DkimStatus::Success, TemporaryFailure), (true, false, false));
        assert_eq!(is(true, DkimStatus::Success, Pending), (false, false, false));
        assert_eq!(is(true, DkimStatus::Success, Failed), (false, false, true));
        assert_eq!(is(false, DkimStatus::Pending, Success), (false, false, false));
        assert_eq!(is(false, DkimStatus::Failed, Success), (false, true, false));
    }
}
