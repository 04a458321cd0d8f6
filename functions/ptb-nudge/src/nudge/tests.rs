mod leaks;
mod people;

use std::sync::Arc;

use functions_shared::mail::{KEY_HEADER, Message, compose};
use functions_shared::nudges::QUIET;
use functions_shared::sail::{Role, Sail, SailState};
use functions_shared::testing::{
    Faults, FixedClock, MemoryParameters, MemoryPeople, MemoryTables, Outbox, Strike, sail,
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

#[tokio::test]
async fn waivers_on_hold_are_a_matter_of_their_own() {
    let world = World::new([sail("one", "2026-11-21T23:30:00Z")], Faults::default());
    world.tables.claim("one", "captain#1");
    assert_eq!(counts(&world.nudge.run(LATE).await), (0, 0, 0, 0));
    let held = serde_json::json!({
        "name": "Ana", "signed_at": 1, "text_version": "2026-11", "state": "on_hold", "reasons": ["high_risk"],
    });
    let key = functions_shared::tables::Table::Waivers.key("one", format!("guest-{}", "0".repeat(32)));
    world.tables.set(key, held.as_object().expect("an item").clone());
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    let sent = world.outbox.sent();
    assert!(sent[0].text.contains("Waivers on hold: 1") && !sent[0].text.contains("Ana"), "{}", sent[0].text);
    assert!(!sent[0].text.contains("captain") && sent[0].subject.starts_with("Waivers on hold: Sail one"));
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 0, 1, 0));
    world.clock.advance(QUIET);
    assert_eq!(counts(&world.nudge.run(LATE).await), (1, 1, 0, 0));
    // A sail that has left needs nobody any more.
    world.clock.advance(QUIET);
    assert_eq!(counts(&world.nudge.run(LATE).await), (0, 0, 0, 0));
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
