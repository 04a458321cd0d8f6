//! Bodies, read strictly: JSON of the one right form, and nothing else.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use functions_shared::problem::FieldError;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
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
    let invalid = |field: String, error: &serde_json::Error| {
        // What is no JSON has no fields.
        let field = if error.is_data() { field } else { String::new() };
        Refusal::invalid(vec![FieldError::new(field, reason(error))])
    };
    let value =
        serde_path_to_error::deserialize(&mut json).map_err(|error| invalid(pointer(error.path()), error.inner()))?;
    json.end().map_err(|error| invalid(String::new(), &error))?;
    Ok(value)
}

/// What is wrong, in the words of people: the field is named, so only what is no JSON at all needs a line and a column.
fn reason(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match error.classify() {
        Category::Data => told.strip_suffix(&place).unwrap_or(&told).to_owned(),
        Category::Syntax | Category::Eof | Category::Io => format!("is not JSON: {told}"),
    }
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read from JSON and looked at no further")]
    struct Order {
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read from JSON and looked at no further")]
    struct Line {
        count: u8,
    }

    fn told(body: &str) -> FieldError {
        read::<Order>(body.as_bytes()).map(|_| ()).expect_err("it is refused").0.errors.remove(0)
    }

    #[test]
    fn a_field_is_told_by_its_name_and_what_is_no_json_by_its_place() {
        let cases = [
            (r#"{"lines":[{"count":1},{"count":"two"}]}"#, "/lines/1/count", "expected u8"),
            (r#"{"lines":[],"more":1}"#, "/more", "unknown field `more`"),
        ];
        for (body, field, reason) in cases {
            let told = told(body);
            assert_eq!(told.field, field);
            assert!(told.detail.contains(reason) && !told.detail.contains("column"), "{told:?}");
        }
        for body in ["{\"lines\":[", "{\"lines\":[]}}", "lines"] {
            let told = told(body);
            assert_eq!(told.field, "");
            assert!(told.detail.contains("is not JSON") && told.detail.contains("line 1 column"), "{told:?}");
        }
    }
}
