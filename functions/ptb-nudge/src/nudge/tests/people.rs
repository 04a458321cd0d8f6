//! The mails to people.

use functions_shared::person::{Grant, Person};
use functions_shared::testing::person;

use super::*;

impl World {
    /// Robin holds a slot of the sail, as one of the crew.
    pub fn with_holder(self, name: &str, event_id: &str, slot: &str) -> (Self, Person) {
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
    functions_shared::checklists::mark(&*world.tables, &*world.clock, &evening(), &robin.person_id, &marks.into())
        .await
        .expect("marked");
    assert_eq!(people(&world.nudge.run(LATE).await), (0, 0, 0, 0));
    assert!(world.mails_to(&robin).is_empty() && world.mails_to(&revoked).is_empty());
}

#[tokio::test]
async fn a_sail_under_way_for_days_still_asks_its_crew_and_one_that_never_left_no_longer_does() {
    for (state, asked) in [(SailState::InProgress, 1), (SailState::Confirmed, 0)] {
        let earlier = Sail { state, slots: evening().slots, ..sail("earlier", "2026-11-17T20:00:00Z") };
        let (world, robin) = World::new([earlier], Faults::default()).with_holder("Robin", "earlier", "deckhand#1");
        assert_eq!(people(&world.nudge.run(LATE).await), (asked, asked, 0, 0), "{state:?}");
        assert_eq!(world.mails_to(&robin).len(), asked);
    }
}

#[tokio::test]
async fn whoever_holds_a_slot_of_a_sail_that_is_called_off_hears_it_once_and_of_nothing_to_do_there() {
    let off = Sail { state: SailState::Cancelled, ..evening() };
    let over = Sail { state: SailState::Cancelled, ..sail("over", "2026-11-21T06:00:00Z") };
    let (world, robin) = World::new([off, over], Faults::default()).with_holder("Robin", "evening", "deckhand#1");
    let (world, otto) = world.with_holder("Otto", "over", "deckhand#1");
    for _ in 0..3 {
        world.nudge.run(LATE).await;
        world.clock.advance(SignedDuration::from_hours(7));
    }
    let mails = world.mails_to(&robin);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.starts_with("Called off: Sail evening"), "{}", mails[0].subject);
    assert!(mails[0].text.contains("it does not take place") && !mails[0].text.contains("Sign the waiver"));
    assert!(world.mails_to(&otto).is_empty(), "what is past is nobody's news");
}

#[tokio::test]
async fn a_sail_called_off_long_before_or_right_before_its_departure_is_told_at_the_next_firing_and_once() {
    for departs_at in ["2026-12-04T23:30:00Z", "2026-11-21T07:30:00Z"] {
        let off = Sail { state: SailState::Cancelled, ..sail("off", departs_at) };
        let far = Sail { slots: evening().slots, ..sail("far", "2026-12-04T23:30:00Z") };
        let (world, robin) = World::new([off, far], Faults::default()).with_holder("Robin", "off", "deckhand#1");
        let (world, otto) = world.with_holder("Otto", "far", "deckhand#1");
        world.nudge.run(LATE).await;
        assert_eq!((world.mails_to(&robin).len(), world.mails_to(&otto).len()), (1, 0), "{departs_at}");
        for _ in 0..12 {
            world.clock.advance(SignedDuration::from_hours(24));
            world.nudge.run(LATE).await;
        }
        assert_eq!(world.mails_about("Sail off"), 1, "{departs_at}");
    }
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
            let (listed, _) = nudges::unknown(&*world.tables, world.clock.now(), None).await.expect("a list");
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
    let slowest = i64::from(3000 / crate::pace::RECIPIENTS_A_SECOND);
    assert!(world.clock.now().duration_since(began) >= SignedDuration::from_secs(slowest - 1));
    assert_eq!(world.outbox.sent().len(), 3000 + 1);
}
