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
        Self { path: path.into(), text: text.into() }
    }

    /// Where the span stands. A span outside the text is moved to its nearest end.
    pub fn locate(&self, span: Span) -> Location {
        let start = floor_char_boundary(&self.text, span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let end = floor_char_boundary(&self.text, span.end).clamp(start, line_end);
        Location {
            file: self.path.to_string(),
            line: self.text[..line_start].matches('\n').count() + 1,
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
    candidates
        .into_iter()
        .map(|each| (strsim::jaro_winkler(&given.to_lowercase(), &each.to_lowercase()), each))
        .filter(|(nearness, _)| *nearness >= NEAR_ENOUGH)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, each)| format!("did you mean `{each}`?"))
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
    }
}
