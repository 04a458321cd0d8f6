//! What the logs of functions tell of their runs: how many, how long, how much memory, how many errors.

use std::collections::BTreeMap;

use deployer_aws::log_events::LogEvent;
use serde::Serialize;
use serde_json::Value;

/// How Lambda begins the line that sums an invocation up. Source: "Lambda log formats", plain text.
const REPORT: &str = "REPORT RequestId:";

/// The runs of one function.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    /// How many have ended.
    pub invocations: usize,
    /// How many lines are errors, and how many runs did not end well.
    pub errors: usize,
    /// Half of the runs were shorter, in milliseconds; `None`: there was none.
    pub median_ms: Option<f64>,
    /// Nineteen of twenty were shorter, in milliseconds.
    pub p95_ms: Option<f64>,
    /// The longest, in milliseconds.
    pub longest_ms: Option<f64>,
    /// The most memory that one used, in MB; `None`: nobody measured it, as on the local AWS.
    pub memory_mb: Option<u64>,
    /// What it may use, in MB.
    pub memory_limit_mb: Option<u64>,
}

/// The runs that the events tell of.
pub fn measured<'a>(events: impl IntoIterator<Item = &'a LogEvent>) -> Measured {
    let mut all = Measured::default();
    let mut durations = Vec::new();
    for event in events {
        let message = event.message.trim_end();
        let Some(report) = message.strip_prefix(REPORT) else {
            all.errors += usize::from(is_error(message));
            continue;
        };
        let fields: BTreeMap<&str, &str> =
            report.split('\t').filter_map(|field| field.trim().split_once(": ")).collect();
        let number = |name: &str| fields.get(name).and_then(|value| value.split(' ').next()?.parse::<f64>().ok());
        all.invocations += 1;
        // It stands there only when the run did not end well: `timeout`, `error`.
        all.errors += usize::from(fields.contains_key("Status"));
        durations.extend(number("Duration"));
        let megabytes = |name: &str| number(name).map(|found| found as u64).filter(|found| *found > 0);
        all.memory_mb = all.memory_mb.max(megabytes("Max Memory Used"));
        all.memory_limit_mb = all.memory_limit_mb.max(megabytes("Memory Size"));
    }
    durations.sort_by(f64::total_cmp);
    all.median_ms = quantile(&durations, 50);
    all.p95_ms = quantile(&durations, 95);
    all.longest_ms = durations.last().copied();
    all
}

fn is_error(message: &str) -> bool {
    let level = serde_json::from_str::<Value>(message).ok();
    let level = level.as_ref().and_then(|each| each["level"].as_str());
    level.is_some_and(|level| matches!(level.to_ascii_uppercase().as_str(), "ERROR" | "FATAL"))
}

/// The value below or at which so many of a hundred are; `None` when there is none.
fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(message: &str) -> LogEvent {
        LogEvent { id: message.to_owned(), at_ms: 0, message: message.to_owned() }
    }

    #[test]
    fn runs_are_counted_and_measured_by_what_lambda_reports_of_each() {
        let report = |ms: u32, more: &str| {
            event(&format!(
                "REPORT RequestId: a{ms}\tDuration: {ms}.5 ms\tBilled Duration: {ms} ms\tMemory Size: 256 MB\tMax Memory Used: {ms} MB\t{more}\n"
            ))
        };
        let mut events: Vec<LogEvent> = (1..=20).rev().map(|ms| report(ms, "")).collect();
        events.push(report(30, "Status: timeout"));
        events.push(event(r#"{"level":"ERROR","message":"x"}"#));
        events.push(event(r#"{"level":"INFO","message":"ERROR"}"#));
        events.push(event("START RequestId: a1 Version: 2"));
        let found = measured(&events);
        assert_eq!(
            found,
            Measured {
                invocations: 21,
                errors: 2,
                median_ms: Some(11.5),
                p95_ms: Some(20.5),
                longest_ms: Some(30.5),
                memory_mb: Some(30),
                memory_limit_mb: Some(256)
            }
        );
        assert_eq!(measured(&[]), Measured::default());
        let unmeasured = [event("REPORT RequestId: a\tDuration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\t\n")];
        assert_eq!(measured(&unmeasured).memory_mb, None);
    }
}
