//! The tables of the crew's nouns, as a port: items, conditions and transactions as data, so that one
//! code runs on DynamoDB and in memory. What each noun keeps where is told beside the noun.
//!
//! | table | hash | range | what |
//! |---|---|---|---|
//! | events | `event_id` | | the sails; index `by-departure`: `calendar`, `departs_at` |
//! | roles | `event_id` | `slot` | who holds a slot, and `person#<id>`: the one slot of a person |
//! | waivers | `event_id` | `waiver_id` | what was signed; index `on-hold`: `hold`, `held_at` |
//! | checklists | `event_id` | `part` | the list of a sail, and each person's marks |
//! | audit | `event_id` | `entry` | who did what to a sail |
//! | requests | `request_id` | | answers kept for repeated requests, until `expires_at` |
//! | nudges | `nudge_id` | | what was mailed; index `unsettled`: `unsettled`, `claimed_at` |

mod dynamodb;
mod expression;
mod health;
mod settle;
mod table;

use serde_json::{Map, Value};

use crate::BoxFuture;
use crate::call_error::CallError;

pub use dynamodb::{DynamoTables, TableNames};
pub use health::{TableHealth, health};
pub use settle::{Settled, settle};
pub use table::{Index, Source, Table};

/// An item: attributes by name. Numbers are whole; nothing is `null`.
pub type Item = Map<String, Value>;

/// Where items are kept.
pub trait Tables: Send + Sync {
    /// One item, as the latest write left it.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Item>, CallError>>;
    /// Several items of any tables, in one call for each hundred, all at once; those that are not there are left out.
    fn get_all<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Item>, CallError>>;
    /// Items that share a hash key, in the order of the range key.
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Item>, CallError>>;
    /// Writes all or nothing, once. At most [`MOST_WRITES`], no two of one item.
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<Written, CallError>>;
}

/// The most writes of one transaction. Source: TransactWriteItems.
pub const MOST_WRITES: usize = 100;

/// The key of an item.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// The table.
    pub table: Table,
    /// The value of the hash key.
    pub hash: String,
    /// The value of the range key; empty where the table has none.
    pub range: String,
}

/// Which items are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Where they are.
    pub from: Source,
    /// The value of the hash key.
    pub hash: String,
    /// Which of them.
    pub range: Range,
    /// The attributes of the last item that is not wanted again: keys of table and index.
    pub after: Option<Item>,
    /// The most items; absent: all.
    pub limit: Option<u32>,
    /// Whether the largest range key comes first.
    pub backwards: bool,
}

/// Which range keys are wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Range {
    /// Every one.
    All,
    /// Texts that begin so.
    Prefix(String),
    /// Texts before this one.
    Below(String),
    /// Numbers from the first to the last; absent: no end.
    Numbers(i64, Option<i64>),
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What is written.
    pub key: Key,
    /// What is done.
    pub act: Act,
    /// What must hold of the item before; absent: anything.
    pub only_if: Option<Condition>,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// The item becomes this one; its keys are added.
    Put(Item),
    /// The item goes.
    Delete,
    /// Nothing: only the condition counts.
    Check,
}

/// What must hold of an item. A path such as `slots.deckhand` names an attribute within another.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// There is no item.
    Absent,
    /// The attribute has this value.
    Is(String, Value),
    /// The attribute has one of these values.
    IsOneOf(String, Vec<Value>),
    /// The attribute is a number of at least this.
    AtLeast(String, i64),
    /// The attribute is a number of at most this.
    AtMost(String, i64),
    /// The attribute is not there, on an item or without one.
    Without(String),
    /// All of them.
    All(Vec<Condition>),
    /// One of them at least.
    Any(Vec<Condition>),
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It was written.
    Done,
    /// Conditions did not hold, nothing was written. One entry a write, in their order.
    Refused(Vec<Verdict>),
    /// Another transaction held one of the items; nothing was written.
    Conflict,
}

/// What became of the condition of one write.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It held, or was not looked at.
    Held,
    /// It did not hold of this item; `None`: there is none.
    Failed(Option<Item>),
}

impl Key {
    /// The key's attributes.
    pub fn attributes(&self) -> Item {
        let (hash, range) = self.table.keys();
        let mut item = Item::from_iter([(hash.to_owned(), self.hash.as_str().into())]);
        if let Some(range) = range {
            item.insert(range.to_owned(), self.range.as_str().into());
        }
        item
    }

    /// A write of this item.
    pub fn put(self, item: Item, only_if: impl Into<Option<Condition>>) -> Write {
        Write { key: self, act: Act::Put(item), only_if: only_if.into() }
    }

    /// A deletion.
    pub fn delete(self, only_if: impl Into<Option<Condition>>) -> Write {
        Write { key: self, act: Act::Delete, only_if: only_if.into() }
    }

    /// A look that must find what the condition says.
    pub fn check(self, only_if: Condition) -> Write {
        Write { key: self, act: Act::Check, only_if: Some(only_if) }
    }
}

impl Query {
    /// Every item of a table with this hash key.
    pub fn all(table: Table, hash: impl Into<String>) -> Self {
        Self {
            from: Source::Table(table),
            hash: hash.into(),
            range: Range::All,
            after: None,
            limit: None,
            backwards: false,
        }
    }

    /// Items of an index.
    pub fn index(index: Index, hash: impl Into<String>) -> Self {
        Self { from: Source::Index(index), ..Self::all(Table::Events, hash) }
    }

    /// Only these range keys.
    pub fn range(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// So many after this one.
    pub fn page(self, after: Option<Item>, limit: u32) -> Self {
        Self { after, limit: Some(limit), ..self }
    }

    /// The largest range key first.
    pub fn backwards(self) -> Self {
        Self { backwards: true, ..self }
    }
}

impl Condition {
    /// The attribute has this value.
    pub fn is(path: &str, value: impl Into<Value>) -> Self {
        Self::Is(path.to_owned(), value.into())
    }
}

/// What an item holds, read as a type. The error is that somebody wrote something else there; it quotes nothing.
pub fn read<T: serde::de::DeserializeOwned>(item: Item) -> Result<T, CallError> {
    serde_json::from_value(Value::Object(item)).map_err(|_| CallError::odd_result("read", "an item of another shape"))
}

/// A value as an item.
pub fn item<T: serde::Serialize>(value: &T) -> Result<Item, CallError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(item)) => Ok(item),
        _ => Err(CallError::odd_result("write", "a value that is no item")),
    }
}
