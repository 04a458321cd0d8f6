//! The sails in their table, and which of their slots are taken.

mod cursor;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::call_error::CallError;
use crate::checklists;
use crate::clock::Clock;
use crate::history::Entry;
use crate::request::{Earlier, Request};
use crate::roster::{self, Holder};
use crate::sail::{EventId, Sail, Slot};
use crate::tables::{
    Condition, Index, Item, Key, Query, Range, Settled, Table, Tables, Verdict, Write, item, read, settle,
};

pub use cursor::Cursor;

/// The one value of the hash key of [`Index::ByDeparture`]: all sails are in one calendar.
const CALENDAR: &str = "sails";

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

/// A slot and the sail that it belongs to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SlotOfSail {
    /// The sail.
    pub event_id: EventId,
    /// The slot.
    pub slot: Slot,
}

/// What became of a new sail.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// It is written.
    New(Sail),
    /// The same request made this one before.
    Again(Sail),
    /// Something else was asked under the same key.
    OtherBody,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is written.
    Done,
    /// The sail has another revision by now.
    Revision,
    /// Somebody holds a slot that would go.
    SlotTaken,
    /// The captain who was seen has left the slot.
    CaptainLeft,
}

/// Sails in the order of their departure; one query.
pub async fn departing(tables: &dyn Tables, departures: &Departures) -> Result<SailPage, CallError> {
    let Departures { from, until, after, .. } = departures;
    // A place before the range is no place within it: DynamoDB refuses one, and everything in the range comes after it.
    let after = after.as_ref().filter(|after| after.departs_at >= *from);
    let begins = after.map_or(*from, |after| after.departs_at);
    if until.is_some_and(|until| until < begins) {
        return Ok(SailPage::default());
    }
    let range = Range::Numbers(from.as_second(), until.map(Timestamp::as_second));
    let query = Query::index(Index::ByDeparture, CALENDAR).range(range);
    let items = tables.query(&query.page(after.map(place), departures.limit)).await?;
    let is_full = items.len() >= departures.limit as usize;
    // Where an entry that is no sail ends a page, the next page begins after it all the same.
    let next = match items.last().filter(|_| is_full) {
        Some(last) => Some(
            cursor(last).ok_or_else(|| CallError::odd_result("Query", "the page ends at a key that is no sail's"))?,
        ),
        None => None,
    };
    Ok(SailPage { next, sails: items.into_iter().filter_map(sail).collect() })
}

/// One sail; one read.
pub async fn by_id(tables: &dyn Tables, event_id: &EventId) -> Result<Option<Sail>, CallError> {
    Ok(tables.get(&key(event_id)).await?.and_then(sail))
}

/// Which of the slots somebody has claimed; one read for each hundred. Who has is not looked at.
pub async fn claimed(tables: &dyn Tables, slots: &[SlotOfSail]) -> Result<BTreeSet<SlotOfSail>, CallError> {
    if slots.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<Key> = slots.iter().map(|slot| roster::slot_key(&slot.event_id, slot.slot)).collect();
    Ok(tables.get_all(&keys).await?.iter().filter_map(slot_of_sail).collect())
}

/// Writes a new sail with its checklist, once however often the request comes.
pub async fn create(
    tables: &dyn Tables,
    clock: &dyn Clock,
    sail: &Sail,
    entry: &Entry,
    request: &Request,
) -> Result<Created, CallError> {
    let writes = [
        request.keep(sail, clock.now())?,
        put(sail, Condition::Absent)?,
        checklists::first(sail)?,
        entry.write(&sail.event_id)?,
    ];
    let Settled::Refused(verdicts) = settle(tables, clock, &writes).await? else {
        return Ok(Created::New(sail.clone()));
    };
    let earlier = verdicts.first().map_or(Ok(None), |verdict: &Verdict| request.earlier(verdict))?;
    match earlier {
        Some(Earlier::Answer(answer)) => match serde_json::from_value(answer) {
            Ok(sail) => Ok(Created::Again(sail)),
            Err(_) => Err(CallError::odd_result("read", "a kept answer that is no sail")),
        },
        Some(Earlier::OtherBody) => Ok(Created::OtherBody),
        None => Err(CallError::odd_result("TransactWriteItems", "a key that is taken")),
    }
}

/// Writes a changed sail over the one that was read. Slots that go must be open.
pub async fn change(
    tables: &dyn Tables,
    clock: &dyn Clock,
    before: &Sail,
    after: &Sail,
    entry: &Entry,
) -> Result<Change, CallError> {
    let mut writes = changed(before, after, entry)?;
    let stay: BTreeSet<Slot> = after.slots().into_iter().collect();
    let gone = before.slots().into_iter().filter(|slot| !stay.contains(slot));
    writes.extend(gone.map(|slot| roster::slot_key(&before.event_id, slot).check(Condition::Absent)));
    Ok(match settle(tables, clock, &writes).await? {
        Settled::Done => Change::Done,
        Settled::Refused(verdicts) => match verdicts.first() {
            Some(Verdict::Failed(_)) => Change::Revision,
            _ => Change::SlotTaken,
        },
    })
}

/// Writes a sail that leaves. Whoever was seen to command it must do so still: a captain who goes at this moment is
/// aboard or the sail is not under way.
pub async fn leave(
    tables: &dyn Tables,
    clock: &dyn Clock,
    before: &Sail,
    after: &Sail,
    entry: &Entry,
    captain: &Holder,
) -> Result<Change, CallError> {
    let mut writes = changed(before, after, entry)?;
    writes.push(roster::still_held(&before.event_id, captain));
    Ok(match settle(tables, clock, &writes).await? {
        Settled::Done => Change::Done,
        Settled::Refused(verdicts) => match verdicts.first() {
            Some(Verdict::Failed(_)) => Change::Revision,
            _ => Change::CaptainLeft,
        },
    })
}

fn changed(before: &Sail, after: &Sail, entry: &Entry) -> Result<Vec<Write>, CallError> {
    Ok(vec![put(after, same_revision(before))?, entry.write(&before.event_id)?])
}

/// The write of a sail, in the calendar of all.
pub fn put(sail: &Sail, only_if: impl Into<Option<Condition>>) -> Result<Write, CallError> {
    Ok(key(&sail.event_id).put(event(sail)?, only_if))
}

/// The item of a sail.
pub fn event(sail: &Sail) -> Result<Item, CallError> {
    let mut event = item(sail)?;
    event.insert("calendar".to_owned(), CALENDAR.into());
    Ok(event)
}

/// The key of a sail's item.
pub fn key(event_id: &EventId) -> Key {
    Table::Events.key(event_id.as_str(), "")
}

/// A sail from before there were revisions has the first.
fn same_revision(sail: &Sail) -> Condition {
    let same = Condition::is("revision", sail.revision);
    match sail.revision {
        1 => Condition::Any(vec![
            same,
            Condition::All(vec![
                Condition::Without("revision".to_owned()),
                Condition::is("event_id", sail.event_id.as_str()),
            ]),
        ]),
        _ => same,
    }
}

/// The sail of an entry. One that a person wrote wrongly must not hide all others.
fn sail(item: Item) -> Option<Sail> {
    let key = item.get("event_id").and_then(|key| key.as_str()).map(str::to_owned);
    let sail = read(item).ok();
    if sail.is_none() {
        tracing::warn!(event_id = key, "an entry of the events table is no sail");
    }
    sail
}

fn slot_of_sail(item: &Item) -> Option<SlotOfSail> {
    let field = |name: &str| item.get(name)?.as_str();
    Some(SlotOfSail { event_id: field("event_id")?.parse().ok()?, slot: field("slot")?.parse().ok()? })
}

/// A place in the index is told by its own key and the table's.
fn place(cursor: &Cursor) -> Item {
    let mut place = key(&cursor.event_id).attributes();
    place.insert("calendar".to_owned(), CALENDAR.into());
    place.insert("departs_at".to_owned(), cursor.departs_at.as_second().into());
    place
}

fn cursor(item: &Item) -> Option<Cursor> {
    Some(Cursor {
        departs_at: Timestamp::from_second(item.get("departs_at")?.as_i64()?).ok()?,
        event_id: item.get("event_id")?.as_str()?.parse().ok()?,
    })
}

impl Sail {
    /// The sail's slots with its key.
    pub fn keyed(&self, slots: impl IntoIterator<Item = Slot>) -> Vec<SlotOfSail> {
        let key = |slot| SlotOfSail { event_id: self.event_id.clone(), slot };
        slots.into_iter().map(key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sail as any_sail;

    #[test]
    fn a_sail_becomes_an_entry_that_reads_back() {
        let first = any_sail("evening", "2026-11-22T00:00:00Z");
        assert_eq!(sail(event(&first).expect("an entry")), Some(first));
    }

    #[test]
    fn an_entry_that_is_no_sail_is_left_out() {
        let mut broken = event(&any_sail("evening", "2026-11-22T00:00:00Z")).expect("an entry");
        broken.insert("departs_at".to_owned(), "tomorrow".into());
        assert_eq!(sail(broken), None);
    }

    #[test]
    fn a_cursor_is_a_key_of_the_index() {
        let here: Cursor = "1790000000.evening-1".parse().expect("a cursor");
        assert_eq!(cursor(&place(&here)), Some(here));
    }
}
