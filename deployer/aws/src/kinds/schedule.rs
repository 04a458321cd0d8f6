//! `schedule`: calls a function again and again.

mod cron;
mod rate;

use std::borrow::Cow;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::function::{self, Function, LIVE};
use super::queue;
use crate::naming::{main_name, part_name, tags};
use crate::resources::event_rule::{self, EventRule};
use crate::resources::event_targets::{EventTarget, EventTargets, Retry};
use crate::resources::lambda_permission::{LambdaPermission, OURS};
use crate::resources::sqs_queue::{self, SqsQueue};

/// Longest name of a rule. Source: PutRule.
const MAX_NAME: usize = 64;
/// Most characters of the input as JSON. Source: PutTargets.
const MAX_INPUT_CHARS: usize = 8_192;
/// How the delivery of an event is tried again: within the hour, since a late call is of no use.
const RETRY: Retry = Retry { max_retries: 10, max_age_seconds: 3_600 };

/// Calls a function at an interval or at points in time, in UTC. What could not be delivered goes into a
/// queue of the schedule, what failed into one of the function.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The interval: `"1 minute"`, `"5 minutes"`, `"1 hour"`, `"2 days"`. Either this or `cron`.
    pub rate: Option<String>,
    /// Points in time, in UTC: minutes, hours, day of month, month, day of week, year. `"0 18 * * ? *"` is every day at
    /// 18:00; one of the two days is `?`. Either this or `rate`.
    pub cron: Option<String>,
    /// The function that is called: `"function.ptb-nudge"`.
    pub target: DeclarationAddress,
    /// What it is given: `{ report = "ceo" }` or a text. Default: the event of EventBridge.
    pub input: Option<Input>,
    /// Whether it fires. Default: true.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
    /// Words for people, at most 512 characters. Default: none.
    #[schemars(length(max = 512))]
    pub description: Option<String>,
}

/// What the called function is given: anything that JSON can hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Input(pub Value);

impl JsonSchema for Input {
    fn schema_name() -> Cow<'static, str> {
        "Input".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": ["object", "string"], "description": "What the function is given." })
    }
}

fn default_enabled() -> bool {
    true
}

pub(super) fn rule_name(cx: &Expand<'_>) -> String {
    main_name(cx, MAX_NAME)
}

fn rule_arn(cx: &Expand<'_>) -> String {
    event_rule::arn(&cx.environment().region, &cx.environment().account, &rule_name(cx))
}

pub(super) fn queue_name(cx: &Expand<'_>) -> String {
    part_name(cx, "dead_letters", "dead-letters", queue::MAX_NAME)
}

fn queue_arn(cx: &Expand<'_>) -> String {
    sqs_queue::arn(&cx.environment().region, &cx.environment().account, &queue_name(cx))
}

/// What is wrong with a text that says when.
struct BadTime {
    message: String,
    hint: String,
}

impl BadTime {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl Schedule {
    /// The expression that EventBridge takes, or the key and what is wrong with it.
    fn expression(&self) -> Result<String, (&'static str, BadTime)> {
        match (&self.rate, &self.cron) {
            (Some(rate), None) => rate::expression(rate).map_err(|bad| ("rate", bad)),
            (None, Some(cron)) => cron::expression(cron).map_err(|bad| ("cron", bad)),
            (None, None) => Err((
                "",
                BadTime::new("it is not said when it fires", "write `rate = \"1 hour\"` or `cron = \"0 18 * * ? *\"`"),
            )),
            (Some(_), Some(_)) => {
                Err(("cron", BadTime::new("`rate` and `cron` exclude each other", "keep the one that is meant")))
            }
        }
    }

    fn check_name(cx: &Expand<'_>, out: &mut Expansion) {
        let name = rule_name(cx);
        let fits = |each: u8| each.is_ascii_alphanumeric() || b"-_.".contains(&each);
        if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(fits) {
            let hint = format!("1 to {MAX_NAME} letters, digits, `-`, `_` and `.`");
            out.fault(cx, &[], "bad-name", format!("`{}` cannot name a rule", name.escape_debug()), hint);
        }
    }

    fn check_target(&self, cx: &Expand<'_>, out: &mut Expansion) {
        if cx.stack.get::<Function>(&self.target).is_none() {
            let known: Vec<String> = cx.stack.all::<Function>().map(|(address, _)| address.to_string()).collect();
            let hint = did_you_mean(&self.target.to_string(), known.iter().map(String::as_str))
                .unwrap_or_else(|| "a schedule calls a `function.name`".to_owned());
            out.fault(cx, &["target"], "unknown-reference", format!("there is no function `{}`", self.target), hint);
        }
    }

    fn check_input(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let chars = self.input.as_ref().map_or(0, |input| input.0.to_string().chars().count());
        if chars > MAX_INPUT_CHARS {
            let message = format!("the input has {chars} characters as JSON, and EventBridge takes {MAX_INPUT_CHARS}");
            out.fault(cx, &["input"], "too-large", message, "put it into a `param` that the function reads");
        }
    }

    fn targets(&self, cx: &Expand<'_>) -> EventTargets {
        let target = EventTarget {
            id: LIVE.to_owned(),
            arn: function::alias_arn(&cx.of(&self.target)),
            input: self.input.as_ref().map(|input| input.0.clone()),
            dead_letter_arn: Some(queue_arn(cx)),
            retry: Some(RETRY),
        };
        EventTargets { rule: rule_name(cx), targets: vec![target] }
    }
}

/// A queue that EventBridge may leave events of this rule in, and nobody else.
fn dead_letters(cx: &Expand<'_>) -> SqsQueue {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "KeepUndelivered",
        "Effect": "Allow",
        "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage",
        "Resource": queue_arn(cx),
        "Condition": { "ArnEquals": { "aws:SourceArn": rule_arn(cx) } },
    }] });
    SqsQueue {
        policy: Some(policy),
        ..queue::keeping(queue_name(cx), tags(cx.environment(), &cx.address.part("dead_letters")))
    }
}

impl Kind for Schedule {
    const KIND: &'static str = "schedule";
    const ALSO_CALLED: &'static [&'static str] = &["eventbridge", "cron", "rule", "event", "events", "timer"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", rule_name(cx)), ("arn", rule_arn(cx)), ("dead_letters_arn", queue_arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        Self::check_name(cx, out);
        self.check_target(cx, out);
        self.check_input(cx, out);
        let schedule = self.expression().unwrap_or_else(|(key, bad)| {
            let path: &[&str] = if key.is_empty() { &[] } else { &[key] };
            out.fault(cx, path, "bad-schedule", bad.message, bad.hint);
            String::new()
        });
        let part = |name| cx.address.part(name);
        let alias = self.target.part("alias");
        let tags = tags(cx.environment(), &part(Self::KIND));
        out.resource(
            cx,
            Self::KIND,
            &EventRule {
                name: rule_name(cx),
                schedule,
                enabled: self.enabled,
                description: self.description.clone(),
                tags,
            },
        );
        out.resource(cx, "dead_letters", &dead_letters(cx));
        let statement = format!("{OURS}schedule_{}", cx.address.name());
        let its_name = function::physical_name(&cx.of(&self.target));
        let permission = LambdaPermission {
            source_arn: Some(rule_arn(cx)),
            ..LambdaPermission::new(&its_name, LIVE, &statement, "lambda:InvokeFunction", "events.amazonaws.com")
        };
        out.resource(cx, "permission", &permission).after(part(Self::KIND)).after(alias.clone()).address();
        // AWS refuses to delete a rule that still has targets: they go first, because they need it.
        let targets = out.resource(cx, "targets", &self.targets(cx)).after(part(Self::KIND)).after(part("permission"));
        targets.after(part("dead_letters")).after(alias).address();
    }
}

#[cfg(test)]
mod tests;
