//! What is to be done on a sail, by role and phase, and who has done it.
//!
//! The phase comes from the clock and the sail; nothing is scheduled. A tick is a mark of one person in that
//! person's own item, so that two phones never write over each other; merging marks is a union:
//!
//! 1. A person's later mark of an entry replaces that person's earlier one.
//! 2. Between people the latest mark counts; at one moment a tick counts more than its removal, and then the
//!    larger person's key.
//!
//! Merging is therefore commutative, associative and idempotent: phones may send marks late, twice, in any order.

mod template;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::mail::header_text;
use crate::person::PersonId;
use crate::problem::FieldError;
use crate::sail::{Role, Sail, SailState};

pub use template::entries_for;

/// The most entries of one sail.
pub const MOST_ENTRIES: usize = 200;
/// The farthest from its anchor that something is due.
const FARTHEST_MINUTES: i32 = 7 * 24 * 60;
/// How long before departure preparation begins, where nothing is due earlier.
const PREPARATION: SignedDuration = SignedDuration::from_hours(24);
/// How long before the return the return begins.
const HOMEWARD: SignedDuration = SignedDuration::from_mins(30);

/// A part of a sail.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Phase {
    /// From a day before departure.
    BeforeDeparture,
    /// On the water.
    UnderWay,
    /// From half an hour before the return.
    Return,
    /// Ashore again.
    CloseOut,
}

/// What a due time is relative to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Anchor {
    /// The departure.
    Departure,
    /// The return.
    Return,
}

/// One thing to do.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// Its key within the list: 1 to 40 small letters, digits and `-`.
    pub entry_id: String,
    /// Who does it.
    pub role: Role,
    /// When it is its turn.
    pub phase: Phase,
    /// What: one line of 1 to 160 characters.
    pub text: String,
    /// What its due time is relative to.
    pub anchor: Anchor,
    /// Minutes after the anchor; negative: before it. At most a week.
    pub due_minutes: i32,
}

/// Somebody says that an entry is done, or is not.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Whether it is done.
    pub done: bool,
    /// When it was said, in epoch seconds, by the phone's clock; never later than when it arrived.
    pub at: i64,
    /// The phase in which it arrived.
    pub phase: Option<Phase>,
}

/// The marks of one person, by entry.
pub type Marks = BTreeMap<String, Mark>;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntryState {
    /// Its phase has not begun.
    Waiting,
    /// It is its turn.
    Open,
    /// Its time is over, and nobody has done it.
    Overdue,
    /// Somebody has done it.
    Done,
}

impl Entry {
    /// When it is due.
    pub fn due_at(&self, sail: &Sail) -> Timestamp {
        let anchor = match self.anchor {
            Anchor::Departure => sail.departs_at,
            Anchor::Return => sail.returns_at,
        };
        anchor.checked_add(SignedDuration::from_mins(i64::from(self.due_minutes))).unwrap_or(anchor)
    }

    /// Where it stands now. What is due within the day is open whatever the phase.
    pub fn state(&self, sail: &Sail, is_done: bool, now: Timestamp) -> EntryState {
        let due_at = self.due_at(sail);
        match phase(sail, now) {
            _ if is_done => EntryState::Done,
            _ if due_at <= now => EntryState::Overdue,
            Some(phase) if phase >= self.phase => EntryState::Open,
            _ => EntryState::Waiting,
        }
    }
}

/// The phase of a sail; `None` before its preparation begins, and where it does not take place.
pub fn phase(sail: &Sail, now: Timestamp) -> Option<Phase> {
    let ahead = sail.departs_at.duration_since(now);
    let home = sail.returns_at.duration_since(now);
    match sail.state {
        SailState::Cancelled => None,
        SailState::Completed => Some(Phase::CloseOut),
        SailState::InProgress if !home.is_positive() => Some(Phase::CloseOut),
        SailState::InProgress if home <= HOMEWARD => Some(Phase::Return),
        SailState::InProgress => Some(Phase::UnderWay),
        SailState::Created | SailState::Confirmed if ahead > PREPARATION => None,
        // A sail that nobody has started has not left, whatever the clock says.
        SailState::Created | SailState::Confirmed => Some(Phase::BeforeDeparture),
    }
}

/// Takes marks over: for each entry the later one, and at one moment the tick.
pub fn merge(into: &mut Marks, marks: &Marks) {
    for (entry_id, mark) in marks {
        match into.get(entry_id) {
            Some(held) if (held.at, held.done) >= (mark.at, mark.done) => {}
            _ => {
                into.insert(entry_id.clone(), *mark);
            }
        }
    }
}

/// Who has done what: the mark that counts of each entry, if it says done.
pub fn done(everybody: &BTreeMap<PersonId, Marks>) -> BTreeMap<String, (PersonId, Mark)> {
    let mut latest: BTreeMap<String, (PersonId, Mark)> = BTreeMap::new();
    for (person_id, marks) in everybody {
        for (entry_id, mark) in marks {
            let order = (mark.at, mark.done, person_id);
            if latest.get(entry_id).is_none_or(|(held_by, held)| (held.at, held.done, held_by) < order) {
                latest.insert(entry_id.clone(), (person_id.clone(), *mark));
            }
        }
    }
    latest.retain(|_, (_, mark)| mark.done);
    latest
}

/// What cannot be used in an edited list, as JSON pointers under `/entries`.
pub fn faults(entries: &[Entry]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if entries.len() > MOST_ENTRIES {
        faults.push(FieldError::new("/entries", format!("has more than {MOST_ENTRIES} entries")));
    }
    for (at, entry) in entries.iter().enumerate().take(MOST_ENTRIES) {
        let letter = |each: u8| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'-';
        if !(1..=40).contains(&entry.entry_id.len()) || !entry.entry_id.bytes().all(letter) {
            let rule = "is not a key of 1 to 40 small letters, digits and '-'";
            faults.push(FieldError::new(format!("/entries/{at}/entry_id"), rule));
        } else if entries[..at].iter().any(|earlier| earlier.entry_id == entry.entry_id) {
            faults.push(FieldError::new(format!("/entries/{at}/entry_id"), "is the key of an entry before it"));
        }
        if !(1..=160).contains(&entry.text.chars().count()) || header_text(&entry.text) != entry.text {
            faults.push(FieldError::new(format!("/entries/{at}/text"), "is not one line of 1 to 160 characters"));
        }
        if entry.due_minutes.unsigned_abs() > FARTHEST_MINUTES.unsigned_abs() {
            faults.push(FieldError::new(format!("/entries/{at}/due_minutes"), "is more than a week away"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sail;
    use proptest::prelude::*;

    fn entry(phase: Phase, anchor: Anchor, due_minutes: i32) -> Entry {
        let (entry_id, text) = ("fuel".to_owned(), "Check the fuel".to_owned());
        Entry { entry_id, role: Role::Captain, phase, text, anchor, due_minutes }
    }

    #[test]
    fn the_phase_follows_the_clock_and_the_sail() {
        let at = |state, minutes: i64| {
            let sail = Sail { state, ..sail("evening", "2026-11-22T00:00:00Z") };
            phase(&sail, sail.departs_at + SignedDuration::from_mins(minutes))
        };
        assert_eq!(at(SailState::Confirmed, -24 * 60 - 1), None);
        assert_eq!(at(SailState::Confirmed, -24 * 60), Some(Phase::BeforeDeparture));
        assert_eq!(at(SailState::Confirmed, 10), Some(Phase::BeforeDeparture));
        assert_eq!(at(SailState::InProgress, -10), Some(Phase::UnderWay));
        assert_eq!(at(SailState::InProgress, 89), Some(Phase::UnderWay));
        assert_eq!(at(SailState::InProgress, 90), Some(Phase::Return));
        assert_eq!(at(SailState::InProgress, 120), Some(Phase::CloseOut));
        assert_eq!(at(SailState::Completed, 100), Some(Phase::CloseOut));
        assert_eq!(at(SailState::Cancelled, 0), None);
    }

    #[test]
    fn an_entry_waits_opens_and_falls_due_with_its_sail() {
        let at = |state, minutes: i64| {
            let sail = Sail { state, ..sail("evening", "2026-11-22T00:00:00Z") };
            let now = sail.departs_at + SignedDuration::from_mins(minutes);
            entry(Phase::BeforeDeparture, Anchor::Departure, -30).state(&sail, false, now)
        };
        assert_eq!(at(SailState::Confirmed, -25 * 60), EntryState::Waiting);
        assert_eq!(at(SailState::Confirmed, -31), EntryState::Open);
        assert_eq!(at(SailState::Confirmed, -30), EntryState::Overdue);
        let later = sail("evening", "2026-11-23T00:00:00Z");
        let entry = entry(Phase::Return, Anchor::Return, -10);
        assert_eq!(entry.due_at(&later), later.returns_at - SignedDuration::from_mins(10));
        assert_eq!(entry.state(&later, true, later.departs_at), EntryState::Done);
    }

    #[test]
    fn what_cannot_be_used_in_a_list_is_named() {
        let sound = entry(Phase::Return, Anchor::Return, 5);
        let named = |entries: &[Entry]| faults(entries).into_iter().map(|fault| fault.field).collect::<Vec<_>>();
        assert!(named(std::slice::from_ref(&sound)).is_empty());
        assert_eq!(named(&[sound.clone(), sound.clone()]), ["/entries/1/entry_id"]);
        let far = Entry { due_minutes: i32::MIN, ..sound.clone() };
        assert_eq!(named(&[far]), ["/entries/0/due_minutes"]);
        let odd = Entry { entry_id: "A b".to_owned(), text: "a\nb".to_owned(), ..sound };
        assert_eq!(named(&[odd]), ["/entries/0/entry_id", "/entries/0/text"]);
    }

    fn any_marks() -> impl Strategy<Value = Marks> {
        let mark = (any::<bool>(), 0..4_i64).prop_map(|(done, at)| Mark { done, at, phase: None });
        prop::collection::btree_map("[a-c]", mark, 0..4)
    }

    proptest! {
        #[test]
        fn marks_merge_the_same_in_any_order_and_however_often(a in any_marks(), b in any_marks(), c in any_marks()) {
            let merged = |all: &[&Marks]| {
                let mut into = Marks::new();
                all.iter().for_each(|marks| merge(&mut into, marks));
                into
            };
            let once = merged(&[&a, &b, &c]);
            prop_assert_eq!(&once, &merged(&[&c, &a, &b]));
            prop_assert_eq!(&once, &merged(&[&merged(&[&b, &c]), &a]));
            prop_assert_eq!(&once, &merged(&[&a, &b, &c, &a, &c]));
        }

        /// Two phones tick apart from each other: after both have sent, everything that either ticked is done.
        #[test]
        fn two_phones_without_a_signal_lose_no_tick(
            first in prop::collection::btree_map("[a-e]", 0..100_i64, 0..5),
            second in prop::collection::btree_map("[a-e]", 0..100_i64, 0..5),
            same_person in any::<bool>(),
        ) {
            let marks = |ticks: &BTreeMap<String, i64>| -> Marks {
                let tick = |at: &i64| Mark { done: true, at: *at, phase: None };
                ticks.iter().map(|(entry, at)| (entry.clone(), tick(at))).collect()
            };
            let people = ["0".repeat(32), if same_person { "0".repeat(32) } else { "1".repeat(32) }];
            let mut everybody: BTreeMap<PersonId, Marks> = BTreeMap::new();
            for (person, ticks) in people.iter().zip([&first, &second]) {
                merge(everybody.entry(person.parse().expect("a key")).or_default(), &marks(ticks));
            }
            let done = done(&everybody);
            prop_assert!(first.keys().chain(second.keys()).all(|entry| done.contains_key(entry)));
        }
    }
}
