//! What one reader is told, free of any form.

pub mod ceo;

use jiff::Timestamp;
use serde::Serialize;

use crate::portfolio::Portfolio;

/// A report that can be made.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in file names, tables and results.
    pub name: &'static str,
    /// Makes it.
    pub make: fn(&Portfolio, Timestamp) -> Report,
}

/// Every report, in the order of sending.
pub const KINDS: [Kind; 1] = [Kind { name: "ceo", make: ceo::report }];

/// One report for one reader.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Its name in file names, tables and results.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// When it was made, for readers.
    pub made: String,
    /// The key findings.
    pub findings: Vec<String>,
    /// The figures that count most.
    pub kpis: Vec<KpiRow>,
    /// The analysis by category.
    pub sections: Vec<Section>,
    /// What to do, the most important first.
    pub actions: Vec<ActionRow>,
    /// Where every figure comes from.
    pub sources: Vec<SourceRow>,
    /// Everything that nobody has recorded.
    pub missing: Vec<String>,
    /// Where the crew's site is; absent: nobody said.
    pub crew_site: Option<String>,
}

/// A value that a reader sees, or the word that it is missing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Cell {
    /// What is shown.
    pub text: String,
    /// Whether that is because nobody has recorded it.
    pub missing: bool,
}

/// A figure with its name.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct KpiRow {
    /// Its name.
    pub label: String,
    /// Its value.
    pub value: Cell,
    /// How it is computed, or what it tells.
    pub note: String,
}

/// One category.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// What there is to say.
    pub paragraphs: Vec<String>,
    /// The heads of the columns; none where there is no table.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<Cell>>,
    /// What is compared; none where there is no chart.
    pub bars: Vec<Bar>,
}

/// One bar of a chart.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its figure in words.
    pub text: String,
    /// Its length in hundredths of the longest, 1 to 100.
    pub percent: u32,
}

/// Something to do.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ActionRow {
    /// 1 is first.
    pub priority: u32,
    /// What to do, and for whom.
    pub title: String,
    /// What it brings.
    pub why: String,
    /// How long it takes, estimated.
    pub effort: String,
    /// Who does it.
    pub owner: Cell,
    /// By when.
    pub due: String,
}

/// Where a figure comes from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SourceRow {
    /// The figure's name.
    pub label: String,
    /// Its value.
    pub value: Cell,
    /// Who says so, or how it is computed.
    pub source: String,
    /// The day on which it was recorded.
    pub as_of: String,
}

impl Cell {
    /// Something that is known.
    pub fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), missing: false }
    }

    /// Something that nobody has recorded.
    pub fn missing() -> Self {
        Self { text: "missing".to_owned(), missing: true }
    }
}

impl<T: Into<String>> From<Option<T>> for Cell {
    fn from(text: Option<T>) -> Self {
        text.map_or_else(Self::missing, Self::known)
    }
}
