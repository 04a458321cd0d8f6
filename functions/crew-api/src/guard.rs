//! The guard: requests are taken from the front door alone.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use functions_shared::parameters::RotatingSecret;
use lambda_http::request::RequestContext;

use crate::app::Shared;
use crate::refusal::Refusal;

/// The header in which the front door shows its secret.
pub const ORIGIN_HEADER: &str = "x-origin-verify";

/// How a request proves where it came from.
pub enum Guard {
    /// It carries the secret in [`ORIGIN_HEADER`].
    Header(RotatingSecret),
    /// AWS has checked its signature and says so in the event.
    Iam,
}

/// Lets a request through that came by the front door, and refuses every other.
pub async fn guard(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let verdict = match &app.guard {
        Guard::Header(secret) => by_header(secret, request.headers()).await,
        Guard::Iam => by_signature(request.extensions().get::<RequestContext>()),
    };
    if let Err(refusal) = verdict {
        return refusal.into_response();
    }
    // Nothing further in has a use for the secret.
    request.headers_mut().remove(ORIGIN_HEADER);
    next.run(request).await
}

async fn by_header(secret: &RotatingSecret, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut offered = headers.get_all(ORIGIN_HEADER).iter();
    let (Some(offered), None) = (offered.next(), offered.next()) else {
        return Err(Refusal::wrong_door());
    };
    match secret.matches(HeaderValue::as_bytes(offered)).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::wrong_door()),
        Err(error) => {
            tracing::error!(%error, "no request can be checked");
            Err(Refusal::unavailable())
        }
    }
}

/// A function URL that demands a signature puts the signer into the event; one that does not,
/// or an event of another kind, names nobody.
fn by_signature(context: Option<&RequestContext>) -> Result<(), Refusal> {
    let Some(RequestContext::ApiGatewayV2(context)) = context else {
        return Err(Refusal::wrong_door());
    };
    let signer = context.authorizer.as_ref().and_then(|by| by.iam.as_ref());
    let named = signer.is_some_and(|signer| {
        let names = [&signer.user_arn, &signer.caller_id, &signer.access_key];
        names.into_iter().flatten().any(|name| !name.is_empty())
    });
    match named {
        true => Ok(()),
        false => Err(Refusal::wrong_door()),
    }
}
