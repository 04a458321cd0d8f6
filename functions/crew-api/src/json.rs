//! JSON bodies, read strictly: each fault names its place as a JSON pointer.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use functions_shared::problem::FieldError;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::app::Shared;
use crate::manners::LARGEST_BODY_BYTES;
use crate::refusal::Refusal;

/// A body of the given form. What a browser sends without asking first (a form, plain text) is refused.
#[derive(Clone, Debug)]
pub struct JsonBody<T> {
    /// What it says.
    pub value: T,
    /// As it came.
    pub bytes: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequest<Shared> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(Refusal::not_json());
        }
        let bytes = to_bytes(request.into_body(), LARGEST_BODY_BYTES).await.map_err(|_| Refusal::too_large())?;
        let mut text = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut text).map_err(|fault| {
            let pointer = pointer(fault.path());
            Refusal::invalid(vec![FieldError::new(pointer, fault.into_inner().to_string())])
        })?;
        text.end().map_err(|_| Refusal::invalid(vec![FieldError::new("", "is more than one JSON value")]))?;
        Ok(Self { value, bytes: bytes.to_vec() })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// A place as RFC 6901 writes it; empty: the whole body.
fn pointer(path: &Path) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    };
    path.iter().map(part).collect()
}
