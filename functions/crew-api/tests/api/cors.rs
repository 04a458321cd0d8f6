//! Pages of other sites: none, or exactly those that are named.

use axum::body::Body;
use axum::http::{HeaderName, Method, Request};
use functions_shared::person::Grant;
use serde_json::json;

use super::door::{World, json_request, request};

const ALLOWED: &str = "https://boats.example.org";
/// What is nearly that.
const OTHERS: [&str; 9] = [
    "null",
    "*",
    "http://boats.example.org",
    "https://boats.example.org:444",
    "https://boats.example.org.evil.example",
    "https://evilboats.example.org",
    "https://BOATS.example.org",
    "https://boats.example.org/",
    "https://evil.example",
];

fn from(mut request: Request<Body>, headers: &[(&'static str, &str)]) -> Request<Body> {
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::from_static(name), value.parse().expect("a value"));
    }
    request
}

#[tokio::test]
async fn a_named_site_reads_and_writes_without_cookies_and_no_other_does() {
    let world = World::allowing(ALLOWED);
    let ask = |origin: &str, more: &[(&'static str, &str)]| {
        let body = json!({ "email": "robin@example.com" });
        let request = from(json_request(Method::POST, "/api/auth/links", &body), &[("origin", origin)]);
        world.send(from(from(request, &[("sec-fetch-site", "cross-site")]), more))
    };
    let asked = ask(ALLOWED, &[]).await;
    assert_eq!((asked.status.as_u16(), asked.header("access-control-allow-origin")), (202, ALLOWED));
    assert_eq!(asked.header("vary"), "origin");
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    for cookie in ["__Host-session=x", "__Host-challenge=x"] {
        ask(ALLOWED, &[("cookie", cookie), ("x-crew-request", "1")]).await.is_problem(403);
    }
    ask(ALLOWED, &[("origin", "https://evil.example")]).await.is_problem(403);
    for other in OTHERS {
        let refused = ask(other, &[]).await;
        refused.is_problem(403);
        assert_eq!((refused.header("access-control-allow-origin"), refused.header("vary")), ("", "origin"), "{other}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_before_it_sends_is_told_of_a_named_site_alone() {
    let world = World::allowing(&format!("https://a.example.org, {ALLOWED}"));
    let ask = |origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "PATCH")];
        world.send(from(request(Method::OPTIONS, "/api/people/x", Body::empty()), &headers))
    };
    let told = ask(ALLOWED).await;
    assert_eq!((told.status.as_u16(), told.header("access-control-allow-origin")), (204, ALLOWED));
    assert!(told.header("access-control-allow-methods").contains("PATCH"));
    let headers = told.header("access-control-allow-headers");
    assert!(headers.contains("authorization") && !headers.contains("x-crew-request"), "{headers}");
    for other in OTHERS {
        let refused = ask(other).await;
        refused.is_problem(405);
        assert_eq!(refused.header("access-control-allow-origin"), "", "{other}");
    }
}

#[tokio::test]
async fn a_refusal_can_be_read_by_a_named_site_too() {
    let world = World::allowing(ALLOWED);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let request = from(request(Method::GET, "/api/people", Body::empty()), &[("origin", ALLOWED)]);
    let refused = world.send_as(&token, request).await;
    refused.is_problem(403);
    assert_eq!(refused.header("access-control-allow-origin"), ALLOWED);
}
