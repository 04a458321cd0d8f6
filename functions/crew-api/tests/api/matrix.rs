//! Who may do what: every operation of the document × every sort of caller × one's own, another's and an unknown
//! object. An operation that no row names is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Method;
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::testing::sail;
use serde_json::{Value, json};

use super::door::{World, json_request, request};

/// The callers, in the order of a row's columns. A guest holds a link to a waiver and no session.
const CALLERS: [&str; 6] = ["anonymous", "guest", "crew", "captain", "admin", "revoked"];
/// A key that nothing has.
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

/// What one operation answers each caller.
struct Row {
    operation: &'static str,
    /// Which object the path names.
    object: &'static str,
    /// The status for each of [`CALLERS`].
    statuses: [u16; 6],
}

const fn row(operation: &'static str, object: &'static str, statuses: [u16; 6]) -> Row {
    Row { operation, object, statuses }
}

const EVERYBODY: [u16; 6] = [200; 6];
const SIGNED_IN: [u16; 6] = [401, 401, 200, 200, 200, 401];
const ADMINS: [u16; 6] = [401, 401, 403, 403, 200, 401];

const fn admins(status: u16) -> [u16; 6] {
    [401, 401, 403, 403, status, 401]
}

const ROWS: [Row; 34] = [
    row("readHealth", "-", EVERYBODY),
    row("readKeys", "-", EVERYBODY),
    row("readSun", "-", EVERYBODY),
    row("listSails", "-", EVERYBODY),
    row("askForLink", "-", [202; 6]),
    row("redeemLink", "unknown", [400; 6]),
    row("redeemCode", "unknown", [400; 6]),
    row("readSession", "own", SIGNED_IN),
    row("endSession", "own", [401, 401, 204, 204, 204, 401]),
    row("endSessions", "own", [401, 401, 204, 204, 204, 401]),
    row("listCrew", "-", SIGNED_IN),
    row("listPeople", "-", ADMINS),
    row("listPeople", "unknown", admins(404)),
    row("invitePerson", "-", admins(201)),
    row("readPerson", "own", ADMINS),
    row("readPerson", "other", ADMINS),
    row("readPerson", "unknown", admins(404)),
    row("changePerson", "own", ADMINS),
    row("changePerson", "other", ADMINS),
    row("changePerson", "unknown", admins(404)),
    row("readPersonHistory", "own", ADMINS),
    row("readPersonHistory", "other", ADMINS),
    row("readPersonHistory", "unknown", admins(404)),
    row("inviteAgain", "own", admins(202)),
    row("inviteAgain", "other", admins(202)),
    row("inviteAgain", "unknown", admins(404)),
    row("revokePerson", "own", admins(409)),
    row("revokePerson", "other", ADMINS),
    row("revokePerson", "unknown", admins(404)),
    row("restorePerson", "own", ADMINS),
    row("restorePerson", "other", ADMINS),
    row("restorePerson", "unknown", admins(404)),
    row("readPerson", "garbage", admins(404)),
    row("changePerson", "garbage", admins(404)),
];

/// The bodies that make sense.
fn body(operation: &str) -> Value {
    match operation {
        "askForLink" => json!({ "email": "somebody@example.com" }),
        "redeemLink" => json!({ "token": format!("{UNKNOWN}.{}", "A".repeat(43)) }),
        "redeemCode" => json!({ "code": "0000-0000", "challenge": UNKNOWN }),
        "invitePerson" => json!({ "email": "new@example.com", "name": "New", "grants": ["crew"] }),
        "changePerson" => json!({ "name": "Changed" }),
        _ => Value::Null,
    }
}

/// The operations of the document: method and path by name.
fn operations() -> BTreeMap<String, (Method, String)> {
    let text = crew_api::openapi::text().expect("the document serialises");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            all.insert(name, (method.to_uppercase().parse().expect("a method"), path.clone()));
        }
    }
    all
}

/// One caller of a fresh world, and what is there beside: the caller's token, the caller, another person.
async fn caller(world: &World, who: &str) -> (Option<String>, Person, Person) {
    let grants: &[Grant] = match who {
        "captain" => &[Grant::Captain],
        "admin" => &[Grant::Admin],
        _ => &[Grant::Crew],
    };
    let (mut person, token) = world.signed_in("Robin", grants).await;
    let (other, _) = world.signed_in("Ana", &[Grant::Crew]).await;
    if who == "revoked" {
        person.membership = Membership::Revoked;
        world.people.put(&person);
    }
    (Some(token).filter(|_| !matches!(who, "anonymous" | "guest")), person, other)
}

async fn status(row: &Row, who: &str, (method, path): &(Method, String)) -> u16 {
    let world = World::new([sail("evening", "2026-11-22T00:00:00Z")]);
    let (token, person, other) = caller(&world, who).await;
    let object = match row.object {
        "own" => person.person_id.as_str(),
        "other" => other.person_id.as_str(),
        "garbage" => "..%2Fpeople",
        _ => UNKNOWN,
    };
    let mut path = path.replace("{person_id}", object);
    if row.operation == "listPeople" && row.object == "unknown" {
        path = format!("{path}?after={UNKNOWN}");
    }
    let body = body(row.operation);
    let mut request = match body {
        Value::Null => request(method.clone(), &path, Body::empty()),
        body => json_request(method.clone(), &path, &body),
    };
    if row.operation == "changePerson" {
        request.headers_mut().insert("if-match", "\"1\"".parse().expect("a value"));
    }
    let answer = match &token {
        Some(token) => world.send_as(token, request).await,
        None => world.send(request).await,
    };
    answer.status.as_u16()
}

#[tokio::test]
async fn every_operation_answers_every_caller_as_the_table_says() {
    let operations = operations();
    let named: BTreeSet<&str> = ROWS.iter().map(|row| row.operation).collect();
    let all: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    assert_eq!(named, all, "each operation of the document has a row, and no other has");

    let mut table =
        format!("{:<18} {:<8} {}\n", "operation", "object", CALLERS.map(|who| format!("{who:>9}")).concat());
    let mut wrong = String::new();
    for row in &ROWS {
        write!(table, "{:<18} {:<8} ", row.operation, row.object).expect("a text");
        for (who, expected) in CALLERS.into_iter().zip(row.statuses) {
            let found = status(row, who, &operations[row.operation]).await;
            write!(table, "{found:>9}").expect("a text");
            if found != expected {
                writeln!(wrong, "{} of {} by {who}: {found}, not {expected}", row.operation, row.object)
                    .expect("a text");
            }
        }
        table.push('\n');
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{table}\n{wrong}");
}
