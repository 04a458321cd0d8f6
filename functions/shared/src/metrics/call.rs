//! The one call of CloudWatch, as JSON that is signed and posted here: the SDK's crate for it would bring CBOR,
//! compression, big decimals and a second set of types for HTTP into every function.

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
use serde_json::Value;

use super::OPERATION;
use crate::aws::Aws;
use crate::call_error::{CallError, Effect};
use crate::webhook;

/// The operation, as the JSON protocol names it.
const TARGET: &str = "GraniteServiceVersion20100801.GetMetricData";
/// The media type of that protocol.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// For whom requests are signed, and the beginning of the host.
const SERVICE: &str = "monitoring";
/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(8);

/// The way to CloudWatch.
pub struct Call {
    aws: Arc<Aws>,
    connector: Connector,
}

impl Call {
    /// Nothing is connected yet.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, connector: webhook::connector() }
    }

    /// Sends a question and gives back the answer's text.
    pub async fn make(&self, question: String) -> Result<String, CallError> {
        let request = self.signed(question).await?;
        let answer = tokio::time::timeout(TIMEOUT, self.connector.call(request)).await;
        let answer = answer.map_err(|_| CallError::odd_result(OPERATION, "no answer in time"))?;
        text(answer.map_err(|_| CallError::odd_result(OPERATION, "no connection"))?).await
    }

    /// A request with this body, signed for the credentials of the function.
    async fn signed(&self, body: String) -> Result<HttpRequest, CallError> {
        let config = self.aws.config();
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

/// A call that had no effect, for this reason.
pub fn not_sent(code: &str) -> CallError {
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

#[cfg(test)]
mod tests {
    use super::*;

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
