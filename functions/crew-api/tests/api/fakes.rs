//! Challenges, limits, errands and lines in memory: as strict as the tables.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use crew_api::challenges::{
    Challenge, ChallengeId, Challenges, Digest, Lost, MOST_TRIES, MailOutcome, Owed, Proof, Redeeming, Taking,
};
use crew_api::errand::Errands;
use crew_api::limits::{Asked, Budget, Limits, Verdict};
use crew_api::telemetry::Lines;
use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::mail::{Address, ON_ITS_WAY};
use jiff::Timestamp;

/// The table of magic links.
#[derive(Default)]
pub struct MemoryChallenges {
    kept: Mutex<BTreeMap<ChallengeId, Kept>>,
    calls: Mutex<u32>,
}

struct Kept {
    challenge: Challenge,
    owed: Option<Owed>,
    taking: Option<Taking>,
    outcome: Option<MailOutcome>,
    tries: u32,
    redeemed: bool,
}

impl MemoryChallenges {
    /// What became of each mail, in the order of the ids.
    pub fn outcomes(&self) -> Vec<Option<MailOutcome>> {
        self.kept.lock().expect("never poisoned").values().map(|kept| kept.outcome).collect()
    }

    /// How often a code was compared, all together.
    pub fn tries(&self) -> u32 {
        self.kept.lock().expect("never poisoned").values().map(|kept| kept.tries).sum()
    }

    /// How many calls were made.
    pub fn calls(&self) -> u32 {
        *self.calls.lock().expect("never poisoned")
    }

    fn with<T>(&self, id: &ChallengeId, act: impl FnOnce(&mut Kept) -> Option<T>) -> Option<T> {
        *self.calls.lock().expect("never poisoned") += 1;
        self.kept.lock().expect("never poisoned").get_mut(id).and_then(act)
    }
}

impl Challenges for MemoryChallenges {
    fn open<'a>(
        &'a self,
        id: &'a ChallengeId,
        challenge: &'a Challenge,
        owed: Option<&'a Owed>,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        *self.calls.lock().expect("never poisoned") += 1;
        let (challenge, owed) = (challenge.clone(), owed.cloned());
        let kept = Kept { challenge, owed, taking: None, outcome: None, tries: 0, redeemed: false };
        self.kept.lock().expect("never poisoned").insert(id.clone(), kept);
        Box::pin(async { Ok(()) })
    }

    fn waiting<'a>(&'a self, id: &'a ChallengeId) -> BoxFuture<'a, Result<Option<Challenge>, CallError>> {
        let waits = |kept: &mut Kept| kept.taking.is_none() && kept.outcome.is_none();
        let found = self.with(id, |kept| waits(kept).then(|| kept.challenge.clone()));
        Box::pin(async { Ok(found) })
    }

    fn take<'a>(&'a self, id: &'a ChallengeId, taking: &'a Taking) -> BoxFuture<'a, Result<bool, CallError>> {
        let taken = self.with(id, |kept| {
            let free = kept.taking.is_none() && kept.outcome.is_none() && kept.challenge.expires_at() > taking.now;
            free.then(|| kept.taking = Some(taking.clone()))
        });
        Box::pin(async move { Ok(taken.is_some()) })
    }

    fn lost(&self, now: Timestamp) -> BoxFuture<'_, Result<Vec<Lost>, CallError>> {
        *self.calls.lock().expect("never poisoned") += 1;
        let lost = |kept: &Kept| {
            let Owed { person_id, key } = match (&kept.taking, &kept.owed) {
                (Some(Taking { person_id, key, .. }), _) => Owed { person_id: person_id.clone(), key: key.clone() },
                (None, owed) => owed.clone()?,
            };
            let at = kept.taking.as_ref().map_or(kept.challenge.opened_at, |taking| taking.now);
            let refused = match kept.outcome {
                None | Some(MailOutcome::Unknown) => false,
                Some(MailOutcome::Refused) => true,
                Some(MailOutcome::Sent | MailOutcome::Nobody) => return None,
            };
            let lost = Lost { person_id, purpose: kept.challenge.purpose, key, refused, at };
            (at + ON_ITS_WAY <= now).then_some(lost)
        };
        let mut found: Vec<Lost> = self.kept.lock().expect("never poisoned").values().filter_map(lost).collect();
        found.sort_by_key(|lost| lost.at);
        Box::pin(async { Ok(found) })
    }

    fn settle<'a>(&'a self, id: &'a ChallengeId, outcome: &'a MailOutcome) -> BoxFuture<'a, Result<(), CallError>> {
        self.with(id, |kept| {
            kept.outcome = Some(*outcome);
            Some(())
        });
        Box::pin(async { Ok(()) })
    }

    fn try_code<'a>(&'a self, id: &'a ChallengeId, now: Timestamp) -> BoxFuture<'a, Result<Option<Digest>, CallError>> {
        let kept = self.with(id, |kept| {
            let left = kept.tries < MOST_TRIES && !kept.redeemed && kept.challenge.expires_at() > now;
            let code = kept.taking.as_ref().and_then(|taking| taking.digests.code.clone()).filter(|_| left)?;
            kept.tries += 1;
            Some(code)
        });
        Box::pin(async { Ok(kept) })
    }

    fn redeem<'a>(
        &'a self,
        id: &'a ChallengeId,
        redeeming: &'a Redeeming,
    ) -> BoxFuture<'a, Result<Option<Address>, CallError>> {
        let email = self.with(id, |kept| {
            let digests = &kept.taking.as_ref()?.digests;
            let right = match &redeeming.by {
                Proof::Code(digest) => digests.code.as_ref() == Some(digest),
                Proof::Token(digest) => digests.token == *digest,
            };
            let usable = right && !kept.redeemed && kept.challenge.expires_at() > redeeming.now;
            usable.then(|| {
                kept.redeemed = true;
                kept.challenge.email.clone()
            })
        });
        Box::pin(async { Ok(email) })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        *self.calls.lock().expect("never poisoned") += 1;
        Box::pin(async { Ok(()) })
    }
}

/// The table of limits.
#[derive(Default)]
pub struct MemoryLimits {
    hits: Mutex<HashMap<String, u32>>,
    asked: Mutex<HashMap<String, Asked>>,
    calls: Mutex<u32>,
}

impl MemoryLimits {
    /// How many calls were made.
    pub fn calls(&self) -> u32 {
        *self.calls.lock().expect("never poisoned")
    }

    fn call(&self) {
        *self.calls.lock().expect("never poisoned") += 1;
    }
}

impl Limits for MemoryLimits {
    fn count<'a>(
        &'a self,
        budget: &'a Budget,
        subject: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Verdict, CallError>> {
        self.call();
        let (window, retry_after_seconds) = budget.window(now);
        let mut all = self.hits.lock().expect("never poisoned");
        let hits = all.entry(format!("{}#{subject}#{window}", budget.class)).or_default();
        let verdict = match *hits < budget.most {
            true => {
                *hits += 1;
                Verdict::Within
            }
            false => Verdict::Over { retry_after_seconds },
        };
        Box::pin(async move { Ok(verdict) })
    }

    fn asked<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Asked, CallError>> {
        self.call();
        let asked = self.asked.lock().expect("never poisoned").get(subject).cloned();
        Box::pin(async { Ok(asked.unwrap_or_default()) })
    }

    fn remember<'a>(&'a self, subject: &'a str, asked: &'a Asked) -> BoxFuture<'a, Result<bool, CallError>> {
        self.call();
        let mut all = self.asked.lock().expect("never poisoned");
        let before = all.get(subject).map_or(0, |asked| asked.revision);
        let free = before + 1 == asked.revision;
        if free {
            all.insert(subject.to_owned(), asked.clone());
        }
        Box::pin(async move { Ok(free) })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        self.call();
        Box::pin(async { Ok(()) })
    }
}

/// Errands that wait until a test runs them.
#[derive(Default)]
pub struct MemoryErrands(Mutex<Vec<ChallengeId>>);

impl MemoryErrands {
    /// Takes all that wait.
    pub fn take(&self) -> Vec<ChallengeId> {
        std::mem::take(&mut *self.0.lock().expect("never poisoned"))
    }
}

impl Errands for MemoryErrands {
    fn mail<'a>(&'a self, challenge: &'a ChallengeId) -> BoxFuture<'a, Result<(), CallError>> {
        self.0.lock().expect("never poisoned").push(challenge.clone());
        Box::pin(async { Ok(()) })
    }
}

/// The lines about requests.
#[derive(Default)]
pub struct MemoryLines(Mutex<Vec<String>>);

impl MemoryLines {
    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().expect("never poisoned").clone()
    }
}

impl Lines for MemoryLines {
    fn write(&self, line: &str) {
        self.0.lock().expect("never poisoned").push(line.to_owned());
    }
}
