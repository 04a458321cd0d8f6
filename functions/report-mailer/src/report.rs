//! What one reader is told, as plain data without any form.

mod accounting;
mod build;
mod cell;
mod ceo;
mod cfo;
mod chart;
mod client_portfolio;
mod cmo;
mod cto;
mod draft;
mod id;
mod kinds;
mod plans;
mod rental;
mod stale;
#[cfg(test)]
mod tests;
mod yacht_delivery;

use jiff::civil::Date;
use serde::Serialize;

use crate::live::Live;
use crate::models;
use crate::portfolio::{Effort, Fault, Portfolio, Worth};
use crate::template;
use draft::Context;
use kinds::{KINDS, Kind};

pub use cell::{Cell, Mark, Prose, Shown};
pub use chart::{Bar, Chart, Line};
pub use id::ReportId;
pub use stale::{Old, Stale};

/// One report for one reader.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Which report it is.
    pub id: ReportId,
    /// Its title: `CEO report`.
    pub title: &'static str,
    /// For whom it is written: `the chief executive`.
    pub reader: &'static str,
    /// The day for which it was made. The same data and day make the same report.
    pub as_of: Date,
    /// The first screen: what the reader must decide, the earliest day first; at most 4, none when all is decided.
    pub decide: Vec<Decision>,
    /// Where things stand, in one or two paragraphs.
    pub summary: Vec<Prose>,
    /// The key findings, the most important first.
    pub findings: Vec<Finding>,
    /// The figures that count most.
    pub kpis: Vec<Kpi>,
    /// The analysis by category.
    pub sections: Vec<Section>,
    /// What to do, the first to do first.
    pub actions: Vec<Action>,
    /// Where every figure of this report comes from, inputs before what is computed from them.
    pub appendix: Vec<Trace>,
    /// What is too old to rely on, the oldest first.
    pub stale: Stale,
    /// Everything that this report lacks: first that which would tell the most.
    pub missing: Vec<Missing>,
}

/// Something that only the reader can decide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The question, answered by yes, no or a name.
    pub question: Prose,
    /// What is recommended, and why.
    pub recommendation: Prose,
    /// The day of the action that answers it; absent: no day is set.
    pub by: Option<Date>,
    /// Whether that day is over.
    pub overdue: bool,
}

/// One thing that the data say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// How it stands.
    pub mark: Mark,
    /// What it is.
    pub text: Prose,
}

/// A figure that the reader steers by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kpi {
    /// Its name.
    pub label: String,
    /// What it is; the trace has source and day.
    pub figure: Shown,
    /// What it should be; absent: no target is set.
    pub target: Option<Shown>,
    /// What it tells, or how it is computed.
    pub tells: String,
    /// How it stands against its target.
    pub mark: Mark,
}

/// One category of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// What it says, in reading order; at least one.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Prose),
    /// Points without an order.
    List(Vec<Prose>),
    /// A table.
    Table(Table),
    /// A picture of figures.
    Chart(Chart),
    /// Small print: how to read the rest, what was assumed.
    Note(Prose),
}

/// A table; every row is as long as `columns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The heads of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// The last row, where it sums the others up.
    pub total: Option<Vec<Cell>>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Action {
    /// Its key, the same in every report and run.
    pub id: String,
    /// 1 is first. Ranked by value and effort.
    pub priority: u32,
    /// What to do.
    pub title: String,
    /// The name of the entity that it is for.
    pub entity: String,
    /// What it brings.
    pub why: Prose,
    /// How much it brings, estimated.
    pub value: Worth,
    /// How long it takes, estimated.
    pub effort: Effort,
    /// The role or person who does it; absent: nobody has taken it on.
    pub owner: Option<String>,
    /// By when; absent: no day is set.
    pub due: Option<Date>,
}

/// Where one figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// Its key: the `id` of every place that shows the figure.
    pub id: String,
    /// Its name for readers.
    pub label: String,
    /// The figure itself.
    pub figure: Shown,
    /// How it comes to be known.
    pub kept: Kept,
    /// Who says so, what was read, or the formula.
    pub source: String,
    /// The day on which it was recorded or read; of a computed one, that of its oldest input. Absent where it is missing.
    pub as_of: Option<Date>,
    /// The keys of what it is computed from; none where it was recorded or read.
    pub inputs: Vec<String>,
}

/// How a figure comes to be known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Somebody writes it down.
    Recorded,
    /// It is read from a running system, or from what one exported.
    Read,
    /// It follows from others.
    Computed,
}

/// Something that the report lacks.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Missing {
    /// What sort of thing it is.
    pub kind: MissingKind,
    /// Its name.
    pub name: String,
    /// Why it is missing, where more is known than that nobody has recorded it.
    pub reason: Option<String>,
    /// The labels of the figures that it keeps from being computed.
    pub unlocks: Vec<String>,
}

/// What sort of thing is missing.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingKind {
    /// A source that should have been read.
    Source,
    /// A figure.
    Figure,
    /// The measurement of a KPI.
    Kpi,
    /// What something is worth, or whether there is any.
    Asset,
    /// Who does something.
    Owner,
    /// Any other fact.
    Fact,
}

/// A report that cannot be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failed {
    /// Which report it is.
    pub report: ReportId,
    /// What is wrong with the data that it needs; at least one.
    pub faults: Vec<Fault>,
}

/// Makes every report, in the order of sending; one that fails stops no other.
pub fn all(portfolio: &Portfolio, live: &Live, as_of: Date) -> Vec<Result<Report, Failed>> {
    let book = models::book(portfolio, live, as_of);
    let cx = Context { portfolio, live, book: &book, as_of };
    KINDS.iter().map(|kind| one(&cx, kind)).collect()
}

fn one(cx: &Context<'_>, kind: &Kind) -> Result<Report, Failed> {
    let needed = |fault: &&Fault| kind.files.contains(&fault.file.as_str());
    let faults: Vec<Fault> = cx.portfolio.faults.iter().filter(needed).cloned().collect();
    if !faults.is_empty() {
        return Err(Failed { report: kind.id, faults });
    }
    let (file, text) = kind.text;
    let template = template::parse(file, text).map_err(|fault| Failed { report: kind.id, faults: vec![fault] })?;
    Ok(draft::report(cx, kind, &template, (kind.make)(cx)))
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.faults.as_slice() {
            [] => f.write_str("its data have a fault"),
            [only] => write!(f, "its data have a fault: {only}"),
            [first, others @ ..] => write!(f, "its data have {} faults: {first}", others.len() + 1),
        }
    }
}
