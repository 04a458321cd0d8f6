//! The portfolio: everything that is known of the group, checked before anything is made of it.

mod check;
mod files;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::figure::{Range, Unit};

pub use files::{FILES, Files};

/// Everything that is known, and what is known to be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    /// The group, its companies and side operations, in the order of the file.
    pub entities: Vec<Entity>,
    /// What they have.
    pub assets: Vec<Asset>,
    /// Every figure by its id.
    pub figures: BTreeMap<String, Figure>,
    /// The KPIs that an executive asks for.
    pub kpis: Vec<Kpi>,
    /// Critical shortfalls with evidence.
    pub shortfalls: Vec<Shortfall>,
    /// Equity and key-person risks.
    pub risks: Vec<Risk>,
    /// Where revenue can come from, the first first.
    pub pipeline: Vec<Opportunity>,
    /// The 30-day agenda, the most important first.
    pub actions: Vec<Action>,
    /// What is wrong with the files; none in a sound portfolio.
    pub faults: Vec<Fault>,
}

/// One fault of the portfolio's files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A company, a side operation, or the group itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entity {
    /// Its key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What sort of entity it is.
    pub kind: EntityKind,
    /// What it does.
    pub business: String,
    /// What it runs on; absent: missing.
    pub systems: Option<String>,
}

/// What sort of entity it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    /// What the companies share.
    Group,
    /// One of the companies.
    Company,
    /// Something run beside them.
    SideOperation,
}

/// Something that an entity has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asset {
    /// Whose it is.
    pub entity: String,
    /// What it is.
    pub name: String,
    /// What sort of thing it is.
    pub kind: AssetKind,
    /// What a reader should know.
    pub note: Option<String>,
    /// The id of the figure that measures it; absent: its value is missing.
    pub figure: Option<String>,
    /// False where nothing is known but that there must be some.
    pub recorded: bool,
}

/// What sort of thing an asset is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssetKind {
    /// Software that runs.
    Application,
    /// Records.
    Data,
    /// A way to reach people.
    Mail,
    /// People who can be reached.
    List,
    /// Land, buildings, vehicles, equipment.
    Property,
    /// Boats.
    Vessels,
}

/// One number that a report may show.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Whose it is.
    pub entity: String,
    /// Its name for readers.
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    /// The number; absent: missing.
    pub known: Option<Known>,
}

/// A number and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The number.
    pub value: Range,
    /// Who says so.
    pub source: String,
    /// The day on which it was recorded.
    pub as_of: String,
}

/// A measure that an executive asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kpi {
    /// Its name.
    pub name: String,
    /// What it tells.
    pub tells: String,
    /// The id of the figure; absent: nobody measures it.
    pub figure: Option<String>,
}

/// Something that the business lacks and needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shortfall {
    /// Who lacks it.
    pub entity: String,
    /// What is lacking.
    pub title: String,
    /// How that is known.
    pub evidence: String,
}

/// Something that can go wrong with shares or people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Risk {
    /// Whose it is.
    pub entity: String,
    /// Shares or people.
    pub kind: RiskKind,
    /// What it is about.
    pub title: String,
    /// What is known; absent: missing.
    pub evidence: Option<String>,
}

/// What a risk hangs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// Who owns what.
    Equity,
    /// Who alone can do something.
    KeyPerson,
}

/// Where revenue can come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opportunity {
    /// Whose it is.
    pub entity: String,
    /// What it is.
    pub title: String,
    /// 1 is the first to do.
    pub order: u32,
    /// The id of the figure; absent: missing.
    pub potential: Option<String>,
    /// What to do next.
    pub next_step: String,
}

/// One thing to do within 30 days.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Action {
    /// Its key.
    pub id: String,
    /// For whom.
    pub entity: String,
    /// What to do.
    pub title: String,
    /// What it brings.
    pub why: String,
    /// 1 is first.
    pub priority: u32,
    /// How long it takes, estimated.
    pub effort: Effort,
    /// Who does it; absent: missing.
    pub owner: Option<String>,
    /// The day of the agenda by which it is done.
    pub due_day: u32,
}

/// How long an action takes, estimated.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// A day.
    Small,
    /// A week.
    Medium,
    /// More.
    Large,
}

impl Portfolio {
    /// Reads and checks; every fault of every file is told at once, in `faults`.
    pub fn read(files: &Files) -> Self {
        read::portfolio(files)
    }

    /// The value of a figure, where it is known.
    pub fn value(&self, figure: &str) -> Option<Range> {
        let known = self.figures.get(figure)?.known.as_ref();
        known.map(|known| known.value)
    }

    /// An entity's name for readers.
    pub fn name_of<'a>(&'a self, entity: &'a str) -> &'a str {
        let found = self.entities.iter().find(|known| known.id == entity);
        found.map_or(entity, |known| known.name.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}
