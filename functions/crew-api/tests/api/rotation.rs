//! A rotation of the ring goes by while people sign in and work: nobody who may is refused, and who may no more is.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use crew_api::app::router;
use crew_api::guard::Guard;
use crew_api::session::Sessions;
use functions_shared::parameters::{Parameters as _, RotatingSecret};
use functions_shared::person::{Grant, Person};
use functions_shared::ring::Ring;
use functions_shared::testing::{Faults, Outbox, ring_in};
use jiff::SignedDuration;
use serde::Deserialize;

use super::door::{Behind, RING, SECRET_NAME, SignInTables, World, answered, app, request};
use super::fakes::MemoryLimits;

/// What a rotation by the deployer does, and when: its own tests keep this file true.
const TURNS: &str = include_str!("../../../shared/src/testing/rotation.json");
/// A page that only who is signed in gets.
const WHO: &str = "/api/auth/session";
/// Requests that are made in one second of each phase.
const IN_ONE_SECOND: usize = 1_000;
/// How long a token lives, with what clocks may differ by.
const TOKEN_SECONDS: i64 = 12 * 3_600;
/// How often somebody signs in and everybody comes back while nothing happens, in seconds.
const STEP: i64 = 600;
/// The same in the first minutes after a turn, when instances know different things.
const CLOSE_STEP: i64 = 20;
/// How long those minutes are, in seconds.
const CLOSE: i64 = 900;

/// One turn.
#[derive(Deserialize)]
struct Turn {
    turn: String,
    /// Seconds since the turn before.
    after_seconds: i64,
    /// The keys of the document, the one that signs first.
    keys: Vec<String>,
}

/// Two instances of the function, each with what it has read itself.
struct Fleet {
    world: World,
    person: Person,
    routers: [Router; 2],
    signers: [Sessions; 2],
    /// Tokens that count, and until when, in epoch seconds.
    tokens: Vec<(String, i64)>,
}

impl Fleet {
    async fn new(keys: &[&str]) -> Self {
        let world = World::new([]);
        ring_in(&world.parameters, RING, keys);
        let (person, _) = world.signed_in("Robin", &[Grant::Crew]).await;
        let routers = [other_instance(&world), other_instance(&world)];
        let signers = [world.sessions(), world.sessions()];
        Self { world, person, routers, signers, tokens: Vec::new() }
    }

    fn now(&self) -> i64 {
        use functions_shared::clock::Clock as _;
        self.world.clock.now().as_second()
    }

    /// Somebody signs in at one of the instances.
    async fn sign_in(&mut self, at: usize) {
        let issued = self.signers[at % 2].issue(&self.person).await.expect("an instance that signs");
        self.tokens.push((issued.token, issued.claims.exp));
        let now = self.now();
        self.tokens.retain(|(_, exp)| *exp > now);
    }

    /// How an instance answers to a token.
    async fn status(&self, at: usize, token: &str) -> StatusCode {
        let mut request = request(Method::GET, WHO, Body::empty());
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
        answered(&self.routers[at % 2], request).await.status
    }

    /// The oldest, the newest and one between come back, to every instance.
    async fn come_back(&self) {
        for (token, exp) in [0, self.tokens.len() / 2, self.tokens.len() - 1].map(|at| &self.tokens[at]) {
            for instance in 0..2 {
                let left = exp - self.now();
                assert_eq!(self.status(instance, token).await, StatusCode::OK, "it counts for {left} s more");
            }
        }
        let jwks = answered(&self.routers[0], request(Method::GET, "/.well-known/jwks.json", Body::empty())).await;
        assert!(jwks.json["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "the JWKS is never empty");
    }

    /// So long nothing happens but that people come and go.
    async fn live(&mut self, seconds: i64) {
        let mut passed = 0;
        while passed < seconds {
            let step = if passed < CLOSE { CLOSE_STEP } else { STEP }.min(seconds - passed);
            self.world.clock.advance(SignedDuration::from_secs(step));
            passed += step;
            self.sign_in(usize::try_from(passed / step).unwrap_or_default()).await;
            self.come_back().await;
        }
    }
}

/// Another instance of the function on the same tables and parameters.
fn other_instance(world: &World) -> Router {
    let name = SECRET_NAME.parse().expect("a name");
    let guard = Guard::Header(RotatingSecret::new(world.parameters.clone(), world.clock.clone(), name));
    let sign_in = SignInTables {
        people: world.people.clone(),
        challenges: world.challenges.clone(),
        limits: Arc::new(MemoryLimits::default()),
    };
    let behind = Behind {
        reports: Arc::default(),
        errands: Arc::default(),
        origins: Default::default(),
        lines: Arc::default(),
        outbox: Arc::new(Outbox::new(Arc::new(Faults::default()))),
    };
    router(app(sign_in, world.tables.clone(), &behind, world.clock.clone(), world.parameters.clone(), guard))
}

#[tokio::test]
async fn nobody_is_refused_while_the_ring_is_rotated_and_a_retired_key_opens_nothing() {
    let turns: Vec<Turn> = serde_json::from_str(TURNS).expect("the deployer's turns");
    let mut fleet = Fleet::new(&["one"]).await;
    fleet.sign_in(0).await;
    let first = fleet.tokens[0].0.clone();
    for Turn { turn, after_seconds, keys } in turns {
        fleet.live(after_seconds).await;
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        ring_in(&fleet.world.parameters, RING, &keys);
        for number in 0..IN_ONE_SECOND {
            if number % 100 == 0 {
                fleet.sign_in(number / 100).await;
            }
            let (token, _) = &fleet.tokens[number % fleet.tokens.len()];
            assert_eq!(fleet.status(number, token).await, StatusCode::OK, "after {turn}");
        }
    }
    // Whoever stole the former key signs what looks like a token of today: five minutes later nobody takes it.
    let stolen = World::new([]);
    ring_in(&stolen.parameters, RING, &["one"]);
    stolen.clock.advance(fleet.world.clock_ahead_of(&stolen));
    let forged = stolen.session_of(&fleet.person).await;
    fleet.live(301).await;
    for instance in 0..2 {
        assert_eq!(fleet.status(instance, &forged).await, StatusCode::UNAUTHORIZED);
        assert_eq!(fleet.status(instance, &first).await, StatusCode::UNAUTHORIZED);
    }
    assert!(fleet.now() > TOKEN_SECONDS);
    let document = fleet.world.parameters.read(&format!("{RING}/ring").parse().expect("a name")).await.expect("a ring");
    let ring: Ring = serde_json::from_str(document.expose()).expect("a document");
    assert_eq!((ring.active.as_str(), ring.keys.len()), ("two", 1));
}

impl World {
    /// How much later it is here.
    fn clock_ahead_of(&self, other: &Self) -> SignedDuration {
        use functions_shared::clock::Clock as _;
        self.clock.now().duration_since(other.clock.now())
    }
}
