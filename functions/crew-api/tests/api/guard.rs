//! Nobody gets in beside the front door.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use functions_shared::testing::sail;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::door::{Answer, SECRET, SECRET_NAME, World};

const PATHS: [&str; 5] = ["/api/sails", "/api/sun", "/healthz", "/api/none", "/"];

fn with(headers: &[&str], path: &str) -> Request<Body> {
    let request = Request::builder().uri(path);
    let add = |request: axum::http::request::Builder, value: &&str| request.header("x-origin-verify", *value);
    let request = headers.iter().fold(request, add);
    request.body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn without_the_secret_every_path_is_forbidden() {
    let world = World::new([sail("evening", "2026-11-22T00:00:00Z")]);
    for path in PATHS {
        for headers in [&[][..], &[""], &["wrong"], &[SECRET, SECRET], &["wrong", SECRET]] {
            let answer = world.send(with(headers, path)).await;
            answer.is_problem(403);
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn forbidden_is_the_same_answer_for_what_exists_and_what_does_not() {
    let world = World::new([]);
    let known = world.send(with(&["wrong"], "/api/sails")).await;
    let unknown = world.send(with(&["wrong"], "/api/none")).await;
    assert_eq!(known.json, unknown.json);
}

#[tokio::test]
async fn with_the_secret_it_opens() {
    let world = World::new([]);
    let answer = world.send(with(&[SECRET], "/api/sun")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_rotated_secret_opens_after_thirty_seconds_and_the_old_one_no_longer() {
    const NEW: &str = "the-next-secret-of-the-door";
    let world = World::new([]);
    assert_eq!(world.get("/api/sun").await.status, StatusCode::OK);
    world.parameters.set(SECRET_NAME, NEW);
    world.clock.advance(SignedDuration::from_secs(30));
    let new = world.send(with(&[NEW], "/api/sun")).await;
    assert_eq!(new.status, StatusCode::OK);
    world.send(with(&[SECRET], "/api/sun")).await.is_problem(403);
}

#[tokio::test]
async fn without_a_parameter_store_or_a_parameter_nothing_opens() {
    let world = World::new([]);
    world.parameters.set_down(true);
    world.get("/api/sun").await.is_problem(503);

    let world = World::new([]);
    world.parameters.remove(SECRET_NAME);
    world.get("/api/sun").await.is_problem(503);
    world.send(with(&["wrong"], "/api/sun")).await.is_problem(503);
}

#[tokio::test]
async fn no_refused_request_without_a_header_reads_the_secret() {
    let world = World::new([]);
    world.send(with(&[], "/api/sun")).await.is_problem(403);
    assert_eq!(world.parameters.reads(), 0);
}

/// The event that a function URL makes of `GET /api/sun`.
fn event(authorizer: Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/api/sun",
        "rawQueryString": "",
        "headers": { "host": "abc.lambda-url.us-west-2.on.aws" },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "abc",
            "domainName": "abc.lambda-url.us-west-2.on.aws",
            "http": {
                "method": "GET", "path": "/api/sun", "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9", "userAgent": "Amazon CloudFront",
            },
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "21/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_248_000_000_i64,
        },
        "isBase64Encoded": false,
    });
    if !authorizer.is_null() {
        event["requestContext"]["authorizer"] = authorizer;
    }
    event
}

async fn send(event: &Value) -> Answer {
    let request = lambda_http::request::from_str(&event.to_string()).expect("an event");
    let bytes = |body: lambda_http::Body| Body::from(body.to_vec());
    World::signed().send(request.map(bytes)).await
}

#[tokio::test]
async fn a_signed_event_opens() {
    let signer = json!({ "iam": {
        "accessKey": "ASIAEXAMPLE", "accountId": "111122223333", "callerId": "AROAEXAMPLE:edge",
        "userArn": "arn:aws:sts::111122223333:assumed-role/OriginAccessControlRole/edge",
        "userId": "AROAEXAMPLE:edge",
    }});
    assert_eq!(send(&event(signer)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_event_without_a_signer_is_forbidden() {
    let nobody = [
        Value::Null,
        json!({}),
        json!({ "iam": null }),
        json!({ "iam": {} }),
        json!({ "iam": { "userArn": "" } }),
        json!({ "lambda": { "iam": { "userArn": "arn:aws:iam::111122223333:user/x" } } }),
    ];
    for authorizer in nobody {
        send(&event(authorizer)).await.is_problem(403);
    }
}

#[tokio::test]
async fn a_request_that_is_no_event_is_forbidden_where_signatures_count() {
    let world = World::signed();
    world.send(with(&[SECRET], "/api/sun")).await.is_problem(403);
}
