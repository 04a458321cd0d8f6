//! What a request demands in its headers and its path: a revision, a key of its own, a sail.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use functions_shared::problem::FieldError;
use functions_shared::request::IdempotencyKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::Shared;
use crate::refusal::Refusal;

/// The header in which a caller names a request, so that it can be sent again.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the path names. A text that cannot be a key names nothing: 404.
#[derive(Clone, Debug)]
pub struct Of<T>(pub T);

/// The revision in `If-Match`, which must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IfMatch(pub u32);

/// The caller's own name for the request, which must be there.
#[derive(Clone, Debug)]
pub struct OwnKey(pub IdempotencyKey);

/// An answer with the revision that it shows.
pub struct Revised<T>(pub u32, pub T);

/// What is asked for, as it tells one request from another under the same key.
pub fn bytes_of<T: Serialize>(body: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(body).map_err(|_| Refusal::unavailable())
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for Of<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(value)| Self(value)).map_err(|_| Refusal::not_found())
    }
}

impl FromRequestParts<Shared> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Refusal> {
        let mut held = parts.headers.get_all(header::IF_MATCH).iter();
        let (Some(tag), None) = (held.next(), held.next()) else {
            return Err(Refusal::revision_needed());
        };
        let tag = tag.to_str().unwrap_or_default();
        let quoted = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let revision = quoted.and_then(|tag| tag.parse().ok());
        // A tag that is none of ours matches nothing.
        revision.map(Self).ok_or_else(Refusal::other_revision)
    }
}

impl FromRequestParts<Shared> for OwnKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Refusal> {
        let mut held = parts.headers.get_all(&IDEMPOTENCY_KEY).iter();
        let fault = |detail: &str| Refusal::invalid(vec![FieldError::new("Idempotency-Key", detail)]);
        let (Some(key), None) = (held.next(), held.next()) else {
            return Err(fault("is missing: name the request, so that it can be sent again"));
        };
        key.to_str().unwrap_or_default().parse().map(Self).map_err(fault)
    }
}

impl<T: IntoResponse> IntoResponse for Revised<T> {
    fn into_response(self) -> Response {
        // Digits and quotes are a header's value.
        let tag = HeaderValue::try_from(format!("\"{}\"", self.0)).unwrap_or(HeaderValue::from_static("\"0\""));
        (AppendHeaders([(header::ETAG, tag)]), self.1).into_response()
    }
}
