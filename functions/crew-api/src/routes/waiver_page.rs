//! `/api/waiver` and `/api/sails/{event_id}/waiver`: the text, and signing it — for guests by a link, for the
//! crew by their session.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::history::Author;
use functions_shared::sail::{EventId, Sail};
use functions_shared::waiver::{CURRENT, Form, Standing, Waiver, WaiverId};
use functions_shared::waivers::{self, Submitted};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::sail::{author, sail_of};
use crate::actor::Signed;
use crate::app::{App, Shared};
use crate::body::Fields;
use crate::demands::Of;
use crate::problems::{Conflicts, Reading, Sending};
use crate::refusal::Refusal;

/// The header that opens the waiver page of a sail: its key, a point and its token. It is no part of the path,
/// which is written into logs.
pub const WAIVER_LINK: HeaderName = HeaderName::from_static("waiver-link");

/// What there is to sign.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverPage {
    /// What people call the sail.
    pub title: String,
    /// The vessel's name.
    pub vessel: String,
    /// When it leaves, in epoch seconds.
    pub departs_at: i64,
    /// Which text it is: it goes back with the form.
    pub text_version: &'static str,
    /// The text.
    pub text: &'static str,
    /// Where the caller's own waiver stands, for the crew; absent: not signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<WaiverStanding>,
}

/// Where a waiver stands, without why.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverStanding {
    /// Nothing stands against it.
    Signed,
    /// An administrator has to look at it first.
    OnHold,
    /// An administrator has cleared it.
    Cleared,
    /// The person is aboard.
    Boarded,
}

/// What became of a submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaiverReceipt {
    /// The waiver's key.
    pub waiver_id: String,
    /// Where it stands.
    pub standing: WaiverStanding,
    /// When it was signed, in epoch seconds.
    pub signed_at: i64,
}

/// The sail that a link opens. A link that opens none is answered as a path that is none.
pub struct Linked(Sail);

impl FromRequestParts<Shared> for Linked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let mut held = parts.headers.get_all(&WAIVER_LINK).iter();
        let (Some(link), None) = (held.next(), held.next()) else {
            return Err(Refusal::not_found());
        };
        let parts = link.to_str().ok().and_then(|link| link.split_once('.'));
        let (event_id, token) = parts.ok_or_else(Refusal::not_found)?;
        let event_id: EventId = event_id.parse().map_err(|_| Refusal::not_found())?;
        let sail = sail_of(app, &event_id).await?;
        let known = sail.waiver_token.as_ref().map(|known| known.expose().as_bytes()).unwrap_or_default();
        match !known.is_empty() && bool::from(known.ct_eq(token.as_bytes())) {
            true => Ok(Self(sail)),
            false => Err(Refusal::not_found()),
        }
    }
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/waiver", get(read_page).post(sign_as_guest))
        .route("/api/sails/{event_id}/waiver", get(read_own).post(sign_as_crew))
}

/// Tells a guest what there is to sign.
#[utoipa::path(
    get,
    path = "/api/waiver",
    operation_id = "readWaiverPage",
    params(("Waiver-Link" = String, Header, description = "What the link to the page holds: the sail's key, a point and its token")),
    responses((status = 200, description = "The text and its sail", body = WaiverPage), Reading)
)]
pub async fn read_page(Linked(sail): Linked) -> Json<WaiverPage> {
    Json(page(&sail, None))
}

/// Signs as a guest. The same form again gets the same answer.
#[utoipa::path(
    post,
    path = "/api/waiver",
    operation_id = "signWaiverAsGuest",
    params(("Waiver-Link" = String, Header, description = "What the link to the page holds: the sail's key, a point and its token")),
    request_body = Form,
    responses((status = 201, description = "It is signed", body = WaiverReceipt), Reading, Sending, Conflicts)
)]
pub async fn sign_as_guest(
    State(app): State<Shared>,
    Linked(sail): Linked,
    Fields(body): Fields<Form>,
) -> Result<Response, Refusal> {
    let waiver_id = WaiverId::of_guest(sail.guest_salt(), &body.name, body.born);
    sign(&app, &sail, waiver_id, Author::guest(), &body).await
}

/// Tells one of the crew what there is to sign, and where the own waiver stands.
#[utoipa::path(
    get,
    path = "/api/sails/{event_id}/waiver",
    operation_id = "readOwnWaiver",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    responses((status = 200, description = "The text and its sail", body = WaiverPage), Reading)
)]
pub async fn read_own(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
) -> Result<Json<WaiverPage>, Refusal> {
    let sail = sail_of(&app, &event_id).await?;
    let own = waivers::by_id(&*app.tables, &event_id, &WaiverId::of_crew(&actor.person_id)).await?;
    Ok(Json(page(&sail, own.as_ref())))
}

/// Signs as one of the crew. The same form again gets the same answer.
#[utoipa::path(
    post,
    path = "/api/sails/{event_id}/waiver",
    operation_id = "signWaiverAsCrew",
    security(("cookie" = []), ("bearer" = [])),
    params(("event_id" = String, Path, description = "The sail")),
    request_body = Form,
    responses((status = 201, description = "It is signed", body = WaiverReceipt), Reading, Sending, Conflicts)
)]
pub async fn sign_as_crew(
    State(app): State<Shared>,
    Signed(actor): Signed,
    Of(event_id): Of<EventId>,
    Fields(body): Fields<Form>,
) -> Result<Response, Refusal> {
    let sail = sail_of(&app, &event_id).await?;
    let waiver_id = WaiverId::of_crew(&actor.person_id);
    sign(&app, &sail, waiver_id, author(&actor), &body).await
}

async fn sign(app: &App, sail: &Sail, waiver_id: WaiverId, who: Author, form: &Form) -> Result<Response, Refusal> {
    let faults = form.faults(app.clock.now());
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    match waivers::submit(&*app.tables, &*app.clock, &app.seal, sail, waiver_id, who, form).await? {
        Submitted::New(waiver) | Submitted::Again(waiver) => {
            Ok((StatusCode::CREATED, Json(receipt(&waiver))).into_response())
        }
        Submitted::Other => {
            let title = "This person has signed another waiver for this sail: an administrator can help";
            Err(Refusal::conflict("urn:problem:signed-already", title))
        }
        Submitted::Closed => Err(Refusal::conflict("urn:problem:wrong-state", "Nobody signs for this sail any more")),
    }
}

fn page(sail: &Sail, own: Option<&Waiver>) -> WaiverPage {
    WaiverPage {
        title: sail.title.clone(),
        vessel: sail.vessel.clone(),
        departs_at: sail.departs_at.as_second(),
        text_version: CURRENT.version,
        text: CURRENT.text,
        standing: own.map(|waiver| standing(&waiver.standing)),
    }
}

fn receipt(waiver: &Waiver) -> WaiverReceipt {
    WaiverReceipt {
        waiver_id: waiver.waiver_id.to_string(),
        standing: standing(&waiver.standing),
        signed_at: waiver.signed_at,
    }
}

/// Where a waiver stands, as others than administrators hear it.
pub fn standing(of: &Standing) -> WaiverStanding {
    match of {
        Standing::Signed => WaiverStanding::Signed,
        Standing::OnHold { .. } => WaiverStanding::OnHold,
        Standing::Cleared { .. } => WaiverStanding::Cleared,
        Standing::Boarded { .. } => WaiverStanding::Boarded,
    }
}
