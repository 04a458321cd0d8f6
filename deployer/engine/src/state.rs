//! State: a cache of what we made, never its truth. Names and tags are the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;
use crate::history::Run;
use crate::resource::{Facts, LiveValue};
use crate::value::sha256_hex;

/// The version of the format that this deployer writes.
pub const FORMAT: u32 = 1;
/// The largest state that is read, in bytes: a thousand times what a stack of this size needs is no state.
pub const MAX_BYTES: usize = 64 << 20;
/// The most records that are read: ten for each declaration that a stack may have.
pub const MAX_RECORDS: usize = 100_000;

/// Which environment of which stack a state belongs to. Another one's state is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The stack's name.
    pub stack: String,
    /// The environment's name.
    pub environment: String,
    /// The account, 12 digits.
    pub account: String,
    /// The stack's region.
    pub region: String,
}

/// What a record's object is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The one in use.
    Current,
    /// Replaced; to be deleted when nothing uses it any more.
    Deposed,
    /// An older one kept for a rollback.
    Retained,
}

/// What we know of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The resource's address.
    pub address: Address,
    /// The object's id. Address and id together are the record's key.
    pub id: String,
    /// The type of resource or effect.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Where it lives: a region, or `global`. Empty in a record that does not say it.
    #[serde(default)]
    pub region: String,
    /// The version of the shape of `inputs`; 1 in a record that does not say it.
    #[serde(default = "first_form")]
    pub schema: u32,
    /// What the object is to us.
    pub standing: Standing,
    /// Counts the records of an address in the order in which they took their standing: the age of retained ones.
    pub ordinal: u64,
    /// What we set the last time.
    pub inputs: Value,
    /// What AWS minted.
    pub outputs: Value,
    /// What it waited for: delete it before these.
    pub depends: BTreeSet<Address>,
}

impl Record {
    /// The record of an object whose inputs were last set to `inputs`; the stack is in `stack_region`.
    pub fn of(
        facts: &Facts,
        stack_region: &str,
        address: &Address,
        live: &LiveValue,
        inputs: Value,
        depends: BTreeSet<Address>,
        standing: Standing,
    ) -> Self {
        Self {
            address: address.clone(),
            id: live.id.clone(),
            type_name: facts.type_name.to_owned(),
            region: facts.place.region(stack_region).to_owned(),
            schema: facts.schema,
            standing,
            ordinal: 0,
            inputs,
            outputs: live.outputs.clone(),
            depends,
        }
    }

    /// The object as the record tells it.
    pub fn live(&self) -> LiveValue {
        LiveValue { id: self.id.clone(), inputs: self.inputs.clone(), outputs: self.outputs.clone() }
    }
}

/// A creation that began and has not been seen to end: it may exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The resource's address.
    pub address: Address,
    /// The type of resource.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The inputs that it was created with: its identity rule finds it by these.
    pub inputs: Value,
    /// What it waited for.
    pub depends: BTreeSet<Address>,
}

/// All records of one environment of one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The format's version.
    pub format: u32,
    /// Whose it is.
    pub scope: Scope,
    /// Made at random with the first state: tells two histories apart.
    pub lineage: String,
    /// Grows by one with each write.
    pub serial: u64,
    /// What we made, by address, then by age.
    pub records: Vec<Record>,
    /// What we may have made.
    pub intents: Vec<Intent>,
    /// The stack's named values as they were told last.
    pub outputs: BTreeMap<String, String>,
    /// The last runs that changed something, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Run>,
}

impl State {
    /// The state before the first deploy.
    pub fn empty(scope: Scope, lineage: String) -> Self {
        Self {
            format: FORMAT,
            scope,
            lineage,
            serial: 0,
            records: Vec::new(),
            intents: Vec::new(),
            outputs: BTreeMap::new(),
            history: Vec::new(),
        }
    }

    /// The records of an address, the youngest last.
    pub fn records_at(&self, address: &Address) -> &[Record] {
        &self.records[self.range(address)]
    }

    /// The record in use at an address.
    pub fn current(&self, address: &Address) -> Option<&Record> {
        self.records_at(address).iter().find(|each| each.standing == Standing::Current)
    }

    /// Writes a record. A current one retires the one that was current before: `retire` says as what.
    pub fn put(&mut self, mut record: Record, retire: Standing) {
        self.intents.retain(|each| each.address != record.address);
        let range = self.range(&record.address);
        let others = &mut self.records[range.clone()];
        if record.standing == Standing::Current {
            for other in others.iter_mut().filter(|each| each.id != record.id && each.standing == Standing::Current) {
                other.standing = retire;
            }
        }
        // One that is in use again is the youngest again.
        let youngest = others.last().map_or(0, |each| each.ordinal + 1);
        let known = others.iter().position(|each| each.id == record.id);
        record.ordinal = match known.map(|at| &others[at]).filter(|former| former.standing == record.standing) {
            Some(former) => former.ordinal,
            None => youngest,
        };
        if let Some(at) = known {
            self.records.remove(range.start + at);
        }
        let at = self.records.partition_point(|each| age(each) < age(&record));
        self.records.insert(at, record);
    }

    fn range(&self, address: &Address) -> Range<usize> {
        let start = self.records.partition_point(|each| each.address < *address);
        let length = self.records[start..].partition_point(|each| each.address == *address);
        start..start + length
    }

    /// Removes a record.
    pub fn remove(&mut self, address: &Address, id: &str) {
        self.records.retain(|each| each.address != *address || each.id != id);
    }

    /// Renames an address in every record.
    pub fn rename(&mut self, from: &Address, to: &Address) {
        let renamed = |address: &Address| if address == from { to.clone() } else { address.clone() };
        for record in &mut self.records {
            record.address = renamed(&record.address);
            record.depends = record.depends.iter().map(renamed).collect();
        }
        for intent in &mut self.intents {
            intent.address = renamed(&intent.address);
            intent.depends = intent.depends.iter().map(renamed).collect();
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.records.sort_by(|one, other| age(one).cmp(&age(other)));
    }

    /// The state's file: its text and a checksum that notices every flipped bit.
    pub fn to_text(&self) -> String {
        let body = serde_json::to_value(self).expect("a state is plain data");
        let checksum = sha256_hex(&body);
        let sealed = serde_json::json!({ "checksum": checksum, "state": body });
        let mut text = serde_json::to_string_pretty(&sealed).expect("a state is plain data");
        text.push('\n');
        text
    }

    /// Reads a state's file. `scope` is whose it must be.
    pub fn read(text: &str, scope: &Scope) -> Result<Self, BadState> {
        let damaged = |error: serde_json::Error| BadState::Damaged(error.to_string());
        if text.len() > MAX_BYTES {
            return Err(BadState::Damaged(format!("it has {} bytes, more than {MAX_BYTES}", text.len())));
        }
        let sealed: Value = serde_json::from_str(text).map_err(damaged)?;
        let body = &sealed["state"];
        if let Some(format) = body["format"].as_u64().filter(|format| *format > u64::from(FORMAT)) {
            return Err(BadState::Newer(format));
        }
        if sealed["checksum"] != sha256_hex(body) {
            return Err(BadState::Damaged("its checksum does not fit its content".into()));
        }
        if let Some(records) = body["records"].as_array().filter(|records| records.len() > MAX_RECORDS) {
            return Err(BadState::Damaged(format!("it has {} records, more than {MAX_RECORDS}", records.len())));
        }
        let mut state: Self = serde_json::from_value(body.clone()).map_err(damaged)?;
        state.sort();
        if state.scope == *scope { Ok(state) } else { Err(BadState::Foreign(Box::new(state.scope))) }
    }
}

fn first_form() -> u32 {
    1
}

/// The order of records.
fn age(record: &Record) -> (&Address, u64, &str) {
    (&record.address, record.ordinal, &record.id)
}

/// Why a state cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadState {
    /// Its text is not what was written.
    Damaged(String),
    /// A newer deployer wrote it; the format's version.
    Newer(u64),
    /// It belongs to another stack, environment, account or region.
    Foreign(Box<Scope>),
}

impl fmt::Display for BadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) => write!(f, "the state is damaged: {why}"),
            Self::Newer(format) => {
                write!(f, "the state has format {format}, this deployer knows {FORMAT}: use the newer deployer")
            }
            Self::Foreign(scope) => {
                write!(
                    f,
                    "the state belongs to stack {} in {} (account {}, {})",
                    scope.stack, scope.environment, scope.account, scope.region
                )
            }
        }
    }
}

impl std::error::Error for BadState {}
