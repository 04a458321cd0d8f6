//! An answer that says no, in the one form of an error.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use functions_shared::call_error::CallError;
use functions_shared::parameters::ParameterError;
use functions_shared::problem::{self, FieldError, Problem};

/// A problem as an HTTP answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal(pub Problem);

impl Refusal {
    /// 400: fields that cannot be used.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self(Problem::invalid_fields(errors))
    }

    /// 400: a link or a code that opens nothing. Why is not told: it would help whoever guesses.
    pub fn not_redeemed() -> Self {
        Self(Problem {
            kind: "urn:problem:not-redeemed",
            detail: Some("It was used, it is too old, or it is another one. Ask for a new one.".to_owned()),
            ..Problem::of_status(400, "This link or code cannot be used")
        })
    }

    /// 401: nobody is signed in, or no longer.
    pub fn not_signed_in() -> Self {
        Self(Problem::of_status(401, "Unauthorized").detail("Sign in first."))
    }

    /// 403: signed in, but not somebody who may do this.
    pub fn not_allowed() -> Self {
        Self(Problem::of_status(403, "Forbidden").detail("This is for others to do."))
    }

    /// 403: the request did not come through the front door.
    pub fn wrong_door() -> Self {
        let problem = Problem::of_status(403, "Forbidden");
        Self(problem.detail("Call this API through its public address."))
    }

    /// 403: a page of another site has sent it, or nobody can tell that none has.
    pub fn other_site() -> Self {
        let problem = Problem::of_status(403, "Forbidden");
        Self(problem.detail("Send this from the site itself, with the header x-crew-request: 1."))
    }

    /// 404: there is nothing at this path.
    pub fn not_found() -> Self {
        Self(Problem::of_status(404, "Not Found"))
    }

    /// 405: there is something at this path, but not for this method.
    pub fn wrong_method() -> Self {
        Self(Problem::of_status(405, "Method Not Allowed"))
    }

    /// 409: the request is sound, but not as things stand. `kind` is a word for programs.
    pub fn conflict(kind: &'static str, title: &'static str) -> Self {
        Self(Problem { kind, ..Problem::of_status(409, title) })
    }

    /// 412: the thing has another revision by now.
    pub fn other_revision() -> Self {
        let problem = Problem::of_status(412, "Precondition Failed");
        Self(problem.detail("Somebody has changed it: read it again."))
    }

    /// 413: the body is over the limit.
    pub fn too_large() -> Self {
        Self(Problem::of_status(413, "Content Too Large"))
    }

    /// 415: the body is not said to be JSON.
    pub fn not_json() -> Self {
        let problem = Problem::of_status(415, "Unsupported Media Type");
        Self(problem.detail("Send application/json."))
    }

    /// 422: something else was asked under the same `Idempotency-Key`.
    pub fn other_body() -> Self {
        let problem = Problem::of_status(422, "Unprocessable Content");
        Self(
            Problem { kind: "urn:problem:key-reused", ..problem }
                .detail("This Idempotency-Key was used for another request."),
        )
    }

    /// 428: which revision is meant must be said.
    pub fn revision_needed() -> Self {
        let problem = Problem::of_status(428, "Precondition Required");
        Self(problem.detail("Send If-Match with the ETag that you read."))
    }

    /// 429: too often.
    pub fn too_often(retry_after_seconds: i64) -> Self {
        let problem = Problem::of_status(429, "Too Many Requests");
        Self(Problem { retry_after_seconds: Some(retry_after_seconds.max(1)), ..problem })
    }

    /// 500: a fault of this API. The log knows its place.
    pub fn broken() -> Self {
        Self(Problem::of_status(500, "Internal Server Error"))
    }

    /// 503: something that this API needs does not answer.
    pub fn unavailable() -> Self {
        let problem = Problem::of_status(503, "Service Unavailable");
        Self(problem.detail("Try again in a moment."))
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        tracing::error!(%error, "a table does not answer");
        Self::unavailable()
    }
}

impl From<ParameterError> for Refusal {
    fn from(error: ParameterError) -> Self {
        tracing::error!(%error, "a parameter cannot be used");
        Self::unavailable()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after_seconds.map(HeaderValue::from);
        let mut response = (status, axum::Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        let kind = HeaderValue::from_static(problem::CONTENT_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
