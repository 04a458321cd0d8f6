//! Rotation as a state machine: where a secret stands, what may be done to it now, and when the rest may be. Pure.

use serde::{Deserialize, Serialize};

/// How long a function goes on with what it has read, in seconds: the longest that a change stays unseen there.
/// Permanent: functions that were shipped earlier keep values so long.
pub const FUNCTION_CACHE_SECONDS: u64 = 300;
/// What clocks may differ by, and what an answer may take, in seconds.
const SKEW_SECONDS: u64 = 60;
/// How long after a change every function knows of it, in seconds.
pub const KNOWN_AFTER_SECONDS: u64 = FUNCTION_CACHE_SECONDS + SKEW_SECONDS;

/// One change of a rotation: a step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// A new value is made, and accepted beside the present one, which goes on being used.
    Publish,
    /// The new value is used; the former one is still accepted.
    Activate,
    /// The new value is looked at once more: from now on there is no other.
    Verify,
    /// The former value is accepted no more.
    Retire,
    /// A published value that nothing uses yet is taken back.
    Abort,
}

impl Turn {
    /// The word for it, as addresses and `--until` say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Activate => "activate",
            Self::Verify => "verify",
            Self::Retire => "retire",
            Self::Abort => "abort",
        }
    }
}

/// Where a secret stands. Times are epoch seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "stage", rename_all = "lowercase")]
pub enum Stage {
    /// One value, made then.
    Steady {
        /// When the value was made.
        since: u64,
    },
    /// A new value has been accepted beside the present one since then.
    Published {
        /// When it was published.
        since: u64,
    },
    /// The new value has been used since then; the former one is still accepted.
    Activated {
        /// When it came into use.
        since: u64,
    },
}

/// What a rotation must keep to, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How old a value may become; `None`: as old as it likes.
    pub every: Option<u64>,
    /// How long after its publication everybody knows the new value.
    pub spread: u64,
    /// How long after that the former value is still needed.
    pub overlap: u64,
    /// What others were promised by terms that were longer.
    pub former: Former,
}

/// What was promised before terms were made shorter, in epoch seconds; 0: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Former {
    /// Until when somebody may keep what he knew before a publication.
    pub kept_until: u64,
    /// Until when a former value may be needed.
    pub needed_until: u64,
}

/// What a ring's document promises: functions sign and answer by it, and the stack file may say something else already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// How long a token lives, in seconds.
    pub token_ttl: u64,
    /// How long others may keep the public keys, in seconds.
    pub jwks_cache: u64,
    /// What it promised before.
    pub former: Former,
}

impl Terms {
    /// The terms of a ring whose tokens live `token_ttl` and whose public keys are kept `jwks_cache`. A function may serve
    /// keys that it has kept itself, and sign with a key that it has kept.
    pub fn of_ring(every: Option<u64>, token_ttl: u64, jwks_cache: u64) -> Self {
        let known = KNOWN_AFTER_SECONDS;
        Self { every, spread: known + jwks_cache, overlap: known + token_ttl, former: Former::default() }
    }

    /// The same terms, and what a ring's document promised.
    #[must_use]
    pub fn and(self, promised: Promised) -> Self {
        let other = Self::of_ring(self.every, promised.token_ttl, promised.jwks_cache);
        let (spread, overlap) = (self.spread.max(other.spread), self.overlap.max(other.overlap));
        Self { spread, overlap, former: promised.former, ..self }
    }

    /// The terms of a value whose predecessor is accepted for `accept_previous` more.
    pub fn of_value(every: Option<u64>, accept_previous: u64) -> Self {
        let known = KNOWN_AFTER_SECONDS;
        Self { every, spread: known, overlap: known + accept_previous, former: Former::default() }
    }
}

/// Why a rotation is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// One that is due begins, one that is under way goes on.
    Due,
    /// One begins now, unless one is under way, which then goes on.
    Now,
    /// One that is under way goes on; none begins.
    Resume,
}

/// How far a rotation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The last turn.
    pub until: Turn,
    /// Whether nothing is waited for: whoever still uses the former value is locked out.
    pub emergency: bool,
}

/// What to do now, and what comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The turns that may be made now, in their order.
    pub turns: Vec<Turn>,
    /// The turn that comes after them and when it may be made, in epoch seconds; `None`: nothing comes by itself.
    pub next: Option<(Turn, u64)>,
}

/// When the next turn of a secret may be made; `None`: its values may become as old as they like.
pub fn due(stage: Stage, terms: Terms) -> Option<(Turn, u64)> {
    match stage {
        Stage::Steady { since } => terms.every.map(|every| (Turn::Publish, since.saturating_add(every))),
        Stage::Published { since } => {
            Some((Turn::Activate, since.saturating_add(terms.spread).max(terms.former.kept_until)))
        }
        Stage::Activated { since } => {
            Some((Turn::Retire, since.saturating_add(terms.overlap).max(terms.former.needed_until)))
        }
    }
}

/// Decides what is done at `now`, in epoch seconds.
pub fn decide(mut stage: Stage, terms: Terms, now: u64, ask: Ask, limits: Limits) -> Decision {
    let begins_now = ask == Ask::Now && matches!(stage, Stage::Steady { .. });
    let mut next = if begins_now { Some((Turn::Publish, now)) } else { due(stage, terms) };
    let mut turns = Vec::new();
    let may_begin = |turn: Turn| turn != Turn::Publish || ask != Ask::Resume;
    while let Some((turn, at)) = next.filter(|(turn, _)| may_begin(*turn)) {
        let waits = at > now && !(limits.emergency && turn != Turn::Publish);
        if waits || turn > limits.until {
            break;
        }
        if turn == Turn::Retire {
            turns.push(Turn::Verify);
        }
        turns.push(turn);
        stage = after(turn, now);
        next = due(stage, terms);
        if turn == Turn::Retire {
            break;
        }
    }
    Decision { turns, next }
}

/// Where a secret stands after a turn that was made then.
fn after(turn: Turn, now: u64) -> Stage {
    match turn {
        Turn::Publish => Stage::Published { since: now },
        Turn::Activate => Stage::Activated { since: now },
        Turn::Verify | Turn::Retire | Turn::Abort => Stage::Steady { since: now },
    }
}

#[cfg(test)]
mod tests;
