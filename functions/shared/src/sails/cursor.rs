//! A place in the list of sails, as callers give it back.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::sail::EventId;

/// A place between two sails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The departure of the sail before it.
    pub departs_at: Timestamp,
    /// The key of the sail before it.
    pub event_id: EventId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.departs_at.as_second(), self.event_id)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a place in the list: take `next` of an earlier answer";
        let (departs_at, event_id) = text.split_once('.').ok_or(RULE)?;
        let seconds: i64 = departs_at.parse().map_err(|_| RULE)?;
        Ok(Self {
            departs_at: Timestamp::from_second(seconds).map_err(|_| RULE)?,
            event_id: event_id.parse().map_err(|_| RULE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        let cursor: Cursor = "1790000000.evening-1".parse().expect("a cursor");
        assert_eq!(cursor.departs_at.as_second(), 1_790_000_000);
        assert_eq!(cursor.to_string(), "1790000000.evening-1");
    }

    #[test]
    fn anything_else_is_no_cursor() {
        for text in ["", "1790000000", "x.evening", "1.", "1.a b", "99999999999999999.a"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
