//! Figures that CloudWatch keeps.

mod call;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use call::{Call, not_sent};

/// The operation, as errors name it.
const OPERATION: &str = "GetMetricData";
/// What one value of an answer spans: a day, in seconds.
const PERIOD_SECONDS: u32 = 86_400;
/// Most metrics of one call. Source: GetMetricData.
const MOST_METRICS: usize = 500;

/// One figure that is kept over time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Metric {
    /// Who keeps it: `AWS/Lambda`.
    pub namespace: &'static str,
    /// Its name: `Errors`.
    pub name: &'static str,
    /// Of what: `("FunctionName", "crew-prod-api")`.
    pub of: (&'static str, String),
    /// What of it is asked.
    pub statistic: Statistic,
}

/// What is made of the values of a span.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Statistic {
    /// Added up.
    Sum,
    /// Counted.
    SampleCount,
    /// The largest.
    Maximum,
}

/// Where figures are kept.
pub trait Metrics: Send + Sync {
    /// What each metric comes to from one moment to another, in their order; `None`: nothing was measured.
    fn read<'a>(
        &'a self,
        metrics: &'a [Metric],
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Option<f64>>, CallError>>;
}

/// CloudWatch in the region of the configuration.
pub struct CloudWatch(Call);

impl CloudWatch {
    /// Nothing is connected yet.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self(Call::new(aws))
    }

    async fn ask(&self, metrics: &[Metric], from: Timestamp, to: Timestamp) -> Result<Vec<Option<f64>>, CallError> {
        if metrics.len() > MOST_METRICS {
            return Err(not_sent("more than 500 metrics"));
        }
        let answer = self.0.make(question(metrics, from, to).to_string()).await?;
        values(metrics, &answer)
    }
}

impl Metrics for CloudWatch {
    fn read<'a>(
        &'a self,
        metrics: &'a [Metric],
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Option<f64>>, CallError>> {
        Box::pin(self.ask(metrics, from, to))
    }
}

/// What is asked. Each metric is known again in the answer by its place.
fn question(metrics: &[Metric], from: Timestamp, to: Timestamp) -> Value {
    let one = |(at, metric): (usize, &Metric)| {
        let (dimension, value) = &metric.of;
        json!({
            "Id": id(at),
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{ "Name": dimension, "Value": value }],
                },
                "Period": PERIOD_SECONDS,
                "Stat": metric.statistic.name(),
            },
        })
    };
    json!({
        "StartTime": from.as_second(),
        "EndTime": to.as_second(),
        "MetricDataQueries": metrics.iter().enumerate().map(one).collect::<Vec<_>>(),
    })
}

fn id(at: usize) -> String {
    format!("m{at}")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    metric_data_results: Vec<Values>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Values {
    id: String,
    #[serde(default)]
    values: Vec<f64>,
}

/// What each metric comes to over all days of the answer.
fn values(metrics: &[Metric], text: &str) -> Result<Vec<Option<f64>>, CallError> {
    let answer: Answer =
        serde_json::from_str(text).map_err(|_| CallError::odd_result(OPERATION, "an answer that cannot be read"))?;
    let told: HashMap<String, Vec<f64>> =
        answer.metric_data_results.into_iter().map(|each| (each.id, each.values)).collect();
    let of = |(at, metric): (usize, &Metric)| metric.statistic.over(told.get(&id(at))?);
    Ok(metrics.iter().enumerate().map(of).collect())
}

impl Statistic {
    fn name(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::SampleCount => "SampleCount",
            Self::Maximum => "Maximum",
        }
    }

    /// That of several days, from those of each.
    fn over(self, days: &[f64]) -> Option<f64> {
        let days = days.iter().copied();
        days.reduce(match self {
            Self::Sum | Self::SampleCount => |one, other| one + other,
            Self::Maximum => f64::max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> [Metric; 2] {
        [("Errors", Statistic::Sum), ("Duration", Statistic::Maximum)].map(|(name, statistic)| Metric {
            namespace: "AWS/Lambda",
            name,
            of: ("FunctionName", "crew-prod-api".to_owned()),
            statistic,
        })
    }

    #[test]
    fn days_come_to_one_figure_and_what_was_not_measured_to_none() {
        let text = r#"{"MetricDataResults":[{"Id":"m1","Values":[3.0,9.5,1.0]},{"Id":"m0","Values":[]}]}"#;
        assert_eq!(values(&metrics(), text), Ok(vec![None, Some(9.5)]));
        let sums = text.replace("m1", "m2").replace("m0", "m1").replace("m2", "m0");
        assert_eq!(values(&metrics(), &sums), Ok(vec![Some(13.5), None]));
        assert!(values(&metrics(), "<html>").is_err());
    }

    #[test]
    fn each_metric_is_asked_for_by_its_place_and_in_seconds() {
        let at = |seconds| Timestamp::from_second(seconds).expect("a moment");
        let asked = question(&metrics(), at(0), at(604_800));
        assert_eq!((&asked["StartTime"], &asked["EndTime"]), (&json!(0), &json!(604_800)));
        let query = &asked["MetricDataQueries"][1];
        assert_eq!((&query["Id"], &query["MetricStat"]["Stat"]), (&json!("m1"), &json!("Maximum")));
        let of = json!([{ "Name": "FunctionName", "Value": "crew-prod-api" }]);
        assert_eq!(query["MetricStat"]["Metric"]["Dimensions"], of);
    }
}
