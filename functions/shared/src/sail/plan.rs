//! What an administrator plans: the fields of a sail, judged all at once.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{MOST_SLOTS_A_ROLE, Role, Sail};
use crate::mail::header_text;
use crate::problem::FieldError;

/// The most slots of one sail, of all roles together.
pub const MOST_SLOTS: u32 = 40;
/// The most guests of one sail.
pub const LARGEST_GUEST_LIMIT: u32 = 500;
/// The longest sail.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 14);
/// How far ahead a sail may be planned: two years.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 731);

/// The fields of a sail as somebody asks for them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    /// What people call it: one line of 1 to 120 characters.
    pub title: String,
    /// The vessel's name: one line of 1 to 60 characters.
    pub vessel: String,
    /// When it leaves, in epoch seconds.
    pub departs_at: i64,
    /// When it is back, in epoch seconds.
    pub returns_at: i64,
    /// How many guests it takes.
    pub guest_limit: u32,
    /// How many people of each role it needs.
    pub slots: BTreeMap<Role, u32>,
}

impl Draft {
    /// Puts the fields into a sail, or names each that cannot be used as a JSON pointer.
    pub fn put_into(&self, sail: &Sail, now: Timestamp) -> Result<Sail, Vec<FieldError>> {
        let mut errors = Vec::new();
        one_line(&mut errors, "/title", &self.title, 120);
        one_line(&mut errors, "/vessel", &self.vessel, 60);
        let times = self.times(&mut errors, now);
        if self.guest_limit > LARGEST_GUEST_LIMIT {
            errors.push(FieldError::new("/guest_limit", format!("is over {LARGEST_GUEST_LIMIT}")));
        }
        self.judge_slots(&mut errors);
        match times {
            Some((departs_at, returns_at)) if errors.is_empty() => Ok(Sail {
                title: self.title.clone(),
                vessel: self.vessel.clone(),
                departs_at,
                returns_at,
                guest_limit: self.guest_limit,
                slots: self.slots.clone(),
                ..sail.clone()
            }),
            _ => Err(errors),
        }
    }

    fn times(&self, errors: &mut Vec<FieldError>, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let mut moment = |pointer: &str, seconds: i64| {
            let moment = Timestamp::from_second(seconds).ok();
            if moment.is_none() {
                errors.push(FieldError::new(pointer, "is not a moment in epoch seconds"));
            }
            moment
        };
        let departs_at = moment("/departs_at", self.departs_at);
        let returns_at = moment("/returns_at", self.returns_at);
        let (departs_at, returns_at) = (departs_at?, returns_at?);
        let ahead = departs_at.duration_since(now);
        if !ahead.is_positive() {
            errors.push(FieldError::new("/departs_at", "is not in the future"));
        } else if ahead > FARTHEST {
            errors.push(FieldError::new("/departs_at", "is more than two years ahead"));
        }
        let lasts = returns_at.duration_since(departs_at);
        if !lasts.is_positive() {
            errors.push(FieldError::new("/returns_at", "is not after `departs_at`"));
        } else if lasts > LONGEST {
            errors.push(FieldError::new("/returns_at", "is more than 14 days after `departs_at`"));
        }
        Some((departs_at, returns_at))
    }

    fn judge_slots(&self, errors: &mut Vec<FieldError>) {
        for (role, count) in &self.slots {
            if *count > MOST_SLOTS_A_ROLE {
                let pointer = format!("/slots/{}", role.name());
                errors.push(FieldError::new(pointer, format!("is over {MOST_SLOTS_A_ROLE}")));
            }
        }
        if self.slots.get(&Role::Captain).copied().unwrap_or(0) == 0 {
            errors.push(FieldError::new("/slots/captain", "is at least 1: no sail goes without a captain"));
        }
        let all: u64 = self.slots.values().map(|count| u64::from(*count)).sum();
        if all > u64::from(MOST_SLOTS) {
            errors.push(FieldError::new("/slots", format!("has more than {MOST_SLOTS} slots in all")));
        }
    }
}

fn one_line(errors: &mut Vec<FieldError>, pointer: &str, text: &str, longest: usize) {
    let sound = (1..=longest).contains(&text.chars().count()) && header_text(text) == text;
    if !sound {
        errors.push(FieldError::new(pointer, format!("is not one line of 1 to {longest} characters")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sail;

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().expect("a moment")
    }

    fn draft() -> Draft {
        Draft {
            title: "Sunset cruise".to_owned(),
            vessel: "Jada".to_owned(),
            departs_at: now().as_second() + 3600,
            returns_at: now().as_second() + 10_800,
            guest_limit: 20,
            slots: [(Role::Captain, 1), (Role::Deckhand, 2)].into(),
        }
    }

    fn faults(change: impl FnOnce(&mut Draft)) -> Vec<String> {
        let mut draft = draft();
        change(&mut draft);
        let judged = draft.put_into(&sail("new", "2026-12-01T00:00:00Z"), now());
        judged.expect_err("a fault").into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn sound_fields_change_what_they_name_and_nothing_else() {
        let old = sail("new", "2026-12-01T00:00:00Z");
        let new = draft().put_into(&old, now()).expect("sound fields");
        assert_eq!((new.title.as_str(), new.guest_limit, new.slots.len()), ("Sunset cruise", 20, 2));
        assert_eq!((new.event_id, new.state, new.revision), (old.event_id, old.state, old.revision));
    }

    #[test]
    fn each_fault_names_its_field() {
        assert_eq!(faults(|draft| draft.title = " ".to_owned()), ["/title"]);
        assert_eq!(faults(|draft| draft.title = "a\r\nBcc: x".to_owned()), ["/title"]);
        assert_eq!(faults(|draft| draft.vessel = "x".repeat(61)), ["/vessel"]);
        assert_eq!(faults(|draft| draft.departs_at = now().as_second()), ["/departs_at"]);
        assert_eq!(faults(|draft| draft.departs_at = i64::MAX), ["/departs_at"]);
        assert_eq!(faults(|draft| draft.returns_at = draft.departs_at), ["/returns_at"]);
        assert_eq!(faults(|draft| draft.returns_at += 15 * 86_400), ["/returns_at"]);
        assert_eq!(faults(|draft| draft.guest_limit = 501), ["/guest_limit"]);
        assert_eq!(faults(|draft| draft.slots = [(Role::Chef, 1)].into()), ["/slots/captain"]);
        assert_eq!(faults(|draft| draft.slots.extend([(Role::Chef, 21)])), ["/slots/chef"]);
        assert_eq!(faults(|draft| draft.slots.extend([(Role::Chef, 20), (Role::Steward, 20)])), ["/slots"]);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let all = faults(|draft| {
            draft.title.clear();
            draft.returns_at = draft.departs_at - 1;
            draft.slots.clear();
        });
        assert_eq!(all, ["/title", "/returns_at", "/slots/captain"]);
    }
}
