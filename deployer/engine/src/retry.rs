//! When and how long to wait before a call is tried again: decided here alone.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::resource::{CloudError, ErrorClass};

/// The first wait after a throttle or a lost answer.
const BASE: Duration = Duration::from_millis(200);
/// The longest single wait.
const CAP: Duration = Duration::from_secs(8);
/// The longest wait that an answer may ask for: a person looks at a command that waits longer.
const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// Attempts of one step after throttles and lost answers.
const MAX_ATTEMPTS: u32 = 8;
/// How long a step may go on after its first throttle, and after its first lost answer: a call that hangs takes a
/// minute by itself.
const THROTTLED_LIMIT: Duration = Duration::from_secs(120);
const UNANSWERED_LIMIT: Duration = Duration::from_secs(60);
/// How often something that others keep changing is looked at again.
const MAX_CONFLICTS: u32 = 5;
/// The longest single wait after such a change.
const CONFLICT_CAP: Duration = Duration::from_secs(2);
/// The first wait for something that is not there yet: a new role takes seconds, the emulator none.
const NOT_YET_BASE: Duration = Duration::from_millis(100);
/// The longest single wait for something that is not there yet.
const NOT_YET_CAP: Duration = Duration::from_secs(2);
/// How long something may stay "not there yet" before AWS's own message is shown as the error.
pub const NOT_YET_LIMIT: Duration = Duration::from_secs(60);

/// What a step has been through.
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    failed: u32,
    /// When it failed so the first time.
    since: Option<Duration>,
    conflicts: u32,
    not_yet: Duration,
    missing_limit: Duration,
}

impl Attempts {
    /// The first. What is missing is looked for at most for `missing_limit`: it may only not be seen yet.
    pub fn new(missing_limit: Duration) -> Self {
        Self { failed: 0, since: None, conflicts: 0, not_yet: Duration::ZERO, missing_limit }
    }

    /// What a part of a whole that failed together has been through: no answer to it has been waited for yet.
    pub(crate) fn of_part(self) -> Self {
        Self { since: None, ..self }
    }

    /// How long to wait before trying again; `None`: give up. `seed` spreads the waits of many, `now` is a moment of
    /// the clock by which they are waited.
    pub fn next_wait(&mut self, error: &CloudError, seed: &str, now: Duration) -> Option<Duration> {
        match error.class {
            ErrorClass::Throttled | ErrorClass::Unknown => {
                self.failed += 1;
                let asked = error.retry_after_ms.map(|asked| Duration::from_millis(asked).min(LONGEST_ASKED));
                let wait = asked.unwrap_or_else(|| spread(self.failed, CAP, seed));
                let limit = if error.class == ErrorClass::Throttled { THROTTLED_LIMIT } else { UNANSWERED_LIMIT };
                let goes_on = now.saturating_sub(*self.since.get_or_insert(now)) + wait <= limit;
                (self.failed < MAX_ATTEMPTS && goes_on).then_some(wait)
            }
            ErrorClass::Conflict => {
                self.conflicts += 1;
                (self.conflicts <= MAX_CONFLICTS).then(|| spread(self.conflicts, CONFLICT_CAP, seed))
            }
            ErrorClass::NotYet => self.look_again(NOT_YET_LIMIT),
            ErrorClass::Missing => self.look_again(self.missing_limit),
            ErrorClass::Refused
            | ErrorClass::Denied
            | ErrorClass::Stopped
            | ErrorClass::Inputs
            | ErrorClass::NeedsPerson => None,
        }
    }

    fn look_again(&mut self, limit: Duration) -> Option<Duration> {
        let doubled = NOT_YET_BASE.max(self.not_yet / 2).min(NOT_YET_CAP);
        self.not_yet += doubled;
        (self.not_yet <= limit).then_some(doubled)
    }
}

/// Pauses between looks for what must have been made and is not shown, for at most `limit` altogether.
pub fn looks(limit: Duration) -> impl Iterator<Item = Duration> {
    let mut attempts = Attempts::new(limit);
    let missing = CloudError::new(ErrorClass::Missing, "", "", "", "");
    std::iter::from_fn(move || attempts.next_wait(&missing, "", Duration::ZERO))
}

/// Somewhere between nothing and what the attempt may wait, at most `cap`: by a digest, so that the engine needs
/// no randomness.
fn spread(attempt: u32, cap: Duration, seed: &str) -> Duration {
    let digest = Sha256::digest(format!("{seed}/{attempt}"));
    BASE.saturating_mul(1 << attempt.min(6)).min(cap).mul_f64(f64::from(digest[0]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass) -> CloudError {
        CloudError::new(class, "lambda:CreateFunction", "f", "x", "x")
    }

    /// The waits until it is given up, where each answer takes so long.
    fn waits_after(error: &CloudError, missing_limit: Duration, answer: Duration) -> Vec<Duration> {
        let (mut attempts, mut now) = (Attempts::new(missing_limit), Duration::ZERO);
        let next = || {
            now += answer;
            let wait = attempts.next_wait(error, "a", now)?;
            now += wait;
            Some(wait)
        };
        std::iter::from_fn(next).collect()
    }

    fn waits(error: &CloudError, missing_limit: Duration) -> Vec<Duration> {
        waits_after(error, missing_limit, Duration::ZERO)
    }

    #[test]
    fn a_refusal_is_final_and_a_throttle_is_tried_eight_times() {
        assert_eq!(waits(&error(ErrorClass::Refused), NOT_YET_LIMIT), []);
        assert_eq!(waits(&error(ErrorClass::Stopped), NOT_YET_LIMIT), []);
        let waits = waits(&error(ErrorClass::Throttled), NOT_YET_LIMIT);
        assert_eq!(waits.len(), 7);
        assert!(waits.iter().all(|each| *each <= CAP));
    }

    #[test]
    fn what_is_not_there_yet_is_waited_for_a_minute_and_no_longer() {
        let total: Duration = waits(&error(ErrorClass::NotYet), Duration::ZERO).into_iter().sum();
        assert!(total > Duration::from_secs(55) && total <= NOT_YET_LIMIT, "{total:?}");
    }

    #[test]
    fn what_is_missing_is_looked_for_as_long_as_it_may_be_hidden() {
        assert_eq!(waits(&error(ErrorClass::Missing), Duration::ZERO), []);
        let total: Duration = looks(Duration::from_secs(12)).sum();
        assert!(total >= Duration::from_secs(10) && total <= Duration::from_secs(12), "{total:?}");
    }

    #[test]
    fn what_others_keep_changing_is_looked_at_five_times_more() {
        assert_eq!(waits(&error(ErrorClass::Conflict), Duration::ZERO).len(), 5);
    }

    #[test]
    fn what_never_answers_is_given_up_after_two_minutes_however_few_tries_those_are() {
        let unknown = error(ErrorClass::Unknown);
        assert_eq!(waits_after(&unknown, Duration::ZERO, Duration::from_secs(60)).len(), 1);
        assert_eq!(waits_after(&unknown, Duration::ZERO, Duration::from_secs(1)).len(), 7);
    }

    #[test]
    fn aws_is_obeyed_when_it_says_how_long_to_wait_but_not_for_more_than_two_minutes() {
        let throttle = CloudError { retry_after_ms: Some(3000), ..error(ErrorClass::Throttled) };
        assert_eq!(waits(&throttle, Duration::ZERO)[0], Duration::from_secs(3));
        let long = CloudError { retry_after_ms: Some(50_000), ..error(ErrorClass::Throttled) };
        assert_eq!(waits(&long, Duration::ZERO), [Duration::from_secs(50); 2]);
    }
}
