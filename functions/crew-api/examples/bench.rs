//! How long the handler itself takes: requests with a session through every layer, on tables in memory, which take
//! next to nothing. Prints p50 and p99 of each kind of request, and the peak of memory.
//!
//! `cargo run --release -p crew-api --example bench`; without `--release` the figures say nothing.

// What the tests ask of these is more than what is asked here.
#[allow(dead_code)]
#[path = "../tests/api/door.rs"]
mod door;
#[allow(dead_code)]
#[path = "../tests/api/fakes.rs"]
mod fakes;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request};
use functions_shared::person::Grant;
use functions_shared::sail::{Role, Sail};
use functions_shared::testing::sail;

/// How often each request is made.
const ROUNDS: usize = 2000;
/// How many sails there are.
const SAILS: i64 = 200;

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
    println!("{:<34} {:>9} {:>9}", "request", "p50", "p99");
    for path in [
        "/api/sails",
        "/api/sails/sail-7",
        "/api/sails/sail-7/roles",
        "/api/sails/sail-7/checklist",
        "/api/sails/sail-7/waivers",
        "/api/auth/session",
        "/api/sun",
    ] {
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let asked: Request<Body> = door::request(Method::GET, path, Body::empty());
            let began = Instant::now();
            let answer = world.send_as(&token, asked).await;
            times.push(began.elapsed());
            assert!(answer.status.is_success(), "{path}: {:?}", answer.json);
        }
        times.sort_unstable();
        println!("{path:<34} {:>9} {:>9}", shown(times[ROUNDS / 2]), shown(times[ROUNDS * 99 / 100]));
    }
    if let Some(peak) = peak_memory() {
        println!("peak of memory: {peak}");
    }
}

fn shown(time: Duration) -> String {
    format!("{} µs", time.as_micros())
}

/// Linux alone tells it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
