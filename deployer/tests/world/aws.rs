//! The local AWS without an SDK: it believes what a request says of its signer.

use deployer_local::http::{self, Client};
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Method, Request};
use serde_json::{Value, json};

/// One AWS and a region of it, with the rights of its owner.
pub struct Aws {
    client: Client,
    endpoint: String,
    region: String,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Aws {
    pub fn new(endpoint: &str, region: &str) -> Self {
        Self { client: http::client(), endpoint: endpoint.to_owned(), region: region.to_owned() }
    }

    /// A call of a JSON service, such as `ssm`, `AmazonSSM.GetParameter`. It must succeed.
    pub async fn json(&self, service: &str, target: &str, body: Value) -> Value {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")];
        let answer = self.signed(Method::POST, service, "/", &headers, body.to_string()).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        answer.json()
    }

    /// A call of IAM; the XML that it answers. It must succeed.
    pub async fn iam(&self, form: &[(&str, &str)]) -> String {
        self.form("iam", "2010-05-08", form).await
    }

    /// A call of SNS; the XML that it answers. It must succeed.
    pub async fn sns(&self, form: &[(&str, &str)]) -> String {
        self.form("sns", "2010-03-31", form).await
    }

    async fn form(&self, service: &str, version: &str, form: &[(&str, &str)]) -> String {
        let pairs = form.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
        let form = std::iter::once(format!("Version={version}")).chain(pairs).collect::<Vec<_>>().join("&");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.signed(Method::POST, service, "/", &headers, form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// A call of a REST service. It must succeed.
    pub async fn rest(&self, method: Method, service: &str, path: &str, body: &str) -> Answer {
        let answer = self.signed(method, service, path, &[("content-type", "application/json")], body.to_owned()).await;
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.body);
        answer
    }

    /// The value of a parameter, decrypted.
    pub async fn parameter(&self, name: &str) -> String {
        let found = self.json("ssm", "AmazonSSM.GetParameter", json!({ "Name": name, "WithDecryption": true })).await;
        found["Parameter"]["Value"].as_str().expect("a value").to_owned()
    }

    pub async fn put_parameter(&self, name: &str, value: &str) {
        let body = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
        self.json("ssm", "AmazonSSM.PutParameter", body).await;
    }

    async fn signed(
        &self,
        method: Method,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let signer = format!(
            "AWS4-HMAC-SHA256 Credential=test/20261121/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.region
        );
        let headers = [("authorization", signer.as_str())].into_iter().chain(headers.iter().copied());
        self.request(method, path, headers, body).await
    }

    /// A request as anybody may send it, such as a browser: `host` tells whose front door it knocks at.
    pub async fn ask(&self, host: &str, path: &str) -> Answer {
        self.request(Method::GET, path, [("host", host), ("x-forwarded-proto", "https")].into_iter(), String::new())
            .await
    }

    /// A request that changes something, sent by a tool whose session this is.
    pub async fn send(&self, method: Method, host: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let own = [("host", host), ("x-forwarded-proto", "https"), ("content-type", "application/json")];
        self.request(method, path, own.into_iter().chain(headers.iter().copied()), body.to_string()).await
    }

    async fn request<'a>(
        &self,
        method: Method,
        path: &str,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.endpoint));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(http::whole(body)).expect("a request");
        let (parts, body) = self.client.request(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// A value in a form.
fn escaped(text: &str) -> String {
    let bytes = text
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    bytes.collect()
}
