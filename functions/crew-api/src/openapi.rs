//! The API's own description, generated from the routes.

use functions_shared::problem::{FieldError, Problem};
use utoipa::OpenApi;

use crate::routes::{health, sails, sun};

/// The OpenAPI document. The file `openapi.json` beside `Cargo.toml` is its text.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ship Captain Crew",
        description = "Sails, their slots, and the sun over San Diego. Errors are RFC 9457 problems."
    ),
    paths(health::read, sails::list, sun::read),
    components(schemas(Problem, FieldError))
)]
pub struct Document;

/// The document's text: what the file must hold.
pub fn text() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&Document::openapi())?;
    text.push('\n');
    Ok(text)
}
