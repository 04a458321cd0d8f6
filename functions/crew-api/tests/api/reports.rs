//! The executive reports as pages.

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use functions_shared::objects::{Object, Objects as _};
use functions_shared::person::Grant;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::door::{World, request};

const PAGE: &str = "/api/reports/ceo.2026-11-21.request-1.html";

#[tokio::test]
async fn an_administrator_reads_a_report_and_nothing_else_of_the_bucket() {
    let world = World::new([]);
    for key in ["reports/ceo.2026-11-21.request-1.html", "exports/git.json", "exports/a.html"] {
        let object = Object { content_type: "text/html; charset=utf-8".to_owned(), bytes: b"<!doctype html>".to_vec() };
        world.reports.put(key, object).await.expect("memory takes it");
    }
    let (_, token) = world.signed_in("Robin", &[Grant::Admin]).await;
    let page = raw(&world, &token, PAGE).await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().expect("a value"))
    );
    assert_eq!(page.headers()["cache-control"], "no-store");
    let body = page.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(body.as_ref(), b"<!doctype html>");
    for path in
        ["/api/reports/cto.html", "/api/reports/..%2Fexports%2Fa.html", "/api/reports/git.json", "/api/reports/"]
    {
        assert_eq!(raw(&world, &token, path).await.status().as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn an_archive_that_does_not_answer_is_told_as_such() {
    let world = World::new([]);
    world.reports.set_down(true);
    let (_, token) = world.signed_in("Robin", &[Grant::Admin]).await;
    assert_eq!(raw(&world, &token, PAGE).await.status().as_u16(), 503);
}

/// A GET with a session; the answer's body is no JSON.
async fn raw(world: &World, token: &str, path: &str) -> Response {
    let mut request = request(Method::GET, path, Body::empty());
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    world.router.clone().oneshot(request).await.expect("a router never fails")
}
