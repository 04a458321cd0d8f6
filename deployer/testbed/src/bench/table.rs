//! The table that is printed: what was measured, what was promised, and by how much that is not met.

use std::fmt;

use super::figures::Figures;

/// In what something is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds, shown as seconds where they are many.
    Milliseconds,
    /// Megabytes of 1,000,000 bytes.
    Megabytes,
    /// Calls.
    Calls,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Milliseconds if value >= 1000.0 => format!("{:.2} s", value / 1e3),
            Self::Milliseconds if value >= 100.0 => format!("{value:.0} ms"),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Calls => format!("{value:.0}"),
        }
    }
}

/// The most that a row's median may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The promise in words: `≤ floor + 40 ms`.
    pub words: String,
    /// What that is in this run, in the row's unit; absent: what it is compared with was not there.
    pub most: Option<f64>,
}

impl Limit {
    /// A promise, and what it is in this run.
    pub fn new(words: impl Into<String>, most: impl Into<Option<f64>>) -> Self {
        Self { words: words.into(), most: most.into() }
    }

    fn verdict(&self, median: f64, unit: Unit) -> String {
        match self.most {
            None => "not compared".to_owned(),
            Some(most) if median <= most => "met".to_owned(),
            Some(most) => format!("not met by {} ({:.1} ×)", unit.show(median - most), median / most),
        }
    }
}

/// One thing that was measured.
#[derive(Clone, Debug)]
pub struct Row {
    /// What.
    pub what: String,
    /// In what.
    pub unit: Unit,
    /// How it came out; absent: it could not be measured.
    pub figures: Option<Figures>,
    /// What was promised of it; nothing of what others do.
    pub limits: Vec<Limit>,
}

impl Row {
    /// A time of the deployer's.
    pub fn time(what: impl Into<String>, figures: Option<Figures>, limits: Vec<Limit>) -> Self {
        Self { what: what.into(), unit: Unit::Milliseconds, figures, limits }
    }

    /// What something else took for the same: the raw calls, another tool.
    pub fn beside(what: impl Into<String>, figures: Option<Figures>) -> Self {
        Self::time(format!("· {}", what.into()), figures, Vec::new())
    }

    fn cells(&self) -> [String; 6] {
        let Some(figures) = self.figures else {
            return [&self.what, "-", "-", "-", "", "not measured"].map(str::to_owned);
        };
        let show = |value| self.unit.show(value);
        let words: Vec<&str> = self.limits.iter().map(|limit| limit.words.as_str()).collect();
        let verdicts: Vec<String> = self.limits.iter().map(|limit| limit.verdict(figures.median, self.unit)).collect();
        [
            self.what.clone(),
            show(figures.median),
            show(figures.least),
            show(figures.most),
            words.join("; "),
            verdicts.join("; "),
        ]
    }
}

/// All rows, and what a reader should know besides.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

const HEAD: [&str; 6] = ["what", "median", "min", "max", "promise", ""];

impl Table {
    /// Adds rows at the end.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.rows.extend(rows);
    }

    /// Adds a line below the table.
    pub fn note(&mut self, words: impl Into<String>) {
        self.notes.push(words.into());
    }
}

/// As Markdown that is a table on a terminal, too.
impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<[String; 6]> =
            [HEAD.map(str::to_owned)].into_iter().chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; 6] = std::array::from_fn(width);
        for (at, cells) in lines.iter().enumerate() {
            let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
                1..=3 => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
            writeln!(out, "| {} |", padded.collect::<Vec<_>>().join(" | "))?;
            if at == 0 {
                let rules = widths.iter().enumerate().map(|(column, width)| match column {
                    1..=3 => format!("{}:", "-".repeat(width - 1)),
                    _ => "-".repeat((*width).max(1)),
                });
                writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
            }
        }
        for note in &self.notes {
            writeln!(out, "\n{note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_met_up_to_its_limit_and_else_the_table_says_by_how_much_it_is_not() {
        let cases = [
            (Some(100.0), 100.0, "met"),
            (Some(100.0), 99.0, "met"),
            (Some(100.0), 150.0, "not met by 50.0 ms (1.5 ×)"),
            (Some(100.0), 2100.0, "not met by 2.00 s (21.0 ×)"),
            (None, 1.0, "not compared"),
        ];
        for (most, median, wanted) in cases {
            assert_eq!(Limit::new("", most).verdict(median, Unit::Milliseconds), wanted);
        }
    }

    #[test]
    fn the_table_lines_up_and_keeps_what_could_not_be_measured() {
        let mut table = Table::default();
        table.add([
            Row::time("first `up`", Figures::of([1500.0, 250.0, 40.0]), vec![Limit::new("≤ 200 ms", 200.0)]),
            Row::beside("raw floor", Figures::of([20.0])),
            Row { unit: Unit::Calls, ..Row::time("reads", Figures::of([22.0]), vec![]) },
            Row { unit: Unit::Megabytes, ..Row::time("peak", None, vec![Limit::new("≤ 40 MB", 40.0)]) },
        ]);
        table.note("A note.");
        let wanted = [
            "| what        |  median |     min |     max | promise  |                            |",
            "| ----------- | ------: | ------: | ------: | -------- | -------------------------- |",
            "| first `up`  |  250 ms | 40.0 ms |  1.50 s | ≤ 200 ms | not met by 50.0 ms (1.2 ×) |",
            "| · raw floor | 20.0 ms | 20.0 ms | 20.0 ms |          |                            |",
            "| reads       |      22 |      22 |      22 |          |                            |",
            "| peak        |       - |       - |       - |          | not measured               |",
            "",
            "A note.",
        ];
        let shown = table.to_string();
        assert_eq!(shown.lines().collect::<Vec<_>>(), wanted);
    }
}
