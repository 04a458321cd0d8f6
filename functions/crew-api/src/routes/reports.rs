//! `/api/reports/{file}`: the executive reports as pages, for administrators. Another function writes them.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::actor::AdminOnly;
use crate::app::Shared;
use crate::demands::Of;
use crate::problems::Reading;
use crate::refusal::Refusal;

/// The folder of the bucket that is shown; what lies elsewhere in it is not.
const FOLDER: &str = "reports";
/// What is shown: pages, and the stylesheets beside them that they refer to.
const SHOWN: [(&str, &str); 2] = [(".html", "text/html; charset=utf-8"), (".css", "text/css; charset=utf-8")];
/// The longest name of a page: report, day and invocation.
const LONGEST: usize = 120;

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/reports/{file}", get(read))
}

/// Shows a report, or the stylesheet of one.
#[utoipa::path(
    get,
    path = "/api/reports/{file}",
    operation_id = "readReport",
    params(("file" = String, Path, description = "The page's name: `ceo.2026-11-21.<invocation>.html`")),
    security(("cookie" = []), ("bearer" = [])),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"), Reading)
)]
pub async fn read(_: AdminOnly, State(app): State<Shared>, Of(file): Of<String>) -> Result<Response, Refusal> {
    let content_type = content_type(&file).ok_or_else(Refusal::not_found)?;
    let object = app.reports.get(&format!("{FOLDER}/{file}")).await?.ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, content_type)], object.bytes).into_response())
}

/// The type of a file that may be shown, told from its name and not from what the bucket says.
fn content_type(file: &str) -> Option<&'static str> {
    let plain = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || matches!(each, '-' | '.');
    let is_name = file.len() <= LONGEST && file.chars().all(plain) && !file.starts_with('.') && !file.contains("..");
    let shown = SHOWN.iter().find(|(ending, _)| file.ends_with(ending));
    shown.filter(|_| is_name).map(|(_, content_type)| *content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_stylesheets_of_the_folder_are_shown() {
        assert_eq!(content_type("ceo.2026-11-21.0b0c-1.html"), Some("text/html; charset=utf-8"));
        assert_eq!(content_type("report-1.css"), Some("text/css; charset=utf-8"));
        for file in
            ["", ".html", "../exports/git.json", "git.json", "a/b.html", "a..html", "a.HTML", "a\0.html", "ä.html"]
        {
            assert_eq!(content_type(file), None, "{file:?}");
        }
        assert_eq!(content_type(&format!("{}.html", "a".repeat(LONGEST))), None);
    }
}
