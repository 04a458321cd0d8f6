//! Pages of other sites: none may call, unless configuration names its origin.
//!
//! Such a page signs in with a token of its own. Cookies are never for it: an answer does not allow credentials, and
//! a request with one of our cookies is refused ([`crate::same_origin`]).

use std::str::FromStr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use functions_shared::config::WebAddress;

use crate::app::Shared;

/// What such a page may do.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
/// The headers that it may send.
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, if-match, waiver-link, x-authorization");
/// The headers that it may read.
const EXPOSED: HeaderValue = HeaderValue::from_static("etag, retry-after");
/// How long a browser remembers that it may ask, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// One site whose pages may call: scheme, host and port, exactly as a browser writes them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(HeaderValue);

/// The sites whose pages may call; none unless configured.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Origins(pub Vec<Origin>);

impl Origins {
    /// The origin of a page, where it is one of these. A request with two origins has none.
    pub fn allowed(&self, headers: &HeaderMap) -> Option<&HeaderValue> {
        let mut told = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (told.next(), told.next()) else {
            return None;
        };
        self.0.iter().map(|known| &known.0).find(|known| *known == origin)
    }
}

/// Tells browsers whether a page of another site may have the answer, and answers those that ask before they send.
pub async fn cors(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if app.origins.0.is_empty() {
        return next.run(request).await;
    }
    let origin = app.origins.allowed(request.headers()).cloned();
    let asks =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match origin {
        Some(_) if asks => before_it_sends(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

fn before_it_sends() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str =
            "is not an origin: https://host, with a port if need be, in small letters and with nothing behind it";
        let address: WebAddress = text.parse().map_err(|_| RULE)?;
        let exact = address.origin() == text && !text.contains(['@', '*']) && text.to_ascii_lowercase() == text;
        // Without TLS a page may come from anybody on the way, but for one of this machine.
        let plain = text.strip_prefix("http://").map(|host| host.split(':').next().unwrap_or_default());
        match exact && plain.is_none_or(|host| matches!(host, "localhost" | "127.0.0.1")) {
            true => HeaderValue::from_str(text).map(Self).map_err(|_| RULE),
            false => Err(RULE),
        }
    }
}

impl FromStr for Origins {
    type Err = &'static str;

    /// Origins between commas, one at least.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_exact_or_none() {
        for text in ["https://crew.example.org", "https://crew.example.org:8443", "http://localhost:5173"] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in [
            "*",
            "null",
            "crew.example.org",
            "https://*.example.org",
            "https://crew.example.org/",
            "https://Crew.example.org",
            "https://a@crew.example.org",
            "https://crew.example.org?x",
            "http://crew.example.org",
            "http://localhost.example.org",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
        assert!("https://a.example.org, https://b.example.org".parse::<Origins>().is_ok_and(|all| all.0.len() == 2));
        assert!("https://a.example.org,".parse::<Origins>().is_err());
    }
}
