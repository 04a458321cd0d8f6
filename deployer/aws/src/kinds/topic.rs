//! `topic`: what is told there goes to functions and to people.

use std::collections::BTreeSet;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::function::{self, Function, LIVE};
use super::mail::{Mail, is_address};
use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::lambda_permission::{LambdaPermission, OURS};
use crate::resources::sns_subscription::SnsSubscription;
use crate::resources::sns_topic::{self, SnsTopic};

/// Longest name of a topic. Source: CreateTopic.
const MAX_NAME: usize = 256;
/// How many hex digits of an address's digest tell the subscriptions of addresses apart.
const DIGEST_CHARS: usize = 8;
/// What the owner of a topic may do by a policy of its own: what AWS's default policy allows, to this account alone.
const OWNERS_ACTIONS: [&str; 8] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

/// Messages for many: what SES tells of bounces and complaints (`events` of a `mail`), and what functions publish,
/// goes to functions and to addresses. Nobody but those and this account may publish there.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Functions that are called with each message: `["function.report-mailer"]`. Default: none.
    #[serde(default)]
    pub functions: Vec<DeclarationAddress>,
    /// Addresses that each message is mailed to: `["ops@example.com"]`. AWS asks each of them first, by a mail with
    /// a link; until its owner has followed it, `up` ends with 12. Default: none.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// The ARN of the topic that `cx` looks from.
pub(super) fn arn(cx: &Expand<'_>) -> String {
    sns_topic::arn(&cx.environment().region, &cx.environment().account, &main_name(cx, MAX_NAME))
}

/// What refers to a topic that is none gets this fault.
pub(super) fn check_is_one(cx: &Expand<'_>, out: &mut Expansion, key: &str, address: &DeclarationAddress) {
    if cx.stack.get::<Topic>(address).is_none() {
        let known: Vec<String> = cx.stack.all::<Topic>().map(|(address, _)| address.to_string()).collect();
        let hint = did_you_mean(&address.to_string(), known.iter().map(String::as_str))
            .unwrap_or_else(|| "declare it: `[topic.name]`".to_owned());
        out.fault(cx, &[key], "unknown-reference", format!("there is no topic `{address}`"), hint);
    }
}

impl Topic {
    /// What a function may do with it: `publish`.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        (verb == "publish").then(|| vec![Statement::new(&sid(verb, cx.address), &["sns:Publish"], [arn(cx)])])
    }

    /// Who may publish and subscribe: this account by its own policies, and SES for each sender that tells it.
    fn policy(cx: &Expand<'_>) -> Value {
        let (topic, account) = (arn(cx), &cx.environment().account);
        let owner = json!({
            "Sid": "Owner",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
            "Action": OWNERS_ACTIONS,
            "Resource": topic,
        });
        let tellers = cx.stack.all::<Mail>().filter(|(_, mail)| mail.events.as_ref() == Some(cx.address));
        let tellers = tellers.map(|(address, _)| {
            json!({
                "Sid": sid("tell", address),
                "Effect": "Allow",
                "Principal": { "Service": "ses.amazonaws.com" },
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": { "StringEquals": {
                    "aws:SourceAccount": account,
                    "aws:SourceArn": Mail::configuration_set_arn(&cx.of(address)),
                } },
            })
        });
        json!({ "Version": "2012-10-17", "Statement": std::iter::once(owner).chain(tellers).collect::<Vec<_>>() })
    }

    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let known: Vec<String> = cx.stack.all::<Function>().map(|(address, _)| address.to_string()).collect();
        for (at, target) in self.functions.iter().enumerate() {
            if cx.stack.get::<Function>(target).is_none() {
                let hint = did_you_mean(&target.to_string(), known.iter().map(String::as_str))
                    .unwrap_or_else(|| "a topic calls a `function.name`".to_owned());
                out.fault(
                    cx,
                    &["functions", &at.to_string()],
                    "unknown-reference",
                    format!("there is no function `{target}`"),
                    hint,
                );
            }
            Self::check_once(cx, out, "functions", &self.functions[..at], target);
        }
        for (at, address) in self.addresses.iter().enumerate() {
            if !is_address(address) {
                let message = format!("`{}` is no e-mail address", address.escape_debug());
                out.fault(
                    cx,
                    &["addresses", &at.to_string()],
                    "bad-address",
                    message,
                    "write addresses alone: `ops@example.com`",
                );
            }
            Self::check_once(cx, out, "addresses", &self.addresses[..at], address);
        }
    }

    fn check_once<T: PartialEq + std::fmt::Display>(
        cx: &Expand<'_>,
        out: &mut Expansion,
        key: &str,
        before: &[T],
        one: &T,
    ) {
        if before.contains(one) {
            let message = format!("`{one}` is named twice, and gets each message once");
            out.fault(cx, &[key, &before.len().to_string()], "twice", message, "leave one of them out");
        }
    }

    fn call(cx: &Expand<'_>, out: &mut Expansion, target: &DeclarationAddress) {
        let its = cx.of(target);
        let alias = target.part("alias");
        let statement = format!("{OURS}topic_{}", cx.address.name());
        let permission = LambdaPermission {
            source_arn: Some(arn(cx)),
            ..LambdaPermission::new(
                &function::physical_name(&its),
                LIVE,
                &statement,
                "lambda:InvokeFunction",
                "sns.amazonaws.com",
            )
        };
        let part = format!("permission.{}", target.name());
        out.resource(cx, &part, &permission).after(alias.clone()).address();
        let subscription = Self::subscription(cx, "lambda", function::alias_arn(&its));
        let made = out.resource(cx, &format!("function.{}", target.name()), &subscription);
        made.after(cx.address.part(Self::KIND)).after(cx.address.part(&part)).after(alias).address();
    }

    fn mail_to(cx: &Expand<'_>, out: &mut Expansion, address: &str) {
        let digest = hex::encode(Sha256::digest(address));
        let part = format!("address.d{}", &digest[..DIGEST_CHARS]);
        let subscription = Self::subscription(cx, "email", address.to_owned());
        out.resource(cx, &part, &subscription).after(cx.address.part(Self::KIND)).address();
    }

    fn subscription(cx: &Expand<'_>, protocol: &str, endpoint: String) -> SnsSubscription {
        SnsSubscription { topic_arn: arn(cx), protocol: protocol.to_owned(), endpoint, confirmed: true }
    }
}

impl Kind for Topic {
    const KIND: &'static str = "topic";

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", main_name(cx, MAX_NAME)), ("arn", arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let topic = SnsTopic {
            name: main_name(cx, MAX_NAME),
            policy: Self::policy(cx),
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        };
        out.resource(cx, Self::KIND, &topic);
        let once = (self.functions.iter().collect::<BTreeSet<_>>(), self.addresses.iter().collect::<BTreeSet<_>>());
        once.0.into_iter().for_each(|target| Self::call(cx, out, target));
        once.1.into_iter().for_each(|address| Self::mail_to(cx, out, address));
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    const STACK: &str = r#"
[function.api]
build = { package = "api" }
[mail.main]
from   = "admin@example.com"
events = "topic.feedback"
[topic.feedback]
functions = ["function.api"]
addresses = ["ops@example.com"]
"#;

    #[test]
    fn a_topic_is_told_by_its_senders_alone_and_tells_functions_and_people() {
        assert_snapshot!(shown(&wanted(STACK, "prod", &["api"]).unwrap(), "topic.feedback"), @r#"
        address.daf3c8254 (sns_subscription) after topic.feedback/topic
          confirmed: true
          endpoint: ops@example.com
          protocol: email
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        function.api (sns_subscription) after function.api/alias, topic.feedback/permission.api, topic.feedback/topic
          confirmed: true
          endpoint: arn:aws:lambda:us-west-2:111122223333:function:crew-prod-api:live
          protocol: lambda
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        permission.api (lambda_permission) after function.api/alias
          action: lambda:InvokeFunction
          function_name: crew-prod-api
          open_to_everybody: []
          other_conditions: []
          principal: sns.amazonaws.com
          qualifier: live
          source_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
          statement_id: deployer-topic_feedback
        topic (sns_topic)
          name: crew-prod-feedback
          policy: {"Version":"2012-10-17","Statement":[{"Sid":"Owner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["sns:AddPermission","sns:DeleteTopic","sns:GetTopicAttributes","sns:ListSubscriptionsByTopic","sns:Publish","sns:RemovePermission","sns:SetTopicAttributes","sns:Subscribe"],"Resource":"arn:aws:sns:us-west-2:111122223333:crew-prod-feedback"},{"Sid":"TellMailMain","Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},"Action":"sns:Publish","Resource":"arn:aws:sns:us-west-2:111122223333:crew-prod-feedback","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceArn":"arn:aws:ses:us-west-2:111122223333:configuration-set/crew-prod-main"}}}]}
        "#);
    }

    #[test]
    fn a_sender_tells_bounces_and_complaints() {
        let wanted = wanted(STACK, "prod", &["api"]).unwrap();
        let shown = shown(&wanted, "mail.main");
        let events = shown.split("mail (").next().unwrap_or_default();
        assert_snapshot!(events, @r#"
        events (ses_event_destination) after mail.main/mail, topic.feedback/topic
          configuration_set: crew-prod-main
          enabled: true
          events: ["BOUNCE","COMPLAINT"]
          name: events
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        "#);
    }

    #[test]
    fn what_cannot_be_told_is_a_fault() {
        let text = "[topic.a]\nfunctions = [\"function.b\"]\naddresses = [\"nobody\", \"a@b.org\", \"a@b.org\"]\n[mail.m]\nfrom = \"a@b.org\"\nevents = \"topic.c\"\n";
        assert_snapshot!(faults(text, "prod"), @r"
        6:10 unknown-reference there is no topic `topic.c` (did you mean `topic.a`?)
        2:14 unknown-reference there is no function `function.b` (a topic calls a `function.name`)
        3:14 bad-address `nobody` is no e-mail address (write addresses alone: `ops@example.com`)
        3:35 twice `a@b.org` is named twice, and gets each message once (leave one of them out)
        ");
    }
}
