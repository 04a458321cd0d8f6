use std::sync::Arc;

use functions_shared::mail::{KEY_HEADER, Message, compose};
use functions_shared::nudges::QUIET;
use functions_shared::person::{Grant, Person};
use functions_shared::sail::{Role, SailState};
use functions_shared::testing::{
    Faults, FixedClock, MemoryParameters, MemoryPeople, MemoryTables, Outbox, Strike, person, sail,
};
use jiff::SignedDuration;

use super::*;

const SITE: &str = "https://crew.example.com";
/// The end of an invocation that has time enough.
const LATE: Timestamp = Timestamp::MAX;

struct World {
    faults: Arc<Faults>,
    tables: Arc<MemoryTables>,
    people: Arc<MemoryPeople>,
    outbox: Arc<Outbox>,
    clock: Arc<FixedClock>,
    parameters: Arc<MemoryParameters>,
    nudge: Nudge,
}

impl World {
    /// It is 21 November 2026, 08:00 UTC.
    fn new(sails: impl IntoIterator<Item = Sail>, faults: Faults) -> Self {
        let faults = Arc::new(faults);
        let tables = Arc::new(MemoryTables::with_sails(sails, faults.clone()));
        let people = Arc::new(MemoryPeople::default());
        let outbox = Arc::new(Outbox::new(faults.clone()));
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let parameters = Arc::new(MemoryParameters::with("/site/url", SITE));
        let nudge = Nudge {
            tables: tables.clone(),
            people: people.clone(),
            mailer: outbox.clone(),
            parameters: parameters.clone(),
            clock: clock.clone(),
            from: "admin@example.com".parse().expect("an address"),
            to: "office@example.com".parse().expect("an address"),
            site_url_parameter: Some("/site/url".parse().expect("a name")),
        };
        Self { faults, tables, people, outbox, clock, parameters, nudge }
    }

    /// In how many mails each sail was.
    fn mails_about(&self, title: &str) -> usize {
        self.outbox.sent().iter().filter(|mail| mail.text.contains(title)).count()
    }
}

fn two_sails() -> [Sail; 2] {
    [sail("one", "2026-11-21T23:30:00Z"), sail("two", "2026-11-22T23:30:00Z")]
}

fn counts(report: &Report) -> (usize, usize, usize, usize) {
    (report.found, report.mailed, report.quiet, report.unknown)
}

#[tokio::test]
async fn one_mail_tells_of_every_sail_without_a_captain() {
    let world = World::new(two_sails(), Faults::default());
    let report = world.nudge.run(LATE).await;
    assert_eq!(counts(&report), (2, 2, 0, 0));
    let sent = world.outbox.sent();
    assert_eq!(sent.len(), 1);
    let mail: &Message = &sent[0];
    assert!(mail.text.contains("Sail one") && mail.text.contains("Sail two"));
    assert!(mail.text.contains(SITE) && mail.html.contains("href=\"https:"));
    assert_eq!(mail.to.len(), 1);
    let bytes = String::from_utf8(compose(mail).expect("bytes")).expect("ASCII");
    assert!(bytes.contains(&format!("{KEY_HEADER}: {}", mail.key)));
}

#[tokio::test]
async fn only_sails_ahead_within_48_hours_and_without_a_captain_count() {
    let in_state = |key: &str, state| Sail { state, ..sail(key, "2026-11-21T23:30:00Z") };
    let world = World::new(
        [
            in_state("created", SailState::Created),
            in_state("confirmed", SailState::Confirmed),
            in_state("cancelled", SailState::Cancelled),
            in_state("completed", SailState::Completed),
            in_state("under-way", SailState::InProgress),
            sail("gone", "2026-11-21T07:59:59Z"),
            sail("last", "2026-11-23T08:00:00Z"),
            sail("later", "2026-11-23T08:00:01Z"),
            sail("taken", "2026-11-21T23:30:00Z"),
        ],
        Faults::default(),
    );
    world.tables.claim("taken", "captain#1");
    world.tables.claim("created", "deckhand#1");
    let report = world.nudge.run(LATE).await;
    assert_eq!(counts(&report), (3, 3, 0, 0));
    for title in ["Sail created", "Sail confirmed", "Sail last"] {
        assert_eq!(world.mails_about(title), 1, "{title}");
    }
}

#[tokio::test]
async fn any_of_two_captains_is_enough() {
    let mut pair = sail("pair", "2026-11-21T23:30:00Z");
    pair.slots.insert(Role::Captain, 2);
    let world = World::new([pair], Faults::default());
    world.tables.claim("pair", "captain#2");
    assert_eq!(counts(&world.nudge.run(LATE).await), (0, 0, 0, 0));
}

#[tokio::test]
async fn no_second_mail_within_the_quiet_period_however_often_the_rule_fires() {
    let world = World::new([sail("one", "2026-11-22T23:30:00Z")], Faults::default());
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    for _ in 0..20 {
        assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 1, 0));
    }
    world.clock.advance(QUIET - SignedDuration::from_secs(1));
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 1, 0));
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    assert_eq!(world.outbox.sent().len(), 2);
}

#[tokio::test]
async fn a_new_sail_is_told_of_while_another_is_quiet() {
    let world =
        World::new([sail("one", "2026-11-21T23:30:00Z"), sail("two", "2026-11-23T10:00:00Z")], Faults::default());
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    world.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(counts(&world.nudge.run(LATE).await), (2, 1, 1, 0));
    assert_eq!(world.mails_about("Sail one"), 1);
    assert_eq!(world.mails_about("Sail two"), 1);
}

/// Every call of a run is struck in every way; then the rule fires three times more.
#[tokio::test]
async fn no_fault_at_any_call_brings_a_second_mail() {
    let undisturbed = World::new(two_sails(), Faults::default());
    undisturbed.nudge.run(LATE).await;
    let calls = undisturbed.faults.calls();
    assert_eq!(calls, 13, "sails, three queries each, unknown mails, two claims, a mail, two settled");
    for strike in Strike::ALL {
        for call in 1..=calls {
            let world = World::new(two_sails(), Faults::strike(call, strike));
            let mut reports = vec![world.nudge.run(LATE).await];
            world.faults.restart();
            for _ in 0..3 {
                reports.push(world.nudge.run(LATE).await);
            }
            for title in ["Sail one", "Sail two"] {
                let mails = world.mails_about(title);
                assert!(mails <= 1, "{strike:?} at call {call}: {mails} mails");
                let last = reports.last().expect("four runs");
                // Whoever got no mail is told as unknown until the quiet period is over.
                assert!(mails == 1 || last.unknown > 0, "{strike:?} at call {call}: lost unseen");
            }
            let accounted = |r: &Report| r.mailed + r.quiet + r.unknown == r.found;
            assert!(reports[1..].iter().all(accounted), "{strike:?} at call {call}");
        }
    }
}

#[tokio::test]
async fn a_crash_between_claim_and_mail_is_told_as_unknown_and_not_sent_again() {
    let world = World::new([sail("one", "2026-11-22T23:30:00Z")], Faults::strike(6, Strike::DeadAfter));
    world.nudge.run(LATE).await;
    world.faults.restart();
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 0, 1));
    assert!(world.outbox.sent().is_empty());
}

#[tokio::test]
async fn a_lost_answer_of_the_mailer_is_told_as_unknown_and_not_sent_again() {
    let world = World::new([sail("one", "2026-11-22T23:30:00Z")], Faults::strike(7, Strike::AnswerLost));
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 0, 1));
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 0, 1));
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn a_refused_mail_is_a_fault_and_goes_out_at_the_next_firing() {
    let world = World::new([sail("one", "2026-11-22T23:30:00Z")], Faults::strike(7, Strike::Refused));
    let report = world.nudge.run(LATE).await;
    assert_eq!(report.faults.len(), 1);
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn without_the_sites_address_the_mail_goes_out_without_a_link() {
    for value in [None, Some("javascript:alert(1)")] {
        let world = World::new([sail("one", "2026-11-22T23:30:00Z")], Faults::default());
        match value {
            Some(value) => world.parameters.set("/site/url", value),
            None => world.parameters.set_down(true),
        }
        assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
        assert!(!world.outbox.sent()[0].html.contains("href"));
    }
}

impl World {
    /// Robin holds a slot of the sail, as one of the crew.
    fn with_holder(self, name: &str, event_id: &str, slot: &str) -> (Self, Person) {
        let person = person(name, &[Grant::Crew]);
        self.people.put(&person);
        let key = functions_shared::roster::slot_key(&event_id.parse().expect("a key"), slot.parse().expect("a slot"));
        let holder = serde_json::json!({
            "person_id": person.person_id, "email": person.email.as_str(), "name": person.name, "claimed_at": 1,
        });
        self.tables.set(key, holder.as_object().expect("an object").clone());
        (self, person)
    }

    fn mails_to(&self, person: &Person) -> Vec<Message> {
        self.outbox.sent().into_iter().filter(|mail| mail.to.contains(&person.email)).collect()
    }
}

fn evening() -> Sail {
    Sail { slots: [(Role::Captain, 1), (Role::Deckhand, 1)].into(), ..sail("evening", "2026-11-21T23:30:00Z") }
}

fn people(report: &Report) -> (usize, usize, usize, usize) {
    let CrewReport { found, mailed, quiet, unknown, .. } = report.people;
    (found, mailed, quiet, unknown)
}

#[tokio::test]
async fn a_person_gets_one_mail_with_everything_that_is_missing_on_all_sails() {
    let late = Sail { slots: evening().slots, ..sail("late", "2026-11-22T03:00:00Z") };
    let (world, robin) = World::new([evening(), late], Faults::default()).with_holder("Robin", "evening", "deckhand#1");
    let report = world.nudge.run(LATE).await;
    assert_eq!(people(&report), (1, 1, 0, 0));
    let mails = world.mails_to(&robin);
    assert_eq!(mails.len(), 1);
    let text = &mails[0].text;
    assert!(
        text.contains("Sail evening") && text.contains("Sign the waiver") && text.contains("Check lines"),
        "{text}"
    );
    assert!(text.contains("Sail late") && text.contains("Open: Deckhand"), "{text}");
    // Not what other roles do, nor what nobody of the crew may take.
    assert!(!text.contains("Read the forecast") && !text.contains("Open: Captain"), "{text}");
    for _ in 0..3 {
        assert_eq!(people(&world.nudge.run(LATE).await), (1, 0, 1, 0));
    }
    world.clock.advance(QUIET);
    assert_eq!(people(&world.nudge.run(LATE).await), (1, 1, 0, 0));
}

#[tokio::test]
async fn who_has_done_everything_and_who_is_revoked_hears_nothing() {
    let (world, robin) = World::new([evening()], Faults::default()).with_holder("Robin", "evening", "deckhand#1");
    let mut revoked = person("Rex", &[Grant::Crew]);
    revoked.membership = functions_shared::person::Membership::Revoked;
    world.people.put(&revoked);
    let waiver = serde_json::json!({
        "name": "Robin", "signed_at": 1, "text_version": "2026-11", "state": "signed",
    });
    let id = functions_shared::waiver::WaiverId::of_crew(&robin.person_id);
    let event_id = "evening".parse().expect("a key");
    world.tables.set(functions_shared::waiver::key(&event_id, &id), waiver.as_object().expect("one").clone());
    let tick = functions_shared::checklist::Mark { done: true, at: 1, phase: None };
    let marks = ["lines", "life-jackets", "stowed", "fenders", "washed"].map(|entry| (entry.to_owned(), tick));
    functions_shared::checklists::mark(&*world.tables, &*world.clock, &event_id, &robin.person_id, &marks.into())
        .await
        .expect("marked");
    assert_eq!(people(&world.nudge.run(LATE).await), (0, 0, 0, 0));
    assert!(world.mails_to(&robin).is_empty() && world.mails_to(&revoked).is_empty());
}

/// Every call of a run is struck in every way; then the rule fires three times more.
#[tokio::test]
async fn no_fault_at_any_call_brings_a_person_a_second_mail() {
    let world = |faults| World::new([evening()], faults).with_holder("Robin", "evening", "deckhand#1");
    let (undisturbed, _) = world(Faults::default());
    undisturbed.nudge.run(LATE).await;
    for strike in Strike::ALL {
        for call in 1..=undisturbed.faults.calls() {
            let (world, robin) = world(Faults::strike(call, strike));
            world.nudge.run(LATE).await;
            world.faults.restart();
            let mut last = Report::default();
            for _ in 0..3 {
                last = world.nudge.run(LATE).await;
            }
            let mails = world.mails_to(&robin).len();
            assert!(mails <= 1, "{strike:?} at call {call}: {mails} mails");
            assert!(mails == 1 || last.people.unknown > 0, "{strike:?} at call {call}: lost unseen");
            world.clock.advance(SignedDuration::from_hours(1));
            let listed = nudges::unknown(&*world.tables, world.clock.now()).await.expect("a list");
            assert_eq!(listed.is_empty(), last.people.unknown + last.unknown == 0, "{strike:?} at call {call}");
        }
    }
}

#[tokio::test]
async fn thousands_of_people_are_told_at_the_pace_of_ses_and_who_is_left_is_told_at_the_next_firing() {
    let world = World::new([evening()], Faults::default());
    for number in 0..3000 {
        world.people.put(&person(&format!("Crew{number}"), &[Grant::Crew]));
    }
    let began = world.clock.now();
    let until = began + SignedDuration::from_secs(60);
    let first = world.nudge.run(until).await.people;
    assert_eq!(first.found, 3000);
    assert!(first.mailed > 1000 && first.left > 0 && first.mailed + first.left == 3000, "{first:?}");
    assert!(world.clock.now() < until);
    let second = world.nudge.run(LATE).await.people;
    assert_eq!((second.quiet, second.mailed, second.left), (first.mailed, first.left, 0));
    let slowest = i64::try_from(3000 / crate::pace::RECIPIENTS_A_SECOND).expect("a few seconds");
    assert!(world.clock.now().duration_since(began) >= SignedDuration::from_secs(slowest - 1));
    assert_eq!(world.outbox.sent().len(), 3000 + 1);
}
