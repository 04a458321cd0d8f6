//! `GET /api/admin/unknown-sends`: mails that perhaps never came.

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::nudges::{self, Unsettled, UnsettledPlace};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::AdminOnly;
use crate::app::Shared;
use crate::challenges::{Lost, Purpose};
use crate::problems::Reading;
use crate::query::Query;
use crate::refusal::Refusal;

/// Mails of which nobody knows whether they went out.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownSends {
    /// About sails: the oldest first, 100 at most.
    pub sends: Vec<UnknownSend>,
    /// With links to sign in, the oldest first, 100 at most; in the first answer alone. They are forgotten once their
    /// links have long ended.
    pub links: Vec<UnknownLink>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A mail of which nobody knows whether it went out. It is never sent again by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownSend {
    /// The sail it is about.
    pub event_id: String,
    /// Whom it was for; absent: the administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Our name for the mail, as in its `X-Message-Key` header.
    pub message_key: String,
    /// When it was about to be sent, in epoch seconds.
    pub at: i64,
}

/// A mail with a link that perhaps or surely did not go out. It is never sent again by itself: who was invited is
/// invited again, everybody else asks for another link.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownLink {
    /// Whom it was for.
    pub person_id: String,
    /// Why there was a mail.
    pub purpose: Purpose,
    /// Whether it surely did not go out: the mail service has refused it. Else nobody knows.
    pub refused: bool,
    /// Our name for the mail, as in its `X-Message-Key` header.
    pub message_key: String,
    /// When it was about to be sent, in epoch seconds.
    pub at: i64,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/admin/unknown-sends", get(list))
}

/// Lists the mails of which nobody knows whether they went out: for administrators.
#[utoipa::path(
    get,
    path = "/api/admin/unknown-sends",
    operation_id = "listUnknownSends",
    security(("cookie" = []), ("bearer" = [])),
    params(("after" = Option<String>, Query, description = "`next` of the answer before this one")),
    responses((status = 200, description = "The oldest first", body = UnknownSends), Reading)
)]
pub async fn list(State(app): State<Shared>, AdminOnly(_): AdminOnly, uri: Uri) -> Result<Json<UnknownSends>, Refusal> {
    let mut query = Query::new(&uri, &["after"]);
    let after = query.optional::<UnsettledPlace>("after");
    let after = query.finish(after)?;
    let now = app.clock.now();
    let links = async {
        match &after {
            None => app.challenges.lost(now).await,
            Some(_) => Ok(Vec::new()),
        }
    };
    let (sends, links) = tokio::join!(nudges::unknown(&*app.tables, now, after.as_ref()), links);
    let ((sends, next), links) = (sends?, links?);
    Ok(Json(UnknownSends {
        sends: sends.into_iter().map(UnknownSend::from).collect(),
        links: links.into_iter().map(UnknownLink::from).collect(),
        next: next.map(|place| place.to_string()),
    }))
}

impl From<Unsettled> for UnknownSend {
    fn from(nudge: Unsettled) -> Self {
        Self {
            event_id: nudge.event_id,
            person_id: nudge.person_id,
            message_key: nudge.message_key,
            at: nudge.claimed_at,
        }
    }
}

impl From<Lost> for UnknownLink {
    fn from(mail: Lost) -> Self {
        Self {
            person_id: mail.person_id.to_string(),
            purpose: mail.purpose,
            refused: mail.refused,
            message_key: mail.key.to_string(),
            at: mail.at.as_second(),
        }
    }
}
