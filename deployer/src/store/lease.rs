//! The rules of a lock that is a lease: who may take it, and how long its holder may act. Pure.

use std::time::Duration;

use super::Held;
use super::holder::Holder;

/// How often a holder renews its lease.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// A lease that was not renewed for longer, by the store's clock, may be taken over.
pub const LEASE: Duration = Duration::from_secs(60);
/// How long a holder acts on its last renewal, counted from when it asked for it: well below [`LEASE`], since the
/// store tells whole seconds and a call that has begun goes on for a while.
pub const ACTS_FOR: Duration = Duration::from_secs(45);

/// How long renewals may go unanswered until the run is stopped.
pub const STOPS_AFTER: Duration = Duration::from_secs(8);

/// What a contender does about a lock that it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the contender's own: the answer to its own write was lost.
    Ours,
    /// Nobody renews it: take it over.
    TakeOver,
    /// It looks deserted: look once more before it is taken over.
    LookAgain,
    /// Somebody has it.
    Wait,
}

/// Judges a lock. `before` is its tag at an earlier look.
pub fn judge(me: &Holder, held: &Held, before: Option<&str>) -> Verdict {
    match &held.holder {
        Some(holder) if holder.token == me.token => return Verdict::Ours,
        Some(holder) if holder.is_gone(me) => return Verdict::TakeOver,
        _ => {}
    }
    match held.silent_for {
        Some(silent) if silent > LEASE && before == Some(held.tag.as_str()) => Verdict::TakeOver,
        Some(silent) if silent > LEASE => Verdict::LookAgain,
        _ => Verdict::Wait,
    }
}

/// How sure a holder is of its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds it.
    Sure,
    /// The last renewal was not answered: start nothing until one is.
    Unsure,
    /// It may be another's: start nothing any more.
    Lost,
}

/// What a holder knows of its lease.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    asked: Duration,
    /// Since when renewals are not answered.
    unsure: Option<Duration>,
    lost: bool,
}

impl Lease {
    /// A lease that was asked for at this moment of the holder's clock, which counts sleep.
    pub fn new(asked: Duration) -> Self {
        Self { asked, unsure: None, lost: false }
    }

    /// How sure the holder may be now. What is lost stays lost.
    pub fn standing(&mut self, now: Duration) -> Standing {
        self.lost |= now.saturating_sub(self.asked) >= ACTS_FOR;
        match (self.lost, self.unsure.is_some()) {
            (true, _) => Standing::Lost,
            (false, true) => Standing::Unsure,
            (false, false) => Standing::Sure,
        }
    }

    /// A renewal that was asked for then was granted now.
    pub fn renewed(&mut self, asked: Duration, now: Duration) {
        if self.standing(now) != Standing::Lost {
            (self.asked, self.unsure) = (asked, None);
        }
    }

    /// A renewal that was asked for then was not answered.
    pub fn unanswered(&mut self, asked: Duration) {
        self.unsure.get_or_insert(asked);
    }

    /// Whether the run should stop: the lease is lost, or renewals are not answered for too long.
    pub fn should_stop(&mut self, now: Duration) -> bool {
        let unanswered = self.unsure.is_some_and(|since| now.saturating_sub(since) >= STOPS_AFTER);
        self.standing(now) == Standing::Lost || unanswered
    }

    /// A renewal was refused: the lock is another's, or gone.
    pub fn refused(&mut self) {
        self.lost = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(holder: Option<Holder>, silent: u64) -> Held {
        Held { holder, tag: "a".into(), silent_for: Some(Duration::from_secs(silent)) }
    }

    #[test]
    fn a_lock_is_taken_over_when_its_holder_is_gone_or_silent_on_two_looks() {
        let me = Holder::here("deployer up");
        let elsewhere = Holder { machine: "another".into(), token: "other".into(), ..me.clone() };
        let gone = Holder { started: me.started - 1, token: "other".into(), ..me.clone() };
        let cases = [
            (Some(me.clone()), 0, None, Verdict::Ours),
            (Some(gone), 0, None, Verdict::TakeOver),
            (Some(elsewhere.clone()), 60, Some("a"), Verdict::Wait),
            (Some(elsewhere.clone()), 61, None, Verdict::LookAgain),
            (Some(elsewhere.clone()), 61, Some("b"), Verdict::LookAgain),
            (Some(elsewhere), 61, Some("a"), Verdict::TakeOver),
            (None, 61, Some("a"), Verdict::TakeOver),
            (None, 5, Some("a"), Verdict::Wait),
        ];
        for (holder, silent, before, verdict) in cases {
            assert_eq!(judge(&me, &held(holder.clone(), silent), before), verdict, "{holder:?} {silent} {before:?}");
        }
    }

    #[test]
    fn a_holder_acts_only_on_a_renewal_that_is_answered_and_young() {
        let at = Duration::from_secs;
        let mut lease = Lease::new(at(100));
        assert_eq!(lease.standing(at(144)), Standing::Sure);
        lease.unanswered(at(15));
        assert_eq!(lease.standing(at(144)), Standing::Unsure);
        lease.renewed(at(140), at(144));
        assert_eq!(lease.standing(at(184)), Standing::Sure);
        assert_eq!(lease.standing(at(185)), Standing::Lost);
        lease.renewed(at(184), at(186));
        assert_eq!(lease.standing(at(186)), Standing::Lost, "what is lost stays lost");
    }
}
