//! `/api/sails/{event_id}/audit`: who did what to a sail.

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::history::{self, Deed};
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

/// A place in the trail, as the query gives it.
struct Place(String);

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/sails/{event_id}/audit", get(read))
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
