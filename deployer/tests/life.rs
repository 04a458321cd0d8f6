//! A sail's whole life over HTTP, through the front door of the local AWS, with the mails that belong to it.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::world::World;
use crate::world::aws::Answer;

/// A hang guard: a mail is on its way for a fraction of a second.
const MAIL_WITHIN: Duration = Duration::from_secs(60);
/// The administrator whom the stack file names.
pub const ADMIN: &str = "admin@queenofsandiego.com";
/// A text that belongs on one page alone.
const CONDITION: &str = "canary: a stent since 2019";

/// Somebody who is signed in.
pub struct Sailor {
    pub token: String,
    person_id: String,
}

/// The front door, and who knocks there.
pub struct Door<'a> {
    pub world: &'a World,
    pub host: String,
}

impl Door<'_> {
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.world.aws().send(method, &self.host, path, headers, &body).await
    }

    /// A request of somebody; each has a key of its own.
    async fn ask(&self, who: &Sailor, method: Method, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {}", who.token);
        let key = jiff::Timestamp::now().as_nanosecond().to_string();
        self.send(method, path, &[("x-authorization", &bearer), ("idempotency-key", &key)], body).await
    }

    async fn post(&self, who: &Sailor, path: &str, body: Value) -> Value {
        let answer = self.ask(who, Method::POST, path, body).await;
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.body);
        answer.json()
    }

    async fn get(&self, who: &Sailor, path: &str) -> Value {
        let answer = self.ask(who, Method::GET, path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Opens the link of the mail that comes to this address.
    pub async fn sign_in(&self, address: &str) -> Sailor {
        let link = async {
            loop {
                let mails = self.world.awaited_mails(address, 1, MAIL_WITHIN).await;
                let texts = mails.iter().filter_map(|mail| mail["text"].as_str());
                if let Some((_, rest)) = texts.filter_map(|text| text.split_once("#token=")).next_back() {
                    return rest.split_whitespace().next().unwrap_or_default().to_owned();
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let token = tokio::time::timeout(MAIL_WITHIN, link).await.expect("a mail with a link");
        let body = json!({ "token": token, "session": "token" });
        let answer = self.send(Method::POST, "/api/auth/links/redemption", &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let told = answer.json();
        let field = |name: &str| told[name].as_str().expect(name).to_owned();
        Sailor { token: field("token"), person_id: field("person_id") }
    }

    pub async fn invite(&self, admin: &Sailor, name: &str, grants: &[&str]) -> Sailor {
        let address = format!("{}@crew.example.com", name.to_lowercase());
        self.post(admin, "/api/people", json!({ "email": address, "name": name, "grants": grants })).await;
        self.sign_in(&address).await
    }

    async fn tick(&self, who: &Sailor, sail: &str, phases: &[&str]) {
        let list = self.get(who, &format!("{sail}/checklist")).await;
        let entries = list["entries"].as_array().expect("entries").iter();
        let wanted = entries.filter(|entry| phases.iter().any(|phase| entry["phase"] == *phase));
        let tick = |entry: &Value| json!({ "entry_id": entry["entry_id"], "done": true, "at": now() });
        let ticks: Vec<Value> = wanted.map(tick).collect();
        self.post(who, &format!("{sail}/checklist/ticks"), json!({ "ticks": ticks })).await;
    }
}

/// Invited, signed in, signed, claimed by two at once, handed over, released, ticked to the end, completed.
pub async fn a_sail_lives(world: &World, label: &str) {
    let door = Door { world, host: format!("{label}.cloudfront.localhost") };
    let asked = door.send(Method::POST, "/api/auth/links", &[], json!({ "email": ADMIN })).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    let admin = door.sign_in(ADMIN).await;
    let captain = door.invite(&admin, "Cleo", &["captain", "crew"]).await;
    let (robin, sam) = (door.invite(&admin, "Robin", &["crew"]).await, door.invite(&admin, "Sam", &["crew"]).await);

    let sail = planned(&door, &admin).await;
    for (who, name) in [(&captain, "Cleo"), (&robin, "Robin"), (&sam, "Sam")] {
        let signed = door.post(who, &format!("{sail}/waiver"), form(name, "")).await;
        assert_eq!(signed["standing"], "signed");
    }
    a_guest_is_held_and_cleared(&door, &admin, &sail).await;
    the_deckhands_slot_changes_hands(&door, &captain, [&robin, &sam], &sail).await;

    let step = async |who: &Sailor, step: &str| {
        let answer = door.ask(who, Method::POST, &format!("{sail}/steps"), json!({ "step": step })).await;
        (answer.status, answer.json())
    };
    assert_eq!(step(&captain, "start").await.1["type"], "urn:problem:checklist-open");
    door.tick(&captain, &sail, &["before_departure"]).await;
    assert_eq!(step(&captain, "start").await.1["state"], "in_progress");
    door.tick(&captain, &sail, &["under_way", "return", "close_out"]).await;
    assert_eq!(step(&captain, "complete").await.1["state"], "completed");
    assert_eq!(step(&admin, "cancel").await.0, 409);
    let trail = door.get(&admin, &format!("{sail}/audit")).await.to_string();
    for deed in ["sail_created", "sail_stepped", "role_changed", "waiver_signed", "hold_cleared", "waiver_viewed"] {
        assert!(trail.contains(deed), "{deed}: {trail}");
    }
    assert!(!trail.contains(CONDITION));
}

/// A sail in forty minutes, confirmed.
async fn planned(door: &Door<'_>, admin: &Sailor) -> String {
    let departs_at = now() + 40 * 60;
    let plan = json!({
        "title": "Evening sail", "vessel": "Jada", "departs_at": departs_at, "returns_at": departs_at + 7200,
        "guest_limit": 6, "slots": { "captain": 1, "deckhand": 1 },
    });
    let created = door.post(admin, "/api/sails", plan).await;
    let sail = format!("/api/sails/{}", created["event_id"].as_str().expect("a key"));
    let confirmed = door.post(admin, &format!("{sail}/steps"), json!({ "step": "confirm" })).await;
    assert_eq!(confirmed["state"], "confirmed");
    sail
}

async fn a_guest_is_held_and_cleared(door: &Door<'_>, admin: &Sailor, sail: &str) {
    let link = door.post(admin, &format!("{sail}/waiver-link"), Value::Null).await;
    let link = link["link"].as_str().expect("a link").to_owned();
    let signed = door.send(Method::POST, "/api/waiver", &[("waiver-link", &link)], form("Ana Lopez", CONDITION)).await;
    assert_eq!((signed.status, &signed.json()["standing"]), (201, &json!("on_hold")), "{}", signed.body);
    let waiver = format!("{sail}/waivers/{}", signed.json()["waiver_id"].as_str().expect("a key"));
    let held = door.ask(admin, Method::POST, &format!("{waiver}/board"), Value::Null).await;
    assert_eq!(held.status, 409, "{}", held.body);
    let holds = door.get(admin, "/api/admin/holds").await;
    assert!(holds["holds"].as_array().is_some_and(|holds| holds.len() == 1), "{holds}");
    assert_eq!(door.get(admin, &waiver).await["form"]["medical"]["details"], CONDITION);
    door.post(admin, &format!("{waiver}/clear"), json!({ "reason": "seen by a doctor" })).await;
    assert_eq!(door.post(admin, &format!("{waiver}/board"), Value::Null).await["standing"], "boarded");
    let renewed = door.post(admin, &format!("{sail}/waiver-link/renewal"), Value::Null).await;
    let renewed = renewed["link"].as_str().expect("a link");
    for (link, opens) in [(link.as_str(), 404), (renewed, 200)] {
        let page = door.send(Method::GET, "/api/waiver", &[("waiver-link", link)], Value::Null).await;
        assert_eq!(page.status, opens, "{}", page.body);
    }
}

/// Two claim at once and one gets it; the captain gives it to the other, who lets it go.
async fn the_deckhands_slot_changes_hands(door: &Door<'_>, captain: &Sailor, crew: [&Sailor; 2], sail: &str) {
    let slot = json!({ "slot": "deckhand#1" });
    let (claim, release) = (format!("{sail}/roles/claim"), format!("{sail}/roles/release"));
    let (first, second) = tokio::join!(
        door.ask(crew[0], Method::POST, &claim, slot.clone()),
        door.ask(crew[1], Method::POST, &claim, slot.clone()),
    );
    let mut answers = [(first.status, crew[0]), (second.status, crew[1])];
    answers.sort_by_key(|(status, _)| *status);
    let [(200, winner), (409, other)] = answers else {
        panic!("{} {} and {} {}", first.status, first.body, second.status, second.body);
    };
    door.post(captain, &claim, json!({ "slot": "captain#1" })).await;
    let designation = json!({ "slot": "deckhand#1", "person_id": other.person_id });
    let given = door.post(captain, &format!("{sail}/roles/designate"), designation).await;
    assert_eq!(given["person_id"], other.person_id.as_str());
    door.post(other, &release, slot.clone()).await;
    assert_eq!(door.post(winner, &claim, slot).await["person_id"], winner.person_id.as_str());
}

/// A waiver of somebody of age; with a condition, one that has to be looked at.
fn form(name: &str, condition: &str) -> Value {
    let medical = match condition {
        "" => json!({ "has_conditions": false }),
        _ => json!({ "has_conditions": true, "risks": ["heart"], "details": condition }),
    };
    json!({
        "text_version": "2026-11", "name": name, "born": "1990-05-17", "medical": medical,
        "emergency_contact": { "name": "Eva Lopez", "phone": "+1 619 555 0100" },
        "signature": { "typed": name }, "signed_on": today(),
    })
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The date in UTC, which is San Diego's or the day after.
fn today() -> String {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
