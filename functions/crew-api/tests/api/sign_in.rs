//! Signing in by link and by code.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use crew_api::challenges::MailOutcome;
use crew_api::errand::{Errand, run};
use functions_shared::person::{Grant, Membership};
use functions_shared::testing::person;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::door::{ADMIN, Answer, World, json_request, request};

const ASK: &str = "/api/auth/links";
const LINK: &str = "/api/auth/links/redemption";
const CODE: &str = "/api/auth/codes/redemption";
const WHO: &str = "/api/auth/session";

/// Asks for a link for somebody of the crew and has the mail sent: the challenge, the token, the code.
async fn asked(world: &World) -> (String, String, String) {
    let answer = world.post(ASK, &json!({ "email": "robin@example.com" })).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.json);
    world.run_errands().await;
    let (token, code) = world.mailed();
    (answer.json["challenge"].as_str().expect("a challenge").to_owned(), token, code)
}

fn robin(world: &World) {
    world.people.put(&person("Robin", &[Grant::Crew]));
}

#[tokio::test]
async fn a_link_signs_in_once_in_whatever_browser() {
    let world = World::new([]);
    robin(&world);
    let (_, token, _) = asked(&world).await;
    let answer = world.post(LINK, &json!({ "token": token })).await;
    assert_eq!((answer.status, &answer.json["email"]), (StatusCode::OK, &json!("robin@example.com")));
    assert_eq!(answer.json.get("token"), None, "no script of a page sees it");
    let session = answer.cookies()["__Host-session"];
    assert!(session.ends_with("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"), "{session}");
    let mut who = request(Method::GET, WHO, Body::empty());
    let pair = format!("__Host-session={}", session.split(';').next().expect("a value"));
    who.headers_mut().insert("cookie", pair.parse().expect("a value"));
    assert_eq!(world.send(who).await.json["name"], "Robin");

    let again = world.post(LINK, &json!({ "token": token })).await;
    again.is_problem(400);
    assert!(again.cookies().is_empty());
}

#[tokio::test]
async fn a_code_signs_in_with_the_challenge_of_the_asking_browser_and_with_no_other() {
    let world = World::new([]);
    robin(&world);
    let (challenge, _, code) = asked(&world).await;
    let (other, ..) = asked(&world).await;
    world.post(CODE, &json!({ "code": code })).await.is_problem(400);
    world.post(CODE, &json!({ "code": code, "challenge": other })).await.is_problem(400);
    world.post(CODE, &json!({ "code": code, "challenge": "0".repeat(32) })).await.is_problem(400);

    let mut request = json_request(Method::POST, CODE, &json!({ "code": code.to_lowercase().replace('-', " ") }));
    let cookie = format!("__Host-challenge={challenge}");
    request.headers_mut().insert("cookie", cookie.parse().expect("a value"));
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json);
    assert!(answer.cookies()["__Host-challenge"].contains("Max-Age=0"));
    world.post(CODE, &json!({ "code": code, "challenge": challenge })).await.is_problem(400);
}

#[tokio::test]
async fn a_tool_gets_the_token_and_no_cookie() {
    let world = World::new([]);
    robin(&world);
    let (_, token, _) = asked(&world).await;
    let answer = world.post(LINK, &json!({ "token": token, "session": "token" })).await;
    assert!(answer.cookies().is_empty());
    let session = answer.json["token"].as_str().expect("a token").to_owned();
    assert_eq!(world.get_as(&session, WHO).await.status, StatusCode::OK);
}

#[tokio::test]
async fn link_and_code_are_one_use_together_and_end_after_a_day() {
    let world = World::new([]);
    robin(&world);
    let (challenge, token, code) = asked(&world).await;
    assert_eq!(world.post(LINK, &json!({ "token": token })).await.status, StatusCode::OK);
    world.post(CODE, &json!({ "code": code, "challenge": challenge })).await.is_problem(400);

    let (challenge, token, code) = asked(&world).await;
    world.clock.advance(SignedDuration::from_hours(24));
    world.post(CODE, &json!({ "code": code, "challenge": challenge })).await.is_problem(400);
    world.post(LINK, &json!({ "token": token })).await.is_problem(400);
}

#[tokio::test]
async fn after_five_tries_the_code_is_dead_and_the_link_is_not() {
    let world = World::new([]);
    robin(&world);
    let (challenge, token, code) = asked(&world).await;
    let wrong = if code.starts_with('0') { "1111-1111" } else { "0000-0000" };
    for _ in 0..5 {
        world.post(CODE, &json!({ "code": wrong, "challenge": challenge })).await.is_problem(400);
    }
    world.post(CODE, &json!({ "code": code, "challenge": challenge })).await.is_problem(400);
    assert_eq!(world.challenges.tries(), 5);
    assert_eq!(world.post(LINK, &json!({ "token": token })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn looking_at_a_link_never_uses_it() {
    let world = World::new([]);
    robin(&world);
    let (_, token, _) = asked(&world).await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for path in [LINK, CODE, ASK] {
            let path = format!("{path}?token={token}");
            let answer = world.send(request(method.clone(), &path, Body::empty())).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(answer.cookies().is_empty());
        }
    }
    assert_eq!(world.post(LINK, &json!({ "token": token })).await.status, StatusCode::OK);
}

/// What an answer tells, without what is random in it.
fn told(mut answer: Answer) -> (u16, BTreeSet<String>, Value) {
    answer.json["challenge"] = json!("");
    (answer.status.as_u16(), answer.headers.keys().map(ToString::to_string).collect(), answer.json)
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer_for_the_same_work() {
    let world = World::new([]);
    robin(&world);
    let mut gone = person("Ana", &[Grant::Crew]);
    gone.membership = Membership::Revoked;
    world.people.put(&gone);
    let mut answers = Vec::new();
    for email in ["robin@example.com", "nobody@example.com", "ana@example.com", ADMIN] {
        let before = (world.people.calls(), world.challenges.calls(), world.outbox.sent().len());
        let answer = world.post(ASK, &json!({ "email": email })).await;
        let after = (world.people.calls(), world.challenges.calls(), world.outbox.sent().len());
        answers.push((
            told(answer),
            after.0 - before.0,
            after.1 - before.1,
            after.2 - before.2,
            world.errands.take().len(),
        ));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].1, 0, "nobody is looked up before the answer");
    for _ in 0..2 {
        for email in ["robin@example.com", "nobody@example.com"] {
            assert_eq!(world.post(ASK, &json!({ "email": email })).await.status, StatusCode::ACCEPTED);
        }
    }
    let known = world.post(ASK, &json!({ "email": "robin@example.com" })).await;
    let unknown = world.post(ASK, &json!({ "email": "nobody@example.com" })).await;
    known.is_problem(429);
    assert_eq!(told(known), told(unknown), "the fourth within ten minutes");
}

#[tokio::test]
async fn only_who_may_sign_in_gets_a_mail_and_gets_one() {
    let world = World::new([]);
    robin(&world);
    let mut gone = person("Ana", &[Grant::Admin]);
    gone.membership = Membership::Revoked;
    world.people.put(&gone);
    for email in ["Robin@EXAMPLE.com", "nobody@example.com", "ana@example.com"] {
        world.post(ASK, &json!({ "email": email })).await;
    }
    let errands = world.errands.take();
    for challenge in errands.iter().chain(&errands) {
        let errand = Errand::Mail { challenge: challenge.to_string() };
        run(&world.app, &errand).await.expect("an errand that works");
    }
    let sent = world.outbox.sent();
    assert_eq!(sent.len(), 1, "an errand that runs twice mails once");
    assert_eq!(sent[0].to[0].as_str(), "robin@example.com");
    let mut outcomes = world.challenges.outcomes();
    outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
    assert_eq!(outcomes, [MailOutcome::Nobody, MailOutcome::Nobody, MailOutcome::Sent].map(Some));
}

#[tokio::test]
async fn the_configured_administrator_needs_no_invitation() {
    let world = World::new([]);
    world.post(ASK, &json!({ "email": ADMIN })).await;
    world.run_errands().await;
    let (token, _) = world.mailed();
    let answer = world.post(LINK, &json!({ "token": token })).await;
    assert_eq!((answer.status, &answer.json["grants"]), (StatusCode::OK, &json!(["admin"])));
}

#[tokio::test]
async fn whoever_was_shut_out_since_the_mail_is_not_let_in_by_it() {
    let world = World::new([]);
    let mut robin = person("Robin", &[Grant::Crew]);
    world.people.put(&robin);
    let (challenge, token, code) = asked(&world).await;
    robin.membership = Membership::Revoked;
    world.people.put(&robin);
    world.post(CODE, &json!({ "code": code, "challenge": challenge })).await.is_problem(400);
    world.post(LINK, &json!({ "token": token })).await.is_problem(400);
}

#[tokio::test]
async fn the_links_host_comes_from_configuration_alone() {
    let world = World::new([]);
    robin(&world);
    let mut request = json_request(Method::POST, ASK, &json!({ "email": "robin@example.com" }));
    for name in ["host", "x-forwarded-host", "x-original-host", "forwarded", "x-forwarded-proto", "referer"] {
        let name: axum::http::HeaderName = name.parse().expect("a name");
        request.headers_mut().insert(name, "evil.example".parse().expect("a value"));
    }
    assert_eq!(world.send(request).await.status, StatusCode::ACCEPTED);
    world.run_errands().await;
    let mail = world.outbox.sent().pop().expect("a mail");
    assert!(mail.text.contains("https://crew.example.com/sign-in#token="), "{}", mail.text);
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"));
}

#[tokio::test]
async fn callers_are_counted_by_the_cdns_word_and_not_by_their_own() {
    let world = World::new([]);
    for number in 0..31 {
        let body = json!({ "email": format!("person{number}@example.com") });
        let mut request = json_request(Method::POST, ASK, &body);
        request.headers_mut().insert("x-client-address", "203.0.113.7".parse().expect("a value"));
        request.headers_mut().insert("x-forwarded-for", format!("198.51.100.{number}").parse().expect("a value"));
        let answer = world.send(request).await;
        assert_eq!(answer.status.as_u16(), if number < 30 { 202 } else { 429 }, "{number}");
    }
}

#[tokio::test]
async fn what_is_no_address_makes_no_mail() {
    let world = World::new([]);
    let odd = [
        json!("robin@example.com\r\nBcc: victim@example.com"),
        json!("robin@example.com,victim@example.com"),
        json!("robin@example.com\u{2028}"),
        json!("=?utf-8?q?robin?=@exa mple.com"),
        json!("Robin <robin@example.com>"),
        json!(format!("{}@example.com", "r".repeat(10_000))),
        json!(["robin@example.com"]),
        json!(null),
        json!(""),
    ];
    for email in odd {
        let answer = world.post(ASK, &json!({ "email": email })).await;
        answer.is_problem(400);
        assert_eq!(answer.fields(), ["/email"]);
    }
    let more = world.post(ASK, &json!({ "email": "robin@example.com", "grants": ["admin"] })).await;
    more.is_problem(400);
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        "{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}",
        "{\"email\":\"a@example.com\"}x",
    ] {
        let mut request = request(Method::POST, ASK, Body::from(body));
        request.headers_mut().insert("content-type", "application/json".parse().expect("a value"));
        world.send(request).await.is_problem(400);
    }
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let mut request = request(Method::POST, ASK, Body::from(deep));
    request.headers_mut().insert("content-type", "application/json".parse().expect("a value"));
    world.send(request).await.is_problem(400);
    assert!(world.errands.take().is_empty());
}
