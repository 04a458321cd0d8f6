//! `/api/auth/session`: who is signed in.

use axum::routing::get;
use axum::{Json, Router};
use functions_shared::person::Grant;
use functions_shared::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Signed;
use crate::app::Shared;

/// The person who asks, and the session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionEntry {
    /// The person's key.
    pub person_id: String,
    /// Where the person's mail goes.
    pub email: String,
    /// What people call the person.
    pub name: String,
    /// What the person may do now.
    pub grants: Vec<Grant>,
    /// When the session ends by itself, in epoch seconds.
    pub expires_at: i64,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/auth/session", get(read))
}

/// Tells who is signed in.
#[utoipa::path(
    get,
    path = "/api/auth/session",
    operation_id = "readSession",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The person who asks", body = SessionEntry),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not through the front door", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(Signed(actor): Signed) -> Json<SessionEntry> {
    Json(SessionEntry {
        person_id: actor.person_id.to_string(),
        email: actor.email.as_str().to_owned(),
        name: actor.name.as_str().to_owned(),
        grants: actor.grants.into_iter().collect(),
        expires_at: actor.session.exp,
    })
}
