//! The mails to people: one a person and firing with everything that is missing, each sail once within the quiet
//! period. Claimed before, settled after, as the mail to the administrator.

use functions_shared::call_error::{CallError, Effect};
use functions_shared::mail::MessageKey;
use functions_shared::nudges::{self, Claim, Claimed, Matter, Outcome};
use functions_shared::person::Person;
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::letter::{self, Letter};
use crate::missing::{Lacks, Missing, What};
use crate::nudge::{Nudge, new_key};
use crate::pace::Pace;

/// People read in one call.
const PAGE: u32 = 200;
/// People who are mailed at once: the pace is SES's, the waiting is for answers.
const AT_ONCE: usize = 16;
/// Nothing begins when less than this is left of the invocation: what began is settled.
const LAST_MOMENT: SignedDuration = SignedDuration::from_secs(20);

/// What came of the people, in numbers of persons.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct CrewReport {
    /// People who lack something.
    pub found: usize,
    /// Of these: got a mail.
    pub mailed: usize,
    /// Of these: were mailed about all of it within the quiet period.
    pub quiet: usize,
    /// Of these: nobody can tell whether a mail to them went out, so none is sent.
    pub unknown: usize,
    /// Of these: the time was over; the next firing is theirs.
    pub left: usize,
    /// Of these: a mail to them surely failed, and may be tried again.
    pub failed: usize,
}

/// What came of one person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Mailed,
    Quiet,
    Unknown,
    Left,
    Failed,
}

impl CrewReport {
    fn count(&mut self, told: Told) {
        self.found += 1;
        match told {
            Told::Mailed => self.mailed += 1,
            Told::Quiet => self.quiet += 1,
            Told::Unknown => self.unknown += 1,
            Told::Left => self.left += 1,
            Told::Failed => self.failed += 1,
        }
    }
}

/// Mails everybody who lacks something, page after page.
pub async fn tell(
    nudge: &Nudge,
    lacks: &Lacks<'_>,
    site_url: Option<&str>,
    until: Timestamp,
    report: &mut CrewReport,
) -> Result<(), CallError> {
    let pace = Pace::new();
    let mut after: Option<Person> = None;
    loop {
        let page = nudge.people.page(after.as_ref(), PAGE).await?;
        let lacking = page.people.iter().filter_map(|person| {
            let missing = lacks.of_person(person);
            (!missing.is_empty()).then_some((person, missing))
        });
        let letters = lacking.map(|(person, missing)| one(nudge, &pace, person, missing, site_url, until));
        let letters: Vec<_> = letters.collect();
        let mut told = futures::stream::iter(letters).buffer_unordered(AT_ONCE);
        while let Some(told) = told.next().await {
            report.count(told);
        }
        after = match page.people.last() {
            Some(last) if page.more => Some(last.clone()),
            _ => return Ok(()),
        };
    }
}

async fn one(
    nudge: &Nudge,
    pace: &Pace,
    person: &Person,
    missing: Vec<Missing<'_>>,
    site_url: Option<&str>,
    until: Timestamp,
) -> Told {
    if until.duration_since(nudge.clock.now()) < LAST_MOMENT {
        return Told::Left;
    }
    let now = nudge.clock.now();
    let Ok(key) = new_key("missing", now) else {
        return Told::Failed;
    };
    let (missing, claims) = match claimed(nudge, person, missing, &key, now).await {
        Ok(won) => won,
        Err(told) => return told,
    };
    pace.wait(&*nudge.clock, 1).await;
    let letter = Letter { person, missing: &missing, site_url, from: &nudge.from, key, now };
    let outcome = match letter::message(letter) {
        Err(_) => Outcome::Refused,
        Ok(message) => match nudge.mailer.send(&message).await {
            Ok(receipt) => Outcome::Sent(receipt),
            Err(error) if error.effect == Effect::None => Outcome::Refused,
            Err(_) => Outcome::Unknown,
        },
    };
    for claim in &claims {
        if let Err(error) = nudges::settle_claim(&*nudge.tables, &*nudge.clock, claim, &outcome).await {
            tracing::error!(key = claim.key.as_str(), %error, "a nudge is not settled");
        }
    }
    match outcome {
        Outcome::Sent(_) => Told::Mailed,
        Outcome::Unknown => Told::Unknown,
        Outcome::Refused => Told::Failed,
    }
}

/// Takes each sail that this person was not told of. The error is what came of a person with none.
async fn claimed<'a>(
    nudge: &Nudge,
    person: &Person,
    missing: Vec<Missing<'a>>,
    key: &MessageKey,
    now: Timestamp,
) -> Result<(Vec<Missing<'a>>, Vec<Claim>), Told> {
    let mut won = (Vec::new(), Vec::new());
    let mut otherwise = Told::Quiet;
    for each in missing {
        let (event_id, person_id) = (each.sail.event_id.clone(), person.person_id.clone());
        let matter = match each.what {
            What::CalledOff => Matter::CalledOff(event_id, person_id),
            What::ToDo { .. } => Matter::Missing(event_id, person_id),
        };
        let claim = Claim { matter, key: key.clone(), at: now };
        match nudges::claim(&*nudge.tables, &*nudge.clock, &claim).await {
            Ok(Claimed::Won) => {
                won.0.push(each);
                won.1.push(claim);
            }
            Ok(Claimed::Quiet) => {}
            Ok(Claimed::Unknown) => otherwise = Told::Unknown,
            Err(error) => {
                tracing::error!(%error, "a claim failed");
                otherwise = if error.effect == Effect::None { Told::Failed } else { Told::Unknown };
            }
        }
    }
    if won.0.is_empty() { Err(otherwise) } else { Ok(won) }
}
