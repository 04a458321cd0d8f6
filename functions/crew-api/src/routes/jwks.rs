//! `GET /.well-known/jwks.json`: the public keys that sessions are signed with.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::ring::PublicJwk;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problems::Public;
use crate::refusal::Refusal;

/// Public keys as RFC 7517 writes them.
#[derive(Debug, Serialize, ToSchema)]
pub struct JwkSet {
    /// Every key that verifies.
    pub keys: Vec<PublicJwk>,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/.well-known/jwks.json", get(read))
}

/// Tells the public keys. It is the only answer that may be kept, as long as the ring says.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "readKeys",
    responses((status = 200, description = "The public keys", body = JwkSet), Public)
)]
pub async fn read(State(app): State<Shared>) -> Result<Response, Refusal> {
    let ring = app.sessions.ring().await?;
    let kept = format!("public, max-age={}", ring.jwks_cache_seconds);
    let keys = ring.keys.iter().map(|key| key.jwk.clone()).collect();
    let mut response = Json(JwkSet { keys }).into_response();
    if let Ok(kept) = HeaderValue::try_from(kept) {
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    Ok(response)
}
