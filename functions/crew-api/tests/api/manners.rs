//! The manners of every answer.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use functions_shared::person::Grant;
use functions_shared::testing::Broken;
use jiff::SignedDuration;
use serde_json::{Value, json};

use functions_shared::tables::Table;

use super::door::{World, request};

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let world = World::new([]);
    for path in ["/api/none", "/api", "/api/sails/", "/", "/api/../healthz", "/API/sails"] {
        world.get(path).await.is_problem(404);
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_names_the_right_one() {
    let world = World::new([]);
    for path in ["/api/sails", "/api/sun", "/healthz"] {
        for method in [Method::PATCH, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = world.send(request(method, path, Body::empty())).await;
            answer.is_problem(405);
            assert!(answer.header("allow").contains("GET"), "{path}");
        }
    }
}

#[tokio::test]
async fn every_answer_forbids_caching_and_sniffing() {
    let world = World::new([]);
    let paths = ["/healthz", "/api/sails", "/api/sun", "/api/sun?date=x", "/api/none"];
    for path in paths {
        let answer = world.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn a_body_over_64_kb_is_refused_before_the_route() {
    let world = World::new([]);
    let at_limit = Body::from(vec![b'x'; 64 * 1024]);
    let answer = world.send(request(Method::GET, "/api/sun", at_limit)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let over = Body::from(vec![b'x'; 64 * 1024 + 1]);
    let answer = world.send(request(Method::POST, "/api/sun", over)).await;
    answer.is_problem(413);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn health_is_200_where_every_table_answers() {
    let world = World::new([]);
    let answer = world.get("/healthz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json,
        serde_json::json!({
            "status": "ok",
            "tables": [
                { "table": "events", "answers": true },
                { "table": "roles", "answers": true },
                { "table": "waivers", "answers": true },
                { "table": "checklists", "answers": true },
                { "table": "audit", "answers": true },
                { "table": "requests", "answers": true },
                { "table": "nudges", "answers": true },
                { "table": "people", "answers": true },
                { "table": "magic-links", "answers": true },
                { "table": "limits", "answers": true },
            ],
        })
    );
}

#[tokio::test]
async fn health_is_503_and_names_the_table_that_does_not_answer() {
    let world = World::new([]);
    world.tables.break_table(Table::Roles);
    let answer = world.get("/healthz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json["status"], "failing");
    assert_eq!(answer.json["tables"][0]["answers"], true);
    assert_eq!(answer.json["tables"][1], serde_json::json!({ "table": "roles", "answers": false }));
}

#[tokio::test]
async fn each_request_is_one_line_that_is_a_metric_too_and_holds_no_path() {
    let world = World::new([]);
    world.get("/api/people/0123456789abcdef0123456789abcdef?limit=7").await;
    world.get("/nowhere/robin@example.com").await;
    let lines: Vec<Value> = world.lines.all().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["route"], &lines[0]["status"]), (&json!("/api/people/{person_id}"), &json!(401)));
    assert_eq!((&lines[1]["route"], &lines[1]["client_errors"]), (&json!("none"), &json!(1)));
    for line in &lines {
        let metrics = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(metrics["Dimensions"], json!([["service"]]), "the route is no dimension");
        for metric in metrics["Metrics"].as_array().expect("metrics") {
            assert!(line[metric["Name"].as_str().expect("a name")].is_number(), "{metric}");
        }
        assert!(!line.to_string().contains("robin") && !line.to_string().contains("limit=7"), "{line}");
    }
}

#[tokio::test]
async fn a_fault_of_ours_is_a_500_without_words_and_the_next_request_is_answered() {
    let world = World::new([]);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    world.people.break_so(Broken::Panics);
    let answer = world.get_as(&token, "/api/auth/session").await;
    answer.is_problem(500);
    assert_eq!(answer.json, json!({ "type": "about:blank", "title": "Internal Server Error", "status": 500 }));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(world.get("/api/sun").await.status, StatusCode::OK);
}

#[tokio::test]
async fn public_keys_alone_may_be_kept() {
    let world = World::new([]);
    let answer = world.get("/.well-known/jwks.json").await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "public, max-age=900"));
    assert_eq!(answer.json["keys"][0]["kid"], "test");
    assert_eq!(answer.json["keys"][0].as_object().map(|key| key.len()), Some(6), "nothing private");
}

#[tokio::test]
async fn writing_too_often_is_429_for_that_caller_alone_whatever_it_says_of_others() {
    let world = World::new([]);
    let send = async |address: &str, forwarded: &str| {
        let mut request = request(Method::DELETE, "/api/auth/session", Body::empty());
        request.headers_mut().insert("x-client-address", address.parse().expect("a value"));
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().expect("a value"));
        world.send(request).await
    };
    for number in 0..600 {
        send("203.0.113.7", &format!("198.51.100.{}", number % 250)).await.is_problem(401);
    }
    let refused = send("203.0.113.7", "192.0.2.1").await;
    refused.is_problem(429);
    assert_eq!((refused.header("retry-after"), &refused.json["retry_after_seconds"]), ("300", &json!(300)));
    send("203.0.113.8", "203.0.113.7").await.is_problem(401);
    world.clock.advance(SignedDuration::from_secs(300));
    send("203.0.113.7", "192.0.2.1").await.is_problem(401);
}
