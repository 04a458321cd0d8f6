//! Signing, holds, and who sees what.

use axum::body::Body;
use axum::http::Method;
use functions_shared::person::Grant;
use functions_shared::tables::Table;
use functions_shared::testing::waiver_form;
use functions_shared::waiver::{Form, Medical, Risk};
use serde_json::json;

use super::crew::{LINK, evening};
use super::door::{World, json_request, request};

/// A text that nobody but an administrator may ever see.
const CANARY: &str = "canary-stent-2019";

fn risky(name: &str) -> Form {
    let medical = Medical { has_conditions: Some(true), risks: [Risk::Heart].into(), details: CANARY.to_owned() };
    Form { medical, ..waiver_form(name) }
}

#[tokio::test]
async fn the_link_opens_the_page_of_its_sail_and_nothing_else_does() {
    let world = World::new([evening()]);
    let open = |link: &str| {
        let mut asked = request(Method::GET, "/api/waiver", Body::empty());
        asked.headers_mut().insert("waiver-link", link.parse().expect("a header"));
        world.send(asked)
    };
    let page = open(LINK).await;
    assert_eq!((page.status.as_u16(), &page.json["title"]), (200, &json!("Sail evening")));
    assert!(page.json["text"].as_str().expect("a text").contains("assumption of risk"));
    for link in [
        "",
        "evening",
        "evening.",
        "evening.0123456789abcdef0123456789abcdee",
        "other.0123456789abcdef0123456789abcdef",
    ] {
        open(link).await.is_problem(404);
    }
    world.get("/api/waiver").await.is_problem(404);
}

#[tokio::test]
async fn a_guest_signs_once_however_often_the_form_comes() {
    let world = World::new([evening()]);
    let first = world.sign_as_guest(&waiver_form("Ana Lopez")).await;
    assert_eq!((first.status.as_u16(), &first.json["standing"]), (201, &json!("signed")), "{:?}", first.json);
    let again = world.sign_as_guest(&waiver_form("Ana Lopez")).await;
    assert_eq!((again.status.as_u16(), again.json), (201, first.json));
    let mut other = waiver_form("ana lopez");
    other.emergency_contact.name = "Somebody else".to_owned();
    let refused = world.sign_as_guest(&other).await;
    refused.is_problem(409);
    assert_eq!(refused.json["type"], "urn:problem:signed-already");
    let bad = world.sign_as_guest(&Form { name: String::new(), ..waiver_form("Bo") }).await;
    assert_eq!(bad.fields(), ["/name"]);
}

#[tokio::test]
async fn a_hold_keeps_its_person_ashore_until_an_administrator_clears_it() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
    assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
    let signed = world.sign_as_guest(&risky("Ana Lopez")).await;
    assert_eq!(signed.json["standing"], "on_hold");
    // Signing again, in better health, does not help.
    world.sign_as_guest(&waiver_form("Ana Lopez")).await.is_problem(409);
    let waiver = format!("/api/sails/evening/waivers/{}", signed.json["waiver_id"].as_str().expect("a key"));
    let (boarding, clearing) = (format!("{waiver}/board"), format!("{waiver}/clear"));
    let board = || world.ask(&captain, Method::POST, &boarding, json!(null));
    let held = board().await;
    held.is_problem(409);
    assert_eq!(held.json["type"], "urn:problem:waiver-on-hold");
    let holds = world.get_as(&admin.token, "/api/admin/holds").await;
    assert_eq!(holds.json["holds"][0]["reasons"], json!(["high_risk"]));
    let clear = |who| world.ask(who, Method::POST, &clearing, json!({ "reason": "fit to sail" }));
    clear(&captain).await.is_problem(403);
    assert_eq!(clear(&admin).await.json["standing"], "cleared");
    clear(&admin).await.is_problem(409);
    assert_eq!(world.get_as(&admin.token, "/api/admin/holds").await.json["holds"], json!([]));
    assert_eq!(board().await.json["standing"], "boarded");
}

#[tokio::test]
async fn a_hold_of_the_crew_is_no_waiver() {
    let world = World::new([evening()]);
    let robin = world.sailor("Robin", &[Grant::Crew]).await;
    let path = "/api/sails/evening/waiver";
    assert_eq!(world.ask(&robin, Method::POST, path, json!(risky("Robin"))).await.json["standing"], "on_hold");
    let refused = world.claim(&robin, "deckhand#1", "on-hold-key").await;
    assert_eq!(refused.json["type"], "urn:problem:waiver-on-hold");
    assert_eq!(world.get_as(&robin.token, path).await.json["standing"], "on_hold");
}

#[tokio::test]
async fn medical_text_is_on_the_single_waiver_alone_and_each_look_is_in_the_trail() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
    assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
    let signed = world.sign_as_guest(&risky("Ana Lopez")).await;
    let path = format!("/api/sails/evening/waivers/{}", signed.json["waiver_id"].as_str().expect("a key"));
    let viewed = || async {
        let trail = world.get_as(&admin.token, "/api/sails/evening/audit").await.json.to_string();
        trail.matches("waiver_viewed").count()
    };
    assert_eq!(viewed().await, 0);
    let waiver = world.get_as(&admin.token, &path).await;
    assert_eq!(waiver.json["form"]["medical"]["details"], CANARY);
    assert_eq!(viewed().await, 1);
    world.get_as(&captain.token, &path).await.is_problem(403);
    for elsewhere in
        ["/api/sails/evening/waivers", "/api/admin/holds", "/api/sails/evening/audit", "/api/sails/evening"]
    {
        let told = world.get_as(&admin.token, elsewhere).await.json.to_string();
        assert!(!told.contains(CANARY) && !told.contains("heart"), "{elsewhere}");
    }
    let list = world.get_as(&captain.token, "/api/sails/evening/waivers").await;
    assert!(list.json.to_string().contains("on_hold") && !list.json.to_string().contains("high_risk"));
    let kept: Vec<_> = Table::ALL.into_iter().flat_map(|table| world.tables.items(table)).collect();
    let kept = serde_json::to_string(&kept).expect("JSON");
    assert!(!kept.contains(CANARY) && !kept.contains("heart"));
}

#[tokio::test]
async fn no_more_guests_board_than_the_sail_takes() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let mut statuses = Vec::new();
    for name in ["Ana", "Ben", "Cy"] {
        let signed = world.sign_as_guest(&waiver_form(name)).await;
        let path = format!("/api/sails/evening/waivers/{}/board", signed.json["waiver_id"].as_str().expect("a key"));
        statuses.push(world.ask(&admin, Method::POST, &path, json!(null)).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 409]);
}

#[tokio::test]
async fn a_renewed_link_opens_the_page_the_old_one_no_longer_does_and_who_is_on_hold_stays_so() {
    let world = World::new([evening()]);
    let admin = world.sailor("Ada", &[Grant::Admin]).await;
    let captain = world.signed_sailor("Cleo", &[Grant::Captain]).await;
    let path = "/api/sails/evening/waiver-link";
    let renewal = format!("{path}/renewal");
    world.ask(&captain, Method::POST, &renewal, json!(null)).await.is_problem(403);
    assert_eq!(world.claim(&captain, "captain#1", "key-of-cleo").await.status, 200);
    let held = world.sign_as_guest(&risky("Ana Lopez")).await;
    let sign = async |link: &str, form: &Form| {
        let mut asked = json_request(Method::POST, "/api/waiver", &json!(form));
        asked.headers_mut().insert("waiver-link", link.parse().expect("a header"));
        world.send(asked).await
    };
    let mut earlier = LINK.to_owned();
    for _ in 0..2 {
        let renewed = world.ask(&captain, Method::POST, &renewal, json!(null)).await;
        let link = renewed.json["link"].as_str().expect("a link").to_owned();
        assert_eq!(world.ask(&admin, Method::POST, path, json!(null)).await.json["link"], link);
        sign(&earlier, &waiver_form("Bo")).await.is_problem(404);
        // The same guest, in better health, by another link.
        sign(&link, &waiver_form("Ana Lopez")).await.is_problem(409);
        let again = sign(&link, &risky("Ana Lopez")).await;
        assert_eq!((again.status.as_u16(), &again.json), (201, &held.json));
        earlier = link;
    }
    let trail = world.get_as(&admin.token, "/api/sails/evening/audit").await.json.to_string();
    assert_eq!(trail.matches("waiver_link_renewed").count(), 2);
    assert!(!trail.contains(&earlier), "the trail opens nothing");
}
