//! Bodies, read strictly: JSON of the one right form, and nothing else.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use functions_shared::problem::FieldError;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::app::Shared;
use crate::refusal::Refusal;

/// The body of a request. Types that are read this way deny unknown fields.
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Fields<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Refusal> {
        // No form of another site can send this type, so a browser asks first, and is told no.
        if !is_json(request.headers()) {
            return Err(Refusal::not_json());
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|_| Refusal::too_large())?;
        read(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") && !headers.contains_key(header::CONTENT_ENCODING)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let invalid = |field: String, reason: String| Refusal::invalid(vec![FieldError::new(field, reason)]);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| invalid(pointer(error.path()), error.inner().to_string()))?;
    json.end().map_err(|error| invalid(String::new(), error.to_string()))?;
    Ok(value)
}

/// The place of a fault as a JSON pointer (RFC 6901); empty: the whole body.
fn pointer(path: &Path) -> String {
    let token = |segment: &Segment| match segment {
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Seq { index } => format!("/{index}"),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(token).collect()
}
