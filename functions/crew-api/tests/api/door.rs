//! A running API and what a caller can do with it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use crew_api::app::{App, router};
use crew_api::guard::{Guard, ORIGIN_HEADER};
use crew_api::session::Sessions;
use functions_shared::parameters::RotatingSecret;
use functions_shared::person::{Grant, Person};
use functions_shared::ring::Keys;
use functions_shared::sail::Sail;
use functions_shared::testing::{Faults, FixedClock, MemoryParameters, MemoryPeople, MemoryTables, person, ring_in};
use functions_shared::waiver::Seal;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub const SECRET_NAME: &str = "/crew/origin";
pub const SECRET: &str = "a-secret-of-the-front-door";
/// The ring of keys, whose name is that of the issuer.
pub const RING: &str = "/crew/jwt";

/// The secret of medical texts.
pub const MEDICAL: &str = "/crew/medical";

/// Everything behind the API, in reach of a test.
pub struct World {
    pub tables: Arc<MemoryTables>,
    pub people: Arc<MemoryPeople>,
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
        ring_in(&parameters, RING, &["test"]);
        let tables = Arc::new(MemoryTables::with_sails(sails, Arc::new(Faults::default())));
        parameters.set(MEDICAL, "a-secret-of-more-than-thirty-two-bytes");
        let people = Arc::new(MemoryPeople::default());
        let router = router(App {
            tables: tables.clone(),
            seal: Seal::new(parameters.clone(), MEDICAL.parse().expect("a name")),
            people: people.clone(),
            sessions: sessions(&parameters, &clock),
            clock: clock.clone(),
            guard,
        });
        Self { tables, people, clock, parameters, router }
    }

    /// Somebody new with a name like `Robin` and these grants, and the token of a session.
    pub async fn signed_in(&self, name: &str, grants: &[Grant]) -> (Person, String) {
        let person = person(name, grants);
        self.people.put(&person);
        let token = self.session_of(&person).await;
        (person, token)
    }

    /// The token of a new session of somebody.
    pub async fn session_of(&self, person: &Person) -> String {
        let issued = self.sessions().issue(person).await;
        issued.expect("a session").token
    }

    /// The sessions of the same keys.
    pub fn sessions(&self) -> Sessions {
        sessions(&self.parameters, &self.clock)
    }

    /// A GET with a session.
    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send_as(token, request(Method::GET, path, Body::empty())).await
    }

    /// Any request with a session, as tools send it.
    pub async fn send_as(&self, token: &str, mut request: Request<Body>) -> Answer {
        let bearer = format!("Bearer {token}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        self.send(request).await
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

fn sessions(parameters: &Arc<MemoryParameters>, clock: &Arc<FixedClock>) -> Sessions {
    let keys = Keys::new(parameters.clone(), clock.clone(), RING.parse().expect("a name"));
    Sessions::new(keys, clock.clone(), RING.to_owned())
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
