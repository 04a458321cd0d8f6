//! The sails and who has claimed a slot, as a port.

mod dynamodb;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::BoxFuture;
use crate::call_error::CallError;
use crate::sail::{EventId, Sail, Slot};

pub use dynamodb::DynamoSails;
pub use dynamodb::{BY_DEPARTURE, CALENDAR};

/// Where sails and claims are read.
pub trait Sails: Send + Sync {
    /// Sails in the order of their departure.
    fn departing<'a>(&'a self, departures: &'a Departures) -> BoxFuture<'a, Result<SailPage, CallError>>;

    /// Which of the slots somebody has claimed. Who has is not read.
    fn claimed<'a>(&'a self, slots: &'a [SlotOfSail]) -> BoxFuture<'a, Result<BTreeSet<SlotOfSail>, CallError>>;

    /// Whether each table can be read, by its name in the application.
    fn health(&self) -> BoxFuture<'_, Vec<TableHealth>>;
}

/// Which sails are wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Departures {
    /// The earliest departure.
    pub from: Timestamp,
    /// The latest departure; absent: no end.
    pub until: Option<Timestamp>,
    /// Where the page before this one ended.
    pub after: Option<Cursor>,
    /// The most sails of one page.
    pub limit: u32,
}

/// Some sails, and where the next ones begin.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SailPage {
    /// In the order of their departure. Entries of the table that are no sail are left out.
    pub sails: Vec<Sail>,
    /// Given to [`Departures::after`]; absent on the last page.
    pub next: Option<Cursor>,
}

/// A place between two sails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The departure of the sail before it.
    pub departs_at: Timestamp,
    /// The key of the sail before it.
    pub event_id: EventId,
}

/// A slot and the sail that it belongs to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SlotOfSail {
    /// The sail.
    pub event_id: EventId,
    /// The slot.
    pub slot: Slot,
}

/// Whether a table can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableHealth {
    /// The table's name in the application, not its physical one.
    pub table: &'static str,
    /// The fault, if any.
    pub result: Result<(), CallError>,
}

impl Sail {
    /// The sail's slots with its key.
    pub fn keyed(&self, slots: impl IntoIterator<Item = Slot>) -> Vec<SlotOfSail> {
        let key = |slot| SlotOfSail { event_id: self.event_id.clone(), slot };
        slots.into_iter().map(key).collect()
    }
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
