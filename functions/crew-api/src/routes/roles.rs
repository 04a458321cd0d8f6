//! `/api/sails/{event_id}/roles`: who holds which slot, and how that changes.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use functions_shared::people::People;
use functions_shared::person::PersonId;
use functions_shared::problem::FieldError;
use functions_shared::request::{Earlier, IdempotencyKey, Request};
use functions_shared::roster::{self, Authority, Change, Changed, Holder, Kind, Member, RosterRefused};
use functions_shared::sail::{EventId, Role, Slot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sail::sail_of;
use crate::actor::{Actor, Signed};
use crate::app::{App, Shared};
use crate::body::Fields;
use crate::command;
use crate::demands::{Of, OwnKey, bytes_of};
use crate::problems::{Conflicts, Reading, Repeats, Sending};
use crate::refusal::Refusal;

/// Who holds which slot.
#[derive(Debug, Serialize, ToSchema)]
pub struct Roster {
    /// Every slot, the captain's first.
    pub slots: Vec<RosterEntry>,
}

/// A slot and who holds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterEntry {
    /// What the person does.
    pub role: Role,
    /// The slot's name within the sail, such as `deckhand#2`.
    pub slot: String,
    /// Who holds it; absent: it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<HolderEntry>,
}

/// Somebody who holds a slot.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolderEntry {
    /// The person's key; absent for somebody from before there were keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// What people call this person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when, in epoch seconds.
    pub since: i64,
}

/// Which slot is meant.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotRequest {
    /// Such as `deckhand#2`.
    #[schema(pattern = "^(captain|first_officer|deckhand|steward|chef)#[1-9][0-9]{0,8}$")]
    pub slot: String,
}

/// Who is to hold a slot.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Designation {
    /// Such as `deckhand#2`.
    #[schema(pattern = "^(captain|first_officer|deckhand|steward|chef)#[1-9][0-9]{0,8}$")]
    pub slot: String,
    /// Who is to hold it.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub person_id: String,
}

/// A slot that changed hands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleChange {
    /// The sail.
    pub event_id: String,
    /// The slot.
    pub slot: String,
    /// Who holds it now; absent: it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Since when, in epoch seconds.
    pub at: i64,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/sails/{event_id}/roles", get(list))
        .route("/api/sails/{event_id}/roles/claim", post(claim))
        .route("/api/sails/{event_id}/roles/designate", post(designate))
        .route("/api/sails/{event_id}/roles/release", post(release))
}

/// Tells who holds which slot.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/roles",
    operation_id = "listRoles",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses((status = 200, description = "Every slot", body = Roster), Reading)
)]
pub async fn list(
    State(app): State<Shared>,
    Signed(_): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Json<Roster>, Refusal> {
    let (sail, holders) = tokio::join!(sail_of(&app, &event_id), roster::of_sail(&*app.tables, &event_id));
    let (sail, holders) = (sail?, holders?);
    let holder = |slot: Slot| {
        holders.iter().find(|holder| holder.slot == slot).map(|holder| HolderEntry {
            person_id: holder.person_id.as_ref().map(ToString::to_string),
            name: holder.name.as_ref().map(|name| name.as_str().to_owned()),
            since: holder.claimed_at,
        })
    };
    let entry = |slot: Slot| RosterEntry { role: slot.role, slot: slot.to_string(), holder: holder(slot) };
    Ok(Json(Roster { slots: sail.slots().into_iter().map(entry).collect() }))
}

/// Takes an open slot. One transaction.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/roles/claim",
    operation_id = "claimRole",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("Idempotency-Key" = String, Header, pattern = "^[A-Za-z0-9_-]{8,64}$", description = "The caller's own name for the request: 8 to 64 letters, digits, `-` and `_`"),
    ),
    request_body = SlotRequest,
    responses((status = 200, description = "The slot is the caller's", body = RoleChange), Reading, Sending, Conflicts, Repeats)
)]
pub async fn claim(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    OwnKey(key): OwnKey,
    Fields(body): Fields<SlotRequest>,
) -> Result<Json<RoleChange>, Refusal> {
    let slot = slot_of(&body.slot)?;
    let request = request(&actor, &event_id, key, &[b"claimRole", &bytes_of(&body)?]);
    let member = member(&actor);
    let kind = Kind::Fill(member.clone());
    made(&app, &Change { event_id, slot, kind, actor: member, authority: Authority::Own }, &request).await
}

/// Gives a slot to somebody: an administrator or the sail's captain any slot, others their own.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/roles/designate",
    operation_id = "designateRole",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("Idempotency-Key" = String, Header, pattern = "^[A-Za-z0-9_-]{8,64}$", description = "The caller's own name for the request: 8 to 64 letters, digits, `-` and `_`"),
    ),
    request_body = Designation,
    responses((status = 200, description = "The slot is that person's", body = RoleChange), Reading, Sending, Conflicts, Repeats)
)]
pub async fn designate(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    OwnKey(key): OwnKey,
    Fields(body): Fields<Designation>,
) -> Result<Json<RoleChange>, Refusal> {
    let slot = slot_of(&body.slot)?;
    let person_id: PersonId = body.person_id.parse().map_err(|rule| fault("/person_id", rule))?;
    let request = request(&actor, &event_id, key, &[b"designateRole", &bytes_of(&body)?]);
    let (holder, authority) = match held(&app, &actor, &event_id, slot, &request).await? {
        Held::Answered(answer) => return Ok(answer),
        Held::By(holder, authority) => (holder, authority),
    };
    let to = known(&*app.people, &person_id).await?;
    let kind = match holder {
        None => Kind::Fill(to),
        Some(from) if from.person_id.as_ref() == Some(&person_id) => {
            return Err(command::roster_refused(RosterRefused::HasRole));
        }
        Some(from) => Kind::HandOver(from, to),
    };
    made(&app, &Change { event_id, slot, kind, actor: member(&actor), authority }, &request).await
}

/// Opens a slot again: an administrator or the sail's captain any slot, others their own.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/roles/release",
    operation_id = "releaseRole",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("event_id" = String, Path, description = "The sail"),
        ("Idempotency-Key" = String, Header, pattern = "^[A-Za-z0-9_-]{8,64}$", description = "The caller's own name for the request: 8 to 64 letters, digits, `-` and `_`"),
    ),
    request_body = SlotRequest,
    responses((status = 200, description = "The slot is open", body = RoleChange), Reading, Sending, Conflicts, Repeats)
)]
pub async fn release(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    OwnKey(key): OwnKey,
    Fields(body): Fields<SlotRequest>,
) -> Result<Json<RoleChange>, Refusal> {
    let slot = slot_of(&body.slot)?;
    let request = request(&actor, &event_id, key, &[b"releaseRole", &bytes_of(&body)?]);
    let (holder, authority) = match held(&app, &actor, &event_id, slot, &request).await? {
        Held::Answered(answer) => return Ok(answer),
        Held::By(holder, authority) => (holder, authority),
    };
    let from = holder.ok_or_else(|| command::roster_refused(RosterRefused::OtherHolder))?;
    let kind = Kind::Release(from);
    made(&app, &Change { event_id, slot, kind, actor: member(&actor), authority }, &request).await
}

async fn made(app: &App, change: &Change, request: &Request) -> Result<Json<RoleChange>, Refusal> {
    match change.make(&*app.tables, &*app.clock, request).await? {
        Ok(changed) => Ok(Json(changed.into())),
        Err(refused) => Err(command::roster_refused(refused)),
    }
}

/// The answer of the same request's first time.
fn answered(earlier: Earlier) -> Result<Json<RoleChange>, Refusal> {
    match earlier {
        Earlier::OtherBody => Err(Refusal::other_body()),
        Earlier::Answer(answer) => {
            let changed: Result<Changed, _> = serde_json::from_value(answer);
            changed.map(|changed| Json(changed.into())).map_err(|_| Refusal::unavailable())
        }
    }
}

/// What is known of a slot before it changes hands.
enum Held {
    /// The same request was answered before, with this.
    Answered(Json<RoleChange>),
    /// Who holds it, and by what right the actor may change that.
    By(Option<Holder>, Authority),
}

/// Looks at the slot. The right is that of its own holder, of an administrator, or of the sail's captain.
async fn held(app: &App, actor: &Actor, event_id: &EventId, slot: Slot, request: &Request) -> Result<Held, Refusal> {
    let before = roster::before(&*app.tables, event_id, slot, request, app.clock.now()).await?;
    if let Some(earlier) = before.earlier {
        return answered(earlier).map(Held::Answered);
    }
    let authority = match before.holder.as_ref().and_then(|holder| holder.person_id.as_ref()) {
        Some(own) if *own == actor.person_id => Authority::Own,
        _ => command::of_sail(app, actor, event_id).await?,
    };
    Ok(Held::By(before.holder, authority))
}

async fn known(people: &dyn People, person_id: &PersonId) -> Result<Member, Refusal> {
    let person = people.by_id(person_id).await?.and_then(Member::of);
    person.ok_or_else(|| fault("/person_id", "is nobody who may sign in"))
}

fn request(actor: &Actor, event_id: &EventId, key: IdempotencyKey, parts: &[&[u8]]) -> Request {
    Request::new(actor.person_id.clone(), key, &[parts, &[event_id.as_str().as_bytes()]].concat())
}

fn slot_of(text: &str) -> Result<Slot, Refusal> {
    text.parse().map_err(|rule| fault("/slot", rule))
}

fn member(actor: &Actor) -> Member {
    let Actor { person_id, email, name, grants, .. } = actor.clone();
    Member { person_id, email, name, grants }
}

fn fault(pointer: &str, rule: &str) -> Refusal {
    Refusal::invalid(vec![FieldError::new(pointer, rule)])
}

impl From<Changed> for RoleChange {
    fn from(changed: Changed) -> Self {
        let Changed { event_id, slot, person_id, at } = changed;
        Self { event_id: event_id.to_string(), slot, person_id, at }
    }
}
