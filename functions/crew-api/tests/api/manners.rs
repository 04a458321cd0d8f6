//! The manners of every answer.

use axum::body::Body;
use axum::http::{Method, StatusCode};

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
