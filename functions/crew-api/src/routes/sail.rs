//! `/api/sails/{event_id}`: one sail from its plan to its end.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use functions_shared::history::{Author, Deed, Entry};
use functions_shared::request::Request;
use functions_shared::sail::{Draft, EventId, Role, Sail, SailState, StepRefused, WaiverToken, windows};
use functions_shared::sails::{self, Change, Created};
use functions_shared::zone;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::{Actor, AdminOnly, Signed};
use crate::app::{App, Shared};
use crate::body::Fields;
use crate::command;
use crate::demands::{IfMatch, Of, OwnKey, Revised, bytes_of};
use crate::problems::{Conflicts, Reading, Repeats, Revisions, Sending};
use crate::query::Query;
use crate::refusal::Refusal;

/// The fields of a sail that an administrator plans.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SailPlan {
    /// What people call it: one line of 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// The vessel's name: one line of 1 to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    pub vessel: String,
    /// When it leaves, in epoch seconds: in the future, within two years.
    pub departs_at: i64,
    /// When it is back, in epoch seconds: after the departure, within 14 days.
    pub returns_at: i64,
    /// How many guests it takes: 0 to 500.
    #[schema(maximum = 500)]
    pub guest_limit: u32,
    /// How many people of each role it needs: one captain at least, 20 of a role and 40 in all at most.
    pub slots: BTreeMap<Role, u32>,
}

/// One sail as whoever is signed in sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SailDetail {
    /// Its key.
    pub event_id: String,
    /// What people call it.
    pub title: String,
    /// The vessel's name.
    pub vessel: String,
    /// When it leaves, in epoch seconds.
    pub departs_at: i64,
    /// When it is back, in epoch seconds.
    pub returns_at: i64,
    /// Where it stands.
    pub state: SailState,
    /// How many guests it takes.
    pub guest_limit: u32,
    /// How many people of each role it needs.
    pub slots: BTreeMap<Role, u32>,
}

/// Suggested times of a day's sails.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowList {
    /// The day in San Diego.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// In the order of departure; none for years whose sunset is not known.
    pub windows: Vec<WindowEntry>,
}

/// A suggested departure and return.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowEntry {
    /// `golden_hour`, `sunset` or `twilight`.
    pub name: &'static str,
    /// When to leave, in epoch seconds.
    pub departs_at: i64,
    /// When to be back, in epoch seconds.
    pub returns_at: i64,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/sails", post(create))
        .route("/api/sails/{event_id}", get(read).put(edit))
        .route("/api/sail-windows", get(suggest))
}

/// One sail by its key, or 404.
pub async fn sail_of(app: &App, event_id: &EventId) -> Result<Sail, Refusal> {
    sails::by_id(&*app.tables, event_id).await?.ok_or_else(Refusal::not_found)
}

/// Who acts, as the audit trail names people.
pub fn author(actor: &Actor) -> Author {
    Author::of(&actor.person_id, &actor.email)
}

/// Tells one sail.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}",
    operation_id = "readSail",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses((status = 200, description = "The sail; `ETag` names its revision", body = SailDetail), Reading)
)]
pub async fn read(
    State(app): State<Shared>,
    Signed(_): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Revised<Json<SailDetail>>, Refusal> {
    Ok(detail(&sail_of(&app, &event_id).await?))
}

/// Plans a sail, once however often the request comes.
#[utoipa::path(
    post,
    path = "/api/sails",
    operation_id = "createSail",
    security(("cookie" = []), ("bearer" = [])),
    params(("Idempotency-Key" = String, Header, pattern = "^[A-Za-z0-9_-]{8,64}$", description = "The caller's own name for the request: 8 to 64 letters, digits, `-` and `_`")),
    request_body = SailPlan,
    responses((status = 201, description = "The sail", body = SailDetail), Reading, Sending, Conflicts, Repeats)
)]
pub async fn create(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    OwnKey(key): OwnKey,
    Fields(body): Fields<SailPlan>,
) -> Result<Response, Refusal> {
    let now = app.clock.now();
    let empty = Sail {
        event_id: EventId::random()?,
        title: String::new(),
        vessel: String::new(),
        departs_at: now,
        returns_at: now,
        guest_limit: 0,
        state: SailState::Created,
        slots: BTreeMap::new(),
        revision: 1,
        waiver_token: Some(WaiverToken::random()?),
        guest_salt: None,
    };
    let request = Request::new(actor.person_id.clone(), key, &[b"createSail", &bytes_of(&body)?]);
    let sail = planned(body, &empty, now)?;
    let entry = Entry::new(now, author(&actor), Deed::SailCreated);
    match sails::create(&*app.tables, &*app.clock, &sail, &entry, &request).await? {
        Created::New(sail) | Created::Again(sail) => Ok((StatusCode::CREATED, detail(&sail)).into_response()),
        Created::OtherBody => Err(Refusal::other_body()),
    }
}

/// Changes the plan of a sail that is still to come.
#[utoipa::path(
    put,
    path = "/api/sails/{event_id}",
    operation_id = "editSail",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("If-Match" = String, Header, pattern = "^\"[0-9]{1,9}\"$", description = "The `ETag` that was read"),
    ),
    request_body = SailPlan,
    responses((status = 200, description = "The sail", body = SailDetail), Reading, Sending, Conflicts, Revisions)
)]
pub async fn edit(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of(event_id): Of<EventId>,
    IfMatch(revision): IfMatch,
    Fields(body): Fields<SailPlan>,
) -> Result<Revised<Json<SailDetail>>, Refusal> {
    let before = sail_of(&app, &event_id).await?;
    if before.revision != revision {
        return Err(Refusal::other_revision());
    }
    if !before.state.is_ahead() {
        return Err(command::wrong_state(before.state));
    }
    let now = app.clock.now();
    let after = Sail { revision: revision + 1, ..planned(body, &before, now)? };
    let entry = Entry::new(now, author(&actor), Deed::SailEdited);
    told(sails::change(&*app.tables, &*app.clock, &before, &after, &entry).await?, &after)
}

/// Suggests when an evening sail is best.
#[utoipa::path(
    get,
    path = "/api/sail-windows",
    operation_id = "suggestWindows",
    security(("cookie" = []), ("bearer" = [])),
    params(("date" = Option<String>, Query, description = "The day in San Diego; absent: today", format = Date)),
    responses((status = 200, description = "Windows about the sunset", body = WindowList), Reading)
)]
pub async fn suggest(State(app): State<Shared>, Signed(_): Signed, uri: Uri) -> Result<Json<WindowList>, Refusal> {
    let mut query = Query::new(&uri, &["date"]);
    let date = query.optional::<Date>("date");
    let date = query.finish(date)?.unwrap_or_else(|| zone::date_of(app.clock.now()));
    let entry = |window: functions_shared::sail::Window| WindowEntry {
        name: window.name,
        departs_at: window.departs_at.as_second(),
        returns_at: window.returns_at.as_second(),
    };
    Ok(Json(WindowList { date, windows: windows(date).into_iter().map(entry).collect() }))
}

fn planned(plan: SailPlan, into: &Sail, now: Timestamp) -> Result<Sail, Refusal> {
    let SailPlan { title, vessel, departs_at, returns_at, guest_limit, slots } = plan;
    let draft = Draft { title, vessel, departs_at, returns_at, guest_limit, slots };
    draft.put_into(into, now).map_err(Refusal::invalid)
}

/// What became of a written sail, as an answer.
pub fn told(change: Change, after: &Sail) -> Result<Revised<Json<SailDetail>>, Refusal> {
    match change {
        Change::Done => Ok(detail(after)),
        Change::Revision => Err(Refusal::other_revision()),
        Change::SlotTaken => {
            Err(Refusal::conflict("urn:problem:slot-taken", "Somebody holds a slot that would go: release it first"))
        }
        Change::CaptainLeft => Err(command::step_refused(StepRefused::NoCaptain)),
    }
}

fn detail(sail: &Sail) -> Revised<Json<SailDetail>> {
    let entry = SailDetail {
        event_id: sail.event_id.to_string(),
        title: sail.title.clone(),
        vessel: sail.vessel.clone(),
        departs_at: sail.departs_at.as_second(),
        returns_at: sail.returns_at.as_second(),
        state: sail.state,
        guest_limit: sail.guest_limit,
        slots: sail.slots.clone(),
    };
    Revised(sail.revision, Json(entry))
}
