//! Answers that AWS did not give.

use bytes::Bytes;
use deployer_local::http::{self, Body, BoxError};
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// What every made-up answer bears as its request id.
pub const REQUEST_ID: &str = "made-by-the-test";

/// A whole answer, to be given again or in parts.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The answer for the caller.
    pub fn response(self) -> Response<Body> {
        with_headers(self.status, self.headers, http::whole(self.body))
    }

    /// Its first half, and then the connection is cut.
    pub fn cut(mut self) -> Response<Body> {
        let length = self.body.len();
        self.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        let half = Ok(Frame::data(self.body.slice(..length / 2)));
        let cut = Err::<_, BoxError>("cut in the middle".into());
        with_headers(self.status, self.headers, StreamBody::new(stream::iter([half, cut])).boxed_unsync())
    }
}

fn with_headers(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An error in the form that the service's SDK reads.
pub fn error(service: &str, status: u16, code: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = format!("<Code>{code}</Code><Message>made by the test</Message>");
    let response = match service {
        "s3" => http::answer(status, "application/xml", format!("<Error>{error}</Error>")),
        "iam" | "sts" | "cloudfront" | "route53" => http::answer(
            status,
            "text/xml",
            format!("<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"),
        ),
        _ => json_error(status, code, json!({})),
    };
    identified(response)
}

/// What DynamoDB answers when another write is under way.
pub fn transaction_conflict(operation: &str, body: &[u8]) -> Response<Body> {
    let items = serde_json::from_slice::<Value>(body).unwrap_or_default()["TransactItems"].as_array().map(Vec::len);
    let refused = match items {
        Some(items) if operation == "dynamodb:TransactWriteItems" => {
            let reason = |at| json!({ "Code": if at == 0 { "TransactionConflict" } else { "None" } });
            let reasons: Vec<_> = (0..items).map(reason).collect();
            json_error(
                StatusCode::BAD_REQUEST,
                "TransactionCanceledException",
                json!({ "CancellationReasons": reasons }),
            )
        }
        _ => json_error(StatusCode::BAD_REQUEST, "TransactionConflictException", json!({})),
    };
    identified(refused)
}

fn json_error(status: StatusCode, code: &str, mut body: Value) -> Response<Body> {
    for field in ["__type", "code"] {
        body[field] = json!(code);
    }
    body["message"] = json!("made by the test");
    let mut response = http::answer(status, "application/json", body.to_string());
    if let Ok(value) = code.parse() {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

fn identified(mut response: Response<Body>) -> Response<Body> {
    for name in ["x-amzn-requestid", "x-amz-request-id"] {
        response.headers_mut().insert(name, HeaderValue::from_static(REQUEST_ID));
    }
    response
}
