//! `/api/sails/{event_id}/audit` and `/api/admin/unknown-sends`: what was done, and what nobody knows of.

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::history::{self, Deed};
use functions_shared::nudges::{self, UnsettledPlace};
use functions_shared::sail::EventId;
use serde::Serialize;
use utoipa::ToSchema;

use super::sail::sail_of;
use crate::actor::AdminOnly;
use crate::app::Shared;
use crate::demands::Of;
use crate::problems::Reading;
use crate::query::Query;
use crate::refusal::Refusal;

/// Part of a sail's trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditTrail {
    /// The latest first, 100 at most.
    pub entries: Vec<AuditEntry>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One line of a trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// When, in epoch seconds.
    pub at: i64,
    /// Who: an address; absent: a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What.
    pub what: Deed,
}

/// Mails of which nobody knows whether they went out.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownSends {
    /// The oldest first, 100 at most.
    pub sends: Vec<UnknownSend>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A mail of which nobody knows whether it went out. It is never sent again by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownSend {
    /// The sail it is about.
    pub event_id: String,
    /// Whom it was for; absent: the administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Our name for the mail, as in its `X-Message-Key` header.
    pub message_key: String,
    /// When it was about to be sent, in epoch seconds.
    pub at: i64,
}

/// A place in the trail, as the query gives it.
struct Place(String);

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/sails/{event_id}/audit", get(read)).route("/api/admin/unknown-sends", get(unknown_sends))
}

/// Tells who did what to a sail: for administrators.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/audit",
    operation_id = "readAudit",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("after" = Option<String>, Query, description = "`next` of the answer before this one"),
    ),
    responses((status = 200, description = "The trail", body = AuditTrail), Reading)
)]
pub async fn read(
    State(app): State<Shared>,
    AdminOnly(_): AdminOnly,
    Of(event_id): Of<EventId>,
    uri: Uri,
) -> Result<Json<AuditTrail>, Refusal> {
    let mut query = Query::new(&uri, &["after"]);
    let after = query.optional::<Place>("after");
    let after = query.finish(after)?.map(|place| place.0);
    let page = history::page(&*app.tables, &event_id, after.as_deref());
    let (sail, page) = tokio::join!(sail_of(&app, &event_id), page);
    let ((entries, next), _) = (page?, sail?);
    let entry = |entry: history::Entry| AuditEntry { at: entry.at, actor: entry.actor.email, what: entry.deed };
    Ok(Json(AuditTrail { entries: entries.into_iter().map(entry).collect(), next }))
}

/// Lists the mails of which nobody knows whether they went out: for administrators.
#[utoipa::path(
    get,
    path = "/api/admin/unknown-sends",
    operation_id = "listUnknownSends",
    security(("cookie" = []), ("bearer" = [])),
    params(("after" = Option<String>, Query, description = "`next` of the answer before this one")),
    responses((status = 200, description = "The oldest first", body = UnknownSends), Reading)
)]
pub async fn unknown_sends(
    State(app): State<Shared>,
    AdminOnly(_): AdminOnly,
    uri: Uri,
) -> Result<Json<UnknownSends>, Refusal> {
    let mut query = Query::new(&uri, &["after"]);
    let after = query.optional::<UnsettledPlace>("after");
    let after = query.finish(after)?;
    let (sends, next) = nudges::unknown(&*app.tables, app.clock.now(), after.as_ref()).await?;
    let send = |nudge: nudges::Unsettled| UnknownSend {
        event_id: nudge.event_id,
        person_id: nudge.person_id,
        message_key: nudge.message_key,
        at: nudge.claimed_at,
    };
    let next = next.map(|place| place.to_string());
    Ok(Json(UnknownSends { sends: sends.into_iter().map(send).collect(), next }))
}

impl std::str::FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sound = text.split_once('#').is_some_and(|(at, id)| {
            at.len() == 12
                && at.bytes().all(|each| each.is_ascii_digit())
                && id.len() == 32
                && id.bytes().all(|each| each.is_ascii_hexdigit())
        });
        sound.then(|| Self(text.to_owned())).ok_or("is not a place in the trail: take `next` of an earlier answer")
    }
}
