//! The tables in memory, with DynamoDB's rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;

use super::Faults;
use crate::BoxFuture;
use crate::call_error::CallError;
use crate::tables::{
    Act, Condition, Item, Key, MOST_WRITES, Query, Range, Source, Table, Tables, Verdict, Write, Written,
};

/// All tables, empty at first. Between a call and its effect other tasks may run.
#[derive(Debug, Default)]
pub struct MemoryTables {
    faults: Arc<Faults>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    broken: BTreeSet<Table>,
    calls: Calls,
    conflict_every: Option<u32>,
}

/// How often each sort of call was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Calls {
    /// Of one item.
    pub gets: u32,
    /// Of several items.
    pub batches: u32,
    /// Of items with one hash key.
    pub queries: u32,
    /// Of writes.
    pub transactions: u32,
}

impl MemoryTables {
    /// Empty tables whose calls count among `faults`.
    pub fn new(faults: Arc<Faults>) -> Self {
        Self { faults, state: Mutex::default() }
    }

    /// Writes an item past all conditions.
    pub fn set(&self, key: Key, mut item: Item) {
        item.extend(key.attributes());
        self.state().items.insert(key, item);
    }

    /// Every item of a table.
    pub fn items(&self, table: Table) -> Vec<Item> {
        let state = self.state();
        state.items.iter().filter(|(key, _)| key.table == table).map(|(_, item)| item.clone()).collect()
    }

    /// From now on the table refuses.
    pub fn break_table(&self, table: Table) {
        self.state().broken.insert(table);
    }

    /// From now on each `n`th transaction meets another one, whatever it is about.
    pub fn conflict_every(&self, n: u32) {
        self.state().conflict_every = Some(n);
    }

    /// How many calls there were.
    pub fn calls(&self) -> Calls {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("never poisoned")
    }

    fn works(&self, tables: impl IntoIterator<Item = Table>) -> Result<(), CallError> {
        let state = self.state();
        match tables.into_iter().any(|table| state.broken.contains(&table)) {
            true => Err(CallError::odd_result("Query", "ResourceNotFoundException")),
            false => Ok(()),
        }
    }

    fn found(&self, query: &Query) -> Vec<Item> {
        let mut state = self.state();
        state.calls.queries += 1;
        let (table, hash, range) = query.from.keys();
        // In a table the items of one hash key stand together; those of an index come from everywhere.
        let within = match query.from {
            Source::Table(_) => Some(query.hash.as_str()),
            Source::Index(_) => None,
        };
        let first = Key { table, hash: within.unwrap_or_default().to_owned(), range: String::new() };
        let is_here = |key: &Key| key.table == table && within.is_none_or(|hash| key.hash == hash);
        let of_table = state.items.range(first..).take_while(|(key, _)| is_here(key)).map(|(_, item)| item);
        let wanted = |item: &&Item| {
            item.get(hash).and_then(Value::as_str) == Some(&query.hash)
                && range.is_none_or(|range| item.get(range).is_some_and(|value| is_within(value, &query.range)))
        };
        let mut found: Vec<Item> = of_table.filter(wanted).cloned().collect();
        found.sort_by_key(|item| order(query.from, item));
        if query.backwards {
            found.reverse();
        }
        if let Some(after) = &query.after {
            let after = order(query.from, after);
            found.retain(|item| match query.backwards {
                true => order(query.from, item) < after,
                false => order(query.from, item) > after,
            });
        }
        found.truncate(query.limit.map_or(usize::MAX, |limit| limit as usize));
        found
    }

    fn transact(&self, writes: &[Write]) -> Written {
        let distinct: BTreeSet<&Key> = writes.iter().map(|write| &write.key).collect();
        assert!(distinct.len() == writes.len() && writes.len() <= MOST_WRITES, "DynamoDB refuses such a transaction");
        let mut state = self.state();
        state.calls.transactions += 1;
        if state.conflict_every.is_some_and(|n| state.calls.transactions.is_multiple_of(n)) {
            return Written::Conflict;
        }
        let verdict = |write: &Write| {
            let item = state.items.get(&write.key);
            match write.only_if.as_ref().is_none_or(|only_if| holds(only_if, item)) {
                true => Verdict::Held,
                false => Verdict::Failed(item.cloned()),
            }
        };
        let verdicts: Vec<Verdict> = writes.iter().map(verdict).collect();
        if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Failed(_))) {
            return Written::Refused(verdicts);
        }
        for write in writes {
            match &write.act {
                Act::Put(item) => {
                    let mut item = item.clone();
                    item.extend(write.key.attributes());
                    state.items.insert(write.key.clone(), item);
                }
                Act::Delete => {
                    state.items.remove(&write.key);
                }
                Act::Check => {}
            }
        }
        Written::Done
    }
}

impl Tables for MemoryTables {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Item>, CallError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.works([key.table])?;
            self.faults.call("GetItem", || {
                let mut state = self.state();
                state.calls.gets += 1;
                Ok(state.items.get(key).cloned())
            })
        })
    }

    fn get_all<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Item>, CallError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.works(keys.iter().map(|key| key.table))?;
            self.faults.call("BatchGetItem", || {
                let mut state = self.state();
                state.calls.batches += 1;
                Ok(keys.iter().filter_map(|key| state.items.get(key).cloned()).collect())
            })
        })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Item>, CallError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.works([query.from.keys().0])?;
            self.faults.call("Query", || match is_refused(query) {
                true => Err(CallError::odd_result("Query", "ValidationException")),
                false => Ok(self.found(query)),
            })
        })
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<Written, CallError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.works(writes.iter().map(|write| write.key.table))?;
            let written = self.faults.call("TransactWriteItems", || Ok(self.transact(writes)));
            tokio::task::yield_now().await;
            written
        })
    }
}

/// Where an item stands: by the index's range key, then by the table's own keys.
fn order(source: Source, item: &Item) -> (i64, Vec<String>) {
    let (table, _, range) = source.keys();
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = range.and_then(|range| item.get(range)).and_then(Value::as_i64).unwrap_or(0);
    let (hash, own) = table.keys();
    let by_table = own.map(text).unwrap_or_default();
    match source {
        Source::Table(_) => (0, vec![by_table]),
        Source::Index(_) => (number, vec![text(hash), by_table]),
    }
}

/// Whether DynamoDB refuses to look: a range that ends before it begins, or a place outside the range.
fn is_refused(query: &Query) -> bool {
    let (_, _, range) = query.from.keys();
    let place = query.after.as_ref().and_then(|after| after.get(range?));
    let is_empty = matches!(query.range, Range::Numbers(from, Some(until)) if until < from);
    is_empty || place.is_some_and(|place| !is_within(place, &query.range))
}

fn is_within(value: &Value, range: &Range) -> bool {
    match range {
        Range::All => true,
        Range::Prefix(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix.as_str())),
        Range::Below(end) => value.as_str().is_some_and(|text| text < end.as_str()),
        Range::Numbers(from, until) => {
            value.as_i64().is_some_and(|number| number >= *from && until.is_none_or(|until| number <= until))
        }
    }
}

fn holds(condition: &Condition, item: Option<&Item>) -> bool {
    let at = |path: &str| {
        let mut parts = path.split('.');
        let first = item?.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    };
    match condition {
        Condition::Absent => item.is_none(),
        Condition::Without(path) => at(path).is_none(),
        Condition::Is(path, value) => at(path) == Some(value),
        Condition::IsOneOf(path, values) => at(path).is_some_and(|value| values.contains(value)),
        Condition::AtLeast(path, least) => at(path).and_then(Value::as_i64).is_some_and(|number| number >= *least),
        Condition::AtMost(path, most) => at(path).and_then(Value::as_i64).is_some_and(|number| number <= *most),
        Condition::All(all) => all.iter().all(|each| holds(each, item)),
        Condition::Any(any) => any.iter().any(|each| holds(each, item)),
    }
}
