//! A sail's life: planned, confirmed, crewed, ticked, started, completed.

use std::collections::BTreeSet;

use axum::http::Method;
use functions_shared::person::Grant;
use functions_shared::tables::Table;
use functions_shared::testing::waiver_form;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::crew::{Sailor, evening};
use super::door::{Answer, World};

fn plan() -> Value {
    // Eight hours from the world's beginning, for two hours.
    let departs_at = 1_795_248_000 + 8 * 3600;
    json!({
        "title": "Sunset cruise", "vessel": "Jada", "departs_at": departs_at, "returns_at": departs_at + 7200,
        "guest_limit": 12, "slots": { "captain": 1, "deckhand": 1 },
    })
}

async fn step(world: &World, who: &Sailor, path: &str, step: &str) -> Answer {
    world.ask(who, Method::POST, &format!("{path}/steps"), json!({ "step": step })).await
}

async fn tick_all(world: &World, who: &Sailor, path: &str, phases: &[&str]) {
    let list = world.get_as(&who.token, &format!("{path}/checklist")).await;
    let entries = list.json["entries"].as_array().expect("entries").iter();
    let wanted = entries.filter(|entry| phases.iter().any(|phase| entry["phase"] == *phase));
    let ticks: Vec<Value> =
        wanted.map(|entry| json!({ "entry_id": entry["entry_id"], "done": true, "at": 1_795_248_000 })).collect();
    let answer = world.ask(who, Method::POST, &format!("{path}/checklist/ticks"), json!({ "ticks": ticks })).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
}

#[tokio::test]
async fn from_its_plan_to_its_end() {
    let world = World::new([]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let captain = world.sailor("Cleo", &[Grant::Captain]).await;
    let created = world.ask(&admin, Method::POST, "/api/sails", plan()).await;
    assert_eq!((created.status.as_u16(), created.header("etag")), (201, "\"1\""), "{:?}", created.json);
    let path = format!("/api/sails/{}", created.json["event_id"].as_str().expect("a key"));

    step(&world, &captain, &path, "confirm").await.is_problem(403);
    assert_eq!(step(&world, &admin, &path, "confirm").await.json["state"], "confirmed");
    assert_eq!(step(&world, &admin, &path, "start").await.json["type"], "urn:problem:too-early");
    world.clock.advance(SignedDuration::from_mins(7 * 60 + 30));
    assert_eq!(step(&world, &admin, &path, "start").await.json["type"], "urn:problem:no-captain");
    let form = json!(waiver_form("Cleo"));
    assert_eq!(world.ask(&captain, Method::POST, &format!("{path}/waiver"), form).await.status, 201);
    let slot = json!({ "slot": "captain#1" });
    assert_eq!(world.ask(&captain, Method::POST, &format!("{path}/roles/claim"), slot).await.status, 200);
    assert_eq!(step(&world, &captain, &path, "start").await.json["type"], "urn:problem:checklist-open");
    tick_all(&world, &captain, &path, &["before_departure"]).await;
    assert_eq!(step(&world, &captain, &path, "start").await.json["state"], "in_progress");
    assert_eq!(step(&world, &captain, &path, "complete").await.json["type"], "urn:problem:checklist-open");
    tick_all(&world, &captain, &path, &["under_way", "return", "close_out"]).await;
    assert_eq!(step(&world, &captain, &path, "complete").await.json["state"], "completed");
    for late in ["confirm", "start", "complete", "cancel"] {
        assert_eq!(step(&world, &admin, &path, late).await.json["type"], "urn:problem:wrong-state", "{late}");
    }
    let trail = world.get_as(&admin.token, &format!("{path}/audit")).await.json.to_string();
    for deed in ["sail_created", "sail_stepped", "role_changed", "waiver_signed"] {
        assert!(trail.contains(deed), "{deed}: {trail}");
    }
}

/// Whoever comes first: a sail that is under way has a captain.
#[tokio::test]
async fn a_captain_who_goes_as_the_sail_starts_does_not_leave_it_without_one() {
    let path = "/api/sails/evening";
    let mut came = BTreeSet::new();
    for later in 0..40 {
        let world = World::new([evening()]);
        let admin = world.sailor("Ada", &[Grant::Admin]).await;
        let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
        assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
        tick_all(&world, &captain, path, &["before_departure"]).await;
        world.clock.advance(SignedDuration::from_mins(15 * 60 + 30));
        let (admin, captain) = (world.again(admin).await, world.again(captain).await);
        let goes = async {
            for _ in 0..later {
                tokio::task::yield_now().await;
            }
            let slot = json!({ "slot": "captain#1" });
            world.ask(&captain, Method::POST, &format!("{path}/roles/release"), slot).await.status.as_u16()
        };
        let (started, gone) = tokio::join!(step(&world, &admin, path, "start"), goes);
        let state = world.get_as(&admin.token, path).await.json["state"].clone();
        let roster = world.get_as(&admin.token, &format!("{path}/roles")).await;
        let commanded = roster.json["slots"][0].get("holder").is_some();
        assert!(state == "confirmed" || commanded, "{later}: {:?}", roster.json);
        came.insert((started.status.as_u16(), gone, started.json["type"].as_str().unwrap_or_default().to_owned()));
    }
    let started = (200, 409, String::new());
    let went = (409, 200, "urn:problem:no-captain".to_owned());
    assert_eq!(came, [started, went].into());
}

#[tokio::test]
async fn a_plan_is_made_once_and_each_fault_of_it_is_a_pointer() {
    let world = World::new([]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let create =
        |body: Value| world.ask_with(&admin, Method::POST, "/api/sails", body, &[("idempotency-key", "plan-0001")]);
    let first = create(plan()).await;
    assert_eq!(create(plan()).await.json, first.json);
    create(json!({ "title": "Another" })).await.is_problem(400);
    let mut other = plan();
    other["title"] = json!("Another");
    create(other).await.is_problem(422);
    let listed = world.get("/api/sails").await;
    assert_eq!(listed.json["sails"].as_array().expect("sails").len(), 1);
    let mut bad = plan();
    bad["returns_at"] = bad["departs_at"].clone();
    bad["slots"] = json!({ "deckhand": 21 });
    let faults = world.ask(&admin, Method::POST, "/api/sails", bad).await;
    assert_eq!(faults.fields(), ["/returns_at", "/slots/deckhand", "/slots/captain"]);
    for (change, pointer) in
        [(json!({ "is_admin": true }), "/is_admin"), (json!({ "slots": { "pilot": 1 } }), "/slots")]
    {
        let mut odd = plan();
        odd.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let answer = world.ask(&admin, Method::POST, "/api/sails", odd).await;
        answer.is_problem(400);
        assert!(answer.fields()[0].starts_with(pointer), "{:?}", answer.json);
    }
}

#[tokio::test]
async fn an_edit_names_the_revision_that_it_changes() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let edit = |tag: Option<&'static str>, body: Value| {
        let headers: Vec<_> = tag.map(|tag| ("if-match", tag)).into_iter().collect();
        let (world, admin) = (&world, &admin);
        async move { world.ask_with(admin, Method::PUT, "/api/sails/evening", body, &headers).await }
    };
    edit(None, plan()).await.is_problem(428);
    for tag in ["\"2\"", "*", "W/\"1\"", "1"] {
        edit(Some(tag), plan()).await.is_problem(412);
    }
    let edited = edit(Some("\"1\""), plan()).await;
    assert_eq!((edited.status.as_u16(), edited.header("etag")), (200, "\"2\""), "{:?}", edited.json);
    edit(Some("\"1\""), plan()).await.is_problem(412);
    // A slot that somebody holds does not go.
    world.tables.claim("evening", "deckhand#1");
    let mut small = plan();
    small["slots"] = json!({ "captain": 1 });
    assert_eq!(edit(Some("\"2\""), small).await.json["type"], "urn:problem:slot-taken");
}

#[tokio::test]
async fn two_phones_lose_no_tick_and_only_those_aboard_tick() {
    let world = World::new([evening()]);
    let robin = world.signed_sailor("Robin", &[Grant::Crew]).await;
    let sam = world.signed_sailor("Sam", &[Grant::Crew]).await;
    let path = "/api/sails/evening/checklist/ticks";
    let now = 1_795_248_000;
    let tick = |entry: &str, done: bool, at: i64| json!({ "ticks": [{ "entry_id": entry, "done": done, "at": at }] });
    world.ask(&robin, Method::POST, path, tick("lines", true, now)).await.is_problem(403);
    assert_eq!(world.claim(&robin, "deckhand#1", "key-of-robin").await.status, 200);
    assert_eq!(world.claim(&sam, "deckhand#2", "key-of-sam-1").await.status, 200);
    // One person's two phones and another's, at once.
    let (first, second, third) = (tick("lines", true, now), tick("stowed", true, now), tick("fenders", true, now));
    let answers = tokio::join!(
        world.ask(&robin, Method::POST, path, first),
        world.ask(&robin, Method::POST, path, second),
        world.ask(&sam, Method::POST, path, third),
    );
    assert!([&answers.0, &answers.1, &answers.2].iter().all(|answer| answer.status == 200));
    let done = |answer: &Answer| -> Vec<String> {
        let entries = answer.json["entries"].as_array().expect("entries").iter();
        entries.filter(|entry| entry["state"] == "done").map(|entry| entry["entry_id"].to_string()).collect()
    };
    let list = world.get_as(&sam.token, "/api/sails/evening/checklist").await;
    assert_eq!(done(&list), ["\"lines\"", "\"stowed\"", "\"fenders\""]);
    // An older word, and one of the future, do not undo what was ticked since.
    world.ask(&sam, Method::POST, path, tick("lines", false, now - 60)).await;
    world.ask(&sam, Method::POST, path, tick("lines", false, now + 999_999)).await;
    assert_eq!(done(&world.get_as(&sam.token, "/api/sails/evening/checklist").await).len(), 3);
    // What the list does not have fills no table.
    let kept = || world.tables.items(Table::Checklists);
    let before = kept();
    assert_eq!(world.ask(&sam, Method::POST, path, tick("no-such-entry", true, now)).await.status, 200);
    assert_eq!(kept(), before);
    world.clock.advance(SignedDuration::from_secs(60));
    world.ask(&sam, Method::POST, path, tick("lines", false, now + 60)).await;
    assert_eq!(done(&world.get_as(&sam.token, "/api/sails/evening/checklist").await).len(), 2);
}

#[tokio::test]
async fn the_list_is_edited_by_those_who_command() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let robin = world.signed_sailor("Robin", &[Grant::Crew]).await;
    let path = "/api/sails/evening/checklist";
    let list = world.get_as(&admin.token, path).await;
    let entry = json!({
        "entry_id": "flag", "role": "deckhand", "phase": "before_departure", "text": "Hoist the flag",
        "anchor": "departure", "due_minutes": -5,
    });
    let tag = list.header("etag").to_owned();
    let headers = [("if-match", tag.as_str())];
    let edit = |who, entries: Value| world.ask_with(who, Method::PUT, path, json!({ "entries": entries }), &headers);
    edit(&robin, json!([entry])).await.is_problem(403);
    assert_eq!(edit(&admin, json!([entry, entry])).await.fields(), ["/entries/1/entry_id"]);
    let edited = edit(&admin, json!([entry])).await;
    assert_eq!(edited.json["entries"].as_array().expect("entries").len(), 1, "{:?}", edited.json);
    edit(&admin, json!([entry])).await.is_problem(412);
}

#[tokio::test]
async fn windows_are_about_the_sunset_of_the_day() {
    let world = World::new([]);
    let robin = world.sailor("Robin", &[Grant::Crew]).await;
    let answer = world.get_as(&robin.token, "/api/sail-windows?date=2026-11-21").await;
    let windows = answer.json["windows"].as_array().expect("windows");
    // The sun sets at 16:44.
    assert_eq!(windows[1]["departs_at"], 1_795_302_900_i64, "{windows:?}");
    world.get_as(&robin.token, "/api/sail-windows?date=x").await.is_problem(400);
}
