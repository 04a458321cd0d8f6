//! The smallest pieces of a report: words with figures in them, figures, marks.

use serde::{Serialize, Serializer};

use crate::figure::{Range, Unit};

/// What a reader sees where nobody has recorded something.
pub const MISSING: &str = "missing";

/// A sentence or more, with the figures that it names.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Prose {
    /// The words, figures written out: plain text, not escaped for anything.
    pub text: String,
    /// The ids of the figures in it: keys of the report's appendix.
    pub figures: Vec<String>,
}

/// A figure where it is shown. Serialised with its `words`.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its key in the report's appendix.
    pub id: String,
    /// The number; absent: missing.
    pub value: Option<Range>,
    /// What it counts.
    pub unit: Unit,
}

/// How something stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// As it should be.
    Good,
    /// Needs a look.
    Watch,
    /// Not as it should be.
    Bad,
    /// Cannot be judged: something is missing.
    Unknown,
    /// A statement without a judgement.
    #[default]
    Plain,
}

/// One field of a table. Serialised with its `words`, `missing`, `number` and `mark`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words: plain text.
    Text(String),
    /// A figure, known or missing.
    Figure(Shown),
    /// A judgement and its words.
    Marked(Mark, String),
    /// Nobody has recorded what belongs here.
    Missing,
}

impl Shown {
    /// The figure for a reader, as in `$7,000–9,000 a month`, or `missing`.
    pub fn words(&self) -> String {
        self.value.map_or_else(|| MISSING.to_owned(), |value| value.words(self.unit))
    }
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What a reader sees; empty where there is nothing to say.
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) | Self::Marked(_, text) => text.clone(),
            Self::Figure(shown) => shown.words(),
            Self::Missing => MISSING.to_owned(),
        }
    }

    /// Whether nobody has recorded what belongs here.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Text(_) | Self::Marked(..) => false,
            Self::Figure(shown) => shown.value.is_none(),
            Self::Missing => true,
        }
    }

    /// Whether a column of such fields is read from its right end.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Figure(_))
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Out<'a> {
            id: &'a str,
            value: Option<Range>,
            unit: Unit,
            words: String,
        }
        let out = Out { id: &self.id, value: self.value, unit: self.unit, words: self.words() };
        out.serialize(serializer)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Out<'a> {
            words: String,
            missing: bool,
            number: bool,
            mark: Mark,
            figure: Option<&'a Shown>,
        }
        let mark = match self {
            Self::Marked(mark, _) => *mark,
            Self::Text(_) | Self::Figure(_) | Self::Missing => Mark::Plain,
        };
        let figure = match self {
            Self::Figure(shown) => Some(shown),
            Self::Text(_) | Self::Marked(..) | Self::Missing => None,
        };
        let (missing, number) = (self.is_missing(), self.is_number());
        Out { words: self.words(), missing, number, mark, figure }.serialize(serializer)
    }
}

/// Words, or the sign that nobody has recorded them.
impl<T: Into<String>> From<Option<T>> for Cell {
    fn from(text: Option<T>) -> Self {
        text.map_or(Self::Missing, |text| Self::Text(text.into()))
    }
}

impl From<Shown> for Cell {
    fn from(shown: Shown) -> Self {
        Self::Figure(shown)
    }
}

impl From<&str> for Prose {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), figures: Vec::new() }
    }
}

impl From<String> for Prose {
    fn from(text: String) -> Self {
        Self { text, figures: Vec::new() }
    }
}
