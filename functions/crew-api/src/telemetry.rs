//! One line about each request: a log for people, and a metric for CloudWatch in the same words.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

/// The namespace of the metrics.
const NAMESPACE: &str = "ShipCaptainCrew";
/// The one dimension, and its value. Each further one would cost a metric for each of its values: the route is a
/// property, found by a query of the log.
const SERVICE: (&str, &str) = ("service", "crew-api");

/// Where lines go.
pub trait Lines: Send + Sync {
    /// Writes one line.
    fn write(&self, line: &str);
}

/// Standard output, which Lambda keeps as the function's log.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardOutput;

impl Lines for StandardOutput {
    fn write(&self, line: &str) {
        // A log that cannot be written must not take the answer with it.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// What is told of a request. Neither path nor query: they may hold what is nobody's business.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answered<'a> {
    /// When the answer was ready.
    pub at: Timestamp,
    /// The method.
    pub method: &'a str,
    /// The route's pattern, such as `/api/people/{person_id}`.
    pub route: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// How long it took.
    pub duration_ms: u64,
    /// Lambda's name for the request, where there is one.
    pub request_id: Option<&'a str>,
}

/// The line, in CloudWatch's embedded metric format.
pub fn line(answered: &Answered<'_>) -> String {
    let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
    let metrics: Vec<Value> = vec![
        metric("requests", "Count"),
        metric("duration_ms", "Milliseconds"),
        metric("client_errors", "Count"),
        metric("server_errors", "Count"),
    ];
    let mut line = json!({
        "timestamp": answered.at.to_string(),
        "level": "INFO",
        "message": "answered",
        "method": answered.method,
        "route": answered.route,
        "status": answered.status,
        "requests": 1,
        "duration_ms": answered.duration_ms,
        "client_errors": u8::from((400..500).contains(&answered.status)),
        "server_errors": u8::from(answered.status >= 500),
        "_aws": {
            "Timestamp": answered.at.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [[SERVICE.0]], "Metrics": metrics }],
        },
    });
    line[SERVICE.0] = json!(SERVICE.1);
    if let Some(id) = answered.request_id {
        line["request_id"] = json!(id);
    }
    line.to_string()
}
