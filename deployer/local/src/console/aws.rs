//! Asking the local AWS, by calls that only read.

use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};
use serde_json::Value;

use crate::http::{self, BoxError, Client};

/// The local AWS behind the console.
pub struct Aws<'a> {
    /// Calls it.
    pub client: &'a Client,
    /// Where it is.
    pub endpoint: &'a str,
}

/// An operation of a service that is called with JSON.
pub struct Operation {
    /// The service as signatures name it.
    pub service: &'static str,
    /// The operation as the header `x-amz-target` names it.
    pub target: &'static str,
}

/// The rows of a table.
pub const SCAN: Operation = Operation { service: "dynamodb", target: "DynamoDB_20120810.Scan" };
/// The keys of a table.
pub const DESCRIBE_TABLE: Operation = Operation { service: "dynamodb", target: "DynamoDB_20120810.DescribeTable" };
/// What a log holds.
pub const FILTER_LOG_EVENTS: Operation = Operation { service: "logs", target: "Logs_20140328.FilterLogEvents" };
/// Parameters, those that are encrypted as such.
pub const GET_PARAMETERS: Operation = Operation { service: "ssm", target: "AmazonSSM.GetParameters" };

impl Aws<'_> {
    /// Calls an operation in a region; absent: it refused, mostly because what is asked for is not there.
    pub async fn ask(&self, region: &str, operation: &Operation, body: Value) -> Result<Option<Value>, BoxError> {
        let Operation { service, target } = operation;
        // The local AWS believes what a request says of its signer.
        let signer = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let request = Request::post(format!("{}/", self.endpoint))
            .header("authorization", signer)
            .header("x-amz-target", *target)
            .header("content-type", "application/x-amz-json-1.1")
            .body(http::whole(body.to_string()))?;
        self.answer(request).await
    }

    /// Reads a path of Lambda in a region; absent: it refused.
    pub async fn lambda(&self, region: &str, path: &str) -> Result<Option<Value>, BoxError> {
        let signer = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/lambda/aws4_request, SignedHeaders=host, Signature=0"
        );
        let request = Request::get(format!("{}{path}", self.endpoint)).header("authorization", signer);
        self.answer(request.body(http::whole(""))?).await
    }

    async fn answer(&self, request: Request<http::Body>) -> Result<Option<Value>, BoxError> {
        let (parts, body) = self.client.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        match parts.status {
            StatusCode::OK => Ok(Some(serde_json::from_slice(&body)?)),
            status if status.is_client_error() => Ok(None),
            status => Err(format!("status {status}").into()),
        }
    }
}
