//! What the command tells of each report.

use std::fmt::Write as _;

use serde::Serialize;

use crate::deliver::Status;
use crate::invocation::Answer;
use crate::render::Rendered;

/// What the command did.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Ended {
    /// What was written to a folder; absent: that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Vec<Told>>,
    /// What was sent; absent: that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Answer>,
}

impl Ended {
    /// Whether every report that was asked for is written and sent.
    pub fn is_complete(&self) -> bool {
        let sent = self.sent.iter().flat_map(|answer| &answer.reports).all(|report| report.status == Status::Sent);
        sent && self.written.iter().flatten().all(Told::is_written)
    }

    /// The summary for people.
    pub fn words(&self) -> String {
        let written = self.written.as_deref().map(table);
        written.into_iter().chain(self.sent.as_ref().map(sent_table)).collect::<Vec<_>>().join("\n")
    }
}

/// One report of a run.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Told {
    /// Its name.
    pub report: &'static str,
    /// The bytes of its mail's HTML; absent: it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html_bytes: Option<usize>,
    /// The words of its prose and tables.
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
            words: Some(rendered.words()),
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

/// A line a report.
fn table(told: &[Told]) -> String {
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

/// A line a report, then the sources and the others who were told.
fn sent_table(answer: &Answer) -> String {
    let mut lines = vec![format!("{:<18}{:<9}message", "report", "status")];
    for each in &answer.reports {
        let what = each.message_id.as_ref().or(each.error.as_ref()).map_or("", String::as_str);
        lines.push(format!("{:<18}{:<9}{what}", each.report, each.status.word()));
    }
    let failed = answer.sources_failed.iter();
    lines.extend(failed.map(|failed| format!("source {} cannot be read: {}", failed.source, failed.error)));
    if let Some(cards) = &answer.followed.cards {
        let why = cards.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        lines.push(format!("cards: {} posted, {} missing{why}", cards.posted, cards.missing));
    }
    lines.extend(answer.followed.chat_error.iter().map(|error| format!("chat: {error}")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::after::{CardsPosted, Followed};
    use crate::deliver::Delivered;
    use crate::invocation::SourceFailed;

    #[test]
    fn a_sending_is_told_line_by_line() {
        let failed = SourceFailed { source: "git", error: "GetObject: NoSuchKey".to_owned() };
        let cards = CardsPosted { posted: 3, missing: 1, error: Some("status 404".to_owned()) };
        let answer = Answer {
            reports: vec![Delivered::failed("ceo", "SendEmail: MessageRejected")],
            sources_failed: vec![failed],
            followed: Followed { cards: Some(cards), chat_error: None },
        };
        let lines = [
            "report            status   message",
            "ceo               failed   SendEmail: MessageRejected",
            "source git cannot be read: GetObject: NoSuchKey",
            "cards: 3 posted, 1 missing: status 404\n",
        ];
        let ended = Ended { written: None, sent: Some(answer) };
        assert_eq!(ended.words(), lines.join("\n"));
        assert!(!ended.is_complete());
    }

    #[test]
    fn what_was_written_and_sent_is_one_document_and_complete_when_both_are() {
        let answer = Answer { reports: Vec::new(), sources_failed: Vec::new(), followed: Followed::default() };
        let mut ended = Ended { written: Some(vec![Told::failed("ceo", "a fault")]), sent: Some(answer) };
        assert!(!ended.is_complete());
        ended.written = Some(Vec::new());
        assert!(ended.is_complete());
        let told = serde_json::to_value(&ended).expect("JSON");
        assert_eq!(told["written"], serde_json::json!([]));
        assert_eq!(told["sent"]["reports"], serde_json::json!([]));
    }
}
