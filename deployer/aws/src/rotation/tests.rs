//! Rotation by the clock: what is decided, and when.

use super::*;
use crate::ring::{Document, Key, Phase, new_key};

const TURNS: &str = include_str!("../../../../functions/shared/src/testing/rotation.json");
const DAY: u64 = 86_400;
const MADE: u64 = 1_790_000_000;
const WHOLE: Limits = Limits { until: Turn::Retire, emergency: false };

/// Ninety days, tokens of twelve hours, public keys kept for fifteen minutes.
fn quarterly() -> Terms {
    Terms::of_ring(Some(90 * DAY), 12 * 3_600, 900)
}

fn steady() -> Stage {
    Stage::Steady { since: MADE }
}

#[test]
fn waits_are_derived_from_tokens_caches_and_what_is_accepted() {
    let former = Former::default();
    assert_eq!(quarterly(), Terms { every: Some(90 * DAY), spread: 1_260, overlap: 43_560, former });
    assert_eq!(Terms::of_value(None, 3_600), Terms { every: None, spread: 360, overlap: 3_960, former });
}

/// Tokens of twelve hours and keys kept for fifteen minutes, lowered to one hour and one minute.
#[test]
fn what_longer_terms_promised_holds_after_they_are_made_shorter() {
    let lowered = Terms::of_ring(None, 3_600, 60);
    let key = new_key(MADE - DAY, Phase::Active).expect("random numbers").public;
    let document = Document::new(key, 43_200, 900);
    let due = |document: &Document, stage| due(stage, lowered.and(document.promised())).map(|(_, at)| at);
    let (published, activated) = (Stage::Published { since: MADE }, Stage::Activated { since: MADE });
    // The stack says so, and no function knows it yet.
    assert_eq!(due(&document, published), Some(MADE + 1_260));
    assert_eq!(due(&document, activated), Some(MADE + 43_560));
    // Functions know it since shortly before: what they signed and answered until then goes on.
    let document = document.with_terms(3_600, 60, MADE - 60);
    assert_eq!(due(&document, published), Some(MADE - 60 + 1_260));
    assert_eq!(due(&document, activated), Some(MADE - 60 + 43_560));
    // Lowered again, and then raised: the furthest promise counts.
    let document = document.with_terms(1_800, 30, MADE).with_terms(3_600, 60, MADE);
    assert_eq!(due(&document, activated), Some(MADE - 60 + 43_560));
    // Days later only the present terms count.
    assert_eq!(due(&document, Stage::Activated { since: MADE + DAY }), Some(MADE + DAY + 3_960));
    assert_eq!(due(&document, Stage::Published { since: MADE + DAY }), Some(MADE + DAY + 420));
}

#[test]
fn a_quarterly_key_is_due_after_ninety_days_and_not_a_second_before() {
    let decided = |now| decide(steady(), quarterly(), now, Ask::Due, WHOLE).turns;
    assert_eq!(decided(MADE + 90 * DAY - 1), []);
    assert_eq!(decided(MADE + 90 * DAY), [Turn::Publish]);
    // Four weeks late it is begun all the same.
    assert_eq!(decided(MADE + 118 * DAY), [Turn::Publish]);
    let never = Terms { every: None, ..quarterly() };
    assert_eq!(decide(steady(), never, u64::MAX, Ask::Due, WHOLE), Decision { turns: vec![], next: None });
}

#[test]
fn each_turn_waits_for_what_the_one_before_must_reach() {
    let published = Stage::Published { since: MADE };
    let decided = |stage, now| decide(stage, quarterly(), now, Ask::Resume, WHOLE);
    let waiting = decided(published, MADE + 1_259);
    assert_eq!(waiting, Decision { turns: vec![], next: Some((Turn::Activate, MADE + 1_260)) });
    let active = decided(published, MADE + 1_260);
    let next = Some((Turn::Retire, MADE + 1_260 + 43_560));
    assert_eq!(active, Decision { turns: vec![Turn::Activate], next });
    let activated = Stage::Activated { since: MADE };
    assert_eq!(decided(activated, MADE + 43_559).turns, []);
    assert_eq!(decided(activated, MADE + 43_560).turns, [Turn::Verify, Turn::Retire]);
}

#[test]
fn resumed_after_ten_days_it_goes_on_and_the_overlap_counts_from_then() {
    let now = MADE + 10 * DAY;
    let decided = decide(Stage::Published { since: MADE }, quarterly(), now, Ask::Resume, WHOLE);
    assert_eq!(decided, Decision { turns: vec![Turn::Activate], next: Some((Turn::Retire, now + 43_560)) });
    let decided = decide(Stage::Activated { since: MADE }, quarterly(), now, Ask::Resume, WHOLE);
    assert_eq!(decided.turns, [Turn::Verify, Turn::Retire]);
    // The next one is due a quarter later, and does not begin in the same breath.
    assert_eq!(decided.next, Some((Turn::Publish, now + 90 * DAY)));
}

#[test]
fn a_rotation_under_way_is_gone_on_with_whatever_is_asked_and_none_begins_beside_it() {
    let published = Stage::Published { since: MADE };
    for ask in [Ask::Due, Ask::Now, Ask::Resume] {
        assert_eq!(decide(published, quarterly(), MADE + 1, ask, WHOLE).turns, []);
        assert_eq!(decide(published, quarterly(), MADE + 1_260, ask, WHOLE).turns, [Turn::Activate]);
    }
    assert_eq!(decide(steady(), quarterly(), MADE + 200 * DAY, Ask::Resume, WHOLE).turns, []);
    assert_eq!(decide(steady(), quarterly(), MADE + 1, Ask::Now, WHOLE).turns, [Turn::Publish]);
}

#[test]
fn an_emergency_waits_for_nothing_and_a_limit_ends_it_early() {
    let emergency = Limits { emergency: true, ..WHOLE };
    let every = [Turn::Publish, Turn::Activate, Turn::Verify, Turn::Retire];
    assert_eq!(decide(steady(), quarterly(), MADE, Ask::Now, emergency).turns, every);
    assert_eq!(decide(Stage::Activated { since: MADE }, quarterly(), MADE, Ask::Resume, emergency).turns, every[2..]);
    let until = Limits { until: Turn::Activate, ..emergency };
    assert_eq!(decide(steady(), quarterly(), MADE, Ask::Now, until).turns, every[..2]);
    let publish = Limits { until: Turn::Publish, ..WHOLE };
    assert_eq!(decide(Stage::Published { since: MADE }, quarterly(), MADE + DAY, Ask::Now, publish).turns, []);
    // What is not due begins in an emergency only when it is asked for by its name.
    assert_eq!(decide(steady(), quarterly(), MADE, Ask::Due, emergency).turns, []);
}

/// The functions' own tests live through these turns: what readers see, and when.
#[test]
fn a_rings_turns_are_those_that_the_functions_are_tested_with() {
    let key = |kid: &str, created_at, phase| Key {
        kid: kid.to_owned(),
        ..new_key(created_at, phase).expect("random numbers").public
    };
    let begins = MADE + 600;
    let mut ring = Document::new(key("one", MADE, Phase::Active), 43_200, 900);
    let (mut now, mut before, mut told) = (begins, MADE, Vec::new());
    loop {
        let ask = if now == begins { Ask::Now } else { Ask::Resume };
        let decided = decide(ring.stage(), quarterly(), now, ask, WHOLE);
        let turn = *decided.turns.last().expect("its time has come");
        ring = match turn {
            Turn::Publish => ring.with_next(key("two", now, Phase::Next)),
            Turn::Activate => ring.activated(now),
            _ => ring.without(Phase::Previous),
        };
        let others = ring.keys.iter().map(|key| &key.kid).filter(|kid| **kid != ring.active);
        let keys: Vec<_> = std::iter::once(&ring.active).chain(others).collect();
        told.push(serde_json::json!({ "turn": turn.word(), "after_seconds": now - before, "keys": keys }));
        match decided.next {
            Some((next, at)) if next != Turn::Publish => (before, now) = (now, at),
            _ => break,
        }
    }
    let known: Vec<serde_json::Value> = serde_json::from_str(TURNS).expect("JSON");
    assert_eq!(told, known);
}
