//! `alarm`: tells somebody when a figure is too high.

mod figures;
mod rule;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::topic;
use crate::duration::Period;
use crate::naming::{main_name, tags};
use crate::region::{Edge, Home, Region};
use crate::resources::cloudwatch_alarm::{self, CloudwatchAlarm, Metric, Watched};

use figures::{Figure, Of, Unit};
pub use rule::{Bound, Rule};

/// Longest name of an alarm. Source: PutMetricAlarm.
const MAX_NAME: usize = 255;
/// How long a figure is looked at where nothing is said, in seconds.
const DEFAULT_OVER_SECONDS: u64 = 300;
/// Longest that all periods of an alarm may be together, in seconds: a day. Source: PutMetricAlarm.
const LONGEST_SECONDS: u64 = 86_400;
/// The region where CloudFront's figures are.
const EDGE_REGION: &str = "us-east-1";

/// Tells a topic when a figure is too high, and again when all is well. Where nothing happened, all is well.
///
/// Figures of a function: `errors`, `throttles`, `4xx`, `5xx` (all of these also as a share), `duration`, `dropped`,
/// `failures`; of a schedule: `failed`, `failures`; of a queue: `messages`, `age`; of a table: `throttled-reads`,
/// `throttled-writes`; of a mail: `bounces`, `complaints`; of a cdn: `requests`, `4xx`, `5xx`; of a waf: `blocked`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// What is watched: `"function.crew-api"`, `"cdn.main"`.
    pub of: DeclarationAddress,
    /// When it goes off: `"errors > 0"`, `"age > 15m"`, or a share of so many at least: `"5xx > 1% of 50"`. Of fewer a
    /// share says nothing.
    pub when: Rule,
    /// How long it is looked at, whole minutes. Default: `5m`.
    #[serde(default = "default_over")]
    pub over: Period,
    /// How often one after the other it must be too high, 1 to 100. Default: 1.
    #[serde(default = "default_times")]
    #[schemars(range(min = 1, max = 100))]
    pub times: u32,
    /// The topic that is told: `"topic.alerts"`.
    pub tell: DeclarationAddress,
    /// Words for whoever is told: what to do. Default: what is watched and when it goes off.
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
}

fn default_over() -> Period {
    Period::from_seconds(DEFAULT_OVER_SECONDS)
}

fn default_times() -> u32 {
    1
}

/// The names of the alarms that tell the topic that `cx` looks from: those of the stack's region, or those of us-east-1.
pub(super) fn tellers(cx: &Expand<'_>, at_the_edge: bool) -> Vec<(DeclarationAddress, String)> {
    let tells = |(_, alarm): &(&DeclarationAddress, &Alarm)| {
        alarm.tell == *cx.address && alarm.is_at_the_edge(cx) == at_the_edge
    };
    let told = cx.stack.all::<Alarm>().filter(tells);
    told.map(|(address, alarm)| (address.clone(), alarm.arn(&cx.of(address)))).collect()
}

impl Alarm {
    /// Whether it stands in us-east-1, although the stack does not.
    fn is_at_the_edge(&self, cx: &Expand<'_>) -> bool {
        figures::is_at_the_edge(self.of.kind()) && cx.environment().region != EDGE_REGION
    }

    fn name(cx: &Expand<'_>) -> String {
        main_name(cx, MAX_NAME)
    }

    fn arn(&self, cx: &Expand<'_>) -> String {
        let environment = cx.environment();
        let region = if self.is_at_the_edge(cx) { EDGE_REGION } else { &environment.region };
        cloudwatch_alarm::arn(region, &environment.account, &Self::name(cx))
    }

    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        topic::check_is_one(cx, out, "tell", &self.tell);
        if !self.over.seconds().is_multiple_of(60) {
            let message = format!("CloudWatch counts whole minutes, and {} is none", self.over);
            out.fault(cx, &["over"], "bad-period", message, "write minutes: `5m`");
        } else if self.over.seconds() * u64::from(self.times) > LONGEST_SECONDS {
            let message = format!("{} times {} is more than a day", self.times, self.over);
            out.fault(cx, &["over"], "too-long", message, "look at it more often, or fewer times");
        }
    }

    /// The figure of the rule; a fault where there is none.
    fn figure(&self, cx: &Expand<'_>, out: &mut Expansion) -> Option<&'static Figure> {
        let known = figures::of_kind(self.of.kind());
        if cx.stack.declared(&self.of).is_none() || known.is_empty() {
            let watched = |each: &&DeclarationAddress| !figures::of_kind(each.kind()).is_empty();
            let declared: Vec<String> = cx.stack.addresses().filter(watched).map(ToString::to_string).collect();
            let hint = did_you_mean(&self.of.to_string(), declared.iter().map(String::as_str))
                .unwrap_or_else(|| "functions, schedules, queues, tables, mails, cdns and wafs are".to_owned());
            let message = format!("nothing is measured of `{}`", self.of);
            out.fault(cx, &["of"], "unknown-reference", message, hint);
            return None;
        }
        let found = known.iter().find(|each| each.word == self.when.figure);
        if found.is_none() {
            let words = known.iter().map(|each| each.word);
            let hint = did_you_mean(&self.when.figure, words.clone())
                .unwrap_or_else(|| format!("what is measured: {}", words.collect::<Vec<_>>().join(", ")));
            let message = format!("`{}` is not measured of a {}", self.when.figure.escape_debug(), self.of.kind());
            out.fault(cx, &["when"], "unknown-figure", message, hint);
        }
        found
    }

    /// What is watched, and above which value it goes off; why not otherwise.
    fn watched(
        &self,
        figure: &Figure,
        dimensions: BTreeMap<String, String>,
        local: bool,
    ) -> Result<(Watched, f64), String> {
        let metric = |name: &str, statistic: &str| Metric {
            namespace: figure.namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            statistic: statistic.to_owned(),
            period_seconds: self.over.seconds(),
        };
        let one = Watched::One(metric(figure.metric, figure.statistic));
        match (self.when.above, figure.unit, figure.whole) {
            (Bound::Count(count), Unit::Count, _) => Ok((one, f64::from(count))),
            (Bound::Time(period), Unit::Seconds, _) => Ok((one, period.seconds() as f64)),
            (Bound::Time(period), Unit::Milliseconds, _) => Ok((one, period.seconds() as f64 * 1000.0)),
            (Bound::Share { percent, of: None }, Unit::Fraction, _) => Ok((one, percent / 100.0)),
            // The local AWS keeps no figures that are made of others: the part alone is watched there.
            (Bound::Share { percent, of: Some(_) }, Unit::Percent, Some(_)) if local => Ok((one, percent)),
            (Bound::Share { percent, of: Some(least) }, _, Some(_)) if local => {
                Ok((one, percent / 100.0 * f64::from(least)))
            }
            (Bound::Share { percent, of: Some(least) }, unit, Some(whole)) => {
                let share = if unit == Unit::Percent { "part" } else { "100 * part / whole" };
                let expression = format!("IF(whole >= {least}, {share}, 0)");
                let of = [("part", metric(figure.metric, figure.statistic)), ("whole", metric(whole, "Sum"))];
                let of = of.map(|(id, metric)| (id.to_owned(), metric)).into();
                Ok((Watched::Made { expression, of }, percent))
            }
            (Bound::Share { .. }, _, Some(_)) => Err(format!("write of how many at least: `{} of 50`", self.when)),
            (_, Unit::Count, _) => Err(format!("write a number: `{} > 0`", figure.word)),
            (_, Unit::Seconds | Unit::Milliseconds, _) => Err(format!("write a time: `{} > 10s`", figure.word)),
            (_, Unit::Percent, _) => Err(format!("write a share of so many: `{} > 1% of 50`", figure.word)),
            (_, Unit::Fraction, _) => Err(format!("write a share alone: `{} > 5%`", figure.word)),
        }
    }

    fn resource<R: Region>(
        &self,
        cx: &Expand<'_>,
        (watches, threshold): (Watched, f64),
        topic: String,
    ) -> CloudwatchAlarm<R> {
        let said = || format!("{} of {}: {} over {}", self.of, cx.environment().stack, self.when, self.over);
        CloudwatchAlarm {
            name: Self::name(cx),
            description: self.description.clone().unwrap_or_else(said),
            watches,
            threshold,
            periods: self.times,
            missing: "notBreaching".to_owned(),
            tells: vec![topic],
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
            region: PhantomData,
        }
    }
}

impl Kind for Alarm {
    const KIND: &'static str = "alarm";
    const ALSO_CALLED: &'static [&'static str] = &["cloudwatch", "metric"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", Self::name(cx)), ("arn", self.arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let Some(figure) = self.figure(cx, out) else { return };
        let Some(dimensions) = figures::dimensions(figure, &self.of, cx) else {
            let (lacks, hint) = match figure.of {
                Of::ItsUrl => ("has no URL", "give it one: `url = { auth = \"cdn\" }`"),
                Of::Itself | Of::ItsFailures => {
                    ("keeps nothing that failed", "name a place: `failures = \"queue.failed\"`")
                }
            };
            return out.fault(cx, &["when"], "unknown-figure", format!("`{}` {lacks}", self.of), hint);
        };
        let watched = match self.watched(figure, dimensions, cx.environment().local) {
            Ok(watched) => watched,
            Err(hint) => {
                let message = format!("`{}` cannot be compared so", figure.word);
                return out.fault(cx, &["when"], "bad-rule", message, hint);
            }
        };
        let its = cx.of(&self.tell);
        if self.is_at_the_edge(cx) {
            let alarm: CloudwatchAlarm<Edge> = self.resource(cx, watched, topic::edge_arn(&its));
            out.resource(cx, Self::KIND, &alarm).after(self.tell.part(topic::EDGE)).address();
        } else {
            let alarm: CloudwatchAlarm<Home> = self.resource(cx, watched, topic::arn(&its));
            out.resource(cx, Self::KIND, &alarm).after(self.tell.part("topic")).address();
        }
    }
}

#[cfg(test)]
mod tests;
