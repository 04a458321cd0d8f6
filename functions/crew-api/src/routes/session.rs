//! `/api/auth/session` and `/api/auth/sessions`: who is signed in, and signing out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use functions_shared::people::{Deed, Entry, Written};
use functions_shared::person::{Grant, Person};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Signed;
use crate::app::Shared;
use crate::problems::{Conflicts, Reading, Sending};
use crate::refusal::Refusal;
use crate::session::{Cookie, Issued, SESSION_COOKIE};

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
    /// The session's token, for tools that asked for it. Browsers have it in a cookie that no script reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl SessionEntry {
    /// A session that begins.
    pub fn new(person: &Person, issued: &Issued) -> Self {
        Self {
            person_id: person.person_id.to_string(),
            email: person.email.as_str().to_owned(),
            name: person.name.as_str().to_owned(),
            grants: person.grants.iter().copied().collect(),
            expires_at: issued.claims.exp,
            token: None,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/auth/session", get(read).delete(end)).route("/api/auth/sessions", delete(end_all))
}

/// Tells who is signed in.
#[utoipa::path(
    get,
    path = "/api/auth/session",
    operation_id = "readSession",
    security(("cookie" = []), ("bearer" = [])),
    responses((status = 200, description = "The person who asks", body = SessionEntry), Reading)
)]
pub async fn read(Signed(actor): Signed) -> Json<SessionEntry> {
    Json(SessionEntry {
        person_id: actor.person_id.to_string(),
        email: actor.email.as_str().to_owned(),
        name: actor.name.as_str().to_owned(),
        grants: actor.grants.into_iter().collect(),
        expires_at: actor.session.exp,
        token: None,
    })
}

/// Signs out: this session ends, wherever its token is.
#[utoipa::path(
    delete,
    path = "/api/auth/session",
    operation_id = "endSession",
    security(("cookie" = []), ("bearer" = [])),
    responses((status = 204, description = "This session has ended"), Reading, Sending)
)]
pub async fn end(State(app): State<Shared>, Signed(actor): Signed) -> Result<Response, Refusal> {
    app.people.end(&actor.session.session(), actor.session.believed_until()).await?;
    Ok((StatusCode::NO_CONTENT, without_cookie()).into_response())
}

/// Signs out everywhere: all sessions of the person end.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions",
    operation_id = "endSessions",
    security(("cookie" = []), ("bearer" = [])),
    responses((status = 204, description = "All sessions have ended"), Reading, Sending, Conflicts)
)]
pub async fn end_all(State(app): State<Shared>, Signed(actor): Signed) -> Result<Response, Refusal> {
    let person = app.people.by_id(&actor.person_id).await?.ok_or_else(Refusal::not_signed_in)?;
    let (generation, revision) = (person.generation + 1, person.revision + 1);
    let person = Person { generation, revision, ..person };
    let entry = Entry {
        at: app.clock.now(),
        actor: Some(actor.email),
        deed: Deed::SessionsEnded,
        grants: person.grants.clone(),
    };
    match app.people.change(&person, &entry).await? {
        Written::Done => Ok((StatusCode::NO_CONTENT, without_cookie()).into_response()),
        Written::Conflict => {
            Err(Refusal::conflict("urn:problem:changed-at-once", "Somebody has just changed this person"))
        }
    }
}

/// The header that takes the session's cookie away.
fn without_cookie() -> HeaderMap {
    let gone = Cookie { name: SESSION_COOKIE, value: "", seconds: 0 };
    gone.header().map(|value| (header::SET_COOKIE, value)).into_iter().collect()
}
