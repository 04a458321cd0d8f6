//! What an alarm watches: a metric, or what is made of several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a figure made of others is called among them.
const RESULT: &str = "result";

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Watched {
    /// What is made of several metrics.
    Made {
        /// How: metric math over the names of `of`. Source: MetricDataQuery.
        expression: String,
        /// The metrics, each by the name that the expression has for it.
        of: BTreeMap<String, Metric>,
    },
    /// A metric as it is.
    One(Metric),
}

/// A figure that AWS keeps over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Who keeps it: `AWS/Lambda`.
    pub namespace: String,
    /// Its name: `Errors`.
    pub name: String,
    /// Of what: `FunctionName` is `crew-prod-api`.
    pub dimensions: BTreeMap<String, String>,
    /// What is made of the values of a period: `Sum`, `Average`, `Maximum`.
    pub statistic: String,
    /// How long a period is, in seconds: 60 and its multiples.
    pub period_seconds: u64,
}

impl Metric {
    fn identity(&self) -> Value {
        let dimensions: Vec<_> =
            self.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
        json!({ "Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions })
    }

    /// The metric of a description, and its statistic and period beside it.
    fn of(identity: &Value, statistic: &Value, period: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let dimensions = identity["Dimensions"].as_array().into_iter().flatten();
        Self {
            namespace: text(&identity["Namespace"]),
            name: text(&identity["MetricName"]),
            dimensions: dimensions.map(|each| (text(&each["Name"]), text(&each["Value"]))).collect(),
            statistic: text(statistic),
            period_seconds: period.as_u64().unwrap_or_default(),
        }
    }
}

impl Watched {
    /// The fields of PutMetricAlarm that say it.
    pub(super) fn fields(&self) -> Value {
        match self {
            Self::One(metric) => {
                let mut fields = metric.identity();
                fields["Statistic"] = json!(metric.statistic);
                fields["Period"] = json!(metric.period_seconds);
                fields
            }
            Self::Made { expression, of } => {
                let result = json!({ "Id": RESULT, "Expression": expression, "ReturnData": true });
                let one = |(id, metric): (&String, &Metric)| {
                    let stat = json!({ "Metric": metric.identity(), "Period": metric.period_seconds, "Stat": metric.statistic });
                    json!({ "Id": id, "MetricStat": stat, "ReturnData": false })
                };
                json!({ "Metrics": of.iter().map(one).chain([result]).collect::<Vec<_>>() })
            }
        }
    }

    pub(super) fn of(alarm: &Value) -> Self {
        let Some(queries) = alarm["Metrics"].as_array().filter(|queries| !queries.is_empty()) else {
            return Self::One(Metric::of(alarm, &alarm["Statistic"], &alarm["Period"]));
        };
        let expression = queries.iter().find_map(|each| each["Expression"].as_str()).unwrap_or_default().to_owned();
        let metric = |each: &Value| {
            let stat = each.get("MetricStat").filter(|stat| stat.is_object())?;
            Some((each["Id"].as_str()?.to_owned(), Metric::of(&stat["Metric"], &stat["Stat"], &stat["Period"])))
        };
        Self::Made { expression, of: queries.iter().filter_map(metric).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str) -> Metric {
        Metric {
            namespace: "AWS/Lambda".to_owned(),
            name: name.to_owned(),
            dimensions: BTreeMap::from([("FunctionName".to_owned(), "api".to_owned())]),
            statistic: "Sum".to_owned(),
            period_seconds: 300,
        }
    }

    #[test]
    fn what_is_watched_is_described_as_it_was_said() {
        let of = BTreeMap::from(
            [("part", "Errors"), ("whole", "Invocations")].map(|(id, name)| (id.to_owned(), metric(name))),
        );
        let made = Watched::Made { expression: "100 * part / whole".to_owned(), of };
        for watched in [Watched::One(metric("Errors")), made] {
            assert_eq!(Watched::of(&watched.fields()), watched);
        }
    }
}
