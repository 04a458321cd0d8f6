//! `topic`: what is told there goes to functions and to people.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::alarm;
use super::function::{self, Function, LIVE};
use super::mail::{Mail, is_address};
use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::region::{Edge, Home, Region};
use crate::resources::lambda_permission::{LambdaPermission, OURS};
use crate::resources::sns_subscription::SnsSubscription;
use crate::resources::sns_topic::{self, SnsTopic};

/// Longest name of a topic. Source: CreateTopic.
const MAX_NAME: usize = 256;
/// The part that stands in us-east-1, for the alarms there: they tell topics of their own region alone.
pub(super) const EDGE: &str = "edge";
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

/// Messages for many: what SES tells of bounces and complaints (`events` of a `mail`), what alarms tell, and what
/// functions publish, goes to functions and to addresses. For alarms of CloudFront it has a twin in us-east-1. Nobody but those and this account may publish there.
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
    arn_in::<Home>(cx)
}

/// The ARN of its twin in us-east-1.
pub(super) fn edge_arn(cx: &Expand<'_>) -> String {
    arn_in::<Edge>(cx)
}

fn arn_in<R: Region>(cx: &Expand<'_>) -> String {
    sns_topic::arn(R::PLACE.region(&cx.environment().region), &cx.environment().account, &main_name(cx, MAX_NAME))
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

    /// Who may publish and subscribe: this account by its own policies, SES for each sender that tells it, and
    /// CloudWatch for each alarm.
    fn policy<R: Region>(cx: &Expand<'_>) -> Value {
        let (topic, account) = (arn_in::<R>(cx), &cx.environment().account);
        let owner = json!({
            "Sid": "Owner",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
            "Action": OWNERS_ACTIONS,
            "Resource": topic,
        });
        let tells = |address: &DeclarationAddress, service: &str, source: String| {
            json!({
                "Sid": sid("tell", address),
                "Effect": "Allow",
                "Principal": { "Service": service },
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": { "StringEquals": { "aws:SourceAccount": account, "aws:SourceArn": source } },
            })
        };
        let senders =
            cx.stack.all::<Mail>().filter(|(_, mail)| !R::IS_EDGE && mail.events.as_ref() == Some(cx.address));
        let senders = senders
            .map(|(address, _)| tells(address, "ses.amazonaws.com", Mail::configuration_set_arn(&cx.of(address))));
        let alarms = alarm::tellers(cx, R::IS_EDGE).into_iter();
        let alarms = alarms.map(|(address, arn)| tells(&address, "cloudwatch.amazonaws.com", arn));
        let statements: Vec<_> = std::iter::once(owner).chain(senders).chain(alarms).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
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

    /// The name of a part in a region.
    fn part<R: Region>(name: &str) -> String {
        if R::IS_EDGE { format!("{EDGE}_{name}") } else { name.to_owned() }
    }

    fn topic_part<R: Region>() -> &'static str {
        if R::IS_EDGE { EDGE } else { Self::KIND }
    }

    fn call<R: Region>(cx: &Expand<'_>, out: &mut Expansion, target: &DeclarationAddress) {
        let its = cx.of(target);
        let alias = target.part("alias");
        let statement = format!("{OURS}{}_{}", Self::part::<R>("topic"), cx.address.name());
        let permission = LambdaPermission {
            source_arn: Some(arn_in::<R>(cx)),
            ..LambdaPermission::new(
                &function::physical_name(&its),
                LIVE,
                &statement,
                "lambda:InvokeFunction",
                "sns.amazonaws.com",
            )
        };
        let part = Self::part::<R>(&format!("permission.{}", target.name()));
        out.resource(cx, &part, &permission).after(alias.clone()).address();
        let subscription = Self::subscription::<R>(cx, "lambda", function::alias_arn(&its));
        let made = out.resource(cx, &Self::part::<R>(&format!("function.{}", target.name())), &subscription);
        made.after(cx.address.part(Self::topic_part::<R>())).after(cx.address.part(&part)).after(alias).address();
    }

    fn mail_to<R: Region>(cx: &Expand<'_>, out: &mut Expansion, address: &str) {
        let digest = hex::encode(Sha256::digest(address));
        let part = Self::part::<R>(&format!("address.d{}", &digest[..DIGEST_CHARS]));
        let subscription = Self::subscription::<R>(cx, "email", address.to_owned());
        out.resource(cx, &part, &subscription).after(cx.address.part(Self::topic_part::<R>())).address();
    }

    fn subscription<R: Region>(cx: &Expand<'_>, protocol: &str, endpoint: String) -> SnsSubscription<R> {
        SnsSubscription {
            topic_arn: arn_in::<R>(cx),
            protocol: protocol.to_owned(),
            endpoint,
            confirmed: true,
            region: PhantomData,
        }
    }

    /// The topic of a region with all that have subscribed.
    fn stand<R: Region>(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let part = Self::topic_part::<R>();
        let topic: SnsTopic<R> = SnsTopic {
            name: main_name(cx, MAX_NAME),
            policy: Self::policy::<R>(cx),
            tags: tags(cx.environment(), &cx.address.part(part)),
            region: PhantomData,
        };
        out.resource(cx, part, &topic);
        let once = (self.functions.iter().collect::<BTreeSet<_>>(), self.addresses.iter().collect::<BTreeSet<_>>());
        once.0.into_iter().for_each(|target| Self::call::<R>(cx, out, target));
        once.1.into_iter().for_each(|address| Self::mail_to::<R>(cx, out, address));
    }
}

impl Kind for Topic {
    const KIND: &'static str = "topic";
    const ALSO_CALLED: &'static [&'static str] = &["sns"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", main_name(cx, MAX_NAME)), ("arn", arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        self.stand::<Home>(cx, out);
        if !alarm::tellers(cx, true).is_empty() {
            self.stand::<Edge>(cx, out);
        }
    }
}

#[cfg(test)]
mod tests;
