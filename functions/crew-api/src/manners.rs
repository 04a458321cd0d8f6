//! What holds for every answer, whichever route gives it.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use lambda_http::Context;

use crate::app::Shared;
use crate::caller::caller;
use crate::limits::WRITING;
use crate::refusal::Refusal;
use crate::sign_in::spend;
use crate::telemetry::{Answered, line};

/// The largest body of a request.
pub const LARGEST_BODY_BYTES: usize = 64 * 1024;

/// Sets the headers of every answer and writes one line about it. A fault of ours becomes an answer that says no
/// more than that; the process goes on.
pub async fn answer(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let context = request.extensions().get::<Context>().cloned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| Refusal::broken().into_response());
    let headers = response.headers_mut();
    // Public keys alone say themselves how long they may be kept.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    app.lines.write(&line(&Answered {
        at: app.clock.now(),
        method: method.as_str(),
        route: route.as_ref().map_or("none", MatchedPath::as_str),
        status: response.status().as_u16(),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id: context.as_ref().map(|context| context.request_id.as_str()),
    }));
    response
}

/// Refuses a body over [`LARGEST_BODY_BYTES`] before any route sees it.
pub async fn limit_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, LARGEST_BODY_BYTES).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => Refusal::too_large().into_response(),
    }
}

/// Refuses callers who change things too often. Reading is limited at the edge, where it costs no table a write.
pub async fn limit_writes(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match spend(&app, &WRITING, &caller(request.headers())).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}
