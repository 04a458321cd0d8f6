//! `GET /healthz`: whether this function can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::tables::{self, TableHealth};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;

/// Whether everything that this API needs answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` where every table answers.
    pub status: HealthStatus,
    /// One entry a table.
    pub tables: Vec<TableAnswer>,
}

/// The whole in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Every table answers.
    Ok,
    /// One at least does not.
    Failing,
}

/// Whether one table answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableAnswer {
    /// The table's name in the application.
    pub table: &'static str,
    /// Whether it can be read.
    pub answers: bool,
}

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/healthz", get(read))
}

/// Reads from each table and each index, and says which of the tables answered.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "readHealth",
    responses(
        (status = 200, description = "Every table answers", body = Health),
        (status = 503, description = "A table does not answer", body = Health),
    )
)]
pub async fn read(State(app): State<Shared>) -> Response {
    let (mut results, people, challenges, limits) =
        tokio::join!(tables::health(&*app.tables), app.people.health(), app.challenges.health(), app.limits.health());
    let others = [("people", people), ("magic-links", challenges), ("limits", limits)];
    results.extend(others.map(|(table, result)| TableHealth { table, result }));
    for failed in results.iter().filter(|health| health.result.is_err()) {
        let error = failed.result.as_ref().err();
        let error = error.map(ToString::to_string);
        tracing::error!(table = failed.table, error, "a table does not answer");
    }
    let tables: Vec<TableAnswer> =
        results.iter().map(|health| TableAnswer { table: health.table, answers: health.result.is_ok() }).collect();
    let (code, status) = match tables.iter().all(|table| table.answers) {
        true => (StatusCode::OK, HealthStatus::Ok),
        false => (StatusCode::SERVICE_UNAVAILABLE, HealthStatus::Failing),
    };
    (code, Json(Health { status, tables })).into_response()
}
