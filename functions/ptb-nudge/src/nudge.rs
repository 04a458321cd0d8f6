//! One run: find the sails, take those that nobody was told of, mail, write down what came of it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use functions_shared::call_error::{CallError, Effect};
use functions_shared::clock::Clock;
use functions_shared::config::ParameterName;
use functions_shared::mail::{Address, Mailer, MessageKey};
use functions_shared::parameters::Parameters;
use functions_shared::sail::{Role, Sail};
use functions_shared::sails::{Departures, Sails};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::digest::{self, Digest};
use crate::nudges::{Claim, Claimed, Nudges, Outcome};

/// How far ahead a sail without a captain is worth a mail.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// Sails read in one call.
const PAGE: u32 = 100;

/// What a run needs.
pub struct Nudge {
    /// The sails and their claims.
    pub sails: Arc<dyn Sails>,
    /// What was mailed.
    pub nudges: Arc<dyn Nudges>,
    /// The way out.
    pub mailer: Arc<dyn Mailer>,
    /// Where the site's address is read.
    pub parameters: Arc<dyn Parameters>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who writes.
    pub from: Address,
    /// The administrator.
    pub to: Address,
    /// The parameter with the site's address, if any.
    pub site_url_parameter: Option<ParameterName>,
}

/// What a run found and did, in numbers of sails.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
    /// Sails of the next 48 hours without a captain.
    pub found: usize,
    /// Of these: in the mail that went out.
    pub mailed: usize,
    /// Of these: mailed within the quiet period, so not again.
    pub quiet: usize,
    /// Of these: nobody can tell whether a mail about them went out, so none is sent.
    pub unknown: usize,
    /// What surely failed and may be tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

impl Nudge {
    /// Runs once.
    pub async fn run(&self) -> Report {
        let mut report = Report::default();
        if let Err(error) = self.try_run(&mut report).await {
            report.fault(&error);
        }
        let Report { found, mailed, quiet, unknown, .. } = report;
        tracing::info!(found, mailed, quiet, unknown, "nudged");
        report
    }

    async fn try_run(&self, report: &mut Report) -> Result<(), CallError> {
        let now = self.clock.now();
        let sails = self.without_captain(now).await?;
        report.found = sails.len();
        if sails.is_empty() {
            return Ok(());
        }
        let site_url = self.site_url().await;
        let key = new_key(now)?;
        let (sails, claims) = self.claim(sails, &key, now, report).await;
        if sails.is_empty() {
            return Ok(());
        }
        let outcome = self.send(&sails, site_url.as_deref(), key, now, report).await;
        for claim in &claims {
            if let Err(error) = self.nudges.settle(claim, &outcome).await {
                // The claim stays `sending`: later runs tell it as unknown and send nothing.
                tracing::error!(event_id = claim.event_id.as_str(), %error, "a nudge is not settled");
            }
        }
        Ok(())
    }

    async fn without_captain(&self, now: Timestamp) -> Result<Vec<Sail>, CallError> {
        let mut departures = Departures { from: now, until: now.checked_add(AHEAD).ok(), after: None, limit: PAGE };
        let mut ahead: Vec<Sail> = Vec::new();
        loop {
            let page = self.sails.departing(&departures).await?;
            ahead.extend(page.sails.into_iter().filter(|sail| sail.state.is_ahead()));
            match page.next {
                Some(next) => departures.after = Some(next),
                None => break,
            }
        }
        let captains = |sail: &Sail| sail.keyed(sail.slots_of(Role::Captain));
        let slots: Vec<_> = ahead.iter().flat_map(captains).collect();
        if slots.is_empty() {
            return Ok(Vec::new());
        }
        let claimed = self.sails.claimed(&slots).await?;
        ahead.retain(|sail| !captains(sail).iter().any(|slot| claimed.contains(slot)));
        Ok(ahead)
    }

    /// The site's address; a mail without a link is better than no mail.
    async fn site_url(&self) -> Option<String> {
        let name = self.site_url_parameter.as_ref()?;
        match self.parameters.read(name).await {
            Ok(value) if value.expose().starts_with("https://") || value.expose().starts_with("http://") => {
                Some(value.expose().to_owned())
            }
            Ok(_) => {
                tracing::warn!(parameter = name.as_str(), "the site's address is no web address");
                None
            }
            Err(error) => {
                tracing::warn!(parameter = name.as_str(), %error, "the site's address is not known");
                None
            }
        }
    }

    /// Takes each sail that nobody was told of, and counts the others.
    async fn claim(
        &self,
        sails: Vec<Sail>,
        key: &MessageKey,
        now: Timestamp,
        report: &mut Report,
    ) -> (Vec<Sail>, Vec<Claim>) {
        let mut won = (Vec::new(), Vec::new());
        for sail in sails {
            let claim = Claim { event_id: sail.event_id.clone(), key: key.clone(), at: now };
            match self.nudges.claim(&claim).await {
                Ok(Claimed::Won) => {
                    won.0.push(sail);
                    won.1.push(claim);
                }
                Ok(Claimed::Quiet) => report.quiet += 1,
                Ok(Claimed::Unknown) => {
                    let event_id = claim.event_id.as_str();
                    tracing::warn!(event_id, "an earlier nudge has no known outcome; not sent again");
                    report.unknown += 1;
                }
                Err(error) if error.effect == Effect::None => report.fault(&error),
                Err(error) => {
                    let event_id = claim.event_id.as_str();
                    tracing::error!(event_id, %error, "a claim has no known outcome; not sent");
                    report.unknown += 1;
                }
            }
        }
        won
    }

    async fn send(
        &self,
        sails: &[Sail],
        site_url: Option<&str>,
        key: MessageKey,
        now: Timestamp,
        report: &mut Report,
    ) -> Outcome {
        let message = digest::message(Digest { sails, site_url, from: &self.from, to: &self.to, key, now });
        let message = match message {
            Ok(message) => message,
            Err(_) => {
                tracing::error!("the mail cannot be written");
                report.faults.push("the mail cannot be written".to_owned());
                return Outcome::Refused;
            }
        };
        match self.mailer.send(&message).await {
            Ok(receipt) => {
                report.mailed = sails.len();
                Outcome::Sent(receipt)
            }
            Err(error) if error.effect == Effect::None => {
                report.fault(&error);
                Outcome::Refused
            }
            Err(error) => {
                tracing::error!(%error, key = message.key.as_str(), "a mail has no known outcome");
                report.unknown += sails.len();
                Outcome::Unknown
            }
        }
    }
}

impl Report {
    fn fault(&mut self, error: &CallError) {
        tracing::error!(%error, "a call failed");
        self.faults.push(error.to_string());
    }
}

/// A key that no other run has.
fn new_key(now: Timestamp) -> Result<MessageKey, CallError> {
    let failed = || CallError::odd_result("getrandom", "no random bytes");
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|_| failed())?;
    let text = format!("no-captain-{}-{}", now.as_second(), hex::encode(random));
    text.parse().map_err(|_| failed())
}
