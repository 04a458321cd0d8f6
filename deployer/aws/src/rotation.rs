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
mod tests {
    use super::*;
    use crate::ring::{Document, Key, Phase, new_key};

    const TURNS: &str = include_str!("../../../functions/shared/src/testing/rotation.json");
    const DAY: u64 = 86_400;
    const MADE: u64 = 1_790_000_000;
    const WHOLE: Limits = Limits { until: Turn::Retire, emergency: false };

    /// Ninety days, tokens of twelve hours, public keys kept for fifteen minutes.
    fn quarterly() -> Terms {
        Terms::of_ring(Some(90 * DAY), 12 * 3_600, 900)
    }

    fn steady() -> Stage {
        Stage::Steady { since: MADE }
    }

    #[test]
    fn waits_are_derived_from_tokens_caches_and_what_is_accepted() {
        let former = Former::default();
        assert_eq!(quarterly(), Terms { every: Some(90 * DAY), spread: 1_260, overlap: 43_560, former });
        assert_eq!(Terms::of_value(None, 3_600), Terms { every: None, spread: 360, overlap: 3_960, former });
    }

    /// Tokens of twelve hours and keys kept for fifteen minutes, lowered to one hour and one minute.
    #[test]
    fn what_longer_terms_promised_holds_after_they_are_made_shorter() {
        let lowered = Terms::of_ring(None, 3_600, 60);
        let key = new_key(MADE - DAY, Phase::Active).expect("random numbers").public;
        let document = Document::new(key, 43_200, 900);
        let due = |document: &Document, stage| due(stage, lowered.and(document.promised())).map(|(_, at)| at);
        let (published, activated) = (Stage::Published { since: MADE }, Stage::Activated { since: MADE });
        // The stack says so, and no function knows it yet.
        assert_eq!(due(&document, published), Some(MADE + 1_260));
        assert_eq!(due(&document, activated), Some(MADE + 43_560));
        // Functions know it since shortly before: what they signed and answered until then goes on.
        let document = document.with_terms(3_600, 60, MADE - 60);
        assert_eq!(due(&document, published), Some(MADE - 60 + 1_260));
        assert_eq!(due(&document, activated), Some(MADE - 60 + 43_560));
        // Lowered again, and then raised: the furthest promise counts.
        let document = document.with_terms(1_800, 30, MADE).with_terms(3_600, 60, MADE);
        assert_eq!(due(&document, activated), Some(MADE - 60 + 43_560));
        // Days later only the present terms count.
        assert_eq!(due(&document, Stage::Activated { since: MADE + DAY }), Some(MADE + DAY + 3_960));
        assert_eq!(due(&document, Stage::Published { since: MADE + DAY }), Some(MADE + DAY + 420));
    }

    #[test]
    fn a_quarterly_key_is_due_after_ninety_days_and_not_a_second_before() {
        let decided = |now| decide(steady(), quarterly(), now, Ask::Due, WHOLE).turns;
        assert_eq!(decided(MADE + 90 * DAY - 1), []);
        assert_eq!(decided(MADE + 90 * DAY), [Turn::Publish]);
        // Four weeks late it is begun all the same.
        assert_eq!(decided(MADE + 118 * DAY), [Turn::Publish]);
        let never = Terms { every: None, ..quarterly() };
        assert_eq!(decide(steady(), never, u64::MAX, Ask::Due, WHOLE), Decision { turns: vec![], next: None });
    }

    #[test]
    fn each_turn_waits_for_what_the_one_before_must_reach() {
        let published = Stage::Published { since: MADE };
        let decided = |stage, now| decide(stage, quarterly(), now, Ask::Resume, WHOLE);
        let waiting = decided(published, MADE + 1_259);
        assert_eq!(waiting, Decision { turns: vec![], next: Some((Turn::Activate, MADE + 1_260)) });
        let active = decided(published, MADE + 1_260);
        let next = Some((Turn::Retire, MADE + 1_260 + 43_560));
        assert_eq!(active, Decision { turns: vec![Turn::Activate], next });
        let activated = Stage::Activated { since: MADE };
        assert_eq!(decided(activated, MADE + 43_559).turns, []);
        assert_eq!(decided(activated, MADE + 43_560).turns, [Turn::Verify, Turn::Retire]);
    }

    #[test]
    fn resumed_after_ten_days_it_goes_on_and_the_overlap_counts_from_then() {
        let now = MADE + 10 * DAY;
        let decided = decide(Stage::Published { since: MADE }, quarterly(), now, Ask::Resume, WHOLE);
        assert_eq!(decided, Decision { turns: vec![Turn::Activate], next: Some((Turn::Retire, now + 43_560)) });
        let decided = decide(Stage::Activated { since: MADE }, quarterly(), now, Ask::Resume, WHOLE);
        assert_eq!(decided.turns, [Turn::Verify, Turn::Retire]);
        // The next one is due a quarter later, and does not begin in the same breath.
        assert_eq!(decided.next, Some((Turn::Publish, now + 90 * DAY)));
    }

    #[test]
    fn a_rotation_under_way_is_gone_on_with_whatever_is_asked_and_none_begins_beside_it() {
        let published = Stage::Published { since: MADE };
        for ask in [Ask::Due, Ask::Now, Ask::Resume] {
            assert_eq!(decide(published, quarterly(), MADE + 1, ask, WHOLE).turns, []);
            assert_eq!(decide(published, quarterly(), MADE + 1_260, ask, WHOLE).turns, [Turn::Activate]);
        }
        assert_eq!(decide(steady(), quarterly(), MADE + 200 * DAY, Ask::Resume, WHOLE).turns, []);
        assert_eq!(decide(steady(), quarterly(), MADE + 1, Ask::Now, WHOLE).turns, [Turn::Publish]);
    }

    #[test]
    fn an_emergency_waits_for_nothing_and_a_limit_ends_it_early() {
        let emergency = Limits { emergency: true, ..WHOLE };
        let every = [Turn::Publish, Turn::Activate, Turn::Verify, Turn::Retire];
        assert_eq!(decide(steady(), quarterly(), MADE, Ask::Now, emergency).turns, every);
        assert_eq!(
            decide(Stage::Activated { since: MADE }, quarterly(), MADE, Ask::Resume, emergency).turns,
            every[2..]
        );
        let until = Limits { until: Turn::Activate, ..emergency };
        assert_eq!(decide(steady(), quarterly(), MADE, Ask::Now, until).turns, every[..2]);
        let publish = Limits { until: Turn::Publish, ..WHOLE };
        assert_eq!(decide(Stage::Published { since: MADE }, quarterly(), MADE + DAY, Ask::Now, publish).turns, []);
        // What is not due begins in an emergency only when it is asked for by its name.
        assert_eq!(decide(steady(), quarterly(), MADE, Ask::Due, emergency).turns, []);
    }

    /// The functions' own tests live through these turns: what readers see, and when.
    #[test]
    fn a_rings_turns_are_those_that_the_functions_are_tested_with() {
        let key = |kid: &str, created_at, phase| Key {
            kid: kid.to_owned(),
            ..new_key(created_at, phase).expect("random numbers").public
        };
        let begins = MADE + 600;
        let mut ring = Document::new(key("one", MADE, Phase::Active), 43_200, 900);
        let (mut now, mut before, mut told) = (begins, MADE, Vec::new());
        loop {
            let ask = if now == begins { Ask::Now } else { Ask::Resume };
            let decided = decide(ring.stage(), quarterly(), now, ask, WHOLE);
            let turn = *decided.turns.last().expect("its time has come");
            ring = match turn {
                Turn::Publish => ring.with_next(key("two", now, Phase::Next)),
                Turn::Activate => ring.activated(now),
                _ => ring.without(Phase::Previous),
            };
            let others = ring.keys.iter().map(|key| &key.kid).filter(|kid| **kid != ring.active);
            let keys: Vec<_> = std::iter::once(&ring.active).chain(others).collect();
            told.push(serde_json::json!({ "turn": turn.word(), "after_seconds": now - before, "keys": keys }));
            match decided.next {
                Some((next, at)) if next != Turn::Publish => (before, now) = (now, at),
                _ => break,
            }
        }
        let known: Vec<serde_json::Value> = serde_json::from_str(TURNS).expect("JSON");
        assert_eq!(told, known);
    }
}
