//! The waivers on hold, of all sails.

use std::fmt;
use std::str::FromStr;

use crate::call_error::CallError;
use crate::sail::EventId;
use crate::tables::{Index, Item, Query, Tables, read};
use crate::waiver::{Waiver, WaiverId, key};

/// The one value of the hash key of [`Index::OnHold`].
const OPEN: &str = "open";

/// A place in the list of holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HoldCursor {
    signed_at: i64,
    event_id: EventId,
    waiver_id: WaiverId,
}

impl HoldCursor {
    /// Right after this waiver.
    pub fn at(waiver: &Waiver) -> Self {
        let Waiver { event_id, waiver_id, signed_at, .. } = waiver.clone();
        Self { signed_at, event_id, waiver_id }
    }
}

impl fmt::Display for HoldCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.signed_at, self.event_id, self.waiver_id)
    }
}

impl FromStr for HoldCursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a place in the list: take `next` of an earlier answer";
        let (signed_at, rest) = text.split_once('.').ok_or(RULE)?;
        let (event_id, waiver_id) = rest.split_once('.').ok_or(RULE)?;
        Ok(Self {
            signed_at: signed_at.parse().map_err(|_| RULE)?,
            event_id: event_id.parse().map_err(|_| RULE)?,
            waiver_id: waiver_id.parse().map_err(|_| RULE)?,
        })
    }
}

/// Waivers on hold, the oldest hold first, after the given place; at most `limit`.
pub async fn on_hold(tables: &dyn Tables, after: Option<&HoldCursor>, limit: u32) -> Result<Vec<Waiver>, CallError> {
    let after = after.map(|after| {
        let mut place = key(&after.event_id, &after.waiver_id).attributes();
        place.extend(held(after.signed_at));
        place
    });
    let query = Query::index(Index::OnHold, OPEN).page(after, limit);
    tables.query(&query).await?.into_iter().map(read).collect()
}

/// What puts a waiver into the index.
pub(super) fn held(signed_at: i64) -> Item {
    Item::from_iter([("hold".to_owned(), OPEN.into()), ("held_at".to_owned(), signed_at.into())])
}
