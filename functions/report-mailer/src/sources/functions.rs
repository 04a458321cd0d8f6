//! How the functions do, from what CloudWatch measures of each.

use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::config::FunctionName;
use functions_shared::metrics::{Metric, Metrics, Statistic};
use jiff::{SignedDuration, Timestamp};

use super::{Dated, Source};
use crate::live::FunctionHealth;

/// How many days are looked at.
const DAYS: u32 = 7;
/// What is asked of each function, in the order in which [`health`] takes it.
const ASKED: [(&str, Statistic); 6] = [
    ("Invocations", Statistic::Sum),
    ("Errors", Statistic::Sum),
    ("Throttles", Statistic::Sum),
    ("Duration", Statistic::Sum),
    ("Duration", Statistic::SampleCount),
    ("Duration", Statistic::Maximum),
];

/// Reads what CloudWatch measures of some functions.
pub struct FunctionMetrics {
    /// Where figures are kept.
    pub metrics: Arc<dyn Metrics>,
    /// The functions.
    pub functions: Vec<FunctionName>,
}

impl FunctionMetrics {
    async fn of_all(&self, at: Timestamp) -> Result<Dated<Vec<FunctionHealth>>, CallError> {
        let from = at - SignedDuration::from_hours(i64::from(DAYS) * 24);
        let of = |function: &FunctionName| {
            let name = function.as_str().to_owned();
            ASKED.map(|(metric, statistic)| Metric {
                namespace: "AWS/Lambda",
                name: metric,
                of: ("FunctionName", name.clone()),
                statistic,
            })
        };
        let asked: Vec<Metric> = self.functions.iter().flat_map(of).collect();
        let told = self.metrics.read(&asked, from, at).await?;
        let each = self.functions.iter().zip(told.chunks(ASKED.len()));
        Ok(Dated { data: each.map(|(name, told)| health(name, told)).collect(), at })
    }
}

impl Source<Vec<FunctionHealth>> for FunctionMetrics {
    fn name(&self) -> &'static str {
        "CloudWatch metrics"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Vec<FunctionHealth>>, CallError>> {
        Box::pin(self.of_all(at))
    }
}

/// Nothing measured of calls, errors and throttles means that there were none.
fn health(function: &FunctionName, told: &[Option<f64>]) -> FunctionHealth {
    let told = |at: usize| told.get(at).copied().flatten();
    // CloudWatch tells whole numbers of things as decimals.
    let count = |at: usize| told(at).unwrap_or_default().max(0.0).round() as u64;
    let mean = told(3).zip(told(4)).filter(|(_, calls)| *calls > 0.0).map(|(sum, calls)| sum / calls);
    FunctionHealth {
        function: function.as_str().to_owned(),
        days: DAYS,
        invocations: count(0),
        errors: count(1),
        throttles: count(2),
        mean_ms: mean,
        longest_ms: told(5),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Tells the same of every function, and remembers the span.
    #[derive(Default)]
    struct Told(Mutex<Option<(Timestamp, Timestamp)>>);

    impl Metrics for Told {
        fn read<'a>(
            &'a self,
            metrics: &'a [Metric],
            from: Timestamp,
            to: Timestamp,
        ) -> BoxFuture<'a, Result<Vec<Option<f64>>, CallError>> {
            *self.0.lock().expect("never poisoned") = Some((from, to));
            let idle = |metric: &Metric| metric.of.1.contains("idle");
            let value = |metric: &Metric| match (metric.name, metric.statistic) {
                ("Invocations", _) | (_, Statistic::SampleCount) => 200.0,
                ("Errors", _) => 3.0,
                ("Throttles", _) => 0.0,
                (_, Statistic::Maximum) => 910.5,
                _ => 8_000.0,
            };
            let told = metrics.iter().map(|metric| (!idle(metric)).then(|| value(metric))).collect();
            Box::pin(async { Ok(told) })
        }
    }

    #[tokio::test]
    async fn a_week_of_each_function_is_read_and_an_idle_one_has_no_times() {
        let metrics = Arc::new(Told::default());
        let functions = ["crew-api", "idle"].map(|name| name.parse().expect("a name")).to_vec();
        let at: Timestamp = "2026-11-21T16:00:00Z".parse().expect("a moment");
        let source = FunctionMetrics { metrics: metrics.clone(), functions };
        let read = source.read(at).await.expect("told").data;
        let busy = FunctionHealth {
            function: "crew-api".to_owned(),
            days: 7,
            invocations: 200,
            errors: 3,
            throttles: 0,
            mean_ms: Some(40.0),
            longest_ms: Some(910.5),
        };
        let idle = FunctionHealth {
            function: "idle".to_owned(),
            invocations: 0,
            errors: 0,
            mean_ms: None,
            longest_ms: None,
            ..busy.clone()
        };
        assert_eq!(read, [busy, idle]);
        let span = metrics.0.lock().expect("never poisoned").expect("asked");
        assert_eq!(span, ("2026-11-14T16:00:00Z".parse().expect("a moment"), at));
    }
}
