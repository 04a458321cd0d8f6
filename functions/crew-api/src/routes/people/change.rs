//! Changing people: name and grants, revoking and restoring, inviting again, and the history of all that.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use functions_shared::people::{Deed, Entry, Written};
use functions_shared::person::{Grant, Membership, Person, PersonName};
use functions_shared::problem::{FieldError, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::entry::{HistoryEntry, HistoryList, PersonEntry, answer, etag};
use super::{Named, sound};
use crate::actor::{Actor, AdminOnly};
use crate::app::{App, Shared};
use crate::body::Fields;
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
        ("If-Match" = String, Header, description = "The ETag of the person as it was read"),
    ),
    request_body = PersonChange,
    responses(
        (status = 200, description = "Changed", body = PersonEntry),
        (status = 400, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator, or from another site", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody with this key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Administrators keep their own grant", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is over 64 KB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Named(person_id): Named,
    headers: HeaderMap,
    Fields(wanted): Fields<PersonChange>,
) -> Result<Response, Refusal> {
    let meant = headers.get(header::IF_MATCH).ok_or_else(Refusal::revision_needed)?;
    let mut person = app.people.by_id(&person_id).await?.ok_or_else(Refusal::not_found)?;
    if meant.as_bytes() != etag(&person).as_bytes() {
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
    responses(
        (status = 200, description = "Shut out", body = PersonEntry),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator, or from another site", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody with this key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Nobody shuts out themselves", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody else changed the person at this moment", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Named(person_id): Named,
) -> Result<Response, Refusal> {
    let person = app.people.by_id(&person_id).await?.ok_or_else(Refusal::not_found)?;
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
    responses(
        (status = 200, description = "Let in again", body = PersonEntry),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator, or from another site", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody with this key", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody else changed the person at this moment", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn restore(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Named(person_id): Named,
) -> Result<Response, Refusal> {
    let person = app.people.by_id(&person_id).await?.ok_or_else(Refusal::not_found)?;
    write(&app, &actor, Person { membership: Membership::Active, ..person }, Deed::Restored).await
}

/// Sends the invitation once more.
#[utoipa::path(
    post,
    path = "/api/people/{person_id}/invitation",
    operation_id = "inviteAgain",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses(
        (status = 202, description = "A mail is on its way", body = PersonEntry),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator, or from another site", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody with this key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The person was shut out", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn invite_again(
    State(app): State<Shared>,
    _: AdminOnly,
    Named(person_id): Named,
) -> Result<Response, Refusal> {
    let person = app.people.by_id(&person_id).await?.ok_or_else(Refusal::not_found)?;
    if !person.is_active() {
        return Err(Refusal::conflict("urn:problem:revoked", "This person was shut out"));
    }
    sign_in::invite(&app, &person.email).await?;
    Ok(answer(StatusCode::ACCEPTED, &person))
}

/// Tells what was done to a person, and by whom.
#[utoipa::path(
    get,
    path = "/api/people/{person_id}/history",
    operation_id = "readPersonHistory",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses(
        (status = 200, description = "The latest first", body = HistoryList),
        (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody with this key", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Something that is needed does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn history(
    State(app): State<Shared>,
    _: AdminOnly,
    Named(person_id): Named,
) -> Result<Json<HistoryList>, Refusal> {
    app.people.by_id(&person_id).await?.ok_or_else(Refusal::not_found)?;
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
