//! The list of sails.

use functions_shared::sail::{Role, SailState};
use functions_shared::tables::Table;
use functions_shared::testing::sail;
use serde_json::json;

use super::door::{Answer, World};

fn keys(answer: &Answer) -> Vec<&str> {
    let sails = answer.json["sails"].as_array().expect("sails");
    sails.iter().filter_map(|sail| sail["event_id"].as_str()).collect()
}

#[tokio::test]
async fn a_sail_is_told_with_its_slots_and_its_sunset() {
    let mut evening = sail("evening", "2026-11-21T23:30:00Z");
    evening.slots.insert(Role::Deckhand, 2);
    evening.state = SailState::Created;
    let world = World::new([evening]);
    world.tables.claim("evening", "deckhand#2");
    let answer = world.get("/api/sails").await;
    // 16:44:37 on the almanac; ours may be a minute off.
    let sunset_at = answer.json["sails"][0]["sunset_at"].as_i64().expect("a sunset");
    assert!((sunset_at - 1_795_308_277).abs() <= 60, "{sunset_at}");
    assert_eq!(
        answer.json,
        json!({ "sails": [{
            "event_id": "evening",
            "title": "Sail evening",
            "vessel": "Jada",
            "departs_at": 1_795_303_800,
            "returns_at": 1_795_311_000,
            "state": "created",
            "guest_limit": 20,
            "sunset_at": sunset_at,
            "slots": [
                { "role": "captain", "slot": "captain#1", "taken": false },
                { "role": "deckhand", "slot": "deckhand#1", "taken": false },
                { "role": "deckhand", "slot": "deckhand#2", "taken": true },
            ],
        }]})
    );
}

#[tokio::test]
async fn only_sails_to_come_are_listed_in_the_order_of_departure() {
    let world = World::new([
        sail("late", "2026-11-30T00:00:00Z"),
        sail("gone", "2026-11-21T07:59:59Z"),
        sail("soon", "2026-11-21T08:00:00Z"),
    ]);
    assert_eq!(keys(&world.get("/api/sails").await), ["soon", "late"]);
    let answer = world.get("/api/sails?from=1795247999").await;
    assert_eq!(keys(&answer), ["gone", "soon", "late"]);
    let answer = world.get("/api/sails?from=1795247999&until=1795248000").await;
    assert_eq!((keys(&answer), &answer.json["next"]), (vec!["gone", "soon"], &json!(null)));
    assert_eq!(keys(&world.get("/api/sails?from=1795248000&until=1795247999").await), [""; 0]);
}

#[tokio::test]
async fn pages_hold_every_sail_once_even_where_departures_are_equal() {
    let at = "2026-11-22T00:00:00Z";
    let world = World::new(["a", "b", "c", "d", "e"].map(|key| sail(key, at)));
    let mut seen = Vec::new();
    let mut path = "/api/sails?limit=2".to_owned();
    loop {
        let answer = world.get(&path).await;
        seen.extend(keys(&answer).into_iter().map(str::to_owned));
        match answer.json["next"].as_str() {
            Some(next) => path = format!("/api/sails?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_place_that_has_gone_by_is_no_fault() {
    let world = World::new(["2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"].map(|at| sail(&at[8..10], at)));
    let first = world.get("/api/sails?limit=1").await;
    let next = first.json["next"].as_str().expect("a place").to_owned();
    world.clock.advance(jiff::SignedDuration::from_hours(3));
    assert_eq!(keys(&world.get(&format!("/api/sails?after={next}")).await), ["22"]);
    assert_eq!(keys(&world.get(&format!("/api/sails?from=0&until=1&after={next}")).await), [""; 0]);
}

#[tokio::test]
async fn a_page_that_ends_the_list_has_no_next() {
    let world = World::new(["a", "b"].map(|key| sail(key, "2026-11-22T00:00:00Z")));
    let answer = world.get("/api/sails?limit=2").await;
    assert_eq!(keys(&answer), ["a", "b"]);
    assert_eq!(answer.json.get("next"), None);
}

#[tokio::test]
async fn no_sails_are_an_empty_list() {
    let answer = World::new([]).get("/api/sails").await;
    assert_eq!(answer.json, json!({ "sails": [] }));
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::new([]);
    let answer = world.get("/api/sails?from=soon&limit=51&after=x&colour=red").await;
    answer.is_problem(400);
    assert_eq!(answer.fields(), ["colour", "from", "limit", "after"]);
    for bad in ["limit=0", "limit=-1", "limit=", "limit=1&limit=2", "from=99999999999999"] {
        let answer = world.get(&format!("/api/sails?{bad}")).await;
        answer.is_problem(400);
        assert_eq!(answer.fields().len(), 1, "{bad}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_503_and_shows_nothing_of_itself() {
    for table in [Table::Events, Table::Roles] {
        let world = World::new([sail("evening", "2026-11-22T00:00:00Z")]);
        world.tables.break_table(table);
        let answer = world.get("/api/sails").await;
        answer.is_problem(503);
        assert!(!answer.json.to_string().contains("ResourceNotFound"));
    }
}
