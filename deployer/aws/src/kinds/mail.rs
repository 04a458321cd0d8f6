//! `mail`: a sender.

use std::collections::BTreeSet;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::cdn::is_domain;
use super::topic;
use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::local_identity::LocalIdentity;
use crate::resources::ses_configuration_set::{self, SesConfigurationSet};
use crate::resources::ses_domain::SesDomain;
use crate::resources::ses_event_destination::SesEventDestination;
use crate::resources::ses_identity::{self, SesIdentity};

/// Longest name of a configuration set. Source: CreateConfigurationSet.
const MAX_NAME: usize = 64;
/// Longest address. Source: RFC 5321, 4.5.3.1.
const MAX_ADDRESS: usize = 254;
/// The part that stands for the address, where it is ours or stood in for.
const IDENTITY: &str = "identity";
/// The part that is the domain of its own.
const DOMAIN: &str = "domain";
/// The label of the domain that stands in the envelope.
const ENVELOPE: &str = "bounce";
/// The part that tells a topic, and its name in the configuration set.
const EVENTS: &str = "events";
/// What a topic is told: that a mail came back, that a reader called it spam.
const TOLD: [&str; 2] = ["BOUNCE", "COMPLAINT"];

/// An address that functions send mail from through SES, with a configuration set: TLS or nothing,
/// bounce and complaint rates measured, bounced and complaining recipients not written to again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The address: `"admin@example.com"`, without a name beside it.
    pub from: String,
    /// Whether SES knows the address, or its domain, already: then it is used and left as it is, so that several
    /// environments can share it. `false`: it is made here, and somebody follows the link that AWS mails to it.
    /// On the local AWS an existing one is stood in for. Default: true.
    pub existing: Option<bool>,
    /// The domain of the address, where it is made here for all of its addresses: signed by DKIM, with an envelope of
    /// its own (`bounce.<domain>`) that SPF speaks of. Until its records stand in the domain's zone, `up` ends with 12
    /// and says which. Default: none is made.
    pub domain: Option<String>,
    /// The topic that is told of every bounce and complaint: `"topic.feedback"`. Default: none is.
    pub events: Option<DeclarationAddress>,
}

impl Mail {
    /// What a function may do with it: `send`, from this address alone; `read` the limits and the standing of the
    /// account, which have no ARN.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        // SES judges by the address when it is an identity, else by its domain, and by the configuration set.
        let domain = self.from.split_once('@').map(|(_, domain)| self.identity_arn(cx, domain));
        let above =
            self.domain.as_ref().map(|domain| self.identity_arn(cx, domain)).filter(|arn| domain.as_ref() != Some(arn));
        let resources = [Some(self.identity_arn(cx, &self.from)), domain, above, Some(Self::configuration_set_arn(cx))];
        let send = || {
            Statement::new(
                &sid(verb, cx.address),
                &["ses:SendEmail", "ses:SendRawEmail"],
                resources.into_iter().flatten(),
            )
        };
        match verb {
            "send" => Some(vec![send().when("StringEquals", json!({ "ses:FromAddress": self.from }))]),
            "read" => Some(vec![Statement::new(&sid(verb, cx.address), &["ses:GetAccount"], ["*".to_owned()])]),
            _ => None,
        }
    }

    fn identity_arn(&self, cx: &Expand<'_>, identity: &str) -> String {
        ses_identity::arn(&cx.environment().region, &cx.environment().account, identity)
    }

    /// The name of the configuration set of the sender that `cx` looks from.
    pub(super) fn configuration_set(cx: &Expand<'_>) -> String {
        main_name(cx, MAX_NAME)
    }

    /// The ARN of the configuration set of the sender that `cx` looks from.
    pub(super) fn configuration_set_arn(cx: &Expand<'_>) -> String {
        ses_configuration_set::arn(&cx.environment().region, &cx.environment().account, &Self::configuration_set(cx))
    }
}

impl Mail {
    fn expand_domain(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let Some(domain) = &self.domain else { return };
        let its = self.from.rsplit_once('@').map_or("", |(_, its)| its);
        if !is_domain(domain) || !(its == domain || its.ends_with(&format!(".{domain}"))) {
            let message = format!("`{}` is not the domain of `{}`", domain.escape_debug(), self.from.escape_debug());
            out.fault(cx, &["domain"], "bad-domain", message, format!("write `{its}`, or what is above it"));
        }
        if self.existing == Some(true) {
            let message = "an identity that exists is left as it is, and a domain is made";
            out.fault(cx, &["existing"], "bad-value", message, "leave one of `existing` and `domain` out");
        }
        let domain = SesDomain {
            domain: domain.clone(),
            // The local AWS knows no envelopes.
            mail_from: (!cx.environment().local).then(|| format!("{ENVELOPE}.{domain}")),
            verified: true,
            tags: tags(cx.environment(), &cx.address.part(DOMAIN)),
        };
        out.resource(cx, DOMAIN, &domain);
    }
}

/// Whether this is an address that SES takes: one `@`, something before it, a domain with a dot behind it.
pub(super) fn is_address(text: &str) -> bool {
    let strange = |each: char| each.is_whitespace() || each.is_control() || "<>(),;:\\\"[]{}@".contains(each);
    let domain_is_well = |domain: &str| domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    text.len() <= MAX_ADDRESS
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !local.contains(strange) && !domain.contains(strange) && domain_is_well(domain)
        })
}

impl Kind for Mail {
    const KIND: &'static str = "mail";
    const ALSO_CALLED: &'static [&'static str] = &["ses", "email", "identity"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("from", self.from.clone()),
            ("configuration_set", Self::configuration_set(cx)),
            ("identity_arn", self.identity_arn(cx, &self.from)),
            ("configuration_set_arn", Self::configuration_set_arn(cx)),
        ]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        if !is_address(&self.from) {
            out.fault(
                cx,
                &["from"],
                "bad-address",
                format!("`{}` is no e-mail address", self.from.escape_debug()),
                "write the address alone: `admin@example.com`",
            );
        }
        self.expand_domain(cx, out);
        let address = self.from.clone();
        if self.existing == Some(false) {
            out.resource(
                cx,
                IDENTITY,
                &SesIdentity { address, tags: tags(cx.environment(), &cx.address.part(IDENTITY)) },
            );
        } else if cx.environment().local {
            out.resource(cx, IDENTITY, &LocalIdentity { address });
        }
        let set = SesConfigurationSet {
            name: Self::configuration_set(cx),
            reputation_metrics: true,
            sending: true,
            suppress: TOLD.map(str::to_owned).into(),
            require_tls: true,
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        };
        out.resource(cx, Self::KIND, &set);
        if let Some(told) = &self.events {
            topic::check_is_one(cx, out, "events", told);
            let destination = SesEventDestination {
                configuration_set: Self::configuration_set(cx),
                name: EVENTS.to_owned(),
                events: BTreeSet::from(TOLD.map(str::to_owned)),
                topic_arn: Some(topic::arn(&cx.of(told))),
                enabled: true,
            };
            let made = out.resource(cx, EVENTS, &destination).after(cx.address.part(Self::KIND));
            made.after(told.part("topic")).address();
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::kinds::testing::{faults, shown, wanted};

    const MAIL: &str = "[mail.main]\nfrom = \"admin@queenofsandiego.com\"\n";

    #[test]
    fn an_identity_that_exists_is_referred_to_and_left_alone() {
        assert_snapshot!(shown(&wanted(MAIL, "prod", &[]).unwrap(), "mail.main"), @r#"
        mail (ses_configuration_set)
          name: crew-prod-main
          reputation_metrics: true
          require_tls: true
          sending: true
          suppress: ["BOUNCE","COMPLAINT"]
        "#);
    }

    #[test]
    fn the_local_aws_stands_in_for_an_identity_that_exists() {
        assert_snapshot!(shown(&wanted(MAIL, "local", &[]).unwrap(), "mail.main"), @r#"
        identity (local_identity)
          address: admin@queenofsandiego.com
        mail (ses_configuration_set)
          name: crew-local-main
          reputation_metrics: true
          require_tls: true
          sending: true
          suppress: ["BOUNCE","COMPLAINT"]
        "#);
    }

    #[test]
    fn an_identity_of_ones_own_is_made() {
        assert_snapshot!(shown(&wanted(&format!("{MAIL}existing = false\n"), "prod", &[]).unwrap(), "mail.main"), @r#"
        identity (ses_identity)
          address: admin@queenofsandiego.com
        mail (ses_configuration_set)
          name: crew-prod-main
          reputation_metrics: true
          require_tls: true
          sending: true
          suppress: ["BOUNCE","COMPLAINT"]
        "#);
    }

    #[test]
    fn a_domain_of_ones_own_is_signed_and_has_its_own_envelope() {
        let text = format!("{MAIL}domain = \"queenofsandiego.com\"\n");
        let wanted = wanted(&text, "prod", &[]).unwrap();
        assert_snapshot!(shown(&wanted, "mail.main").split("mail (").next().unwrap(), @"
        domain (ses_domain)
          domain: queenofsandiego.com
          mail_from: bounce.queenofsandiego.com
          verified: true
        ");
        assert_snapshot!(faults(&format!("{MAIL}existing = true\ndomain = \"example.com\"\n"), "prod"), @"
        4:10 bad-domain `example.com` is not the domain of `admin@queenofsandiego.com` (write `queenofsandiego.com`, or what is above it)
        3:12 bad-value an identity that exists is left as it is, and a domain is made (leave one of `existing` and `domain` out)
        ");
    }

    #[test]
    fn a_sender_with_a_name_is_a_fault() {
        assert_snapshot!(faults("[mail.main]\nfrom = \"Crew <crew@example.com>\"\n", "prod"), @"2:8 bad-address `Crew <crew@example.com>` is no e-mail address (write the address alone: `admin@example.com`)");
    }

    #[test]
    fn an_address_is_told_from_what_is_none() {
        for text in ["admin@queenofsandiego.com", "a.b+c@mail.example.co.uk"] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "",
            "admin",
            "@example.com",
            "a@b",
            "a@b.",
            "A <a@b.com>",
            "a@b.com, c@d.com",
            "a@b@c.com",
            "a@b.com\r\nBcc: x@y.z",
            "${env.sender}@b.com",
        ] {
            assert!(!is_address(text), "{text:?}");
        }
    }
}
