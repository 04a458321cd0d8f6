//! Each mail is of its reader alone, and no log names anybody, whatever goes wrong.

use functions_shared::person::{Grant, Person};
use functions_shared::testing::{Log, person};

use super::*;

/// What every name and address of this world holds, and nothing else does.
const NAMED: &str = "quill";

fn crewed(faults: Faults) -> (World, Vec<Person>) {
    let evening =
        Sail { slots: [(Role::Captain, 1), (Role::Deckhand, 2)].into(), ..sail("evening", "2026-11-21T23:30:00Z") };
    let mut world = World::new([evening], faults);
    let mut people = vec![person("Tessquill", &[Grant::Crew])];
    world.people.put(&people[0]);
    for (name, slot) in [("Robinquill", "deckhand#1"), ("Samquill", "deckhand#2")] {
        let holder;
        (world, holder) = world.with_holder(name, "evening", slot);
        people.push(holder);
    }
    let held = serde_json::json!({
        "name": "Guestquill", "signed_at": 1, "text_version": "2026-11", "state": "on_hold", "reasons": ["high_risk"],
    });
    let key = functions_shared::tables::Table::Waivers.key("evening", format!("guest-{}", "0".repeat(32)));
    world.tables.set(key, held.as_object().expect("an item").clone());
    (world, people)
}

/// What was mailed names its reader and nobody else.
fn look(world: &World, people: &[Person], what: &str) {
    for mail in world.outbox.sent() {
        assert!(mail.to.len() == 1 && mail.bcc.is_empty(), "{what}");
        let reader = people.iter().find(|person| person.email == mail.to[0]);
        let mut text = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
        if let Some(reader) = reader {
            text = text.replace(reader.name.as_str(), "");
        }
        assert!(!text.contains(NAMED), "{what}: {text}");
    }
}

#[test]
fn a_mail_names_its_reader_alone_and_no_log_names_anybody() {
    let log = Log::default();
    log.of(async {
        let (world, people) = crewed(Faults::default());
        world.nudge.run(LATE).await;
        assert_eq!(world.outbox.sent().len(), 1 + 2, "the administrator and who holds a slot");
        look(&world, &people, "undisturbed");
        for strike in Strike::ALL {
            for call in 1..=world.faults.calls() {
                let (world, people) = crewed(Faults::strike(call, strike));
                world.nudge.run(LATE).await;
                world.faults.restart();
                world.nudge.run(LATE).await;
                look(&world, &people, &format!("{strike:?} at call {call}"));
            }
        }
    });
    let log = log.take();
    assert!(log.contains("nudged") && !log.contains(NAMED), "{log}");
}
