//! Pictures of figures, as data.

use serde::Serialize;

use crate::figure::{Range, Unit};

/// What is read faster as a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum Chart {
    /// A comparison: one bar each, from zero.
    Bars {
        /// What it shows: also the words for those who do not see it.
        title: String,
        /// What all bars count.
        unit: Unit,
        /// The bars, in reading order; at least one.
        bars: Vec<Bar>,
    },
    /// Figures over time: one line each over the same points.
    Lines {
        /// What it shows: also the words for those who do not see it.
        title: String,
        /// What all lines count.
        unit: Unit,
        /// The names of the points in time, the earliest first: `Nov 2026`; at least two.
        at: Vec<String>,
        /// The lines; at least one.
        lines: Vec<Line>,
    },
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is, not negative: solid up to `low`, faint up to `high`.
    pub value: Range,
    /// The key of the figure in the report's appendix.
    pub figure: String,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it stands for.
    pub label: String,
    /// A value for each point in time; absent: not known there, and the line has a gap.
    pub values: Vec<Option<f64>>,
    /// The keys of its figures in the report's appendix.
    pub figures: Vec<String>,
}

impl Chart {
    /// What it shows.
    pub fn title(&self) -> &str {
        match self {
            Self::Bars { title, .. } | Self::Lines { title, .. } => title,
        }
    }

    /// The keys of all figures that are drawn.
    pub fn figures(&self) -> impl Iterator<Item = &str> {
        let (bars, lines) = match self {
            Self::Bars { bars, .. } => (bars.as_slice(), [].as_slice()),
            Self::Lines { lines, .. } => ([].as_slice(), lines.as_slice()),
        };
        let of_lines = lines.iter().flat_map(|line: &Line| line.figures.iter().map(String::as_str));
        bars.iter().map(|bar: &Bar| bar.figure.as_str()).chain(of_lines)
    }

    /// The highest value that is drawn; zero where there is none.
    pub fn highest(&self) -> f64 {
        let values: Vec<f64> = match self {
            Self::Bars { bars, .. } => bars.iter().map(|bar| bar.value.high).collect(),
            Self::Lines { lines, .. } => lines.iter().flat_map(|line| line.values.iter().flatten().copied()).collect(),
        };
        values.into_iter().fold(0.0, f64::max)
    }
}
