//! `/api/sails/{event_id}/waiver-link`: the link by which guests come to a sail's waiver page.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use functions_shared::history::{Deed, Entry};
use functions_shared::sail::{EventId, Sail, WaiverToken};
use functions_shared::sails::{self, Change};
use serde::Serialize;
use utoipa::ToSchema;

use super::sail::{author, sail_of};
use crate::actor::{Actor, Signed};
use crate::app::{App, Shared};
use crate::command;
use crate::demands::Of;
use crate::problems::{Conflicts, Reading, Revisions, Sending};
use crate::refusal::Refusal;

/// The way to a sail's waiver page.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverLink {
    /// What the page sends back as `Waiver-Link`: it belongs behind the `#` of the page's address.
    pub link: String,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/sails/{event_id}/waiver-link", post(make))
        .route("/api/sails/{event_id}/waiver-link/renewal", post(renew))
}

/// Tells the link, and makes it where there is none: administrators and the sail's captain.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/waiver-link",
    operation_id = "makeWaiverLink",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses(
        (status = 200, description = "The link, the same until it is renewed", body = WaiverLink),
        Reading, Sending, Conflicts, Revisions
    )
)]
pub async fn make(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Json<WaiverLink>, Refusal> {
    command::of_sail(&app, &actor, &event_id).await?;
    let sail = sail_of(&app, &event_id).await?;
    match &sail.waiver_token {
        Some(token) => Ok(Json(link(&sail, token))),
        None => another(&app, &actor, &sail, Deed::WaiverLinkMade).await,
    }
}

/// Makes another link, for when the present one went to the wrong people: that one opens nothing any more. Who has
/// signed by it has signed. Administrators and the sail's captain.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/waiver-link/renewal",
    operation_id = "renewWaiverLink",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses(
        (status = 200, description = "The new link", body = WaiverLink),
        Reading, Sending, Conflicts, Revisions
    )
)]
pub async fn renew(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Json<WaiverLink>, Refusal> {
    command::of_sail(&app, &actor, &event_id).await?;
    let sail = sail_of(&app, &event_id).await?;
    another(&app, &actor, &sail, Deed::WaiverLinkRenewed).await
}

async fn another(app: &App, actor: &Actor, before: &Sail, deed: Deed) -> Result<Json<WaiverLink>, Refusal> {
    let token = WaiverToken::random()?;
    let told = link(before, &token);
    let after = before.with_waiver_token(token);
    let entry = Entry::new(app.clock.now(), author(actor), deed);
    match sails::change(&*app.tables, &*app.clock, before, &after, &entry).await? {
        Change::Done => Ok(Json(told)),
        Change::Revision | Change::SlotTaken | Change::CaptainLeft => Err(Refusal::other_revision()),
    }
}

fn link(sail: &Sail, token: &WaiverToken) -> WaiverLink {
    WaiverLink { link: format!("{}.{}", sail.event_id, token.expose()) }
}
