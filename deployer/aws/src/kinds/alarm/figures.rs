//! What AWS measures of each kind, and under which names.

use std::collections::BTreeMap;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Expand, Kind as _, output};

use crate::kinds::cdn::Cdn;
use crate::kinds::function::{self, Function};
use crate::kinds::mail::Mail;
use crate::kinds::queue::{self, Queue};
use crate::kinds::schedule::{self, Schedule};
use crate::kinds::table::Table;
use crate::kinds::waf::Waf;

/// One thing that AWS measures.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its word in a rule.
    pub word: &'static str,
    /// Who keeps it.
    pub namespace: &'static str,
    /// Its name there.
    pub metric: &'static str,
    /// What is made of the values of a period.
    pub statistic: &'static str,
    /// What its values are.
    pub unit: Unit,
    /// The metric of which it can be a share, or which says how much a share means.
    pub whole: Option<&'static str>,
    /// Of what it is measured.
    pub of: Of,
}

/// What the values of a figure are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Percent.
    Percent,
    /// A share, of which 1 is the whole.
    Fraction,
}

/// Of what a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The declaration itself.
    Itself,
    /// The queue of what it could not do.
    ItsFailures,
    /// Its URL, which tells its figures under the function's name.
    ItsUrl,
}

/// A figure that is counted.
const fn counted(word: &'static str, namespace: &'static str, metric: &'static str) -> Figure {
    Figure { word, namespace, metric, statistic: "Sum", unit: Unit::Count, whole: None, of: Of::Itself }
}

/// A figure whose largest value counts.
const fn largest(word: &'static str, namespace: &'static str, metric: &'static str, unit: Unit) -> Figure {
    Figure { statistic: "Maximum", unit, ..counted(word, namespace, metric) }
}

impl Figure {
    const fn share_of(self, whole: &'static str) -> Self {
        Self { whole: Some(whole), ..self }
    }

    const fn of(self, of: Of) -> Self {
        Self { of, ..self }
    }
}

const LAMBDA: &str = "AWS/Lambda";
const SQS: &str = "AWS/SQS";
const WAITING: &str = "ApproximateNumberOfMessagesVisible";
/// What waits in the queue of what could not be done.
const FAILURES: Figure = largest("failures", SQS, WAITING, Unit::Count).of(Of::ItsFailures);

/// Figures of functions. Source: Lambda metrics; those of all versions together.
const OF_FUNCTIONS: &[Figure] = &[
    counted("errors", LAMBDA, "Errors").share_of("Invocations"),
    counted("throttles", LAMBDA, "Throttles").share_of("Invocations"),
    largest("duration", LAMBDA, "Duration", Unit::Milliseconds),
    counted("4xx", LAMBDA, "Url4xxCount").share_of("UrlRequestCount").of(Of::ItsUrl),
    counted("5xx", LAMBDA, "Url5xxCount").share_of("UrlRequestCount").of(Of::ItsUrl),
    counted("dropped", LAMBDA, "AsyncEventsDropped"),
    FAILURES,
];
/// Figures of schedules. Source: EventBridge metrics.
const OF_SCHEDULES: &[Figure] = &[counted("failed", "AWS/Events", "FailedInvocations"), FAILURES];
/// Figures of queues. Source: SQS metrics.
const OF_QUEUES: &[Figure] = &[
    largest("messages", SQS, WAITING, Unit::Count),
    largest("age", SQS, "ApproximateAgeOfOldestMessage", Unit::Seconds),
];
/// Figures of tables. Source: DynamoDB metrics; those that have the table alone as their dimension.
const OF_TABLES: &[Figure] = &[
    counted("throttled-reads", "AWS/DynamoDB", "ReadThrottleEvents"),
    counted("throttled-writes", "AWS/DynamoDB", "WriteThrottleEvents"),
];
/// Figures of senders. Source: SES, reputation metrics of a configuration set.
const OF_MAILS: &[Figure] = &[
    Figure { unit: Unit::Fraction, statistic: "Average", ..counted("bounces", "AWS/SES", "Reputation.BounceRate") },
    Figure {
        unit: Unit::Fraction,
        statistic: "Average",
        ..counted("complaints", "AWS/SES", "Reputation.ComplaintRate")
    },
];
/// Figures of front doors. Source: CloudFront metrics, which are in us-east-1.
const OF_CDNS: &[Figure] = &[
    counted("requests", "AWS/CloudFront", "Requests"),
    Figure {
        unit: Unit::Percent,
        statistic: "Average",
        ..counted("4xx", "AWS/CloudFront", "4xxErrorRate").share_of("Requests")
    },
    Figure {
        unit: Unit::Percent,
        statistic: "Average",
        ..counted("5xx", "AWS/CloudFront", "5xxErrorRate").share_of("Requests")
    },
];
/// Figures of firewalls. Source: WAF metrics, which for CloudFront are in us-east-1.
const OF_WAFS: &[Figure] = &[counted("blocked", "AWS/WAFV2", "BlockedRequests")];

/// What is measured of a kind; nothing of kinds that an alarm cannot watch.
pub fn of_kind(kind: &str) -> &'static [Figure] {
    match kind {
        Cdn::KIND => OF_CDNS,
        Function::KIND => OF_FUNCTIONS,
        Mail::KIND => OF_MAILS,
        Queue::KIND => OF_QUEUES,
        Schedule::KIND => OF_SCHEDULES,
        Table::KIND => OF_TABLES,
        Waf::KIND => OF_WAFS,
        _ => &[],
    }
}

/// Whether AWS keeps the figures of a kind in us-east-1, wherever the stack is.
pub fn is_at_the_edge(kind: &str) -> bool {
    [Cdn::KIND, Waf::KIND].contains(&kind)
}

/// Of which object a figure of a declaration is: dimensions and their values. `None`: there is no such object.
pub fn dimensions(figure: &Figure, of: &DeclarationAddress, cx: &Expand<'_>) -> Option<BTreeMap<String, String>> {
    let its = cx.of(of);
    let has_url = || cx.stack.get::<Function>(of).is_some_and(|function| function.url.is_some());
    let pairs = match (figure.of, of.kind()) {
        (Of::ItsFailures, Function::KIND) => vec![("QueueName", cx.stack.get::<Function>(of)?.failures(&its)?.name)],
        (Of::ItsFailures, _) => vec![("QueueName", schedule::queue_name(&its))],
        (Of::Itself, Cdn::KIND) => {
            vec![("DistributionId", output(&of.part(Cdn::KIND), "id")), ("Region", "Global".to_owned())]
        }
        (Of::ItsUrl, _) if !has_url() => return None,
        (Of::Itself | Of::ItsUrl, Function::KIND) => vec![("FunctionName", function::physical_name(&its))],
        (Of::Itself, Mail::KIND) => vec![("ses:configuration-set", Mail::configuration_set(&its))],
        (Of::Itself, Queue::KIND) => vec![("QueueName", queue::physical_name(&its))],
        (Of::Itself, Schedule::KIND) => vec![("RuleName", schedule::rule_name(&its))],
        (Of::Itself, Table::KIND) => vec![("TableName", Table::name(&its))],
        (Of::Itself, Waf::KIND) => vec![("Rule", "ALL".to_owned()), ("WebACL", Waf::physical_name(&its))],
        _ => return None,
    };
    Some(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
