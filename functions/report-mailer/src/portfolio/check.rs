//! Checks across entries, each fault with its line.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Fault, Files};

/// One file that is being read.
pub(super) struct Source<'a> {
    file: &'static str,
    text: &'a str,
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl<'a> Source<'a> {
    /// Reads the entries of a file; a file that cannot be read has none, and a fault.
    pub(super) fn read<T: DeserializeOwned + Default>(
        files: &'a Files,
        file: &'static str,
        faults: &mut Faults,
    ) -> (Self, T) {
        let text = files.0.get(file).map(String::as_str);
        let source = Self { file, text: text.unwrap_or_default() };
        if text.is_none() {
            faults.add(&source, 0, "the file is not there");
        }
        let entries = toml::from_str(source.text).unwrap_or_else(|error| {
            let at = error.span().map_or(0, |span| span.start);
            faults.add(&source, at, error.message());
            T::default()
        });
        (source, entries)
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

impl Faults {
    /// Notes a fault at a byte of the file.
    pub(super) fn add(&mut self, source: &Source<'_>, at: usize, message: impl Into<String>) {
        self.0.push(Fault { file: source.file.to_owned(), line: source.line(at), message: message.into() });
    }

    /// Notes a fault at a value.
    pub(super) fn at<T>(&mut self, source: &Source<'_>, value: &Spanned<T>, message: impl Into<String>) {
        self.add(source, value.span().start, message);
    }

    /// Each id has the form of an id and is there once.
    pub(super) fn ids<'a>(&mut self, source: &Source<'_>, ids: impl IntoIterator<Item = &'a Spanned<String>>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let text = id.get_ref();
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if text.is_empty() || !text.chars().all(allowed) {
                self.at(source, id, format!("`{text}` is no id: lower case letters, digits and '-'"));
            } else if !seen.insert(text) {
                self.at(source, id, format!("the id `{text}` is there twice"));
            }
        }
    }

    /// Each number is there once.
    pub(super) fn numbers<'a>(&mut self, source: &Source<'_>, numbers: impl IntoIterator<Item = &'a Spanned<u32>>) {
        let mut seen = BTreeSet::new();
        for number in numbers {
            if !seen.insert(number.get_ref()) {
                self.at(source, number, format!("the number {} is there twice", number.get_ref()));
            }
        }
    }

    /// Each reference leads to something.
    pub(super) fn references<'a>(
        &mut self,
        source: &Source<'_>,
        what: &str,
        references: impl IntoIterator<Item = &'a Spanned<String>>,
        known: &BTreeSet<String>,
    ) {
        for reference in references {
            if !known.contains(reference.get_ref()) {
                let name = reference.get_ref();
                self.at(source, reference, format!("there is no {what} `{name}`"));
            }
        }
    }

    /// Everything that is wrong.
    pub(super) fn into_list(self) -> Vec<Fault> {
        self.0
    }
}
