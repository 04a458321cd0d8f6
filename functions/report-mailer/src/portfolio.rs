//! The portfolio: everything that is known of the group, checked before anything is made of it.

mod business;
mod check;
mod entry;
mod files;
mod finance;
mod lists;
mod marketing;
mod operations;
mod plan;
mod read;
mod technology;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use crate::figure::{Range, Unit};

pub use business::{Asker, Asset, AssetKind, Entity, EntityKind, Kpi, Opportunity, Risk, RiskKind, Shortfall};
pub use files::{FILES, Files};
pub use finance::{Account, AccountClass, Acquisition, Infrastructure, Line, Recognition, Spend, Target};
pub use lists::{FigureEntry, Lists};
pub use marketing::{Audience, BookingSite, Channel, Reach, ReachState};
pub use operations::{Client, Delivery, Duty, DutyKind, Rate, Season};
pub use plan::{Action, Effort, Milestone, Plan, Standing, Step, Worth};
pub use technology::{Cost, Practice, PracticeState, System, UxGap};
pub use value::{Day, Key};

/// Everything that is known, and what is known to be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portfolio {
    /// The lists of all files, in their order.
    pub lists: Lists,
    /// Every recorded figure by its id.
    pub figures: BTreeMap<String, Figure>,
    /// What is wrong with the files; none in a sound portfolio. A file with a fault fails the reports that need it.
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

/// One number that a report may show.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The id of the entity whose it is.
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
    pub as_of: Date,
}

impl Portfolio {
    /// Reads and checks; every fault of every file is told at once, in `faults`.
    pub fn read(files: &Files) -> Self {
        read::portfolio(files)
    }

    /// An entity's name for readers.
    pub fn name_of<'a>(&'a self, entity: &'a str) -> &'a str {
        let found = self.lists.entities.iter().find(|known| &*known.id == entity);
        found.map_or(entity, |known| known.name.as_str())
    }
}

/// The JSON Schema of a portfolio file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Lists).to_value()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}
