//! The API's own description, generated from the routes.

use functions_shared::problem::{FieldError, Problem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes::{
    audit, checklists, crew, health, jwks, people, reports, roles, sail, sails, session, sign_in, steps, sun,
    unknown_sends, waiver_link, waiver_page, waivers,
};
use crate::session::{SESSION_COOKIE, TYPE};

/// The OpenAPI document. The file `openapi.json` beside `Cargo.toml` is its text.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ship Captain Crew",
        description = "Sails, their crew, waivers and checklists, and the sun over San Diego. Errors are RFC 9457 problems."
    ),
    paths(
        health::read,
        sails::list,
        sail::create,
        sail::read,
        sail::edit,
        steps::take_step,
        sail::suggest,
        roles::list,
        roles::claim,
        roles::designate,
        roles::release,
        waiver_page::read_page,
        waiver_page::sign_as_guest,
        waiver_page::read_own,
        waiver_page::sign_as_crew,
        waivers::list,
        waivers::view,
        waivers::clear,
        waivers::board,
        waiver_link::make,
        waiver_link::renew,
        waivers::holds,
        checklists::read,
        checklists::edit,
        checklists::tick,
        audit::read,
        unknown_sends::list,
        session::read,
        crew::list,
        jwks::read,
        people::change,
        people::history,
        people::invite,
        people::invite_again,
        people::list,
        people::read,
        people::restore,
        people::revoke,
        reports::read,
        session::end,
        session::end_all,
        sign_in::ask,
        sign_in::redeem_code,
        sign_in::redeem_link,
        sun::read,
    ),
    modifiers(&Credentials),
    components(schemas(Problem, FieldError))
)]
pub struct Document;

/// How a request shows who asks.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let words = "The session of a browser. What changes anything also needs the header `x-crew-request`.";
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(SESSION_COOKIE, words));
        let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format(TYPE).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// The document's text: what the file must hold.
pub fn text() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&Document::openapi())?;
    text.push('\n');
    Ok(text)
}
