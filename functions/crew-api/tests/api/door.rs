//! A running API and what a caller can do with it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use crew_api::app::{App, router};
use crew_api::guard::{Guard, ORIGIN_HEADER};
use functions_shared::parameters::RotatingSecret;
use functions_shared::sail::Sail;
use functions_shared::testing::{Faults, FixedClock, MemoryParameters, MemorySails};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub const SECRET_NAME: &str = "/crew/origin";
pub const SECRET: &str = "a-secret-of-the-front-door";

/// Everything behind the API, in reach of a test.
pub struct World {
    pub sails: Arc<MemorySails>,
    pub clock: Arc<FixedClock>,
    pub parameters: Arc<MemoryParameters>,
    pub router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl World {
    /// It is midnight in San Diego, 21 November 2026; the guard looks at the header.
    pub fn new(sails: impl IntoIterator<Item = Sail>) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let parameters = Arc::new(MemoryParameters::with(SECRET_NAME, SECRET));
        let name = SECRET_NAME.parse().expect("a name");
        let secret = RotatingSecret::new(parameters.clone(), clock.clone(), name);
        Self::guarded(sails, clock, parameters, Guard::Header(secret))
    }

    /// The same behind a function URL that demands a signature.
    pub fn signed() -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        Self::guarded([], clock, Arc::default(), Guard::Iam)
    }

    fn guarded(
        sails: impl IntoIterator<Item = Sail>,
        clock: Arc<FixedClock>,
        parameters: Arc<MemoryParameters>,
        guard: Guard,
    ) -> Self {
        let sails = Arc::new(MemorySails::new(sails, Arc::new(Faults::default())));
        let router = router(App { sails: sails.clone(), clock: clock.clone(), guard });
        Self { sails, clock, parameters, router }
    }

    /// A GET with the right secret.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, Body::empty())).await
    }

    /// Any request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("a router never fails").into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

/// A request with the right secret.
pub fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    Request::builder().method(method).uri(path).header(ORIGIN_HEADER, SECRET).body(body).expect("a request")
}

impl Answer {
    /// The value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// Checks that this is a problem with the given status.
    #[track_caller]
    pub fn is_problem(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{:?}", self.json);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert!(self.json["title"].is_string() && self.json["type"].is_string());
    }

    /// The fields that a problem names.
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().map(Vec::as_slice);
        let errors = errors.unwrap_or_default().iter();
        errors.filter_map(|error| error["field"].as_str()).collect()
    }
}
