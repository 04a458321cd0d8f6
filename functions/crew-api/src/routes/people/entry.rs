//! Listing, reading and inviting people.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use functions_shared::mail::Address;
use functions_shared::people::{Deed, Entry, Written};
use functions_shared::person::{Grant, Membership, Person, PersonId, PersonName};
use functions_shared::problem::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, page, person_of, sound};
use crate::actor::AdminOnly;
use crate::app::Shared;
use crate::body::Fields;
use crate::demands::{Of, Revised};
use crate::problems::{Conflicts, Reading, Sending};
use crate::refusal::Refusal;
use crate::sign_in;

/// Some people in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonList {
    /// The people, those who were shut out among them.
    pub people: Vec<PersonEntry>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A person as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonEntry {
    /// The person's key.
    pub person_id: String,
    /// Where the person's mail goes.
    pub email: String,
    /// What people call the person.
    pub name: String,
    /// What the person may do.
    pub grants: Vec<Grant>,
    /// Whether the person may sign in.
    pub membership: Membership,
    /// When the invitation was written, in epoch seconds.
    pub invited_at: i64,
}

/// Somebody to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Where the person's mail goes: nobody else's.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Address,
    /// What people call the person: one line.
    #[schema(value_type = String, min_length = 1, max_length = 80)]
    pub name: PersonName,
    /// What the person may do: one at least.
    #[schema(min_items = 1)]
    pub grants: Vec<Grant>,
}

/// What was done to a person, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryList {
    /// At most 100 lines.
    pub entries: Vec<HistoryEntry>,
}

/// One line of a person's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// When, in epoch seconds.
    pub at: i64,
    /// The address of who did it; absent: the stack's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What was done.
    pub deed: Deed,
    /// The grants after it.
    pub grants: Vec<Grant>,
}

impl From<&Person> for PersonEntry {
    fn from(person: &Person) -> Self {
        Self {
            person_id: person.person_id.to_string(),
            email: person.email.as_str().to_owned(),
            name: person.name.as_str().to_owned(),
            grants: person.grants.iter().copied().collect(),
            membership: person.membership,
            invited_at: person.invited_at.as_second(),
        }
    }
}

/// A person with the revision as ETag.
pub fn answer(status: StatusCode, person: &Person) -> Response {
    (status, Revised(person.revision, Json(PersonEntry::from(person)))).into_response()
}

/// Lists everybody.
#[utoipa::path(
    get,
    path = "/api/people",
    operation_id = "listPeople",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "The most people of this answer; absent: 50", minimum = 1, maximum = 100),
        ("after" = Option<String>, Query, description = "`next` of the answer before this one"),
    ),
    responses((status = 200, description = "People in the order of their names", body = PersonList), Reading)
)]
pub async fn list(State(app): State<Shared>, _: AdminOnly, uri: Uri) -> Result<Json<PersonList>, Refusal> {
    let Page { people, next } = page(&app, &uri).await?;
    Ok(Json(PersonList { people: people.iter().map(PersonEntry::from).collect(), next }))
}

/// Tells one person.
#[utoipa::path(
    get,
    path = "/api/people/{person_id}",
    operation_id = "readPerson",
    security(("cookie" = []), ("bearer" = [])),
    params(("person_id" = String, Path, description = "The person's key")),
    responses((status = 200, description = "The person", body = PersonEntry), Reading)
)]
pub async fn read(State(app): State<Shared>, _: AdminOnly, Of(person_id): Of<PersonId>) -> Result<Response, Refusal> {
    let person = person_of(&app, &person_id).await?;
    Ok(answer(StatusCode::OK, &person))
}

/// Invites somebody: the person is known from now on and gets a mail with a link.
#[utoipa::path(
    post,
    path = "/api/people",
    operation_id = "invitePerson",
    security(("cookie" = []), ("bearer" = [])),
    request_body = Invitation,
    responses(
        (status = 201, description = "Invited; a mail is on its way", body = PersonEntry),
        Reading, Sending, Conflicts
    )
)]
pub async fn invite(
    State(app): State<Shared>,
    AdminOnly(actor): AdminOnly,
    Fields(invited): Fields<Invitation>,
) -> Result<Response, Refusal> {
    let grants = sound(&invited.grants);
    let grants = grants.map_err(|reason| Refusal::invalid(vec![FieldError::new("/grants", reason)]))?;
    let now = app.clock.now();
    let person = Person::new(&invited.email, invited.name, grants, now)?;
    let entry = Entry { at: now, actor: Some(actor.email), deed: Deed::Invited, grants: person.grants.clone() };
    sign_in::spend_invitation(&app, &person.email).await?;
    match app.people.add(&person, &entry).await? {
        Written::Done => sign_in::invite(&app, &person).await?,
        Written::Conflict => {
            return Err(Refusal::conflict("urn:problem:address-taken", "Somebody has this address already"));
        }
    }
    Ok(answer(StatusCode::CREATED, &person))
}
