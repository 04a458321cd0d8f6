//! The pieces that reports are built of.

use super::draft::Context;
use super::{Bar, Block, Cell, Chart, Kpi, Mark, Missing, MissingKind, Table};
use crate::figure::Unit;

/// What a KPI should be, by the id of a figure.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// No target is set.
    None,
    /// At least so much.
    AtLeast(&'a str),
    /// At most so much.
    AtMost(&'a str),
}

/// A table.
pub(super) fn table<const N: usize>(
    caption: &str,
    columns: [&str; N],
    rows: impl IntoIterator<Item = [Cell; N]>,
) -> Block {
    total_table(caption, columns, rows, None)
}

/// A table with a last row that sums it up.
pub(super) fn total_table<const N: usize>(
    caption: &str,
    columns: [&str; N],
    rows: impl IntoIterator<Item = [Cell; N]>,
    total: Option<[Cell; N]>,
) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(Vec::from).collect(),
        total: total.map(Vec::from),
    })
}

/// Something that a report lacks.
pub(super) fn lack(kind: MissingKind, name: impl Into<String>) -> Missing {
    Missing { kind, name: name.into(), reason: None, unlocks: Vec::new() }
}

impl Context<'_> {
    /// A figure as a field of a table.
    pub(super) fn cell(&self, id: &str) -> Cell {
        Cell::Figure(self.book.shown(id))
    }

    /// A figure that may not be named, as a field of a table.
    pub(super) fn maybe(&self, id: Option<&str>) -> Cell {
        id.map_or(Cell::Missing, |id| self.cell(id))
    }

    /// A name of an entity as a field of a table.
    pub(super) fn name(&self, entity: &str) -> Cell {
        Cell::text(self.portfolio.name_of(entity))
    }

    /// A figure to steer by; its label is that of the book.
    pub(super) fn kpi(&self, id: &str, goal: Goal<'_>, tells: &str) -> Kpi {
        let figure = self.book.shown(id);
        let target = match goal {
            Goal::None => None,
            Goal::AtLeast(target) | Goal::AtMost(target) => Some(self.book.shown(target)),
        };
        let (value, limit) = (figure.value, target.as_ref().and_then(|target| target.value));
        let mark = match (goal, value, limit) {
            (Goal::None, Some(_), _) => Mark::Plain,
            (_, None, _) | (_, _, None) => Mark::Unknown,
            (Goal::AtLeast(_), Some(value), Some(limit)) => stands(value.low >= limit.high, value.high >= limit.low),
            (Goal::AtMost(_), Some(value), Some(limit)) => stands(value.high <= limit.low, value.low <= limit.high),
        };
        Kpi { label: self.book.label(id), figure, target, tells: tells.to_owned(), mark }
    }

    /// One bar for each figure that is known; no chart where fewer than two are.
    pub(super) fn bars(&self, title: &str, unit: Unit, figures: &[&str]) -> Vec<Block> {
        let bar = |id: &&str| {
            let value = self.book.value(id)?;
            Some(Bar { label: self.book.label(id), value, figure: (*id).to_owned() })
        };
        let bars: Vec<Bar> = figures.iter().filter_map(bar).collect();
        match bars.len() {
            0 | 1 => Vec::new(),
            _ => vec![Block::Chart(Chart::Bars { title: title.to_owned(), unit, bars })],
        }
    }
}

/// Surely so, perhaps so, or not.
fn stands(surely: bool, perhaps: bool) -> Mark {
    match (surely, perhaps) {
        (true, _) => Mark::Good,
        (false, true) => Mark::Watch,
        (false, false) => Mark::Bad,
    }
}
