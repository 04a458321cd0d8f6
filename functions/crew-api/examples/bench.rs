//! How long the handler itself takes: requests with a session through every layer, on tables in memory, which take
//! next to nothing. Prints one line of JSON for each kind of request, `{"request", "p50_us", "p99_us"}`.
//!
//! `make bench` runs it and says what may be; without optimisation the figures say nothing.

// What the tests ask of these is more than what is asked here.
#[allow(dead_code)]
#[path = "../tests/api/door.rs"]
mod door;
#[allow(dead_code)]
#[path = "../tests/api/fakes.rs"]
mod fakes;

use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue, Method};
use functions_shared::person::Grant;
use functions_shared::sail::{Role, Sail};
use functions_shared::testing::{sail, waiver_form};
use serde_json::{Value, json};

/// How often each request is made.
const ROUNDS: usize = 2000;
/// How many sails there are.
const SAILS: i64 = 200;
/// The sail that is asked about.
const SAIL: &str = "/api/sails/sail-7";

/// Who asks, and how often so far.
struct Caller {
    world: door::World,
    token: String,
    asked: u32,
}

impl Caller {
    /// Asks once, as somebody whom no limit has met yet, and tells how long it took.
    async fn ask(&mut self, method: &Method, path: &str, body: &Value) -> Duration {
        self.asked += 1;
        let mut request = door::json_request(method.clone(), path, body);
        let address = std::net::Ipv4Addr::from(self.asked).to_string();
        for (name, value) in [("x-client-address", address), ("idempotency-key", format!("key-{:08}", self.asked))] {
            let value = HeaderValue::try_from(value).expect("letters and digits");
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        let began = Instant::now();
        let answer = self.world.send_as(&self.token, request).await;
        let took = began.elapsed();
        assert!(answer.status.is_success(), "{path}: {:?}", answer.json);
        took
    }

    /// Asks for these in turn, each as often as the others, and prints a line for each.
    async fn measure(&mut self, requests: &[(Method, &str, Value)]) {
        let mut times = vec![Vec::with_capacity(ROUNDS); requests.len()];
        for _ in 0..ROUNDS {
            for (at, (method, path, body)) in requests.iter().enumerate() {
                times[at].push(self.ask(method, path, body).await);
            }
        }
        for ((method, path, _), mut times) in requests.iter().zip(times) {
            times.sort_unstable();
            let micros = |percent: usize| times[ROUNDS * percent / 100].as_nanos() as f64 / 1e3;
            println!(
                "{}",
                json!({ "request": format!("{method} {path}"), "p50_us": micros(50), "p99_us": micros(99) })
            );
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sails = (0..SAILS).map(|number| {
        let base = sail(&format!("sail-{number}"), "2026-11-22T00:00:00Z");
        let departs_at = base.departs_at + jiff::SignedDuration::from_hours(number);
        let slots = [(Role::Captain, 1), (Role::Deckhand, 3), (Role::Steward, 1)].into();
        Sail { departs_at, returns_at: departs_at + jiff::SignedDuration::from_hours(2), slots, ..base }
    });
    let world = door::World::new(sails);
    let (_, token) = world.signed_in("Ada", &Grant::ALL).await;
    let mut caller = Caller { world, token, asked: 0 };
    let get = |path: &'static str| (Method::GET, path, Value::Null);
    let reads =
        ["/api/sails", SAIL, "/api/sails/sail-7/roles", "/api/sails/sail-7/checklist", "/api/sails/sail-7/waivers"];
    for path in reads.into_iter().chain(["/api/auth/session", "/api/crew"]) {
        caller.measure(&[get(path)]).await;
    }
    let now = jiff::Timestamp::UNIX_EPOCH.as_second();
    let slot = json!({ "slot": "deckhand#1" });
    caller
        .measure(&[
            (Method::POST, "/api/sails/sail-7/waiver", json!(waiver_form("Ada"))),
            (Method::POST, "/api/sails/sail-7/roles/claim", slot.clone()),
            (
                Method::POST,
                "/api/sails/sail-7/checklist/ticks",
                json!({ "ticks": [{ "entry_id": "lines", "done": true, "at": now }] }),
            ),
            (Method::POST, "/api/sails/sail-7/roles/release", slot),
        ])
        .await;
}
