//! `/api/sails/{event_id}/steps`: a sail's way from its plan to its end.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use functions_shared::history::{Deed, Entry};
use functions_shared::sail::{self, EventId, Sail, Step};
use functions_shared::sails;
use serde::Deserialize;
use utoipa::ToSchema;

use super::sail::{SailDetail, author, sail_of, told};
use crate::actor::Signed;
use crate::app::Shared;
use crate::body::Fields;
use crate::command;
use crate::demands::{Of, Revised};
use crate::problems::{Conflicts, Reading, Revisions, Sending};
use crate::readiness;
use crate::refusal::Refusal;

/// A step of a sail's life.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepRequest {
    /// The step.
    pub step: Step,
    /// Why, for the audit trail: one line of 1 to 200 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub reason: Option<String>,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/sails/{event_id}/steps", post(take_step))
}

/// Takes a sail one step further: administrators every step, its captain `start` and `complete`.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/steps",
    operation_id = "stepSail",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    request_body = StepRequest,
    responses((status = 200, description = "The sail", body = SailDetail), Reading, Sending, Conflicts, Revisions)
)]
pub async fn take_step(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    Fields(body): Fields<StepRequest>,
) -> Result<Revised<Json<SailDetail>>, Refusal> {
    let StepRequest { step, reason } = body;
    match step {
        Step::Confirm | Step::Cancel if !actor.is_admin() => return Err(Refusal::not_allowed()),
        Step::Confirm | Step::Cancel => {}
        Step::Start | Step::Complete => {
            command::of_sail(&app, &actor, &event_id).await?;
        }
    }
    let reason = reason.map(|reason| command::reason("/reason", &reason)).transpose()?;
    let before = sail_of(&app, &event_id).await?;
    let now = app.clock.now();
    let (ready, captain) = readiness::of(&app, &before, step).await?;
    let state = sail::after(&before, step, &ready, now).map_err(command::step_refused)?;
    let after = Sail { state, revision: before.revision + 1, ..before.clone() };
    let entry = Entry::new(now, author(&actor), Deed::SailStepped { step, reason });
    let change = match (step, captain) {
        (Step::Start, Some(captain)) => {
            sails::leave(&*app.tables, &*app.clock, &before, &after, &entry, &captain).await?
        }
        _ => sails::change(&*app.tables, &*app.clock, &before, &after, &entry).await?,
    };
    told(change, &after)
}
