//! What became of reports.

use functions_shared::mail::Receipt;
use serde::Serialize;

use super::Taken;

/// What became of a report, as the invocation's result tells it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Delivered {
    /// The report's name.
    pub report: &'static str,
    /// What became of it.
    pub status: Status,
    /// SES's id of the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Why it was not sent, or is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The address of its page, where this attempt archived it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Why it has no page although there is an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_error: Option<String>,
    /// Whether it was sent by this very attempt.
    #[serde(skip)]
    pub anew: bool,
}

/// What became of a report in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// SES has taken it.
    Sent,
    /// Nobody can tell; it is not sent again.
    Unknown,
    /// It surely did not go out.
    Failed,
}

impl Status {
    /// The word that results, tables and people have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

impl Delivered {
    /// A report that SES has taken.
    pub(super) fn sent(report: &'static str, receipt: Receipt) -> Self {
        Self { message_id: Some(receipt.message_id), ..Self::without_mail(report, Status::Sent, None) }
    }

    /// What an earlier attempt did.
    pub(super) fn earlier(report: &'static str, taken: Taken) -> Self {
        match taken {
            Taken::Sent(receipt) => Self::sent(report, receipt),
            Taken::Unknown => Self::unknown(report, "an earlier attempt may have sent it"),
        }
    }

    /// A report of which nobody can tell.
    pub(super) fn unknown(report: &'static str, error: impl Into<String>) -> Self {
        Self::without_mail(report, Status::Unknown, Some(error.into()))
    }

    /// A report that surely did not go out.
    pub fn failed(report: &'static str, error: impl std::fmt::Display) -> Self {
        Self::without_mail(report, Status::Failed, Some(error.to_string()))
    }

    fn without_mail(report: &'static str, status: Status, error: Option<String>) -> Self {
        Self { report, status, message_id: None, error, page: None, archive_error: None, anew: false }
    }
}
