//! A running API and what a caller can do with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use crew_api::app::{App, Shared, router};
use crew_api::challenges::Challenges;
use crew_api::cors::Origins;
use crew_api::errand::{Errand, run};
use crew_api::guard::{Guard, ORIGIN_HEADER};
use crew_api::limits::Limits;
use crew_api::session::Sessions;
use functions_shared::parameters::{KeptParameter, KeptSecret, RotatingSecret};
use functions_shared::people::People;
use functions_shared::person::{Grant, Person};
use functions_shared::ring::Keys;
use functions_shared::sail::Sail;
use functions_shared::testing::{
    Faults, FixedClock, MemoryObjects, MemoryParameters, MemoryPeople, MemoryTables, Outbox, person, ring_in,
};
use functions_shared::waiver::Seal;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::fakes::{MemoryChallenges, MemoryErrands, MemoryLimits, MemoryLines};

pub const SECRET_NAME: &str = "/crew/origin";
pub const SECRET: &str = "a-secret-of-the-front-door";
/// The ring of keys, whose name is that of the issuer.
pub const RING: &str = "/crew/jwt";
/// The parameter with the key of digests.
pub const LINK_SECRET: &str = "/crew/links";
/// The secret of medical texts.
pub const MEDICAL: &str = "/crew/medical";
/// The parameter with the site's address, and what it says.
pub const SITE_URL: &str = "/crew/site-url";
pub const SITE: &str = "https://crew.example.com/";
/// The administrator who needs no invitation.
pub const ADMIN: &str = "admin@queenofsandiego.com";

/// Everything behind the API, in reach of a test.
pub struct World {
    pub tables: Arc<MemoryTables>,
    pub reports: Arc<MemoryObjects>,
    pub people: Arc<MemoryPeople>,
    pub challenges: Arc<MemoryChallenges>,
    pub limits: Arc<MemoryLimits>,
    pub errands: Arc<MemoryErrands>,
    pub outbox: Arc<Outbox>,
    pub lines: Arc<MemoryLines>,
    pub clock: Arc<FixedClock>,
    pub parameters: Arc<MemoryParameters>,
    pub app: Shared,
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
        Self::behind_a_header(sails, Origins::default())
    }

    /// The same, and pages of these sites may call.
    pub fn allowing(origins: &str) -> Self {
        Self::behind_a_header([], origins.parse().expect("origins"))
    }

    fn behind_a_header(sails: impl IntoIterator<Item = Sail>, origins: Origins) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let parameters = Arc::new(MemoryParameters::with(SECRET_NAME, SECRET));
        let name = SECRET_NAME.parse().expect("a name");
        let secret = RotatingSecret::new(parameters.clone(), clock.clone(), name);
        Self::guarded(sails, clock, parameters, Guard::Header(secret), origins)
    }

    /// The same behind a function URL that demands a signature.
    pub fn signed() -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        Self::guarded([], clock, Arc::default(), Guard::Iam, Origins::default())
    }

    fn guarded(
        sails: impl IntoIterator<Item = Sail>,
        clock: Arc<FixedClock>,
        parameters: Arc<MemoryParameters>,
        guard: Guard,
        origins: Origins,
    ) -> Self {
        ring_in(&parameters, RING, &["test"]);
        parameters.set(LINK_SECRET, "a-key-of-the-digests-of-links");
        parameters.set(SITE_URL, SITE);
        parameters.set(MEDICAL, "a-secret-of-more-than-thirty-two-bytes");
        let challenges = Arc::<MemoryChallenges>::default();
        let people = Arc::<MemoryPeople>::default();
        let limits = Arc::<MemoryLimits>::default();
        let sign_in = SignInTables { people: people.clone(), challenges: challenges.clone(), limits: limits.clone() };
        let faults = Arc::new(Faults::default());
        let tables = Arc::new(MemoryTables::with_sails(sails, faults.clone()));
        let behind = Behind {
            errands: Arc::default(),
            reports: Arc::default(),
            lines: Arc::default(),
            outbox: Arc::new(Outbox::new(faults)),
            origins,
        };
        let app = app(sign_in, tables.clone(), &behind, clock.clone(), parameters.clone(), guard);
        let router = router(app.clone());
        let Behind { errands, reports, lines, outbox, .. } = behind;
        Self { tables, reports, people, challenges, limits, errands, outbox, lines, clock, parameters, app, router }
    }

    /// Runs the errands that wait, as Lambda does after an answer.
    pub async fn run_errands(&self) {
        for challenge in self.errands.take() {
            let errand = Errand::Mail { challenge: challenge.to_string() };
            run(&self.app, &errand).await.expect("an errand that works");
        }
    }

    /// Token and code of the latest mail; the code of an invitation is empty.
    pub fn mailed(&self) -> (String, String) {
        let mail = self.outbox.sent().pop().expect("a mail");
        let after = |words: &str| mail.text.split_once(words).map(|(_, rest)| rest.lines().next().unwrap_or_default());
        (after("#token=").expect("a link").to_owned(), after("asked for it: ").unwrap_or_default().to_owned())
    }

    /// A request with a body of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(json_request(Method::POST, path, body)).await
    }

    /// The same with a session.
    pub async fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send_as(token, json_request(Method::POST, path, body)).await
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
        answered(&self.router, request).await
    }
}

/// What a router answers to a request.
pub async fn answered(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await;
    let (parts, body) = response.expect("a router never fails").into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Answer { status: parts.status, headers: parts.headers, json: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

/// The tables of people and of signing in.
pub struct SignInTables {
    pub people: Arc<dyn People>,
    pub challenges: Arc<dyn Challenges>,
    pub limits: Arc<dyn Limits>,
}

/// What leaves the API beside its answers, and whose pages get these.
pub struct Behind {
    pub reports: Arc<MemoryObjects>,
    pub errands: Arc<MemoryErrands>,
    pub lines: Arc<MemoryLines>,
    pub outbox: Arc<Outbox>,
    pub origins: Origins,
}

/// The application on these tables.
pub fn app(
    sign_in: SignInTables,
    tables: Arc<MemoryTables>,
    behind: &Behind,
    clock: Arc<FixedClock>,
    parameters: Arc<MemoryParameters>,
    guard: Guard,
) -> Shared {
    let kept = |name: &str| KeptParameter::new(parameters.clone(), clock.clone(), name.parse().expect("a name"));
    Arc::new(App {
        tables,
        seal: Seal::new(parameters.clone(), MEDICAL.parse().expect("a name")),
        reports: behind.reports.clone(),
        people: sign_in.people,
        challenges: sign_in.challenges,
        limits: sign_in.limits,
        errands: behind.errands.clone(),
        mailer: behind.outbox.clone(),
        lines: behind.lines.clone(),
        sessions: sessions(&parameters, &clock),
        link_key: KeptSecret::new(parameters.clone(), clock.clone(), LINK_SECRET.parse().expect("a name")),
        site_url: kept(SITE_URL),
        mail_from: "crew@queenofsandiego.com".parse().expect("an address"),
        admin_email: ADMIN.parse().expect("an address"),
        clock,
        guard,
        origins: behind.origins.clone(),
    })
}

fn sessions(parameters: &Arc<MemoryParameters>, clock: &Arc<FixedClock>) -> Sessions {
    let keys = Keys::new(parameters.clone(), clock.clone(), RING.parse().expect("a name"));
    Sessions::new(keys, clock.clone(), RING.to_owned())
}

/// A request with the right secret.
pub fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    Request::builder().method(method).uri(path).header(ORIGIN_HEADER, SECRET).body(body).expect("a request")
}

/// A request with the right secret and a body of JSON.
pub fn json_request(method: Method, path: &str, body: &Value) -> Request<Body> {
    let mut request = request(method, path, Body::from(body.to_string()));
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    request
}

impl Answer {
    /// The cookies that the answer sets, by name: value and attributes.
    pub fn cookies(&self) -> BTreeMap<&str, &str> {
        let lines = self.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        lines.filter_map(|line| line.split_once('=')).collect()
    }

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
