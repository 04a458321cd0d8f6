//! Sends reports, each once for an invocation, however often Lambda repeats it.
//!
//! The order is: render, look, archive, wait for the pace, claim the report in the table (`sending`), send, settle
//! (`sent`). Whoever finds a claim does not send; a claim that was never settled is told as unknown. Nothing is between
//! claim and mail: who is cut off before has claimed nothing, and a repetition sends it.

mod delivered;
mod dynamodb;
mod key;
mod pace;
mod readers;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::{CallError, Effect};
use functions_shared::clock::Clock;
use functions_shared::config::WebAddress;
use functions_shared::mail::{Address, List, Mailer, Message, MessageKey, Receipt};
use jiff::Timestamp;

use crate::archive::{Archive, PageName};
use crate::feedback::Notice;
use crate::render::{LARGEST_HTML_BYTES, Links, RenderError, Rendered, render};
use crate::report::{Report, ReportId};

pub use delivered::{Delivered, Status};
pub use dynamodb::DynamoSentReports;
pub use key::{message_key, of_message_key};
pub use pace::Pace;
pub use readers::Readers;

/// Where it is remembered what was sent.
pub trait SentReports: Send + Sync {
    /// What became of the report in an earlier attempt of the same invocation; `None`: none has taken it.
    fn look<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Option<Taken>, CallError>>;

    /// Takes the report for this invocation, unless an attempt of the same invocation has.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>>;

    /// Writes down what became of the mail.
    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>>;

    /// Writes down what a mail's receiver said of it; the same notice twice is one. `false`: no such mail.
    fn note<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<bool, CallError>>;
}

/// One invocation.
#[derive(Debug)]
pub struct Run {
    /// Its id, the same when Lambda repeats it.
    pub id: String,
    /// When it began.
    pub made: Timestamp,
    /// How fast mail goes out.
    pub pace: Pace,
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
    /// An earlier attempt of this invocation was first.
    Lost(Taken),
}

/// What an earlier attempt of this invocation did with a report that it took.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Taken {
    /// It has sent it.
    Sent(Receipt),
    /// It never said what became of it.
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
    pub to: Readers,
    /// Who keeps the audit trail, unseen.
    pub bcc: Vec<Address>,
    /// Where answers go.
    pub reply_to: Option<Address>,
    /// Where the crew's site is, named in every report. Optional.
    pub crew_site: Option<WebAddress>,
    /// Where every report is kept as a page. Optional.
    pub archive: Option<Archive>,
}

impl Delivery {
    /// Sends one report for the invocation.
    pub async fn deliver(&self, run: &Run, report: &Report) -> Delivered {
        let name = report.id.name();
        let delivered = match self.render(run, report, None) {
            Ok(rendered) => {
                self.try_deliver(run, report, rendered).await.unwrap_or_else(|error| Delivered::failed(name, error))
            }
            Err(error) => Delivered::failed(name, format!("cannot be rendered: {error}")),
        };
        let Delivered { report, status, error, archive_error, .. } = &delivered;
        match status {
            Status::Sent => tracing::info!(report, "a report is sent"),
            Status::Unknown => tracing::error!(report, error, "a report has no known outcome"),
            Status::Failed => tracing::error!(report, error, "a report is not sent"),
        }
        if let Some(error) = archive_error {
            tracing::error!(report, error, "a report is not archived");
        }
        delivered
    }

    async fn try_deliver(&self, run: &Run, report: &Report, rendered: Rendered) -> Result<Delivered, CallError> {
        let name = rendered.name;
        let mut claim = self.claim(report.id, &run.id)?;
        if let Some(taken) = self.sent.look(&claim).await? {
            return Ok(Delivered::earlier(name, taken));
        }
        let page = self.keep(run, report, &rendered).await;
        // Only what is archived is referred to.
        let with_page = page.as_ref().ok().and_then(Option::as_ref).map(|page| self.render(run, report, Some(page)));
        let rendered = with_page.and_then(Result::ok).unwrap_or(rendered);
        self.clock.sleep(run.pace.reserve(self.clock.now(), claim.recipients.len())).await;
        claim.at = self.clock.now();
        match self.sent.claim(&claim).await {
            Ok(Claimed::Won) => {}
            Ok(Claimed::Lost(taken)) => return Ok(Delivered::earlier(name, taken)),
            Err(error) if error.effect == Effect::None => return Err(error),
            Err(error) => return Ok(Delivered::unknown(name, error.to_string())),
        }
        let delivered = self.send(report.id, &rendered, &claim).await;
        let archive_error = page.as_ref().err().map(ToString::to_string);
        Ok(Delivered { page: page.ok().flatten(), archive_error, ..delivered })
    }

    /// Sends what is claimed, and writes down what became of it.
    async fn send(&self, id: ReportId, rendered: &Rendered, claim: &Claim) -> Delivered {
        let name = rendered.name;
        let message = self.message(id, rendered, claim);
        let (outcome, delivered) = match self.mailer.send(&message).await {
            Ok(receipt) => (Outcome::Sent(receipt.clone()), Delivered { anew: true, ..Delivered::sent(name, receipt) }),
            Err(error) if error.effect == Effect::None => (Outcome::Refused, Delivered::failed(name, error)),
            Err(error) => (Outcome::Unknown, Delivered::unknown(name, error.to_string())),
        };
        if let Err(error) = self.sent.settle(claim, &outcome).await {
            // The row stays `sending`: a repetition tells it as unknown and sends nothing.
            tracing::error!(report = name, %error, "a report is not settled");
        }
        delivered
    }

    fn render(&self, run: &Run, report: &Report, page: Option<&String>) -> Result<Rendered, RenderError> {
        let links = Links { crew_site: self.crew_site.as_ref().map(ToString::to_string), page: page.cloned() };
        let rendered = render(report, run.made, &links)?;
        if rendered.html.len() > LARGEST_HTML_BYTES {
            tracing::warn!(report = rendered.name, bytes = rendered.html.len(), "mail programs will cut this off");
        }
        Ok(rendered)
    }

    /// Archives a report; the address of its page, where there is an archive and a site that shows it.
    async fn keep(&self, run: &Run, report: &Report, rendered: &Rendered) -> Result<Option<String>, CallError> {
        let Some(archive) = &self.archive else { return Ok(None) };
        let name = PageName::of(rendered.name, report.as_of, &run.id);
        archive.keep(&name, &rendered.web).await?;
        Ok(self.crew_site.as_ref().map(|site| name.address(&site.to_string())))
    }

    fn claim(&self, report: ReportId, request_id: &str) -> Result<Claim, CallError> {
        let key = message_key(report.name(), request_id).map_err(|_| CallError {
            operation: "claim",
            code: "the invocation has no id of the usual form".to_owned(),
            request_id: None,
            effect: Effect::None,
        })?;
        Ok(Claim {
            report: report.name(),
            request_id: request_id.to_owned(),
            key,
            at: self.clock.now(),
            recipients: self.to.of(report).iter().chain(&self.bcc).cloned().collect(),
        })
    }

    fn message(&self, id: ReportId, rendered: &Rendered, claim: &Claim) -> Message {
        Message {
            from: self.from.clone(),
            to: self.to.of(id).to_vec(),
            bcc: self.bcc.clone(),
            reply_to: self.reply_to.clone(),
            subject: rendered.subject.clone(),
            text: rendered.text.clone(),
            html: rendered.html.clone(),
            pictures: rendered.pictures.clone(),
            list: List::of(&self.from, &format!("{}.reports", rendered.name), rendered.title),
            key: claim.key.clone(),
            dated: claim.at,
        }
    }
}
