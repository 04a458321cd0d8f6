//! The one form of an error answer: RFC 9457, "Problem Details for HTTP APIs".

use serde::Serialize;

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong with a request, for people and programs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// What kind of problem it is; `about:blank` where the status says everything.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words, the same for each occurrence.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What a caller can do about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// After so many seconds it is worth trying again, from 1; the header `Retry-After` says the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// The fields at fault, all of them at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field of a request that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name as the caller wrote it.
    pub field: String,
    /// What it should have been.
    pub detail: String,
}

impl Problem {
    /// A problem that its status explains.
    pub fn of_status(status: u16, title: &'static str) -> Self {
        Self { kind: "about:blank", title, status, detail: None, retry_after_seconds: None, errors: Vec::new() }
    }

    /// Fields that cannot be used, as 400.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        Self {
            kind: "urn:problem:invalid-fields",
            title: "Some fields cannot be used",
            status: 400,
            detail: None,
            retry_after_seconds: None,
            errors,
        }
    }

    /// The same problem with words on this occurrence.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl FieldError {
    /// A fault of the named field.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_the_standard() {
        let problem = Problem::invalid_fields(vec![FieldError::new("date", "is not a date")]);
        assert_eq!(
            serde_json::to_value(problem).expect("serialises"),
            serde_json::json!({
                "type": "urn:problem:invalid-fields",
                "title": "Some fields cannot be used",
                "status": 400,
                "errors": [{ "field": "date", "detail": "is not a date" }],
            })
        );
    }
}
