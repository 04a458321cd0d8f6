//! The application: what it stands on, and the order of its layers.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use functions_shared::clock::Clock;
use functions_shared::people::People;
use functions_shared::tables::Tables;
use functions_shared::waiver::Seal;

use crate::guard::{Guard, guard};
use crate::refusal::Refusal;
use crate::session::Sessions;
use crate::{manners, routes};

/// What the routes stand on.
pub struct App {
    /// Sails, roles, waivers, checklists, and who did what to them.
    pub tables: Arc<dyn Tables>,
    /// Seals and opens medical texts.
    pub seal: Seal,
    /// The people and their ended sessions.
    pub people: Arc<dyn People>,
    /// Makes and reads the tokens of sessions.
    pub sessions: Sessions,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who may call.
    pub guard: Guard,
}

/// The application as every route holds it.
pub type Shared = Arc<App>;

/// All routes behind all layers. The layer named last is the outermost.
pub fn router(app: App) -> Router {
    let app: Shared = Arc::new(app);
    Router::new()
        .merge(routes::audit::routes())
        .merge(routes::checklists::routes())
        .merge(routes::health::routes())
        .merge(routes::roles::routes())
        .merge(routes::sail::routes())
        .merge(routes::sails::routes())
        .merge(routes::session::routes())
        .merge(routes::sun::routes())
        .merge(routes::waiver_page::routes())
        .merge(routes::waivers::routes())
        .fallback(|| async { Refusal::not_found() })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() })
        .layer(from_fn(manners::limit_body))
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(from_fn(manners::answer))
        .with_state(app)
}
