//! Checklists in their table: `entries` is a sail's list, `marks#<person>` what one person ticked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::checklist::{self, Entry, Mark, Marks, Phase};
use crate::clock::Clock;
use crate::history::{Author, Deed, Entry as HistoryEntry};
use crate::person::PersonId;
use crate::sail::{EventId, Sail};
use crate::tables::{Condition, Query, Settled, Table, Tables, Write, item, read, settle};

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

/// What the table keeps of a sail.
struct Kept {
    list: List,
    marked: BTreeMap<PersonId, Marked>,
}

impl Kept {
    /// The marks of entries that the list has: nobody fills the table with others.
    fn of_list(&self, marks: &Marks) -> Marks {
        let is_listed = |entry_id: &String| self.list.entries.iter().any(|entry| entry.entry_id == *entry_id);
        let listed = marks.iter().filter(|(entry_id, _)| is_listed(entry_id));
        listed.map(|(entry_id, mark)| (entry_id.clone(), *mark)).collect()
    }

    fn checklist(self) -> Checklist {
        let everybody = self.marked.into_iter().map(|(person_id, marked)| (person_id, marked.marks)).collect();
        let List { entries, revision } = self.list;
        Checklist { entries, revision, done: checklist::done(&everybody) }
    }
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
    Ok(kept(tables, sail).await?.checklist())
}

async fn kept(tables: &dyn Tables, sail: &Sail) -> Result<Kept, CallError> {
    let list = List { entries: checklist::entries_for(sail), revision: 0 };
    let mut kept = Kept { list, marked: BTreeMap::new() };
    for item in tables.query(&Query::all(Table::Checklists, sail.event_id.as_str())).await? {
        let part = item.get("part").and_then(|part| part.as_str()).unwrap_or_default().to_owned();
        if part == ENTRIES {
            kept.list = read(item)?;
        } else if let Some(person_id) = part.strip_prefix(MARKS).and_then(|person_id| person_id.parse().ok()) {
            kept.marked.insert(person_id, read(item)?);
        }
    }
    Ok(kept)
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

/// Merges marks into those that this person has made, and tells the list after it; one query, and one transaction where
/// something changes. What a phone sends twice changes nothing, and what the list has no entry for is left out.
pub async fn mark(
    tables: &dyn Tables,
    clock: &dyn Clock,
    sail: &Sail,
    person_id: &PersonId,
    marks: &Marks,
) -> Result<Checklist, CallError> {
    let key = || Table::Checklists.key(sail.event_id.as_str(), format!("{MARKS}{person_id}"));
    for _ in 0..TRIES {
        let mut kept = kept(tables, sail).await?;
        let held = kept.marked.remove(person_id);
        let before = match &held {
            None => Condition::Absent,
            Some(held) => Condition::is("revision", held.revision),
        };
        let held = held.unwrap_or_default();
        let mut marked = Marked { marks: held.marks.clone(), revision: held.revision + 1 };
        checklist::merge(&mut marked.marks, &kept.of_list(marks));
        if marked.marks == held.marks
            || settle(tables, clock, &[key().put(item(&marked)?, before)]).await? == Settled::Done
        {
            kept.marked.insert(person_id.clone(), marked);
            return Ok(kept.checklist());
        }
    }
    Err(CallError::odd_result("TransactWriteItems", "marks that never stand still"))
}
