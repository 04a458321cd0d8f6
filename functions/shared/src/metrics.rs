//! Figures that CloudWatch keeps.
//!
//! One operation is asked of it, as JSON that is signed and posted here: the SDK's crate for it would bring CBOR,
//! compression, big decimals and a second set of types for HTTP into every function.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::{CallError, Effect};
use crate::webhook;

/// The operation, as errors name it.
const OPERATION: &str = "GetMetricData";
/// The operation, as the JSON protocol names it.
const TARGET: &str = "GraniteServiceVersion20100801.GetMetricData";
/// The media type of that protocol.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// For whom requests are signed, and the beginning of the host.
const SERVICE: &str = "monitoring";
/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(8);
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
pub struct CloudWatch {
    aws: Arc<Aws>,
    connector: Connector,
}

impl CloudWatch {
    /// Nothing is connected yet.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, connector: webhook::connector() }
    }

    async fn ask(&self, metrics: &[Metric], from: Timestamp, to: Timestamp) -> Result<Vec<Option<f64>>, CallError> {
        if metrics.len() > MOST_METRICS {
            return Err(not_sent("more than 500 metrics"));
        }
        let body = question(metrics, from, to).to_string();
        let request = self.signed(body).await?;
        let answer = tokio::time::timeout(TIMEOUT, self.connector.call(request)).await;
        let answer = answer.map_err(|_| CallError::odd_result(OPERATION, "no answer in time"))?;
        let answer = answer.map_err(|_| CallError::odd_result(OPERATION, "no connection"))?;
        values(metrics, &text(answer).await?)
    }

    /// A request with this body, signed for the credentials of the function.
    async fn signed(&self, body: String) -> Result<HttpRequest, CallError> {
        let config = self.aws.config().await;
        let region = config.region().ok_or_else(|| not_sent("no region"))?.to_string();
        let address = match config.endpoint_url() {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://{SERVICE}.{region}.amazonaws.com/"),
        };
        let provider = config.credentials_provider().ok_or_else(|| not_sent("no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(|_| not_sent("no credentials"))?;
        request(&address, &region, credentials, SystemTime::now(), body).ok_or_else(|| not_sent("not signed"))
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

fn not_sent(code: &str) -> CallError {
    CallError { operation: OPERATION, code: code.to_owned(), request_id: None, effect: Effect::None }
}

fn request(address: &str, region: &str, credentials: Credentials, at: SystemTime, body: String) -> Option<HttpRequest> {
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(at)
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let headers = [("content-type", CONTENT_TYPE), ("x-amz-target", TARGET)];
    let signable = SignableRequest::new("POST", address, headers.into_iter(), SignableBody::Bytes(body.as_bytes()));
    let (signature, _) = sign(signable.ok()?, &parameters).ok()?.into_parts().0.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").ok()?;
    request.set_uri(address).ok()?;
    let signature = signature.iter().map(|header| (header.name(), header.value().to_owned()));
    for (name, value) in headers.map(|(name, value)| (name, value.to_owned())).into_iter().chain(signature) {
        request.headers_mut().try_insert(name, value).ok()?;
    }
    Some(request)
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

/// The body of an answer, or the code of an error.
async fn text(answer: HttpResponse) -> Result<String, CallError> {
    let status = answer.status();
    let body = ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|_| CallError::odd_result(OPERATION, "the body ended early"))?.into_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    match status.is_success() {
        true => Ok(text),
        // Its message may name what was asked for: the code is enough.
        false => Err(not_sent(&code(&text).unwrap_or_else(|| format!("status {}", status.as_u16())))),
    }
}

/// The code of an error: `com.amazonaws.cloudwatch#AccessDenied` is `AccessDenied`.
fn code(text: &str) -> Option<String> {
    let told: Value = serde_json::from_str(text).ok()?;
    told["__type"].as_str()?.rsplit('#').next().map(str::to_owned)
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

    #[test]
    fn a_request_is_signed_for_its_service_and_its_body() {
        let of = |body: &str| {
            let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "a test");
            let address = "https://monitoring.us-west-2.amazonaws.com/";
            let at = SystemTime::UNIX_EPOCH;
            let request = request(address, "us-west-2", credentials, at, body.to_owned()).expect("a request");
            let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
            assert_eq!(
                (header("x-amz-target"), header("x-amz-security-token")),
                (TARGET.to_owned(), "token".to_owned())
            );
            header("authorization")
        };
        let signed = of("{}");
        assert!(signed.contains("/19700101/us-west-2/monitoring/aws4_request"), "{signed}");
        assert!(signed.contains("content-type;host;x-amz-date"), "{signed}");
        assert_ne!(signed, of("{ }"), "the body is signed too");
    }

    #[test]
    fn an_error_is_told_by_its_code_alone() {
        let text = r#"{"__type":"com.amazonaws.cloudwatch#AccessDenied","message":"User: arn:aws:iam::1:jane"}"#;
        assert_eq!(code(text).as_deref(), Some("AccessDenied"));
        assert_eq!(code("no JSON"), None);
    }
}
