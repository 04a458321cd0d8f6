//! No page of another site changes anything.

use axum::body::Body;
use axum::http::{HeaderName, Method, Request, StatusCode};
use functions_shared::person::Grant;
use serde_json::json;

use super::door::{World, json_request, request};

const END: &str = "/api/auth/session";

fn with(mut request: Request<Body>, headers: &[(&'static str, &str)]) -> Request<Body> {
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::from_static(name), value.parse().expect("a value"));
    }
    request
}

#[tokio::test]
async fn a_browsers_own_page_may_and_no_other() {
    let world = World::new([]);
    let (person, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let cookie = format!("__Host-session={token}");
    let own = [("origin", "https://crew.example.com"), ("sec-fetch-site", "same-origin"), ("x-crew-request", "1")];
    let others: [&[(&str, &str)]; 12] = [
        &[],
        &[("x-crew-request", "0")],
        &[("origin", "https://crew.example.com")],
        &[("origin", "null"), ("x-crew-request", "1")],
        &[("origin", "https://evil.example"), ("x-crew-request", "1")],
        &[("origin", "https://crew.example.com.evil.example"), ("x-crew-request", "1")],
        &[("origin", "https://evilcrew.example.com"), ("x-crew-request", "1")],
        &[("origin", "http://crew.example.com"), ("x-crew-request", "1")],
        &[("origin", "https://crew.example.com:444"), ("x-crew-request", "1")],
        &[("origin", "https://crew.example.com"), ("origin", "https://evil.example"), ("x-crew-request", "1")],
        &[("sec-fetch-site", "cross-site"), ("x-crew-request", "1")],
        &[("sec-fetch-site", "same-site"), ("x-crew-request", "1")],
    ];
    for headers in others {
        let request = with(request(Method::DELETE, END, Body::empty()), &[("cookie", &cookie)]);
        world.send(with(request, headers)).await.is_problem(403);
    }
    assert_eq!(world.get_as(&token, END).await.status, StatusCode::OK, "the session goes on");
    let request = with(request(Method::DELETE, END, Body::empty()), &[("cookie", &cookie)]);
    let answer = world.send(with(request, &own)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.cookies()["__Host-session"].contains("Max-Age=0"));
    world.get_as(&token, END).await.is_problem(401);
    let again = world.session_of(&person).await;
    assert_eq!(world.get_as(&again, END).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_page_of_another_site() {
    let world = World::new([]);
    let body = json!({ "token": "x" });
    for headers in [[("origin", "https://evil.example")], [("sec-fetch-site", "cross-site")]] {
        let request = with(json_request(Method::POST, "/api/auth/links/redemption", &body), &headers);
        world.send(request).await.is_problem(403);
    }
}

#[tokio::test]
async fn what_forms_can_send_is_no_json() {
    let world = World::new([]);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let mut request = request(Method::POST, "/api/auth/links", Body::from(r#"{"email":"robin@example.com"}"#));
        request.headers_mut().insert("content-type", kind.parse().expect("a value"));
        world.send(request).await.is_problem(415);
    }
    let packed = json_request(Method::POST, "/api/auth/links", &json!({ "email": "robin@example.com" }));
    world.send(with(packed, &[("content-encoding", "gzip")])).await.is_problem(415);
    assert!(world.errands.take().is_empty());
}

#[tokio::test]
async fn no_origin_is_ever_allowed_to_read_from_elsewhere() {
    let world = World::new([]);
    for origin in ["https://crew.example.com", "https://evil.example", "null"] {
        let answer = world.send(with(request(Method::GET, "/api/sun", Body::empty()), &[("origin", origin)])).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let asked = with(request(Method::OPTIONS, "/api/auth/links", Body::empty()), &[("origin", origin)]);
        assert!(world.send(asked).await.header("access-control-allow-origin").is_empty());
    }
}
