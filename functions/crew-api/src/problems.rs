//! The refusals that a route may give, for the API's description.

use functions_shared::problem::Problem;
use utoipa::IntoResponses;

/// What a route for those who are signed in may answer instead.
#[derive(IntoResponses)]
pub enum Reading {
    /// A field cannot be used.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(Problem),
    /// Nobody is signed in.
    #[response(status = 401, content_type = "application/problem+json")]
    NotSignedIn(Problem),
    /// Somebody else may do this, or the request came past the front door or from another site.
    #[response(status = 403, content_type = "application/problem+json")]
    NotAllowed(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// Something that is needed does not answer.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What a route for everybody may answer instead.
#[derive(IntoResponses)]
pub enum Public {
    /// A field cannot be used.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(Problem),
    /// The request came past the front door, or a page of another site has sent it.
    #[response(status = 403, content_type = "application/problem+json")]
    WrongDoor(Problem),
    /// Something that is needed does not answer.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What a route that is sent something may answer beside that.
#[derive(IntoResponses)]
pub enum Sending {
    /// The body is over 64 KB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem),
    /// Too often; `Retry-After` says when to come again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooOften(Problem),
}

/// What a route may answer beside that where things can stand against it.
#[derive(IntoResponses)]
pub enum Conflicts {
    /// Not as things stand; `type` says why.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
}

/// What a route that wants a revision may answer beside that.
#[derive(IntoResponses)]
pub enum Revisions {
    /// It has another revision by now.
    #[response(status = 412, content_type = "application/problem+json")]
    OtherRevision(Problem),
    /// `If-Match` is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    RevisionNeeded(Problem),
}

/// What a route that wants an `Idempotency-Key` may answer beside that.
#[derive(IntoResponses)]
pub enum Repeats {
    /// Something else was asked under the same key.
    #[response(status = 422, content_type = "application/problem+json")]
    OtherBody(Problem),
}
