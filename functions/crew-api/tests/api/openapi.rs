//! The API's description is the API's.

use std::path::Path;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use functions_shared::person::Grant;

use super::door::{World, request};

/// Set `UPDATE_OPENAPI=1` to write the file anew.
#[test]
fn the_file_is_what_the_routes_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = crew_api::openapi::text().expect("the document serialises");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &text).expect("the file can be written");
    }
    let file = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(file == text, "openapi.json is out of date: run the tests of crew-api with UPDATE_OPENAPI=1");
}

#[tokio::test]
async fn every_path_of_the_document_is_a_route() {
    let text = crew_api::openapi::text().expect("the document serialises");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    assert!(!paths.is_empty());
    let world = World::new([]);
    let (_, token) = world.signed_in("Ana", &Grant::ALL).await;
    for (path, operations) in paths {
        let path = path.replace("{event_id}", "evening").replace("{waiver_id}", "guest-0");
        // A path that is no route is 404 for every method.
        let other = world.send_as(&token, request(Method::TRACE, &path, Body::empty())).await;
        assert_eq!(other.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        for method in operations.as_object().expect("operations").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let answer = world.send_as(&token, request(method, &path, Body::empty())).await;
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
}
