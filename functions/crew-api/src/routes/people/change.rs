//! Changing people: name and grants, revoking and restoring, inviting again, and the history of all that.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use functions_shared::people::{Deed, Entry, Written};
use functions_shared::person::{Grant, Membership, Person, PersonId, PersonName};
use functions_shared::problem::FieldError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::entry::{HistoryEntry, HistoryList, PersonEntry, answer};
use super::{person_of, sound};
use crate::actor::{Actor, AdminOnly};
use crate::app::{App, Shared};
use crate::body::Fields;
use crate::demands::{IfMatch, Of};
use crate::problems::{Conflicts, Reading, Revisions, Sending};
use crate::refusal::Refusal;
use crate::sign_in;

/// What is to be different about a person. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// What people call the person: one line.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80)]
    pub name: Option<PersonName>,
    /// What the person may do: one at least.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub grants: Option<Vec<Grant>>,
}

/// Changes a person's name or grants. It holds from the person's next request on.
#[utoipa::path(
    patch,
    path = "/api/people/{person_id}",
    operation_id = "changePerson",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("person_id" = String, Path, description = "The person's key"),
        ("If-Match" = String, Header, pattern = "^\"[0-9]{1,9}\"$", description = "The ETag of the person as it was read"),
    ),
    request_body = PersonChange,
    responses((status = 200, description = "Changed", body = PersonEntry), Reading, Sending, Conflicts, Revisions)
)]
pub async fn change(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of(person_id): Of<PersonId>,
    IfMatch(revision): IfMatch,
    Fields(wanted): Fields<PersonChange>,
) -> Result<Response, Refusal> {
    let mut person = person_of(&app, &person_id).await?;
    if person.revision != revision {
        return Err(Refusal::other_revision());
    }
    if let Some(grants) = wanted.grants {
        let grants = sound(&grants);
        person.grants = grants.map_err(|reason| Refusal::invalid(vec![FieldError::new("/grants", reason)]))?;
    }
    person.name = wanted.name.unwrap_or(person.name);
    if person.person_id == actor.person_id && !person.grants.contains(&Grant::Admin) {
        return Err(Refusal::conflict("urn:problem:own-grant", "Administrators keep their own grant"));
    }
    write(&app, &actor, person, Deed::Changed).await
}

/// Shuts a person out: the next request is refused, and no link is sent any more.
#[utoipa::path(
    post,
    path = "/api/people/{person_id}/revocation",
    operation_id = "revokePerson",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses((status = 200, description = "Shut out", body = PersonEntry), Reading, Sending, Conflicts, Revisions)
)]
pub async fn revoke(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of(person_id): Of<PersonId>,
) -> Result<Response, Refusal> {
    let person = person_of(&app, &person_id).await?;
    if person.person_id == actor.person_id {
        return Err(Refusal::conflict("urn:problem:own-revocation", "Nobody shuts out themselves"));
    }
    let generation = person.generation + 1;
    let person = Person { membership: Membership::Revoked, generation, ..person };
    write(&app, &actor, person, Deed::Revoked).await
}

/// Lets a person in again. Earlier sessions stay ended.
#[utoipa::path(
    post,
    path = "/api/people/{person_id}/restoration",
    operation_id = "restorePerson",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses((status = 200, description = "Let in again", body = PersonEntry), Reading, Sending, Revisions)
)]
pub async fn restore(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Of(person_id): Of<PersonId>,
) -> Result<Response, Refusal> {
    let person = person_of(&app, &person_id).await?;
    write(&app, &actor, Person { membership: Membership::Active, ..person }, Deed::Restored).await
}

/// Sends the invitation once more.
#[utoipa::path(
    post,
    path = "/api/people/{person_id}/invitation",
    operation_id = "inviteAgain",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses((status = 202, description = "A mail is on its way", body = PersonEntry), Reading, Sending, Conflicts)
)]
pub async fn invite_again(
    State(app): State<Shared>,
    _: AdminOnly,
    Of(person_id): Of<PersonId>,
) -> Result<Response, Refusal> {
    let person = person_of(&app, &person_id).await?;
    if !person.is_active() {
        return Err(Refusal::conflict("urn:problem:revoked", "This person was shut out"));
    }
    sign_in::spend_invitation(&app, &person.email).await?;
    sign_in::invite(&app, &person).await?;
    Ok(answer(StatusCode::ACCEPTED, &person))
}

/// Tells what was done to a person, and by whom.
#[utoipa::path(
    get,
    path = "/api/people/{person_id}/history",
    operation_id = "readPersonHistory",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses((status = 200, description = "The latest first", body = HistoryList), Reading)
)]
pub async fn history(
    State(app): State<Shared>,
    _: AdminOnly,
    Of(person_id): Of<PersonId>,
) -> Result<Json<HistoryList>, Refusal> {
    person_of(&app, &person_id).await?;
    let entry = |entry: Entry| HistoryEntry {
        at: entry.at.as_second(),
        actor: entry.actor.map(String::from),
        deed: entry.deed,
        grants: entry.grants.into_iter().collect(),
    };
    let entries = app.people.entries(&person_id).await?.into_iter().map(entry).collect();
    Ok(Json(HistoryList { entries }))
}

/// Writes a changed person with a line of the history.
async fn write(app: &App, actor: &Actor, person: Person, deed: Deed) -> Result<Response, Refusal> {
    let revision = person.revision + 1;
    let person = Person { revision, ..person };
    let (actor, grants) = (Some(actor.email.clone()), person.grants.clone());
    match app.people.change(&person, &Entry { at: app.clock.now(), actor, deed, grants }).await? {
        Written::Done => Ok(answer(StatusCode::OK, &person)),
        Written::Conflict => Err(Refusal::other_revision()),
    }
}
