//! The key of a waiver.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::person::PersonId;

/// The key of a waiver within its sail: `crew-` or `guest-` and 32 hexadecimal digits.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WaiverId(String);

impl WaiverId {
    /// The key of a crew member's waiver.
    pub fn of_crew(person_id: &PersonId) -> Self {
        Self(format!("crew-{person_id}"))
    }

    /// The key of a guest's waiver. `salt` is known to nobody outside: the key itself tells nothing.
    pub fn of_guest(salt: &str, name: &str, born: jiff::civil::Date) -> Self {
        let plain: String = name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut digest = Sha256::new();
        for part in [salt, &plain, &born.to_string()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(format!("guest-{}", hex::encode(&digest.finalize()[..16])))
    }

    /// The key as the tables hold it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The person, where it is one of the crew.
    pub fn crew(&self) -> Option<PersonId> {
        self.0.strip_prefix("crew-")?.parse().ok()
    }

    /// Whether it is a guest's.
    pub fn is_guest(&self) -> bool {
        self.0.starts_with("guest-")
    }
}

impl fmt::Display for WaiverId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WaiverId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("crew-").or_else(|| text.strip_prefix("guest-")).unwrap_or_default();
        let digit = |each: u8| each.is_ascii_digit() || (b'a'..=b'f').contains(&each);
        match digits.len() == 32 && digits.bytes().all(digit) {
            true => Ok(Self(text.to_owned())),
            false => Err("is not the key of a waiver"),
        }
    }
}

impl TryFrom<String> for WaiverId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WaiverId> for String {
    fn from(waiver_id: WaiverId) -> Self {
        waiver_id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_has_one_key_however_the_name_is_written_and_another_on_another_sail() {
        let born = jiff::civil::date(1990, 5, 17);
        let key = WaiverId::of_guest("salt", "Ana  Lopez", born);
        assert_eq!(key, WaiverId::of_guest("salt", " ana lopez ", born));
        assert_ne!(key, WaiverId::of_guest("other", "Ana Lopez", born));
        assert_ne!(key, WaiverId::of_guest("salt", "Ana Lopez", jiff::civil::date(1990, 5, 18)));
        assert_eq!(key.as_str().parse(), Ok(key.clone()));
        assert!(key.is_guest() && key.crew().is_none());
    }

    #[test]
    fn a_key_of_another_form_is_none() {
        for text in
            ["", "aboard", "paper#crew-1", "crew-0123", "guest-../../x", "crew-0123456789ABCDEF0123456789abcdef"]
        {
            assert!(text.parse::<WaiverId>().is_err(), "{text}");
        }
    }
}
