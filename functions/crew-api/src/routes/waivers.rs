//! Waivers as those see them who answer for a sail: its list, holds, the single waiver, boarding.

use axum::extract::State;
use axum::http::Uri;
use axum::routing::{get, post};
use axum::{Json, Router};
use functions_shared::history::Deed;
use functions_shared::sail::EventId;
use functions_shared::waiver::{Form, Hand, Hold, Standing, Waiver, WaiverId, text_of};
use functions_shared::waivers::{self, Boarding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sail::{author, sail_of};
use super::waiver_page::{WaiverStanding, standing};
use crate::actor::{AdminOnly, Signed};
use crate::app::Shared;
use crate::body::Fields;
use crate::command;
use crate::demands::Of;
use crate::problems::{Conflicts, Reading, Sending};
use crate::query::Query;
use crate::refusal::Refusal;

/// The most holds of one answer.
const HOLDS_A_PAGE: u32 = 50;

/// The waivers of a sail.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverList {
    /// Crew first, then guests. Why one is on hold is not told here.
    pub waivers: Vec<WaiverEntry>,
}

/// A waiver as whoever answers for the sail sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverEntry {
    /// The sail.
    pub event_id: String,
    /// Its key within the sail.
    pub waiver_id: String,
    /// Who signed.
    pub name: String,
    /// When, in epoch seconds.
    pub signed_at: i64,
    /// Where it stands.
    pub standing: WaiverStanding,
}

/// Waivers on hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldList {
    /// The oldest first.
    pub holds: Vec<HoldEntry>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A waiver on hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldEntry {
    /// The sail.
    pub event_id: String,
    /// The waiver.
    pub waiver_id: String,
    /// Who signed.
    pub name: String,
    /// When, in epoch seconds.
    pub signed_at: i64,
    /// Why.
    pub reasons: Vec<Hold>,
}

/// One waiver as it was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverView {
    /// The waiver.
    pub waiver: WaiverEntry,
    /// Why it is on hold, if it is.
    pub reasons: Vec<Hold>,
    /// Why it was cleared, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clearance: Option<String>,
    /// What was signed.
    pub form: Form,
    /// The text that was signed.
    pub text: &'static str,
}

/// Why a hold is cleared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// One line of 1 to 200 characters, without medical details: the trail keeps it.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/sails/{event_id}/waivers", get(list))
        .route("/api/sails/{event_id}/waivers/{waiver_id}", get(view))
        .route("/api/sails/{event_id}/waivers/{waiver_id}/clear", post(clear))
        .route("/api/sails/{event_id}/waivers/{waiver_id}/board", post(board))
        .route("/api/admin/holds", get(holds))
}

/// Lists who has signed: for administrators and the sail's captain.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/waivers",
    operation_id = "listWaivers",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses((status = 200, description = "The waivers", body = WaiverList), Reading)
)]
pub async fn list(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Json<WaiverList>, Refusal> {
    command::of_sail(&app, &actor, &event_id).await?;
    let (sail, waivers) = tokio::join!(sail_of(&app, &event_id), waivers::of_sail(&*app.tables, &event_id));
    sail?;
    Ok(Json(WaiverList { waivers: waivers?.values().map(entry).collect() }))
}

/// Shows one waiver with its medical text: for administrators, and the trail says so.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/waivers/{waiver_id}",
    operation_id = "readWaiver",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("waiver_id" = String, Path, description = "The waiver"),
    ),
    responses((status = 200, description = "What was signed", body = WaiverView), Reading)
)]
pub async fn view(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of((event_id, waiver_id)): Of<(EventId, WaiverId)>,
) -> Result<Json<WaiverView>, Refusal> {
    let seen = waivers::view(&*app.tables, &*app.clock, &app.seal, author(&actor), &event_id, &waiver_id).await?;
    let (waiver, form) = seen.ok_or_else(Refusal::not_found)?;
    let (reasons, clearance) = match &waiver.standing {
        Standing::OnHold { reasons } => (reasons.clone(), None),
        Standing::Cleared { clearance, .. } => (Vec::new(), Some(clearance.clone())),
        Standing::Signed | Standing::Boarded { .. } => (Vec::new(), None),
    };
    let text = text_of(&waiver.text_version).map_or("", |text| text.text);
    Ok(Json(WaiverView { waiver: entry(&waiver), reasons, clearance, form, text }))
}

/// Clears a hold: for administrators.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/waivers/{waiver_id}/clear",
    operation_id = "clearHold",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("waiver_id" = String, Path, description = "The waiver"),
    ),
    request_body = Clearance,
    responses((status = 200, description = "It is cleared", body = WaiverEntry), Reading, Sending, Conflicts)
)]
pub async fn clear(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of((event_id, waiver_id)): Of<(EventId, WaiverId)>,
    Fields(body): Fields<Clearance>,
) -> Result<Json<WaiverEntry>, Refusal> {
    let reason = command::reason("/reason", &body.reason)?;
    let before = waivers::by_id(&*app.tables, &event_id, &waiver_id).await?.ok_or_else(Refusal::not_found)?;
    let hand = Hand::Admin(actor.person_id.clone());
    let standing = before.standing.clear(&hand, &reason, app.clock.now()).map_err(command::waiver_refused)?;
    let deed = Deed::HoldCleared { waiver_id: waiver_id.to_string(), reason };
    let after = waivers::change(&*app.tables, &*app.clock, author(&actor), &before, standing, deed).await?;
    after.map(|waiver| Json(entry(&waiver))).ok_or_else(Refusal::other_revision)
}

/// Notes that somebody is aboard: administrators and the sail's captain.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/waivers/{waiver_id}/board",
    operation_id = "board",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("waiver_id" = String, Path, description = "The waiver"),
    ),
    responses((status = 200, description = "Aboard", body = WaiverEntry), Reading, Sending, Conflicts)
)]
pub async fn board(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of((event_id, waiver_id)): Of<(EventId, WaiverId)>,
) -> Result<Json<WaiverEntry>, Refusal> {
    command::of_sail(&app, &actor, &event_id).await?;
    let sail = sail_of(&app, &event_id).await?;
    match waivers::board(&*app.tables, &*app.clock, &author(&actor), &sail, &waiver_id).await? {
        Boarding::Done(waiver) => Ok(Json(entry(&waiver))),
        Boarding::NotNow => Err(Refusal::conflict("urn:problem:wrong-state", "Nobody boards this sail any more")),
        Boarding::NoWaiver => Err(Refusal::not_found()),
        Boarding::Refused(refused) => Err(command::waiver_refused(refused)),
        Boarding::Full => Err(Refusal::conflict("urn:problem:full", "As many guests are aboard as the sail takes")),
    }
}

/// Lists the waivers on hold, of all sails: for administrators.
#[utoipa::path(
    get,
    path = "/api/admin/holds",
    operation_id = "listHolds",
    security(("cookie" = []), ("bearer" = [])),
    params(("after" = Option<String>, Query, description = "`next` of the answer before this one")),
    responses((status = 200, description = "The oldest hold first, 50 at most", body = HoldList), Reading)
)]
pub async fn holds(State(app): State<Shared>, AdminOnly(_): AdminOnly, uri: Uri) -> Result<Json<HoldList>, Refusal> {
    let mut query = Query::new(&uri, &["after"]);
    let after = query.optional::<waivers::HoldCursor>("after");
    let after = query.finish(after)?;
    let mut held = waivers::on_hold(&*app.tables, after.as_ref(), HOLDS_A_PAGE + 1).await?;
    let more = held.len() > HOLDS_A_PAGE as usize;
    held.truncate(HOLDS_A_PAGE as usize);
    let next = held.last().filter(|_| more).map(|waiver| waivers::HoldCursor::at(waiver).to_string());
    let hold = |waiver: &Waiver| HoldEntry {
        event_id: waiver.event_id.to_string(),
        waiver_id: waiver.waiver_id.to_string(),
        name: waiver.name.clone(),
        signed_at: waiver.signed_at,
        reasons: match &waiver.standing {
            Standing::OnHold { reasons } => reasons.clone(),
            Standing::Signed | Standing::Cleared { .. } | Standing::Boarded { .. } => Vec::new(),
        },
    };
    Ok(Json(HoldList { holds: held.iter().map(hold).collect(), next }))
}

fn entry(waiver: &Waiver) -> WaiverEntry {
    WaiverEntry {
        event_id: waiver.event_id.to_string(),
        waiver_id: waiver.waiver_id.to_string(),
        name: waiver.name.clone(),
        signed_at: waiver.signed_at,
        standing: standing(&waiver.standing),
    }
}
