//! Personal data planted in every input comes out where it belongs and nowhere else: in no log, no line, no mail to
//! others and no answer to others, whatever goes wrong.

use axum::body::Body;
use axum::http::Method;
use functions_shared::person::Grant;
use functions_shared::testing::{Broken, Log};
use serde_json::json;

use super::door::{World, json_request, request};

const NAME: &str = "Canaria Quillfeather";
const EMAIL: &str = "canary.quillfeather@example.com";
const WORDS: [&str; 3] = ["Canaria", "quillfeather", "canary"];

/// Everything that a person can do and that can go wrong, and every secret that was made on the way.
async fn live(world: &World) -> Vec<String> {
    let (_, admin) = world.signed_in("Ada", &[Grant::Admin]).await;
    let (_, other) = world.signed_in("Otto", &[Grant::Crew]).await;
    let body = json!({ "email": EMAIL, "name": NAME, "grants": ["crew"] });
    let invited = world.post_as(&admin, "/api/people", &body).await;
    let key = invited.json["person_id"].as_str().expect("a key").to_owned();
    world.run_errands().await;
    let (invitation, _) = world.mailed();
    world.post_as(&admin, "/api/people", &body).await.is_problem(409);
    world.post_as(&other, "/api/people", &body).await.is_problem(403);
    let asked = world.post("/api/auth/links", &json!({ "email": EMAIL })).await;
    let challenge = asked.json["challenge"].as_str().expect("a challenge").to_owned();
    world.run_errands().await;
    let (token, code) = world.mailed();
    world.post("/api/auth/links", &json!({ "email": format!("{EMAIL}\r\n"), "name": NAME })).await.is_problem(400);
    world.get(&format!("/api/people/{EMAIL}?name={NAME}").replace(' ', "%20")).await.is_problem(401);
    world.get(&format!("/api/sails?from={EMAIL}")).await.is_problem(400);
    world.post("/api/auth/codes/redemption", &json!({ "code": "0000-0000", "challenge": challenge })).await;
    let redeemed = world.post("/api/auth/links/redemption", &json!({ "token": token, "session": "token" })).await;
    let session = redeemed.json["token"].as_str().expect("a session").to_owned();
    world.get_as(&format!("{session}x"), "/api/auth/session").await.is_problem(401);
    world.get_as(&session, "/api/people").await.is_problem(403);
    for path in ["/api/crew", "/api/auth/session", "/api/sails"] {
        world.get_as(&session, path).await;
    }
    let mut change =
        json_request(Method::PATCH, &format!("/api/people/{key}"), &json!({ "name": format!("{NAME} Jr") }));
    change.headers_mut().insert("if-match", "\"1\"".parse().expect("a value"));
    world.send_as(&admin, change).await;
    let revoke = request(Method::POST, &format!("/api/people/{key}/revocation"), Body::empty());
    world.send_as(&admin, revoke).await;
    for broken in [Broken::Refuses, Broken::Panics] {
        world.people.break_so(broken);
        let answer = world.get_as(&session, "/api/auth/session").await;
        assert!(answer.status.is_server_error());
        let words = answer.json.to_string();
        assert!(!words.contains("peanut") && WORDS.iter().all(|word| !words.contains(word)), "{words}");
        world.post_as(&admin, "/api/people", &body).await;
    }
    vec![invitation, token, code, challenge, session, admin, other]
}

#[test]
fn no_log_and_no_line_names_anybody_or_holds_what_opens_a_session() {
    let log = Log::default();
    let (lines, secrets, mails) = log.of(async {
        let world = World::new([]);
        let secrets = live(&world).await;
        (world.lines.all().join("\n"), secrets, world.outbox.sent())
    });
    let log = log.take();
    assert!(log.contains("panicked") && log.contains("a table does not answer"), "the harness sees the log: {log}");
    for text in [&log, &lines] {
        for word in WORDS.iter().copied().chain(["peanut"]).chain(secrets.iter().map(String::as_str)) {
            assert!(!text.contains(word), "{word} is in\n{text}");
        }
    }
    assert!(mails.iter().all(|mail| mail.to.len() == 1 && mail.to[0].as_str() == EMAIL && mail.bcc.is_empty()));
}
