//! Inviting, changing and revoking people.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use functions_shared::person::Grant;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::door::{Answer, World, json_request};

const PEOPLE: &str = "/api/people";

async fn admin(world: &World) -> String {
    world.signed_in("Ada", &[Grant::Admin]).await.1
}

async fn invited(world: &World, admin: &str) -> String {
    let body = json!({ "email": "Robin@Example.com", "name": "Robin Reef", "grants": ["crew"] });
    let answer = world.post_as(admin, PEOPLE, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.json);
    answer.json["person_id"].as_str().expect("a key").to_owned()
}

async fn patch(world: &World, token: &str, person: &str, tag: Option<&str>, body: &Value) -> Answer {
    let mut request = json_request(Method::PATCH, &format!("{PEOPLE}/{person}"), body);
    if let Some(tag) = tag {
        request.headers_mut().insert("if-match", tag.parse().expect("a value"));
    }
    world.send_as(token, request).await
}

async fn act(world: &World, token: &str, person: &str, what: &str) -> Answer {
    world.send_as(token, super::door::request(Method::POST, &format!("{PEOPLE}/{person}/{what}"), Body::empty())).await
}

#[tokio::test]
async fn an_invited_person_gets_a_link_and_signs_in_with_it() {
    let world = World::new([]);
    let admin = admin(&world).await;
    let person = invited(&world, &admin).await;
    world.run_errands().await;
    let mail = world.outbox.sent().pop().expect("a mail");
    assert_eq!(
        (mail.to[0].as_str(), mail.subject.as_str()),
        ("robin@example.com", "You are invited to Ship Captain Crew")
    );
    let (token, code) = world.mailed();
    assert_eq!(code, "", "nobody waits for a code");
    let session = world.post("/api/auth/links/redemption", &json!({ "token": token })).await;
    assert_eq!((session.status, &session.json["person_id"]), (StatusCode::OK, &json!(person)));

    let twice = json!({ "email": "robin@example.com", "name": "Another", "grants": ["admin"] });
    world.post_as(&admin, PEOPLE, &twice).await.is_problem(409);
    assert_eq!(act(&world, &admin, &person, "invitation").await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_invitation_that_must_wait_makes_nobody_known() {
    let world = World::new([]);
    let admin = admin(&world).await;
    for number in 0..300 {
        let body = json!({ "email": format!("somebody{number}@example.com") });
        let mut asked = json_request(Method::POST, "/api/auth/links", &body);
        asked.headers_mut().insert("x-client-address", format!("203.0.113.{}", number / 20).parse().expect("a value"));
        assert_eq!(world.send(asked).await.status, 202);
    }
    let robin = json!({ "email": "robin@example.com", "name": "Robin", "grants": ["crew"] });
    world.post_as(&admin, "/api/people", &robin).await.is_problem(429);
    world.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(world.post_as(&admin, "/api/people", &robin).await.status, 201);
}

#[tokio::test]
async fn changes_are_of_the_revision_that_was_read_and_hold_at_once() {
    let world = World::new([]);
    let admin = admin(&world).await;
    let (robin, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let key = robin.person_id.as_str();
    let change = json!({ "grants": ["captain", "crew"] });
    patch(&world, &admin, key, None, &change).await.is_problem(428);
    patch(&world, &admin, key, Some("\"7\""), &change).await.is_problem(412);
    let answer = patch(&world, &admin, key, Some("\"1\""), &change).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, "\"2\""));
    assert_eq!(world.get_as(&token, "/api/auth/session").await.json["grants"], json!(["captain", "crew"]));
    patch(&world, &admin, key, Some("\"1\""), &change).await.is_problem(412);
    for body in [json!({ "grants": [] }), json!({ "grants": ["owner"] }), json!({ "name": "A\r\nBcc: x@example.com" })]
    {
        patch(&world, &admin, key, Some("\"2\""), &body).await.is_problem(400);
    }
}

#[tokio::test]
async fn a_revoked_person_is_out_and_a_restored_one_signs_in_anew() {
    let world = World::new([]);
    let admin = admin(&world).await;
    let (robin, token) = world.signed_in("Robin", &[Grant::Admin]).await;
    let key = robin.person_id.as_str();
    let revoked = act(&world, &admin, key, "revocation").await;
    assert_eq!((revoked.status, &revoked.json["membership"]), (StatusCode::OK, &json!("revoked")));
    world.get_as(&token, PEOPLE).await.is_problem(401);
    act(&world, &admin, key, "invitation").await.is_problem(409);
    let crew = world.get_as(&admin, "/api/crew").await;
    assert_eq!(crew.json["crew"].as_array().map(Vec::len), Some(1), "{:?}", crew.json);
    assert_eq!(act(&world, &admin, key, "restoration").await.status, StatusCode::OK);
    world.get_as(&token, PEOPLE).await.is_problem(401);

    let history = world.get_as(&admin, &format!("{PEOPLE}/{key}/history")).await;
    let deeds: Vec<_> =
        history.json["entries"].as_array().expect("entries").iter().map(|entry| &entry["deed"]).collect();
    assert_eq!(deeds, ["restored", "revoked"]);
    assert_eq!(history.json["entries"][0]["actor"], "ada@example.com");
}

#[tokio::test]
async fn an_administrator_always_remains() {
    let world = World::new([]);
    let (ada, token) = world.signed_in("Ada", &[Grant::Admin, Grant::Crew]).await;
    let key = ada.person_id.as_str();
    act(&world, &token, key, "revocation").await.is_problem(409);
    patch(&world, &token, key, Some("\"1\""), &json!({ "grants": ["crew"] })).await.is_problem(409);
    assert_eq!(
        patch(&world, &token, key, Some("\"1\""), &json!({ "name": "Ada Anchor" })).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() {
    let world = World::new([]);
    let (robin, one) = world.signed_in("Robin", &[Grant::Crew]).await;
    let other = world.session_of(&robin).await;
    let request = super::door::request(Method::DELETE, "/api/auth/sessions", Body::empty());
    assert_eq!(world.send_as(&one, request).await.status, StatusCode::NO_CONTENT);
    for token in [one, other] {
        world.get_as(&token, "/api/auth/session").await.is_problem(401);
    }
}

#[tokio::test]
async fn people_are_listed_by_name_in_pages_and_the_crew_without_addresses() {
    let world = World::new([]);
    let admin = admin(&world).await;
    for name in ["Zoe", "Bo", "Mia", "Al"] {
        world.signed_in(name, &[Grant::Crew]).await;
    }
    let mut names = Vec::new();
    let mut path = format!("{PEOPLE}?limit=2");
    loop {
        let page = world.get_as(&admin, &path).await;
        let people = page.json["people"].as_array().expect("people").clone();
        names.extend(people.iter().map(|person| person["name"].as_str().expect("a name").to_owned()));
        match page.json["next"].as_str() {
            Some(next) => path = format!("{PEOPLE}?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Ada", "Al", "Bo", "Mia", "Zoe"]);
    let crew = world.get_as(&admin, "/api/crew").await.json.to_string();
    assert!(crew.contains("Zoe") && !crew.contains('@'), "{crew}");
    for bad in ["limit=0", "limit=101", "after=x", "colour=red"] {
        world.get_as(&admin, &format!("{PEOPLE}?{bad}")).await.is_problem(400);
    }
}

#[tokio::test]
async fn no_field_but_the_known_ones_is_taken() {
    let world = World::new([]);
    let admin = admin(&world).await;
    let (robin, _) = world.signed_in("Robin", &[Grant::Crew]).await;
    for field in ["role", "isAdmin", "membership", "ttl", "person_id", "item", "generation", "revision", "createdBy"] {
        let mut body = json!({ "email": "x@example.com", "name": "X", "grants": ["crew"] });
        body[field] = json!(1);
        world.post_as(&admin, PEOPLE, &body).await.is_problem(400);
        let change = patch(&world, &admin, robin.person_id.as_str(), Some("\"1\""), &json!({ field: 1 })).await;
        change.is_problem(400);
    }
    assert_eq!(world.get_as(&admin, PEOPLE).await.json["people"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_key_in_another_form_is_nobodys() {
    let world = World::new([]);
    let admin = admin(&world).await;
    for key in ["x", "..%2Fcrew", "address%23ada@example.com", "%00", "0123456789ABCDEF0123456789ABCDEF"] {
        world.get_as(&admin, &format!("{PEOPLE}/{key}")).await.is_problem(404);
    }
}
