//! Claiming, designating, releasing.

use std::sync::Arc;

use axum::http::Method;
use functions_shared::person::{Grant, Person};
use functions_shared::sail::{Sail, SailState};
use jiff::SignedDuration;
use serde_json::json;

use super::crew::evening;
use super::door::{Answer, World};

const CREW: [Grant; 1] = [Grant::Crew];

#[track_caller]
fn is_conflict(answer: &Answer, kind: &str) {
    answer.is_problem(409);
    assert_eq!(answer.json["type"], format!("urn:problem:{kind}"));
}

#[tokio::test]
async fn a_slot_is_claimed_once_and_everybody_sees_by_whom() {
    let world = World::new([evening()]);
    let (robin, sam) = (world.signed_sailor("Robin", &CREW).await, world.signed_sailor("Sam", &CREW).await);
    let claimed = world.claim(&robin, "deckhand#1", "key-of-robin").await;
    assert_eq!(claimed.status, 200, "{:?}", claimed.json);
    assert_eq!(claimed.json["person_id"], robin.person.person_id.as_str());
    is_conflict(&world.claim(&sam, "deckhand#1", "key-of-sam-1").await, "slot-taken");
    is_conflict(&world.claim(&robin, "deckhand#2", "key-of-robin-2").await, "has-role");
    let roster = world.get_as(&sam.token, "/api/sails/evening/roles").await;
    assert_eq!(roster.json["slots"][1]["holder"]["name"], "Robin");
    assert!(!roster.json.to_string().contains("@example.com"));
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_another_body_under_it_is_refused() {
    let world = World::new([evening()]);
    let robin = world.signed_sailor("Robin", &CREW).await;
    let first = world.claim(&robin, "deckhand#1", "key-of-robin").await;
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(world.claim(&robin, "deckhand#1", "key-of-robin").await.json, first.json);
    world.claim(&robin, "deckhand#2", "key-of-robin").await.is_problem(422);
    let path = "/api/sails/evening/roles/release";
    let release = || {
        world.ask_with(&robin, Method::POST, path, json!({ "slot": "deckhand#1" }), &[("idempotency-key", "release-1")])
    };
    let released = release().await;
    assert_eq!((released.status.as_u16(), released.json.get("person_id")), (200, None));
    assert_eq!(release().await.json, released.json);
    // Somebody who chose the same key is somebody else.
    let sam = world.signed_sailor("Sam", &CREW).await;
    assert_eq!(world.claim(&sam, "deckhand#1", "key-of-robin").await.status, 200);
    // And without a key nothing is done.
    let without = world.ask_with(&sam, Method::POST, path, json!({ "slot": "deckhand#1" }), &[]).await;
    without.is_problem(400);
    assert_eq!(without.fields(), ["Idempotency-Key"]);
}

#[tokio::test]
async fn only_before_departure_only_with_a_waiver_and_only_a_role_that_one_may_hold() {
    let world = World::new([
        evening(),
        Sail { state: SailState::Cancelled, event_id: "off".parse().expect("a key"), ..evening() },
    ]);
    let robin = world.sailor("Robin", &CREW).await;
    is_conflict(&world.claim(&robin, "deckhand#1", "no-waiver").await, "waiver-needed");
    let sam = world.signed_sailor("Sam", &CREW).await;
    is_conflict(&world.claim(&sam, "captain#1", "no-captain").await, "not-qualified");
    world.claim(&sam, "deckhand#3", "no-such-slot").await.is_problem(404);
    world.claim(&sam, "pilot#1", "no-such-role").await.is_problem(400);
    let off = world.ask(&sam, Method::POST, "/api/sails/off/roles/claim", json!({ "slot": "deckhand#1" })).await;
    is_conflict(&off, "wrong-state");
    world.ask(&sam, Method::POST, "/api/sails/none/roles/claim", json!({ "slot": "deckhand#1" })).await.is_problem(404);
    let tess = world.signed_sailor("Tess", &CREW).await;
    world.clock.advance(SignedDuration::from_hours(16) - SignedDuration::from_secs(1));
    let (sam, tess) = (world.again(sam).await, world.again(tess).await);
    assert_eq!(world.claim(&sam, "deckhand#1", "last-second").await.status, 200);
    world.clock.advance(SignedDuration::from_secs(1));
    is_conflict(&world.claim(&tess, "deckhand#2", "too-late-1").await, "departed");
}

#[tokio::test]
async fn the_sails_captain_designates_and_takes_back_and_the_trail_tells_who_from_whom() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
    let (robin, sam) = (world.signed_sailor("Robin", &CREW).await, world.signed_sailor("Sam", &CREW).await);
    let designate = |who, slot: &'static str, to: &str| {
        let body = json!({ "slot": slot, "person_id": to });
        world.ask(who, Method::POST, "/api/sails/evening/roles/designate", body)
    };
    let (robins, sams) = (robin.person.person_id.to_string(), sam.person.person_id.to_string());
    designate(&captain, "deckhand#1", &robins).await.is_problem(403);
    assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
    assert_eq!(designate(&captain, "deckhand#1", &robins).await.status, 200);
    // A deckhand hands over the own slot, and no other.
    designate(&sam, "deckhand#2", &sams).await.is_problem(403);
    assert_eq!(designate(&robin, "deckhand#1", &sams).await.status, 200);
    is_conflict(&designate(&captain, "deckhand#2", &sams).await, "has-role");
    let unknown = designate(&captain, "deckhand#2", &"0".repeat(32)).await;
    assert_eq!(unknown.fields(), ["/person_id"]);
    let body = json!({ "slot": "deckhand#1" });
    assert_eq!(world.ask(&admin, Method::POST, "/api/sails/evening/roles/release", body).await.status, 200);

    let trail = world.get_as(&admin.token, "/api/sails/evening/audit").await;
    let entries = trail.json["entries"].as_array().expect("entries");
    let of_slot: Vec<_> = entries
        .iter()
        .filter(|entry| entry["what"]["slot"] == "deckhand#1")
        .map(|entry| (&entry["actor"], &entry["what"]["from"], &entry["what"]["to"]))
        .collect();
    let (cleo, rob, sam_, ada) =
        (json!("cleo@example.com"), json!("robin@example.com"), json!("sam@example.com"), json!("ada@example.com"));
    let none = json!(null);
    let mut expected = vec![(&ada, &sam_, &none), (&rob, &rob, &sam_), (&cleo, &none, &rob)];
    let mut told = of_slot.clone();
    // All of one second: their order among themselves is not told.
    told.sort_by_key(|entry| format!("{entry:?}"));
    expected.sort_by_key(|entry| format!("{entry:?}"));
    assert_eq!(told, expected);
    world.get_as(&captain.token, "/api/sails/evening/audit").await.is_problem(403);
}

#[tokio::test]
async fn whoever_is_no_captain_any_more_commands_no_sail_from_the_next_request_on() {
    let world = World::new([evening()]);
    let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
    assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
    let listed = async || world.get_as(&captain.token, "/api/sails/evening/waivers").await.status.as_u16();
    assert_eq!(listed().await, 200);
    world.people.put(&Person { grants: CREW.into(), ..captain.person.clone() });
    assert_eq!(listed().await, 403);
}

/// R32. Other transactions are met all the time, and yet one wins, and nobody gets an answer that says nothing.
#[tokio::test]
async fn of_two_hundred_at_once_exactly_one_gets_the_slot() {
    for every in [2, 3, 7] {
        let world = Arc::new(World::new([evening()]));
        let mut sailors = Vec::new();
        for number in 0..200 {
            sailors.push(world.signed_sailor(&format!("Crew{number}"), &CREW).await);
        }
        world.tables.conflict_every(every);
        let claims = sailors.into_iter().map(|sailor| {
            let world = world.clone();
            tokio::spawn(async move { world.claim(&sailor, "deckhand#1", "the-same-key").await.status.as_u16() })
        });
        let mut answers = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            answers.push(claim.await.expect("no panic"));
        }
        answers.sort_unstable();
        assert_eq!(answers[0], 200);
        assert!(answers[1..].iter().all(|status| *status == 409), "{answers:?}");
    }
}
