//! What the command tells of each report.

use std::fmt::Write as _;

use serde::Serialize;

use crate::render::Rendered;

/// One report of a run.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Told {
    /// Its name.
    pub report: &'static str,
    /// The bytes of its mail's HTML; absent: it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html_bytes: Option<usize>,
    /// The words of its text form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
    /// The pictures of its mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pictures: Option<usize>,
    /// Why it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Told {
    /// A report that was written.
    pub fn written(rendered: &Rendered) -> Self {
        Self {
            report: rendered.name,
            html_bytes: Some(rendered.html.len()),
            words: Some(rendered.text.split_whitespace().count()),
            pictures: Some(rendered.pictures.len()),
            error: None,
        }
    }

    /// A report that was not.
    pub fn failed(report: &'static str, error: impl std::fmt::Display) -> Self {
        Self { report, html_bytes: None, words: None, pictures: None, error: Some(error.to_string()) }
    }

    /// Whether it was written.
    pub fn is_written(&self) -> bool {
        self.error.is_none()
    }
}

/// The summary for people.
pub fn table(told: &[Told]) -> String {
    let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut text = format!("{:<18}{:>12}{:>8}{:>10}\n", "report", "HTML bytes", "words", "pictures");
    for each in told {
        match &each.error {
            Some(error) => writeln!(text, "{:<18}  not written: {error}", each.report),
            None => writeln!(
                text,
                "{:<18}{:>12}{:>8}{:>10}",
                each.report,
                number(each.html_bytes),
                number(each.words),
                number(each.pictures)
            ),
        }
        .expect("memory takes it");
    }
    text
}
