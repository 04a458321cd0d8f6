//! Diagnostics: what is wrong, where, and what to do about it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A text file that faults can point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user would type it, relative to the project.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// The byte at which each line starts.
    lines: Arc<[usize]>,
}

/// A range of bytes in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A place in a file, ready to show: it needs the source no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The path as the user would type it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters of the line the fault covers, at least 1.
    pub width: usize,
    /// The line itself, without its end.
    pub text: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Source {
    /// A source with its path.
    pub fn new(path: &str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { path: path.into(), text: text.into(), lines }
    }

    /// Where the span stands. A span outside the text is moved to its nearest end.
    pub fn locate(&self, span: Span) -> Location {
        let start = floor_char_boundary(&self.text, span.start);
        let line = self.lines.partition_point(|each| *each <= start);
        let line_start = self.lines[line - 1];
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let end = floor_char_boundary(&self.text, span.end).clamp(start, line_end);
        Location {
            file: self.path.to_string(),
            line,
            column: self.text[line_start..start].chars().count() + 1,
            width: self.text[start..end].chars().count().max(1),
            text: self.text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|each| text.is_char_boundary(*each)).unwrap_or(0)
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// The command goes on; somebody should look.
    Warning,
}

/// One fault of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// A stable word for it, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// Where it is, when it is in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error without a place or a hint yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), location: None, hint: None }
    }

    /// A warning without a place or a hint yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// The same, pointing at a place.
    #[must_use]
    pub fn at(self, location: Location) -> Self {
        Self { location: Some(location), ..self }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        write!(f, "{}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, " ({hint})"))
    }
}

/// `did you mean …?` when one of the candidates is near enough to be a slip of the finger.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const NEAR_ENOUGH: f64 = 0.8;
    /// A hostile file has a hundred thousand, and a fault for each.
    const MOST_CANDIDATES: usize = 1000;
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .map(|each| (nearness(&given.to_lowercase(), &each.to_lowercase()), each))
        .filter(|(nearness, _)| *nearness >= NEAR_ENOUGH)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, each)| format!("did you mean `{each}`?"))
}

/// How alike two words are, 0 to 1. One slip of the finger is near in a short word, too, and so is a name without its kind.
fn nearness(given: &str, other: &str) -> f64 {
    /// Shorter words are near everything; longer ones are near by the other measure, and dear by this one.
    const SHORT: std::ops::RangeInclusive<usize> = 3..=12;
    const ONE_SLIP: f64 = 0.9;
    const NAME_ALONE: f64 = 0.99;
    if other.split_once('.').is_some_and(|(_, name)| name == given) {
        return NAME_ALONE;
    }
    let nearness = strsim::jaro_winkler(given, other);
    let slip = SHORT.contains(&given.len()) && SHORT.contains(&other.len()) && strsim::osa_distance(given, other) == 1;
    if slip { nearness.max(ONE_SLIP) } else { nearness }
}

/// Most faults that one reading of a file reports: more help nobody, and a hostile file has a million.
pub const MAX_FAULTS: usize = 100;

/// Faults of one file as they are found.
#[derive(Debug)]
pub struct Faults<'a> {
    source: &'a Source,
    found: Vec<(Span, Diagnostic)>,
    more: usize,
}

impl<'a> Faults<'a> {
    /// No fault yet.
    pub fn new(source: &'a Source) -> Self {
        Self { source, found: Vec::new(), more: 0 }
    }

    /// Adds a fault at a span. Beyond [`MAX_FAULTS`] it is counted, not made.
    pub fn add(&mut self, span: Span, fault: impl FnOnce() -> Diagnostic) {
        if self.found.len() < MAX_FAULTS {
            self.found.push((span, fault()));
        } else {
            self.more += 1;
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The faults with their places, in file order.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(span, _)| span.start);
        let last = self.found.last().map(|(span, _)| *span);
        if let (Some(span), true) = (last, self.more > 0) {
            let rest = Diagnostic::error("too-many-faults", format!("and {} more faults", self.more));
            self.found.push((span, rest));
        }
        self.found.into_iter().map(|(span, fault)| fault.at(self.source.locate(span))).collect()
    }
}

/// A text of the user as a message shows it: control characters escaped, long ones cut.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(escaped).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(each: char) -> impl Iterator<Item = char> {
    let plain = matches!(each, '"' | '\'' | '\\');
    let escape = (!plain).then(|| each.escape_debug());
    escape.into_iter().flatten().chain(plain.then_some(each))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_counts_characters_and_keeps_the_line() {
        let source = Source::new("stacks/a.toml", "é = 1\r\nmemry = 2\r\n");
        let at = source.text.find("memry").unwrap();
        let location = source.locate(Span { start: at, end: at + 5 });
        assert_eq!(location.to_string(), "stacks/a.toml:2:1");
        assert_eq!((location.width, location.text.as_str()), (5, "memry = 2"));
        let after_accent = source.locate(Span { start: 3, end: 4 });
        assert_eq!((after_accent.line, after_accent.column), (1, 3));
    }

    #[test]
    fn a_span_outside_the_text_is_shown_at_its_end() {
        let location = Source::new("a", "x").locate(Span { start: 90, end: 99 });
        assert_eq!((location.line, location.column, location.width), (1, 2, 1));
    }

    #[test]
    fn a_near_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("memry", ["timeout", "memory"]).as_deref(), Some("did you mean `memory`?"));
        assert_eq!(did_you_mean("zzz", ["timeout", "memory"]), None);
        let addresses = ["function.tide-watch", "tide-watch.tides", "table.tides"];
        assert_eq!(did_you_mean("tide-watch", addresses).as_deref(), Some("did you mean `function.tide-watch`?"));
    }
}
