//! Calls of an AWS on this machine, plainly: it believes what a request says of its signer.

use deployer_local::http::{self, Client};
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};

use super::xml;

/// Where the companions of CloudFront are served.
pub const US_EAST_1: &str = "us-east-1";

/// One AWS and a region of it.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    endpoint: String,
    region: String,
}

impl Api {
    /// An endpoint such as `http://127.0.0.1:4566`.
    pub fn new(endpoint: &str, region: &str) -> Self {
        Self { client: http::client(), endpoint: endpoint.to_owned(), region: region.to_owned() }
    }

    /// The same AWS in another region.
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// A call of a JSON service, such as `AmazonSSM.DescribeParameters`.
    pub async fn json(&self, service: &str, target: &str, body: Value) -> Value {
        let request = self
            .request("POST", service, "/")
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .body(http::whole(body.to_string()));
        self.send(request).await.1
    }

    /// All elements of a JSON service's list, page by page; `next` is the field of the page token.
    pub async fn json_list(&self, service: &str, target: &str, body: Value, field: &str, next: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut body = body;
        loop {
            let mut page = self.json(service, target, body.clone()).await;
            found.append(&mut xml::list(&page[field].take()));
            match page[next].as_str() {
                Some(token) => body[next] = json!(token),
                None => return found,
            }
        }
    }

    /// A call of IAM.
    pub async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        self.form("iam", "2010-05-08", action, parameters).await
    }

    /// A call of SNS.
    pub async fn sns(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        self.form("sns", "2010-03-31", action, parameters).await
    }

    async fn form(&self, service: &str, version: &str, action: &str, parameters: &[(&str, &str)]) -> Value {
        let form = parameters
            .iter()
            .fold(format!("Action={action}&Version={version}"), |form, (name, value)| format!("{form}&{name}={value}"));
        let request = self
            .request("POST", service, "/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(http::whole(form));
        self.send(request).await.1[format!("{action}Result")].take()
    }

    /// A GET of a REST service; null where there is none.
    pub async fn get(&self, service: &str, path: &str) -> Value {
        let (status, body, _) = self.send(self.request("GET", service, path).body(http::whole(""))).await;
        if status.is_success() { body } else { Value::Null }
    }

    /// The body of a GET as it is; `None` where there is none.
    pub async fn text(&self, service: &str, path: &str) -> Option<String> {
        let request = self.request("GET", service, path).body(http::whole("")).ok()?;
        let (parts, body) = self.client.request(request).await.expect("the local AWS answers").into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes();
        parts.status.is_success().then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Makes a bucket that keeps old versions.
    pub async fn make_bucket(&self, name: &str) {
        let place = format!("<LocationConstraint>{}</LocationConstraint>", self.region);
        let place = format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>");
        let versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_owned();
        for (path, body) in [(format!("/{name}"), place), (format!("/{name}?versioning"), versioned)] {
            let status = self.send(self.request("PUT", "s3", &path).body(http::whole(body))).await.0;
            assert!(status.is_success(), "{path}: {status}");
        }
    }

    /// Makes a zone that is open to everybody.
    pub async fn make_zone(&self, domain: &str) {
        let zone = format!("<Name>{domain}</Name><CallerReference>{domain}</CallerReference>");
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">{zone}</CreateHostedZoneRequest>"
        );
        let request = self.request("POST", "route53", "/2013-04-01/hostedzone");
        let status = self.send(request.header("content-type", "application/xml").body(http::whole(body))).await.0;
        assert!(status.is_success(), "{domain}: {status}");
    }

    /// The headers of a HEAD.
    pub async fn head(&self, service: &str, path: &str) -> HeaderMap {
        self.send(self.request("HEAD", service, path).body(http::whole(""))).await.2
    }

    fn request(&self, method: &str, service: &str, path: &str) -> hyper::http::request::Builder {
        let region =
            if matches!(service, "wafv2" | "cloudfront" | "iam" | "route53") { US_EAST_1 } else { &self.region };
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential=test/20261121/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        Request::builder().method(method).uri(format!("{}{path}", self.endpoint)).header("authorization", signed)
    }

    async fn send(&self, request: hyper::http::Result<Request<http::Body>>) -> (StatusCode, Value, HeaderMap) {
        let response =
            self.client.request(request.expect("names have no odd characters")).await.expect("the local AWS answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        let value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) if text.is_empty() => Value::Null,
            Err(_) if text.starts_with('<') => xml::parse(&text),
            Err(_) => Value::String(text.into_owned()),
        };
        (parts.status, value, parts.headers)
    }
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
