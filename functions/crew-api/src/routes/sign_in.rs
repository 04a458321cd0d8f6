//! `/api/auth/links` and `/api/auth/codes`: asking for a link, and redeeming a link or its code.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use functions_shared::mail::Address;
use functions_shared::person::Person;
use functions_shared::problem::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::SessionEntry;
use crate::app::{App, Shared};
use crate::body::Fields;
use crate::caller::caller;
use crate::challenges::{ChallengeId, Code, LIFE, LinkToken};
use crate::problems::{Public, Sending};
use crate::refusal::Refusal;
use crate::session::{CHALLENGE_COOKIE, Cookie, SESSION_COOKIE, value_of};
use crate::sign_in;

/// Who asks for a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// Where the mail goes.
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub email: Address,
}

/// The same for every address, whether it is anybody's or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkAsked {
    /// What the code is redeemed with. Browsers have it in a cookie as well.
    pub challenge: String,
    /// Until when link and code can be redeemed, in epoch seconds.
    pub expires_at: i64,
}

/// The token of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRedemption {
    /// What stands behind `#token=`.
    #[schema(min_length = 76, max_length = 76)]
    pub token: String,
    /// How the session is given.
    #[serde(default)]
    pub session: Delivery,
}

/// The code of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRedemption {
    /// 8 letters and digits, in any case, with or without a dash.
    #[schema(max_length = 32)]
    pub code: String,
    /// What the link was asked for with; absent: what the cookie holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 32, max_length = 32)]
    pub challenge: Option<String>,
    /// How the session is given.
    #[serde(default)]
    pub session: Delivery,
}

/// How a session is given.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// As a cookie that no script reads: for browsers.
    #[default]
    Cookie,
    /// As a token in the answer: for tools.
    Token,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/auth/links", post(ask))
        .route("/api/auth/links/redemption", post(redeem_link))
        .route("/api/auth/codes/redemption", post(redeem_code))
}

/// Asks for a link by mail. The answer tells nobody whether the address is known.
#[utoipa::path(
    post,
    path = "/api/auth/links",
    operation_id = "askForLink",
    request_body = LinkRequest,
    responses(
        (status = 202, description = "If somebody has this address, a mail is on its way", body = LinkAsked),
        Public, Sending
    )
)]
pub async fn ask(
    State(app): State<Shared>,
    headers: HeaderMap,
    Fields(asked): Fields<LinkRequest>,
) -> Result<Response, Refusal> {
    let (id, challenge) = sign_in::ask(&app, &caller(&headers), &asked.email).await?;
    let cookie = Cookie { name: CHALLENGE_COOKIE, value: id.as_str(), seconds: LIFE.as_secs() };
    let answer = LinkAsked { challenge: id.to_string(), expires_at: challenge.expires_at().as_second() };
    Ok((StatusCode::ACCEPTED, cookies([cookie]), Json(answer)).into_response())
}

/// Signs in by the token of a link, in whatever browser it was opened.
#[utoipa::path(
    post,
    path = "/api/auth/links/redemption",
    operation_id = "redeemLink",
    request_body = LinkRedemption,
    responses((status = 200, description = "Signed in", body = SessionEntry), Public, Sending)
)]
pub async fn redeem_link(
    State(app): State<Shared>,
    headers: HeaderMap,
    Fields(offered): Fields<LinkRedemption>,
) -> Result<Response, Refusal> {
    let token: LinkToken = offered.token.parse().map_err(|reason| invalid("/token", reason))?;
    let person = sign_in::redeem_token(&app, &caller(&headers), &token).await?;
    begin(&app, &person, offered.session).await
}

/// Signs in by the code of a mail, in the browser that asked for it.
#[utoipa::path(
    post,
    path = "/api/auth/codes/redemption",
    operation_id = "redeemCode",
    request_body = CodeRedemption,
    responses((status = 200, description = "Signed in", body = SessionEntry), Public, Sending)
)]
pub async fn redeem_code(
    State(app): State<Shared>,
    headers: HeaderMap,
    Fields(offered): Fields<CodeRedemption>,
) -> Result<Response, Refusal> {
    let code: Code = offered.code.parse().map_err(|reason| invalid("/code", reason))?;
    let held = offered.challenge.as_deref().or_else(|| value_of(&headers, CHALLENGE_COOKIE));
    let id: ChallengeId =
        held.ok_or_else(Refusal::not_redeemed)?.parse().map_err(|reason| invalid("/challenge", reason))?;
    let person = sign_in::redeem_code(&app, &caller(&headers), &id, &code).await?;
    begin(&app, &person, offered.session).await
}

async fn begin(app: &App, person: &Person, delivery: Delivery) -> Result<Response, Refusal> {
    let issued = app.sessions.issue(person).await?;
    let mut entry = SessionEntry::new(person, &issued);
    if delivery == Delivery::Token {
        entry.token = Some(issued.token);
        return Ok(Json(entry).into_response());
    }
    let seconds = issued.claims.exp - issued.claims.iat;
    let session = Cookie { name: SESSION_COOKIE, value: &issued.token, seconds };
    let challenge = Cookie { name: CHALLENGE_COOKIE, value: "", seconds: 0 };
    Ok((cookies([session, challenge]), Json(entry)).into_response())
}

fn cookies<const COUNT: usize>(cookies: [Cookie<'_>; COUNT]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in cookies.iter().filter_map(Cookie::header) {
        headers.append(header::SET_COOKIE, value);
    }
    headers
}

fn invalid(field: &str, reason: &str) -> Refusal {
    Refusal::invalid(vec![FieldError::new(field, reason)])
}
