//! Sends what was rendered, each report once for an invocation, however often Lambda repeats it.
//!
//! The order is: claim the report in the table (`sending`), send, settle (`sent`). Whoever finds a
//! claim does not send; a claim that was never settled is told as unknown.

mod dynamodb;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::{CallError, Effect};
use functions_shared::clock::Clock;
use functions_shared::config::WebAddress;
use functions_shared::mail::{Address, Mailer, Message, MessageKey, Receipt};
use jiff::Timestamp;
use serde::Serialize;

use crate::render::Rendered;

pub use dynamodb::DynamoSentReports;

/// Where it is remembered what was sent.
pub trait SentReports: Send + Sync {
    /// Takes the report for this invocation, unless an attempt of the same invocation has.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>>;

    /// Writes down what became of the mail.
    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>>;
}

/// One report, taken for one mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The report's name.
    pub report: &'static str,
    /// The invocation. Lambda repeats a failed one under the same id.
    pub request_id: String,
    /// The mail.
    pub key: MessageKey,
    /// When the report was taken.
    pub at: Timestamp,
    /// Who gets it, hidden copies included.
    pub recipients: Vec<Address>,
}

impl Claim {
    /// When the report was taken, as text that sorts by time: `2026-11-21T16:00:00.000Z`.
    pub fn date_sent(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// What became of an attempt to take a report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// It is ours: send, then settle.
    Won,
    /// An earlier attempt of this invocation has sent it.
    Sent(Receipt),
    /// An earlier attempt of this invocation took it and never said what became of it.
    Unknown,
}

/// What became of a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// SES has taken it.
    Sent(Receipt),
    /// Nobody can tell.
    Unknown,
    /// It surely did not go out: a repetition may try again.
    Refused,
}

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

/// What a delivery needs.
pub struct Delivery {
    /// What was sent.
    pub sent: Arc<dyn SentReports>,
    /// The way out.
    pub mailer: Arc<dyn Mailer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who writes.
    pub from: Address,
    /// Who reads.
    pub to: Vec<Address>,
    /// Who keeps the audit trail, unseen.
    pub bcc: Vec<Address>,
    /// Where answers go.
    pub reply_to: Option<Address>,
    /// Where the crew's site is, named in every report. Optional.
    pub crew_site: Option<WebAddress>,
}

impl Delivery {
    /// Sends one report for the invocation.
    pub async fn deliver(&self, rendered: &Rendered, request_id: &str) -> Delivered {
        let result = self.try_deliver(rendered, request_id).await;
        let delivered = result.unwrap_or_else(|error| Delivered::failed(rendered.name, error));
        let Delivered { report, status, error, .. } = &delivered;
        match status {
            Status::Sent => tracing::info!(report, "a report is sent"),
            Status::Unknown => tracing::error!(report, error, "a report has no known outcome"),
            Status::Failed => tracing::error!(report, error, "a report is not sent"),
        }
        delivered
    }

    async fn try_deliver(&self, rendered: &Rendered, id: &str) -> Result<Delivered, CallError> {
        let name = rendered.name;
        let claim = self.claim(rendered, id)?;
        match self.sent.claim(&claim).await {
            Ok(Claimed::Won) => {}
            Ok(Claimed::Sent(receipt)) => return Ok(Delivered::sent(name, receipt)),
            Ok(Claimed::Unknown) => {
                let reason = "an earlier attempt may have sent it";
                return Ok(Delivered::unknown(name, reason));
            }
            Err(error) if error.effect == Effect::None => return Err(error),
            Err(error) => return Ok(Delivered::unknown(name, error.to_string())),
        }
        let message = self.message(rendered, &claim);
        let (outcome, delivered) = match self.mailer.send(&message).await {
            Ok(receipt) => (Outcome::Sent(receipt.clone()), Delivered::sent(name, receipt)),
            Err(error) if error.effect == Effect::None => (Outcome::Refused, Delivered::failed(name, error)),
            Err(error) => (Outcome::Unknown, Delivered::unknown(name, error.to_string())),
        };
        if let Err(error) = self.sent.settle(&claim, &outcome).await {
            // The row stays `sending`: a repetition tells it as unknown and sends nothing.
            tracing::error!(report = name, %error, "a report is not settled");
        }
        Ok(delivered)
    }

    fn claim(&self, rendered: &Rendered, request_id: &str) -> Result<Claim, CallError> {
        let key = format!("report-{}-{request_id}", rendered.name);
        let key = key.parse().map_err(|_| CallError {
            operation: "claim",
            code: "the invocation has no id of the usual form".to_owned(),
            request_id: None,
            effect: Effect::None,
        })?;
        Ok(Claim {
            report: rendered.name,
            request_id: request_id.to_owned(),
            key,
            at: self.clock.now(),
            recipients: self.to.iter().chain(&self.bcc).cloned().collect(),
        })
    }

    fn message(&self, rendered: &Rendered, claim: &Claim) -> Message {
        Message {
            from: self.from.clone(),
            to: self.to.clone(),
            bcc: self.bcc.clone(),
            reply_to: self.reply_to.clone(),
            subject: rendered.subject.clone(),
            text: rendered.text.clone(),
            html: rendered.html.clone(),
            pictures: Vec::new(),
            list: None,
            key: claim.key.clone(),
            dated: claim.at,
        }
    }
}

impl Delivered {
    fn sent(report: &'static str, receipt: Receipt) -> Self {
        Self { report, status: Status::Sent, message_id: Some(receipt.message_id), error: None }
    }

    fn unknown(report: &'static str, error: impl Into<String>) -> Self {
        Self { report, status: Status::Unknown, message_id: None, error: Some(error.into()) }
    }

    /// A report that surely did not go out.
    pub fn failed(report: &'static str, error: impl std::fmt::Display) -> Self {
        Self { report, status: Status::Failed, message_id: None, error: Some(error.to_string()) }
    }
}
