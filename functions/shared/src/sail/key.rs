//! The keys of a sail: its own, and that of its waiver page.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::random;

/// The key of a sail.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

/// What makes the address of a sail's waiver page unguessable: 32 hexadecimal digits. `Debug` does not show it.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WaiverToken(String);

impl WaiverToken {
    /// A new one.
    pub fn random() -> Result<Self, CallError> {
        Ok(Self(random::id()?))
    }

    /// The token in clear: for links and comparisons, never for output elsewhere.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WaiverToken {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() == 32 && text.bytes().all(|each| each.is_ascii_hexdigit()) {
            true => Ok(Self(text)),
            false => Err("is not a token of a waiver page"),
        }
    }
}

impl From<WaiverToken> for String {
    fn from(token: WaiverToken) -> Self {
        token.0
    }
}

impl fmt::Debug for WaiverToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaiverToken(…)")
    }
}

impl EventId {
    /// A key that meets no other.
    pub fn random() -> Result<Self, CallError> {
        Ok(Self(random::id()?))
    }

    /// The key as the tables hold it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EventId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LONGEST: usize = 64;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(allowed) {
            return Err("is not the key of a sail: letters, digits, '-' and '_', at most 64");
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for EventId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(event_id: EventId) -> Self {
        event_id.0
    }
}
