//! What somebody fills in, judged all at once.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CURRENT, Hold};
use crate::mail::header_text;
use crate::problem::FieldError;
use crate::sail::Sail;
use crate::zone;

/// The age from which nobody needs a guardian.
const OF_AGE_YEARS: i16 = 18;
/// The earliest year of birth that is believed.
const EARLIEST_BIRTH: Date = jiff::civil::date(1900, 1, 1);
/// The longest name, contact or relation.
const LONGEST_LINE: usize = 120;
/// The longest medical text.
const LONGEST_MEDICAL: usize = 4000;
/// The most strokes of a drawn signature, and points of all of them.
const MOST_STROKES: usize = 100;
const MOST_POINTS: usize = 2000;
/// The edge of the square in which a signature is drawn.
const EDGE: u16 = 1000;

/// A waiver as it is filled in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// Which text was read: it must be the present one.
    pub text_version: String,
    /// The full name: one line.
    pub name: String,
    /// The date of birth, such as `1990-05-17`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub born: Date,
    /// Whom to call.
    pub emergency_contact: Contact,
    /// What matters aboard. It is kept encrypted, and shown to administrators alone.
    pub medical: Medical,
    /// The person's own signature.
    pub signature: Signature,
    /// The date of signing in San Diego: today, or a day beside it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub signed_on: Date,
    /// Who signs for somebody under 18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<Guardian>,
}

/// Whom to call in an emergency.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// One line.
    pub name: String,
    /// Digits, with `+`, spaces, `-`, `.` and brackets.
    pub phone: String,
}

/// What matters aboard. `Debug` does not show it: it is nobody's business.
#[derive(Clone, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Medical {
    /// Whether there is any condition. Absent: not said, and so incomplete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_conditions: Option<bool>,
    /// Conditions with which a sail may be dangerous.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub risks: BTreeSet<Risk>,
    /// The person's own words, up to 4,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
}

/// A condition with which a sail may be dangerous.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Risk {
    /// Heart or circulation.
    Heart,
    /// Epilepsy or other seizures.
    Seizures,
    /// An allergy that needs help at once.
    SevereAllergy,
    /// Asthma or another trouble of breathing.
    Breathing,
    /// Pregnancy.
    Pregnancy,
    /// An operation or injury of the last three months.
    RecentSurgery,
}

/// A signature: typed, and drawn if wanted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signature {
    /// The name as it is signed: one line.
    pub typed: String,
    /// Strokes of points `[x, y]` in a square of 1,000; at most 100 strokes and 2,000 points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<Vec<u16>>>))]
    pub drawn: Vec<Vec<[u16; 2]>>,
}

/// A parent or guardian.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Guardian {
    /// The full name: one line.
    pub name: String,
    /// Such as "mother": one line.
    pub relation: String,
    /// Their signature.
    pub signature: Signature,
}

impl Form {
    /// Every field that cannot be used, as JSON pointers. What a person left out is not a fault here but a hold.
    pub fn faults(&self, now: Timestamp) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.text_version != CURRENT.version {
            faults.push(FieldError::new("/text_version", "is not the present text: read it again, and sign that"));
        }
        line(&mut faults, "/name", &self.name);
        let today = zone::date_of(now);
        if !(EARLIEST_BIRTH..=today).contains(&self.born) {
            faults.push(FieldError::new("/born", "is not a date of birth"));
        }
        let apart = today.since(self.signed_on).map_or(i32::MAX, |span| span.get_days().abs());
        if apart > 1 || today.year().abs_diff(self.signed_on.year()) > 1 {
            faults.push(FieldError::new("/signed_on", "is not today in San Diego"));
        }
        line(&mut faults, "/emergency_contact/name", &self.emergency_contact.name);
        phone(&mut faults, "/emergency_contact/phone", &self.emergency_contact.phone);
        if self.medical.details.chars().count() > LONGEST_MEDICAL {
            faults.push(FieldError::new("/medical/details", "has more than 4,000 characters"));
        }
        self.signature.judge(&mut faults, "/signature");
        if let Some(guardian) = &self.guardian {
            line(&mut faults, "/guardian/name", &guardian.name);
            line(&mut faults, "/guardian/relation", &guardian.relation);
            guardian.signature.judge(&mut faults, "/guardian/signature");
        }
        faults
    }

    /// What stands against it, if anything.
    pub fn holds(&self, sail: &Sail) -> Vec<Hold> {
        let minor = self.is_minor_on(zone::date_of(sail.departs_at)) && self.guardian.is_none();
        let risky = !self.medical.risks.is_empty();
        let holds = [
            (minor, Hold::MinorWithoutGuardian),
            (risky, Hold::HighRisk),
            (self.medical.is_incomplete(), Hold::IncompleteDisclosure),
        ];
        holds.into_iter().filter(|(holds, _)| *holds).map(|(_, hold)| hold).collect()
    }

    /// The eighteenth birthday counts; somebody born on 29 February has it on 1 March.
    fn is_minor_on(&self, day: Date) -> bool {
        let born = (self.born.month(), self.born.day());
        let had_birthday = (day.month(), day.day()) >= born;
        day.year() - self.born.year() - i16::from(!had_birthday) < OF_AGE_YEARS
    }
}

impl Medical {
    fn is_incomplete(&self) -> bool {
        let silent = self.details.trim().is_empty();
        match self.has_conditions {
            None => true,
            Some(true) => silent,
            Some(false) => !silent || !self.risks.is_empty(),
        }
    }
}

impl fmt::Debug for Medical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Medical(…)")
    }
}

impl Signature {
    fn judge(&self, faults: &mut Vec<FieldError>, pointer: &str) {
        line(faults, &format!("{pointer}/typed"), &self.typed);
        let points: usize = self.drawn.iter().map(Vec::len).sum();
        let inside = self.drawn.iter().flatten().flatten().all(|each| *each <= EDGE);
        if self.drawn.len() > MOST_STROKES || points > MOST_POINTS || !inside {
            faults.push(FieldError::new(format!("{pointer}/drawn"), "is no drawing that is kept: see its limits"));
        }
    }
}

fn line(faults: &mut Vec<FieldError>, pointer: &str, text: &str) {
    let sound = (1..=LONGEST_LINE).contains(&text.chars().count()) && header_text(text) == text;
    if !sound {
        faults.push(FieldError::new(pointer, "is not one line of 1 to 120 characters"));
    }
}

fn phone(faults: &mut Vec<FieldError>, pointer: &str, text: &str) {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let allowed = |each: char| each.is_ascii_digit() || "+ -.()".contains(each);
    if !(5..=20).contains(&digits) || text.len() > 30 || !text.chars().all(allowed) {
        faults.push(FieldError::new(pointer, "is not a telephone number"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{sail, waiver_form};

    fn now() -> Timestamp {
        "2026-11-21T20:00:00Z".parse().expect("a moment")
    }

    fn holds(change: impl FnOnce(&mut Form)) -> Vec<Hold> {
        let mut form = waiver_form("Ana Lopez");
        change(&mut form);
        assert_eq!(form.faults(now()), []);
        form.holds(&sail("evening", "2026-11-22T00:00:00Z"))
    }

    fn faults(change: impl FnOnce(&mut Form)) -> Vec<String> {
        let mut form = waiver_form("Ana Lopez");
        change(&mut form);
        form.faults(now()).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn what_is_complete_and_harmless_is_not_held() {
        assert_eq!(holds(|_| {}), []);
        assert_eq!(
            holds(|form| {
                form.medical.has_conditions = Some(true);
                form.medical.details = "hay fever".to_owned();
            }),
            []
        );
    }

    #[test]
    fn a_minor_needs_a_guardian_up_to_the_day_before_the_birthday() {
        let birthday = jiff::civil::date(2008, 11, 21);
        assert_eq!(holds(|form| form.born = birthday), []);
        let young = birthday.tomorrow().expect("a day");
        assert_eq!(holds(|form| form.born = young), [Hold::MinorWithoutGuardian]);
        let guarded = holds(|form| {
            form.born = young;
            let signature = form.signature.clone();
            let (name, relation) = ("Eva Lopez".to_owned(), "mother".to_owned());
            form.guardian = Some(Guardian { name, relation, signature });
        });
        assert_eq!(guarded, []);
    }

    #[test]
    fn risks_and_what_is_not_said_are_held() {
        let risky = |form: &mut Form| {
            form.medical =
                Medical { has_conditions: Some(true), risks: [Risk::Heart].into(), details: "a stent, 2019".to_owned() }
        };
        assert_eq!(holds(risky), [Hold::HighRisk]);
        assert_eq!(holds(|form| form.medical.has_conditions = None), [Hold::IncompleteDisclosure]);
        assert_eq!(holds(|form| form.medical.has_conditions = Some(true)), [Hold::IncompleteDisclosure]);
        assert_eq!(holds(|form| form.medical.details = "a stent".to_owned()), [Hold::IncompleteDisclosure]);
        assert_eq!(
            holds(|form| form.medical.risks = [Risk::Heart].into()),
            [Hold::HighRisk, Hold::IncompleteDisclosure]
        );
    }

    #[test]
    fn each_field_that_cannot_be_used_is_named() {
        assert_eq!(faults(|form| form.text_version = "1999-01".to_owned()), ["/text_version"]);
        assert_eq!(faults(|form| form.name = "A\r\nBcc: x".to_owned()), ["/name"]);
        assert_eq!(faults(|form| form.born = jiff::civil::date(2030, 1, 1)), ["/born"]);
        assert_eq!(faults(|form| form.signed_on = jiff::civil::date(2026, 11, 19)), ["/signed_on"]);
        assert_eq!(faults(|form| form.signed_on = jiff::civil::date(2025, 11, 21)), ["/signed_on"]);
        assert_eq!(faults(|form| form.emergency_contact.phone = "call me".to_owned()), ["/emergency_contact/phone"]);
        assert_eq!(faults(|form| form.medical.details = "x".repeat(4001)), ["/medical/details"]);
        assert_eq!(faults(|form| form.signature.drawn = vec![vec![[1, 1001]]]), ["/signature/drawn"]);
        assert_eq!(faults(|form| form.signature.drawn = vec![vec![[1, 1]]; 101]), ["/signature/drawn"]);
        assert_eq!(faults(|form| form.signature.typed.clear()), ["/signature/typed"]);
    }
}
