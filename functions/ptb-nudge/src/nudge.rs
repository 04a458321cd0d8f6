//! One run: look at the sails about now, tell the administrator of those without a captain or with waivers on hold, and
//! everybody else of what is missing. Each mail is claimed before, and what came of it is written down after.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use functions_shared::call_error::{CallError, Effect};
use functions_shared::clock::Clock;
use functions_shared::config::ParameterName;
use functions_shared::mail::{Address, Mailer, MessageKey};
use functions_shared::nudges::{self, Claim, Claimed, Matter, Outcome};
use functions_shared::parameters::Parameters;
use functions_shared::people::People;
use functions_shared::random;
use functions_shared::tables::Tables;
use jiff::Timestamp;
use serde::Serialize;

use crate::crew::{self, CrewReport};
use crate::digest::{self, Digest, Needy};
use crate::facts::{self, SailFacts};
use crate::missing::Lacks;

/// What a run needs.
pub struct Nudge {
    /// The sails with all that belongs to them, and what was mailed.
    pub tables: Arc<dyn Tables>,
    /// Whom there is to mail.
    pub people: Arc<dyn People>,
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

/// What a run found and did, in numbers of matters: that a sail has no captain is one, that it has waivers on hold is
/// another.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
    /// Matters of the sails of the next 48 hours.
    pub found: usize,
    /// Of these: in the mail that went out.
    pub mailed: usize,
    /// Of these: mailed within the quiet period, so not again.
    pub quiet: usize,
    /// Of these: nobody can tell whether a mail about it went out, so none is sent.
    pub unknown: usize,
    /// The people who lack something.
    pub people: CrewReport,
    /// What surely failed and may be tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

impl Nudge {
    /// Runs once; what has not begun in time is left to the next firing.
    pub async fn run(&self, until: Timestamp) -> Report {
        let mut report = Report::default();
        if let Err(error) = self.try_run(&mut report, until).await {
            report.fault(&error);
        }
        let Report { found, mailed, quiet, unknown, people, .. } = &report;
        let CrewReport { found: lacking, mailed: told, left, failed, .. } = people;
        tracing::info!(found, mailed, quiet, unknown, lacking, told, left, failed, "nudged");
        report
    }

    async fn try_run(&self, report: &mut Report, until: Timestamp) -> Result<(), CallError> {
        let now = self.clock.now();
        let facts = facts::about(&*self.tables, now).await?;
        let site_url = self.site_url().await;
        self.tell_administrator(&facts, site_url.as_deref(), now, report).await?;
        let lacks = Lacks::of(&facts, now);
        crew::tell(self, &lacks, site_url.as_deref(), until, &mut report.people).await
    }

    async fn tell_administrator(
        &self,
        facts: &[SailFacts],
        site_url: Option<&str>,
        now: Timestamp,
        report: &mut Report,
    ) -> Result<(), CallError> {
        let needy: Vec<Needy<'_>> = facts.iter().filter_map(|facts| needy(facts, now)).collect();
        report.found = needy.iter().map(|needy| matters(needy).len()).sum();
        if needy.is_empty() {
            return Ok(());
        }
        let (unknown, _) = nudges::unknown(&*self.tables, now, None).await?;
        let key = new_key("sails", now)?;
        let (sails, claims) = self.claim(&needy, &key, now, report).await;
        if sails.is_empty() {
            return Ok(());
        }
        let (from, to) = (&self.from, &self.to);
        let digest = Digest { sails: &sails, unknown: unknown.len(), site_url, from, to, key, now };
        let outcome = self.send(digest, report).await;
        for claim in &claims {
            if let Err(error) = nudges::settle_claim(&*self.tables, &*self.clock, claim, &outcome).await {
                // The claim stays `sending`: later runs tell it as unknown and send nothing.
                tracing::error!(key = claim.key.as_str(), %error, "a nudge is not settled");
            }
        }
        Ok(())
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

    /// Takes each matter that nobody was told of, and counts the others. Tells each sail with what was taken of it.
    async fn claim<'a>(
        &self,
        needy: &[Needy<'a>],
        key: &MessageKey,
        now: Timestamp,
        report: &mut Report,
    ) -> (Vec<Needy<'a>>, Vec<Claim>) {
        let mut won = (Vec::new(), Vec::new());
        for each in needy {
            let mut told = Needy { captain: false, holds: 0, ..*each };
            for matter in matters(each) {
                let claim = Claim { matter, key: key.clone(), at: now };
                if !self.take(&claim, report).await {
                    continue;
                }
                match claim.matter {
                    Matter::OnHold(_) => told.holds = each.holds,
                    Matter::NoCaptain(_) | Matter::CalledOff(..) | Matter::Missing(..) => told.captain = true,
                }
                won.1.push(claim);
            }
            if told.captain || told.holds > 0 {
                won.0.push(told);
            }
        }
        won
    }

    /// Takes one matter. False: somebody was told of it, or may have been.
    async fn take(&self, claim: &Claim, report: &mut Report) -> bool {
        match nudges::claim(&*self.tables, &*self.clock, claim).await {
            Ok(Claimed::Won) => return true,
            Ok(Claimed::Quiet) => report.quiet += 1,
            Ok(Claimed::Unknown) => {
                tracing::warn!(matter = ?claim.matter, "an earlier nudge has no known outcome; not sent again");
                report.unknown += 1;
            }
            Err(error) if error.effect == Effect::None => report.fault(&error),
            Err(error) => {
                tracing::error!(matter = ?claim.matter, %error, "a claim has no known outcome; not sent");
                report.unknown += 1;
            }
        }
        false
    }

    async fn send(&self, digest: Digest<'_>, report: &mut Report) -> Outcome {
        let count = digest.sails.iter().map(|needy| matters(needy).len()).sum();
        let message = digest::message(digest);
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
                report.mailed = count;
                Outcome::Sent(receipt)
            }
            Err(error) if error.effect == Effect::None => {
                report.fault(&error);
                Outcome::Refused
            }
            Err(error) => {
                tracing::error!(%error, key = message.key.as_str(), "a mail has no known outcome");
                report.unknown += count;
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

/// What a sail needs of the administrator, if it needs anything and has not left.
fn needy(facts: &SailFacts, now: Timestamp) -> Option<Needy<'_>> {
    let needy = Needy { sail: &facts.sail, captain: !facts.has_captain(), holds: facts.holds() };
    (facts.is_ahead(now) && !matters(&needy).is_empty()).then_some(needy)
}

/// What the administrator is told of, each once in its quiet period.
fn matters(needy: &Needy<'_>) -> Vec<Matter> {
    let event_id = || needy.sail.event_id.clone();
    let captain = needy.captain.then(|| Matter::NoCaptain(event_id()));
    let holds = (needy.holds > 0).then(|| Matter::OnHold(event_id()));
    captain.into_iter().chain(holds).collect()
}

/// A key that no other mail has.
pub fn new_key(matter: &str, now: Timestamp) -> Result<MessageKey, CallError> {
    let text = format!("{matter}-{}-{}", now.as_second(), random::id()?);
    text.parse().map_err(|_| CallError::odd_result("random", "no key"))
}
