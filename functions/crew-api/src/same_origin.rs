//! Requests that change something come from the site itself, from a site that configuration names, or from no browser
//! at all.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use functions_shared::config::WebAddress;

use crate::app::{App, Shared};
use crate::refusal::Refusal;
use crate::session::{CHALLENGE_COOKIE, SESSION_COOKIE, value_of};

/// A header that pages of other sites cannot send without asking first, and are never allowed to.
pub const REQUEST_HEADER: HeaderName = HeaderName::from_static("x-crew-request");
/// Where a request comes from, in a browser's own words.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what changes something and was sent by a page of another site.
pub async fn same_origin(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match check(&app, request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn check(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let has_cookie = [SESSION_COOKIE, CHALLENGE_COOKIE].iter().any(|name| value_of(headers, name).is_some());
    if app.origins.allowed(headers).is_some() {
        // Our cookies are for our own pages: nobody else has them sent.
        return if has_cookie { Err(Refusal::other_site()) } else { Ok(()) };
    }
    let all = |name: HeaderName| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    let from_elsewhere = all(FETCH_SITE).any(|site| site != "same-origin");
    let has_session = value_of(headers, SESSION_COOKIE).is_some();
    if from_elsewhere || (has_session && all(REQUEST_HEADER).next() != Some("1")) {
        return Err(Refusal::other_site());
    }
    let origins: Vec<&str> = all(header::ORIGIN).collect();
    if origins.is_empty() {
        // No browser: each sends its origin with what changes something.
        return Ok(());
    }
    let own = site(app).await?;
    match origins.iter().all(|origin| *origin == own.origin()) {
        true => Ok(()),
        false => Err(Refusal::other_site()),
    }
}

/// The site's public address. It comes from configuration alone: what a request says of its host is the caller's.
pub async fn site(app: &App) -> Result<WebAddress, Refusal> {
    let value = app.site_url.value().await?;
    value.expose().parse().map_err(|_| {
        tracing::error!("the site's address is no address for browsers");
        Refusal::unavailable()
    })
}
