//! The application: what it stands on, and the order of its layers.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use functions_shared::clock::Clock;
use functions_shared::mail::{Address, Mailer};
use functions_shared::objects::Objects;
use functions_shared::parameters::{KeptParameter, KeptSecret};
use functions_shared::people::People;
use functions_shared::tables::Tables;
use functions_shared::waiver::Seal;

use crate::challenges::Challenges;
use crate::cors::{Origins, cors};
use crate::errand::Errands;
use crate::guard::{Guard, guard};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::same_origin::same_origin;
use crate::session::Sessions;
use crate::telemetry::Lines;
use crate::{manners, routes};

/// What the routes stand on.
pub struct App {
    /// Sails, roles, waivers, checklists, and who did what to them.
    pub tables: Arc<dyn Tables>,
    /// Seals and opens medical texts.
    pub seal: Seal,
    /// The executive reports.
    pub reports: Arc<dyn Objects>,
    /// The people and their ended sessions.
    pub people: Arc<dyn People>,
    /// Who asked for which link.
    pub challenges: Arc<dyn Challenges>,
    /// How often somebody may do something.
    pub limits: Arc<dyn Limits>,
    /// What is done after an answer.
    pub errands: Arc<dyn Errands>,
    /// Where mail goes.
    pub mailer: Arc<dyn Mailer>,
    /// Where lines about requests go.
    pub lines: Arc<dyn Lines>,
    /// Makes and reads the tokens of sessions.
    pub sessions: Sessions,
    /// The key of the digests of links, codes and counted subjects.
    pub link_key: KeptSecret,
    /// The site's public address.
    pub site_url: KeptParameter,
    /// Who writes mail.
    pub mail_from: Address,
    /// The administrator who needs no invitation.
    pub admin_email: Address,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who may call.
    pub guard: Guard,
    /// Whose pages may call beside the site's own.
    pub origins: Origins,
}

/// The application as every route holds it.
pub type Shared = Arc<App>;

/// All routes behind all layers. The layer named last is the outermost.
pub fn router(app: Shared) -> Router {
    Router::new()
        .merge(routes::audit::routes())
        .merge(routes::checklists::routes())
        .merge(routes::crew::routes())
        .merge(routes::health::routes())
        .merge(routes::jwks::routes())
        .merge(routes::people::routes())
        .merge(routes::reports::routes())
        .merge(routes::roles::routes())
        .merge(routes::sail::routes())
        .merge(routes::sails::routes())
        .merge(routes::session::routes())
        .merge(routes::sign_in::routes())
        .merge(routes::steps::routes())
        .merge(routes::sun::routes())
        .merge(routes::unknown_sends::routes())
        .merge(routes::waiver_link::routes())
        .merge(routes::waiver_page::routes())
        .merge(routes::waivers::routes())
        .fallback(|| async { Refusal::not_found() })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() })
        .layer(from_fn_with_state(app.clone(), manners::limit_writes))
        .layer(from_fn_with_state(app.clone(), same_origin))
        .layer(from_fn(manners::limit_body))
        .layer(from_fn_with_state(app.clone(), cors))
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(from_fn_with_state(app.clone(), manners::answer))
        .with_state(app)
}
