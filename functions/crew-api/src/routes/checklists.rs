//! `/api/sails/{event_id}/checklist`: what is to be done, and ticking it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use functions_shared::checklist::{self, Anchor, Entry, EntryState, Mark, Marks, Phase};
use functions_shared::checklists::{self, Checklist};
use functions_shared::problem::FieldError;
use functions_shared::roster;
use functions_shared::sail::{EventId, Role, Sail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sail::{author, sail_of};
use crate::actor::Signed;
use crate::app::Shared;
use crate::body::Fields;
use crate::command;
use crate::demands::{IfMatch, Of, Revised};
use crate::problems::{Conflicts, Reading, Revisions, Sending};
use crate::refusal::Refusal;

/// A sail's list as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecklistView {
    /// The phase of the sail; absent before its preparation begins, and where it does not take place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The entries in the list's own order.
    pub entries: Vec<EntryView>,
}

/// An entry as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Its key within the list.
    pub entry_id: String,
    /// Who does it.
    pub role: Role,
    /// When it is its turn.
    pub phase: Phase,
    /// What.
    pub text: String,
    /// What its due time is relative to.
    pub anchor: Anchor,
    /// Minutes after the anchor; negative: before it.
    pub due_minutes: i32,
    /// When it is due, in epoch seconds.
    pub due_at: i64,
    /// Where it stands.
    pub state: EntryState,
    /// Who has done it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_by: Option<String>,
    /// When it was done, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_at: Option<i64>,
}

/// An edited list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistEdit {
    /// All entries, at most 200. What keeps its key keeps its ticks.
    #[schema(max_items = 200)]
    pub entries: Vec<Entry>,
}

/// What a phone has ticked, also while it was offline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ticks {
    /// At most 200.
    #[schema(max_items = 200)]
    pub ticks: Vec<Tick>,
}

/// Somebody says that an entry is done, or is not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// The entry.
    #[schema(pattern = "^[a-z0-9-]{1,40}$")]
    pub entry_id: String,
    /// Whether it is done.
    pub done: bool,
    /// When, in epoch seconds by the phone's clock. What lies in the future counts as now.
    pub at: i64,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/sails/{event_id}/checklist", get(read).put(edit))
        .route("/api/sails/{event_id}/checklist/ticks", post(tick))
}

/// Tells the list of a sail, with who has done what.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/checklist",
    operation_id = "readChecklist",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses((status = 200, description = "The list; `ETag` names its revision", body = ChecklistView), Reading)
)]
pub async fn read(
    State(app): State<Shared>,
    Signed(_): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Revised<Json<ChecklistView>>, Refusal> {
    let sail = sail_of(&app, &event_id).await?;
    let list = checklists::of_sail(&*app.tables, &sail).await?;
    Ok(Revised(list.revision, Json(view(&sail, &list, app.clock.now()))))
}

/// Edits the list of a sail: administrators, and its captain.
#[utoipa::path(
    put,
    path = "/api/sails/{event_id}/checklist",
    operation_id = "editChecklist",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("If-Match" = String, Header, pattern = "^\"[0-9]{1,9}\"$", description = "The `ETag` that was read"),
    ),
    request_body = ChecklistEdit,
    responses((status = 200, description = "The list", body = ChecklistView), Reading, Sending, Conflicts, Revisions)
)]
pub async fn edit(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    IfMatch(revision): IfMatch,
    Fields(body): Fields<ChecklistEdit>,
) -> Result<Revised<Json<ChecklistView>>, Refusal> {
    command::of_sail(&app, &actor, &event_id).await?;
    let faults = checklist::faults(&body.entries);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let sail = sail_of(&app, &event_id).await?;
    let entries = body.entries;
    match checklists::edit(&*app.tables, &*app.clock, author(&actor), &event_id, entries, revision).await? {
        false => Err(Refusal::other_revision()),
        true => {
            let list = checklists::of_sail(&*app.tables, &sail).await?;
            Ok(Revised(list.revision, Json(view(&sail, &list, app.clock.now()))))
        }
    }
}

/// Takes ticks over: whoever has a role on the sail, and administrators.
///
/// What is sent twice changes nothing, and what the list has no entry for is left out.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/checklist/ticks",
    operation_id = "tickChecklist",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    request_body = Ticks,
    responses((status = 200, description = "The list", body = ChecklistView), Reading, Sending, Conflicts)
)]
pub async fn tick(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    Fields(body): Fields<Ticks>,
) -> Result<(StatusCode, Revised<Json<ChecklistView>>), Refusal> {
    if !actor.is_admin() {
        let slot = roster::of_person(&*app.tables, &event_id, &actor.person_id).await?;
        slot.ok_or_else(Refusal::not_allowed)?;
    }
    let now = app.clock.now();
    let sail = sail_of(&app, &event_id).await?;
    let marks = marks(body, checklist::phase(&sail, now), now)?;
    let list = checklists::mark(&*app.tables, &*app.clock, &sail, &actor.person_id, &marks).await?;
    Ok((StatusCode::OK, Revised(list.revision, Json(view(&sail, &list, now)))))
}

fn marks(ticks: Ticks, phase: Option<Phase>, now: Timestamp) -> Result<Marks, Refusal> {
    if ticks.ticks.len() > checklist::MOST_ENTRIES {
        return Err(Refusal::invalid(vec![FieldError::new("/ticks", "has more than 200 ticks")]));
    }
    let mut marks = Marks::new();
    for (at, tick) in ticks.ticks.into_iter().enumerate() {
        let letter = |each: u8| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'-';
        if !(1..=40).contains(&tick.entry_id.len()) || !tick.entry_id.bytes().all(letter) {
            let pointer = format!("/ticks/{at}/entry_id");
            return Err(Refusal::invalid(vec![FieldError::new(pointer, "is not the key of an entry")]));
        }
        let mark = Mark { done: tick.done, at: tick.at.min(now.as_second()), phase };
        checklist::merge(&mut marks, &Marks::from([(tick.entry_id, mark)]));
    }
    Ok(marks)
}

fn view(sail: &Sail, list: &Checklist, now: Timestamp) -> ChecklistView {
    let entry = |entry: &Entry| {
        let done = list.done.get(&entry.entry_id);
        let Entry { entry_id, role, phase, text, anchor, due_minutes } = entry.clone();
        EntryView {
            due_at: entry.due_at(sail).as_second(),
            state: entry.state(sail, done.is_some(), now),
            done_by: done.map(|(person_id, _)| person_id.to_string()),
            done_at: done.map(|(_, mark)| mark.at),
            entry_id,
            role,
            phase,
            text,
            anchor,
            due_minutes,
        }
    };
    ChecklistView { phase: checklist::phase(sail, now), entries: list.entries.iter().map(entry).collect() }
}
