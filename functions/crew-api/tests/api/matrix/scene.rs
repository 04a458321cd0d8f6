//! What a caller meets, and a request for each row of the table.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderName, Method, Request};
use functions_shared::objects::{Object, Objects as _};
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::sail::Sail;
use functions_shared::testing::waiver_form;
use functions_shared::waiver::{Form, Medical, Risk};
use serde_json::{Value, json};

use super::super::crew::{LINK, Sailor, evening};
use super::super::door::{Answer, SECRET, World, json_request, request};
use super::rows::Row;

/// What every name and address of a scene holds, and nothing else does.
pub const NAMED: &str = "quill";
/// The medical text of the guest who is on hold.
pub const CONDITION: &str = "canary-stent-2019";
/// A key that nothing has.
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

/// Method and path of operations by their names.
pub type Operations = BTreeMap<String, (Method, String)>;

/// The operations of the document.
pub fn operations() -> Operations {
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

/// What a caller meets.
pub struct Scene {
    pub world: World,
    /// The caller's session, if there is one.
    pub token: Option<String>,
    pub caller: Person,
    /// Holds `deckhand#2` of both sails.
    other: Person,
    /// Has signed for both and holds nothing.
    spare: Person,
    /// The waiver of a guest of the evening's sail, on hold.
    held: String,
    /// Token and code of a link that the caller asked for; they open nothing where none was mailed.
    pub mailed: (String, String),
    pub challenge: String,
}

impl Scene {
    /// The caller holds a slot of the evening's sail, and none of the other one.
    pub async fn of(who: &str) -> Self {
        let night = Sail { event_id: "night".parse().expect("a key"), ..evening() };
        let world = World::new([evening(), night]);
        let (grants, slot): (&[Grant], _) = match who {
            "captain" => (&[Grant::Captain], "captain#1"),
            "admin" => (&[Grant::Admin], ""),
            _ => (&[Grant::Crew], "deckhand#1"),
        };
        let mut caller = world.sailor("Robinquill", grants).await;
        let other = world.sailor("Anaquill", &[Grant::Crew]).await;
        let spare = world.sailor("Samquill", &[Grant::Crew]).await;
        for sail in ["evening", "night"] {
            for (sailor, slot) in [(&caller, slot), (&other, "deckhand#2"), (&spare, "")] {
                let slot = if sail == "night" && std::ptr::eq(sailor, &caller) { "" } else { slot };
                boarded(&world, sailor, sail, slot).await;
            }
        }
        let medical =
            Medical { has_conditions: Some(true), risks: [Risk::Heart].into(), details: CONDITION.to_owned() };
        let held = world.sign_as_guest(&Form { medical, ..waiver_form("Guestquill") }).await;
        let page = Object { content_type: "text/html; charset=utf-8".to_owned(), bytes: b"<!doctype html>".to_vec() };
        world.reports.put("reports/known.html", page).await.expect("memory takes it");
        if who == "revoked" {
            caller.person.membership = Membership::Revoked;
            world.people.put(&caller.person);
        }
        let asked = world.post("/api/auth/links", &json!({ "email": caller.person.email.as_str() })).await;
        world.run_errands().await;
        let mailed = match world.outbox.sent().is_empty() {
            true => (format!("{UNKNOWN}.{}", "A".repeat(43)), "0000-0000".to_owned()),
            false => world.mailed(),
        };
        Self {
            token: Some(caller.token).filter(|_| !matches!(who, "anonymous" | "guest")),
            caller: caller.person,
            other: other.person,
            spare: spare.person,
            held: held.json["waiver_id"].as_str().expect("a key").to_owned(),
            mailed,
            challenge: asked.json["challenge"].as_str().expect("a challenge").to_owned(),
            world,
        }
    }

    /// What opens something, and must be nowhere but where it was given.
    pub fn secrets(&self) -> Vec<String> {
        let link = LINK.split('.').next_back().unwrap_or_default();
        let (token, code) = self.mailed.clone();
        let given = [SECRET.to_owned(), link.to_owned(), token, code, self.challenge.clone()];
        given.into_iter().chain(self.token.clone()).collect()
    }

    /// The path of a row.
    fn path(&self, row: &Row, path: &str) -> String {
        let of = |id: &str| (id.to_owned(), format!("crew-{id}"));
        let (person_id, waiver_id) = match row.object {
            "own" => of(self.caller.person_id.as_str()),
            "other" | "aboard" => of(self.other.person_id.as_str()),
            "held" => (String::new(), self.held.clone()),
            "garbage" => of("..%2Fpeople"),
            _ => of(UNKNOWN),
        };
        let event_id = match row.object.split(' ').next() {
            // An unknown waiver is one of a known sail.
            Some("unknown") if path.contains("{waiver_id}") => "night",
            Some("unknown") => "nowhere",
            Some("other") => "night",
            Some("own") if path.contains("{waiver_id}") => "night",
            _ => "evening",
        };
        let path = path.replace("{person_id}", &person_id).replace("{waiver_id}", &waiver_id);
        let path = path.replace("{event_id}", event_id).replace("{file}", &format!("{}.html", row.object));
        match (row.operation, row.object) {
            ("listPeople" | "listCrew", "unknown") => format!("{path}?after={UNKNOWN}"),
            _ => path,
        }
    }

    /// The body that makes sense.
    fn body(&self, row: &Row) -> Value {
        let known = row.object != "unknown";
        let own_slot = if self.caller.grants.contains(&Grant::Captain) { "captain#1" } else { "deckhand#1" };
        let slot = if row.object == "own slot" { own_slot } else { "deckhand#2" };
        match row.operation {
            "askForLink" => json!({ "email": "somebody@example.com" }),
            "redeemLink" if known => json!({ "token": self.mailed.0 }),
            "redeemLink" => json!({ "token": format!("{UNKNOWN}.{}", "A".repeat(43)) }),
            "redeemCode" if known => json!({ "code": self.mailed.1, "challenge": self.challenge }),
            "redeemCode" => json!({ "code": "0000-0000", "challenge": UNKNOWN }),
            "invitePerson" => json!({ "email": "new@example.com", "name": "New", "grants": ["crew"] }),
            "changePerson" => json!({ "name": "Changed" }),
            "createSail" | "editSail" => json!({
                "title": "Sunset cruise", "vessel": "Jada", "departs_at": 1_795_276_800, "returns_at": 1_795_284_000,
                "guest_limit": 12, "slots": { "captain": 1, "deckhand": 2 },
            }),
            "stepSail" if row.object.ends_with("start") => json!({ "step": "start" }),
            "stepSail" => json!({ "step": "cancel", "reason": "storm" }),
            "claimRole" if self.caller.grants.contains(&Grant::Captain) => json!({ "slot": "captain#1" }),
            "claimRole" => json!({ "slot": "deckhand#1" }),
            "releaseRole" => json!({ "slot": slot }),
            "designateRole" => json!({ "slot": slot, "person_id": self.spare.person_id }),
            "editChecklist" => json!({ "entries": [{
                "entry_id": "flag", "role": "deckhand", "phase": "before_departure", "text": "Hoist the flag",
                "anchor": "departure", "due_minutes": -5,
            }] }),
            "tickChecklist" => json!({ "ticks": [{ "entry_id": "lines", "done": true, "at": 1_795_248_000 }] }),
            "signWaiverAsGuest" | "signWaiverAsCrew" => json!(waiver_form("Robinquill")),
            "clearHold" => json!({ "reason": "spoken with" }),
            "board" | "makeWaiverLink" => json!({}),
            _ => Value::Null,
        }
    }

    /// What this caller is answered.
    pub async fn answer(&self, row: &Row, who: &str, (method, path): &(Method, String)) -> Answer {
        let path = self.path(row, path);
        let mut request = match self.body(row) {
            Value::Null => request(method.clone(), &path, Body::empty()),
            body => json_request(method.clone(), &path, &body),
        };
        match row.operation {
            "changePerson" | "editSail" => with(&mut request, "if-match", "\"1\""),
            "editChecklist" => with(&mut request, "if-match", "\"0\""),
            _ => {}
        }
        with(&mut request, "idempotency-key", "key-of-the-matrix");
        if who == "guest" {
            with(&mut request, "waiver-link", if row.object == "unknown" { "nowhere.x" } else { LINK });
        }
        match &self.token {
            Some(token) => self.world.send_as(token, request).await,
            None => self.world.send(request).await,
        }
    }
}

/// Signs for a sail, and takes a slot where one is named.
async fn boarded(world: &World, sailor: &Sailor, sail: &str, slot: &str) {
    let form = json!(waiver_form("Robinquill"));
    let signed = world.ask(sailor, Method::POST, &format!("/api/sails/{sail}/waiver"), form).await;
    assert_eq!(signed.status, 201, "{:?}", signed.json);
    if !slot.is_empty() {
        let body = json!({ "slot": slot });
        let claimed = world.ask(sailor, Method::POST, &format!("/api/sails/{sail}/roles/claim"), body).await;
        assert_eq!(claimed.status, 200, "{:?}", claimed.json);
    }
}

fn with(request: &mut Request<Body>, name: &'static str, value: &str) {
    request.headers_mut().insert(HeaderName::from_static(name), value.parse().expect("a value"));
}
