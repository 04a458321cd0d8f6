//! The API's description is the API's.

use std::path::Path;

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
