//! `GET /api/crew`: who else is in the crew, without anybody's address.

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::person::{Grant, Person};
use serde::Serialize;
use utoipa::ToSchema;

use super::people::{Page, page};
use crate::actor::Signed;
use crate::app::Shared;
use crate::problems::Reading;
use crate::refusal::Refusal;

/// Some of the crew in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewList {
    /// The people. Those who were shut out are left out.
    pub crew: Vec<CrewEntry>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One of the crew as the others see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewEntry {
    /// The person's key.
    pub person_id: String,
    /// What people call the person.
    pub name: String,
    /// What the person may do.
    pub grants: Vec<Grant>,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/crew", get(list))
}

/// Lists the crew, for anybody who is signed in.
#[utoipa::path(
    get,
    path = "/api/crew",
    operation_id = "listCrew",
    security(("cookie" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "The most people of this answer; absent: 50", minimum = 1, maximum = 100),
        ("after" = Option<String>, Query, description = "`next` of the answer before this one"),
    ),
    responses((status = 200, description = "People in the order of their names", body = CrewList), Reading)
)]
pub async fn list(State(app): State<Shared>, _: Signed, uri: Uri) -> Result<Json<CrewList>, Refusal> {
    let Page { people, next } = page(&app, &uri).await?;
    let entry = |person: Person| CrewEntry {
        person_id: person.person_id.to_string(),
        name: person.name.as_str().to_owned(),
        grants: person.grants.into_iter().collect(),
    };
    Ok(Json(CrewList { crew: people.into_iter().filter(Person::is_active).map(entry).collect(), next }))
}
