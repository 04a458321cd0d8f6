//! Who may do what: every operation of the document × every sort of caller × one's own, another's and an unknown
//! object. An operation that no row names is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Method;
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::testing::waiver_form;
use serde_json::{Value, json};

use super::crew::{LINK, evening};
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

const ROWS: &[Row] = &[
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
    row("readReport", "unknown", admins(404)),
    row("suggestWindows", "-", SIGNED_IN),
    row("createSail", "-", admins(201)),
    row("readSail", "known", SIGNED_IN),
    row("readSail", "unknown", [401, 401, 404, 404, 404, 401]),
    row("editSail", "known", ADMINS),
    row("editSail", "unknown", admins(404)),
    row("stepSail", "known", ADMINS),
    row("stepSail", "unknown", admins(404)),
    row("readAudit", "known", ADMINS),
    row("readAudit", "unknown", ADMINS),
    row("listRoles", "known", SIGNED_IN),
    row("listRoles", "unknown", [401, 401, 404, 404, 404, 401]),
    row("claimRole", "known", [401, 401, 200, 200, 409, 401]),
    row("claimRole", "unknown", [401, 401, 404, 404, 409, 401]),
    row("designateRole", "known", admins(409)),
    row("designateRole", "unknown", admins(404)),
    row("releaseRole", "known", ADMINS),
    row("releaseRole", "unknown", admins(409)),
    row("readChecklist", "known", SIGNED_IN),
    row("readChecklist", "unknown", [401, 401, 404, 404, 404, 401]),
    row("editChecklist", "known", [401, 401, 428, 428, 428, 401]),
    row("editChecklist", "unknown", [401, 401, 428, 428, 428, 401]),
    row("tickChecklist", "known", ADMINS),
    row("tickChecklist", "unknown", admins(404)),
    row("readWaiverPage", "known", [404, 200, 404, 404, 404, 404]),
    row("signWaiverAsGuest", "known", [404, 201, 404, 404, 404, 404]),
    row("readOwnWaiver", "own", SIGNED_IN),
    row("readOwnWaiver", "unknown", [401, 401, 404, 404, 404, 401]),
    row("signWaiverAsCrew", "own", [401, 401, 201, 201, 201, 401]),
    row("signWaiverAsCrew", "unknown", [401, 401, 404, 404, 404, 401]),
    row("makeWaiverLink", "known", ADMINS),
    row("makeWaiverLink", "unknown", admins(404)),
    row("listWaivers", "known", ADMINS),
    row("listWaivers", "unknown", admins(404)),
    row("readWaiver", "own", ADMINS),
    row("readWaiver", "other", ADMINS),
    row("readWaiver", "unknown", admins(404)),
    row("board", "other", ADMINS),
    row("board", "unknown", admins(404)),
    row("clearHold", "other", admins(409)),
    row("clearHold", "unknown", admins(404)),
    row("listHolds", "-", ADMINS),
    row("listUnknownSends", "-", ADMINS),
];

/// The bodies that make sense.
fn body(operation: &str) -> Value {
    match operation {
        "askForLink" => json!({ "email": "somebody@example.com" }),
        "redeemLink" => json!({ "token": format!("{UNKNOWN}.{}", "A".repeat(43)) }),
        "redeemCode" => json!({ "code": "0000-0000", "challenge": UNKNOWN }),
        "invitePerson" => json!({ "email": "new@example.com", "name": "New", "grants": ["crew"] }),
        "changePerson" => json!({ "name": "Changed" }),
        "createSail" | "editSail" => json!({
            "title": "Sunset cruise", "vessel": "Jada", "departs_at": 1_795_276_800, "returns_at": 1_795_284_000,
            "guest_limit": 12, "slots": { "captain": 1, "deckhand": 2 },
        }),
        "stepSail" => json!({ "step": "cancel", "reason": "storm" }),
        "claimRole" => json!({ "slot": "deckhand#1" }),
        "releaseRole" => json!({ "slot": "deckhand#2" }),
        "editChecklist" => json!({ "entries": [] }),
        "tickChecklist" => json!({ "ticks": [{ "entry_id": "lines", "done": true, "at": 1_795_248_000 }] }),
        "signWaiverAsGuest" | "signWaiverAsCrew" => json!(waiver_form("Robin")),
        "clearHold" => json!({ "reason": "spoken with" }),
        "board" | "makeWaiverLink" => json!({}),
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

/// One caller of a fresh world, and what is there beside: the caller's token, the caller, and another person who has
/// signed for the sail and holds a place on it. The caller, if somebody, has signed too.
async fn caller(world: &World, who: &str) -> (Option<String>, Person, Person) {
    let grants: &[Grant] = match who {
        "captain" => &[Grant::Captain],
        "admin" => &[Grant::Admin],
        _ => &[Grant::Crew],
    };
    let mut caller = world.signed_sailor("Robin", grants).await;
    let other = world.signed_sailor("Ana", &[Grant::Crew]).await;
    assert_eq!(world.claim(&other, "deckhand#2", "key-of-the-other").await.status.as_u16(), 200);
    if who == "revoked" {
        caller.person.membership = Membership::Revoked;
        world.people.put(&caller.person);
    }
    (Some(caller.token).filter(|_| !matches!(who, "anonymous" | "guest")), caller.person, other.person)
}

/// The path of a row in a world with these two people.
fn path_of(row: &Row, path: &str, person: &Person, other: &Person) -> String {
    let of = |id: &str| (id.to_owned(), format!("crew-{id}"));
    let (person_id, waiver_id) = match row.object {
        "own" => of(person.person_id.as_str()),
        "other" | "known" => of(other.person_id.as_str()),
        "garbage" => of("..%2Fpeople"),
        _ => of(UNKNOWN),
    };
    // An unknown waiver is one of a known sail.
    let event_id = if row.object == "unknown" && !path.contains("{waiver_id}") { "nowhere" } else { "evening" };
    let path = path.replace("{person_id}", &person_id).replace("{waiver_id}", &waiver_id);
    match (row.operation, row.object) {
        ("listPeople", "unknown") => format!("{path}?after={UNKNOWN}"),
        _ => path.replace("{event_id}", event_id),
    }
}

async fn status(row: &Row, who: &str, (method, path): &(Method, String)) -> u16 {
    let world = World::new([evening()]);
    let (token, person, other) = caller(&world, who).await;
    let path = path_of(row, path, &person, &other);
    let body = match row.operation {
        "designateRole" => json!({ "slot": "deckhand#1", "person_id": other.person_id.as_str() }),
        operation => body(operation),
    };
    let mut request = match body {
        Value::Null => request(method.clone(), &path, Body::empty()),
        body => json_request(method.clone(), &path, &body),
    };
    let mut header = |name: &'static str, value: &str| {
        request.headers_mut().insert(name, value.parse().expect("a value"));
    };
    if ["changePerson", "editSail", "stepSail"].contains(&row.operation) {
        header("if-match", "\"1\"");
    }
    header("idempotency-key", "key-of-the-matrix");
    if who == "guest" {
        header("waiver-link", LINK);
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
    for row in ROWS {
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
