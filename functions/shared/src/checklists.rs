//! Checklists in their table: `entries` is a sail's list, `marks#<person>` what one person ticked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::checklist::{self, Entry, Mark, Marks, Phase};
use crate::clock::Clock;
use crate::history::{Author, Deed, Entry as HistoryEntry};
use crate::person::PersonId;
use crate::sail::{EventId, Sail};
use crate::tables::{Condition, Item, Query, Settled, Table, Tables, Write, item, read, settle};

const ENTRIES: &str = "entries";
const MARKS: &str = "marks#";
/// How often marks that the same person's other phone changed are read again.
const TRIES: u32 = 20;

/// The list of a sail, and who has done what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checklist {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Grows with each edit; 0: nobody has edited the template's list.
    pub revision: u32,
    /// Who has done what, by entry.
    pub done: BTreeMap<String, (PersonId, Mark)>,
}

#[derive(Serialize, Deserialize)]
struct List {
    entries: Vec<Entry>,
    revision: u32,
}

#[derive(Default, Serialize, Deserialize)]
struct Marked {
    marks: Marks,
    revision: u32,
}

impl Checklist {
    /// The entries that nobody has done, of these phases up to the given one.
    pub fn open(&self, until: Phase) -> impl Iterator<Item = &Entry> {
        let open = move |entry: &&Entry| entry.phase <= until && !self.done.contains_key(&entry.entry_id);
        self.entries.iter().filter(open)
    }
}

/// The list of a sail; one query. A sail that nobody wrote a list for has the template's.
pub async fn of_sail(tables: &dyn Tables, sail: &Sail) -> Result<Checklist, CallError> {
    let mut list = List { entries: checklist::entries_for(sail), revision: 0 };
    let mut everybody: BTreeMap<PersonId, Marks> = BTreeMap::new();
    for item in tables.query(&Query::all(Table::Checklists, sail.event_id.as_str())).await? {
        let part = item.get("part").and_then(|part| part.as_str()).unwrap_or_default().to_owned();
        if part == ENTRIES {
            list = read(item)?;
        } else if let Some(person_id) = part.strip_prefix(MARKS).and_then(|person_id| person_id.parse().ok()) {
            everybody.insert(person_id, read::<Marked>(item)?.marks);
        }
    }
    Ok(Checklist { entries: list.entries, revision: list.revision, done: checklist::done(&everybody) })
}

/// The write that gives a new sail its list.
pub fn first(sail: &Sail) -> Result<Write, CallError> {
    let list = List { entries: checklist::entries_for(sail), revision: 1 };
    Ok(Table::Checklists.key(sail.event_id.as_str(), ENTRIES).put(item(&list)?, Condition::Absent))
}

/// Writes an edited list over the one with the given revision; false: it has another one by now.
pub async fn edit(
    tables: &dyn Tables,
    clock: &dyn Clock,
    author: Author,
    event_id: &EventId,
    entries: Vec<Entry>,
    revision: u32,
) -> Result<bool, CallError> {
    let before = match revision {
        0 => Condition::Absent,
        _ => Condition::is("revision", revision),
    };
    let list = List { entries, revision: revision + 1 };
    let writes = [
        Table::Checklists.key(event_id.as_str(), ENTRIES).put(item(&list)?, before),
        HistoryEntry::new(clock.now(), author, Deed::ChecklistEdited).write(event_id)?,
    ];
    Ok(settle(tables, clock, &writes).await? == Settled::Done)
}

/// Merges marks into those that this person has made. What a phone sends twice changes nothing.
pub async fn mark(
    tables: &dyn Tables,
    clock: &dyn Clock,
    event_id: &EventId,
    person_id: &PersonId,
    marks: &Marks,
) -> Result<(), CallError> {
    let key = || Table::Checklists.key(event_id.as_str(), format!("{MARKS}{person_id}"));
    for _ in 0..TRIES {
        let held: Option<Marked> = tables.get(&key()).await?.map(read).transpose()?;
        let before = match &held {
            None => Condition::Absent,
            Some(held) => Condition::is("revision", held.revision),
        };
        let held = held.unwrap_or_default();
        let mut merged = held.marks.clone();
        checklist::merge(&mut merged, marks);
        if merged == held.marks {
            return Ok(());
        }
        let next: Item = item(&Marked { marks: merged, revision: held.revision + 1 })?;
        if settle(tables, clock, &[key().put(next, before)]).await? == Settled::Done {
            return Ok(());
        }
    }
    Err(CallError::odd_result("TransactWriteItems", "marks that never stand still"))
}
