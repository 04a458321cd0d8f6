//! Who asks: the person behind a request, read from the people's table each time.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use functions_shared::mail::Address;
use functions_shared::person::{Grant, PersonId, PersonName};

use crate::app::Shared;
use crate::refusal::Refusal;
use crate::session::{Claims, Closed, SESSION_COOKIE, value_of};

/// Where tools put `Bearer <token>` behind the CDN on AWS, which signs its requests and owns `Authorization`.
pub const TOOL_HEADER: HeaderName = HeaderName::from_static("x-authorization");

/// A signed-in person as the people's table has it now. A revoked person's next request is refused, and a grant
/// that was taken away is gone with the next request: nothing is believed because a token says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// The person.
    pub person_id: PersonId,
    /// The person's address, for audit trails.
    pub email: Address,
    /// What people call this person.
    pub name: PersonName,
    /// What this person may do.
    pub grants: BTreeSet<Grant>,
    /// The session by which the person asks.
    pub session: Claims,
}

impl Actor {
    /// Whether this person runs the place.
    pub fn is_admin(&self) -> bool {
        self.grants.contains(&Grant::Admin)
    }
}

/// Anybody who is signed in. Others get 401.
#[derive(Clone, Debug)]
pub struct Signed(pub Actor);

/// An administrator. Others who are signed in get 403.
#[derive(Clone, Debug)]
pub struct AdminOnly(pub Actor);

impl FromRequestParts<Shared> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        if let Some(Self(actor)) = parts.extensions.get::<Self>() {
            return Ok(Self(actor.clone()));
        }
        let signed = Self(actor(&parts.headers, app).await?);
        parts.extensions.insert(signed.clone());
        Ok(signed)
    }
}

impl FromRequestParts<Shared> for AdminOnly {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let Signed(actor) = Signed::from_request_parts(parts, app).await?;
        if actor.is_admin() { Ok(Self(actor)) } else { Err(Refusal::not_allowed()) }
    }
}

async fn actor(headers: &HeaderMap, app: &Shared) -> Result<Actor, Refusal> {
    let token = token(headers).ok_or_else(Refusal::not_signed_in)?;
    let session = app.sessions.open(token).await.map_err(|closed| match closed {
        Closed::Refused => Refusal::not_signed_in(),
        Closed::Unavailable(error) => {
            tracing::error!(%error, "no session can be checked");
            Refusal::unavailable()
        }
    })?;
    let person = app.people.of_session(&session.session()).await?;
    let person = person.filter(|person| person.is_active() && person.generation == session.generation);
    let person = person.ok_or_else(Refusal::not_signed_in)?;
    Ok(Actor { person_id: person.person_id, email: person.email, name: person.name, grants: person.grants, session })
}

/// The token of a tool, or of a browser's cookie. A request with two different answers has none.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let bearers = [header::AUTHORIZATION, TOOL_HEADER].into_iter().flat_map(|name| headers.get_all(name));
    let mut bearers = bearers.filter_map(|value| value.to_str().ok()).filter_map(|value| value.strip_prefix("Bearer "));
    match (bearers.next(), bearers.next()) {
        (Some(bearer), None) => Some(bearer),
        (Some(_), Some(_)) => None,
        (None, _) => value_of(headers, SESSION_COOKIE),
    }
}
