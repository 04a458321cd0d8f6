//! A person: somebody who may sign in, and what that person may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second::required as epoch_seconds;
use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::mail::Address;
use crate::random;

/// The key of a person: 32 hexadecimal digits. It tells nothing, so it may be logged.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(String);

/// What people call somebody: one line, 1 to 80 characters. `Debug` does not show it: it is personal data.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// What somebody may do beside signing in. A person may hold several.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Grant {
    /// Runs the place: people, sails, holds.
    Admin,
    /// May command a sail.
    Captain,
    /// May take a place on a sail.
    Crew,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Membership {
    /// Yes.
    Active,
    /// No longer: the next request is refused.
    Revoked,
}

/// Somebody who was invited.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The key.
    pub person_id: PersonId,
    /// Where mail goes, in lower case: one person an address.
    pub email: Address,
    /// What people call this person.
    pub name: PersonName,
    /// What this person may do.
    pub grants: BTreeSet<Grant>,
    /// Whether this person may sign in.
    pub membership: Membership,
    /// Sessions of an earlier generation have ended.
    pub generation: u32,
    /// Grows with each change, from 1.
    pub revision: u32,
    /// When the invitation was written; epoch seconds in the table.
    #[serde(with = "epoch_seconds")]
    pub invited_at: Timestamp,
}

impl Person {
    /// Somebody new, in revision 1.
    pub fn new(email: &Address, name: PersonName, grants: BTreeSet<Grant>, now: Timestamp) -> Result<Self, CallError> {
        Ok(Self {
            person_id: PersonId(random::id()?),
            email: email.canonical(),
            name,
            grants,
            membership: Membership::Active,
            generation: 1,
            revision: 1,
            invited_at: now,
        })
    }

    /// Whether this person may sign in.
    pub fn is_active(&self) -> bool {
        self.membership == Membership::Active
    }
}

impl Grant {
    /// Every grant.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Captain, Self::Crew];

    /// The grant's name in tables, tokens and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Captain => "captain",
            Self::Crew => "crew",
        }
    }
}

impl PersonId {
    /// The key as the tables hold it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PersonId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |each: u8| each.is_ascii_digit() || (b'a'..=b'f').contains(&each);
        match text.len() == 32 && text.bytes().all(digit) {
            true => Ok(Self(text.to_owned())),
            false => Err("is not the key of a person: 32 hexadecimal digits"),
        }
    }
}

impl TryFrom<String> for PersonId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PersonId> for String {
    fn from(person_id: PersonId) -> Self {
        person_id.0
    }
}

impl PersonName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LONGEST_CHARS: usize = 80;
        let line = crate::mail::header_text(text);
        match (1..=LONGEST_CHARS).contains(&line.chars().count()) && line == text {
            true => Ok(Self(line)),
            false => Err("is not a name: one line of 1 to 80 characters, with no space at either end"),
        }
    }
}

impl TryFrom<String> for PersonName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        let email = "Robin.Reef@Example.com".parse().expect("an address");
        let name = "Robin Reef".parse().expect("a name");
        Person::new(&email, name, [Grant::Crew].into(), Timestamp::UNIX_EPOCH).expect("random bytes")
    }

    #[test]
    fn no_two_people_have_one_key_and_an_address_is_one_whatever_its_case() {
        let (one, other) = (person(), person());
        assert_ne!(one.person_id, other.person_id);
        assert_eq!(one.email.as_str(), "robin.reef@example.com");
    }

    #[test]
    fn what_is_shown_for_programmers_names_nobody() {
        let shown = format!("{:?}", person());
        assert!(!shown.contains("Robin") && !shown.contains("robin"), "{shown}");
    }

    #[test]
    fn a_name_is_one_line() {
        for name in ["Ana", "Jean-Luc O'Neil", "李 小龍"] {
            assert!(name.parse::<PersonName>().is_ok(), "{name}");
        }
        for name in ["", " ", " Ana", "Ana\r\nBcc: x", "A\u{2028}B", "A  B", &"x".repeat(81)] {
            assert!(name.parse::<PersonName>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_key_is_nothing_but_hexadecimal_digits() {
        let sound = "0123456789abcdef0123456789abcdef";
        assert!(sound.parse::<PersonId>().is_ok());
        let upper = sound.to_uppercase();
        for key in ["", "..", "0123", upper.as_str(), "0123456789abcdef0123456789abcde#", "address#ana@example.com"] {
            assert!(key.parse::<PersonId>().is_err(), "{key}");
        }
    }
}
