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
/// The first wait for something that is not there yet: a new role takes seconds, the emulator none.
const NOT_YET_BASE: Duration = Duration::from_millis(100);
/// The longest single wait for something that is not there yet.
const NOT_YET_CAP: Duration = Duration::from_secs(2);
/// How long something may stay "not there yet" before AWS's own message is shown as the error.
pub const NOT_YET_LIMIT: Duration = Duration::from_secs(60);

/// What a step has been through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attempts {
    failed: u32,
    not_yet: Duration,
}

impl Attempts {
    /// How long to wait before trying again; `None`: give up. `seed` spreads the waits of many.
    pub fn next_wait(&mut self, error: &CloudError, seed: &str) -> Option<Duration> {
        match error.class {
            ErrorClass::Throttled | ErrorClass::Unknown => {
                self.failed += 1;
                let asked = error.retry_after_ms.map(|asked| Duration::from_millis(asked).min(LONGEST_ASKED));
                (self.failed < MAX_ATTEMPTS).then(|| {
                    asked.unwrap_or_else(|| {
                        jitter(BASE.saturating_mul(1 << self.failed.min(6)).min(CAP), seed, self.failed)
                    })
                })
            }
            ErrorClass::NotYet => {
                let doubled = NOT_YET_BASE.max(self.not_yet / 2).min(NOT_YET_CAP);
                self.not_yet += doubled;
                (self.not_yet <= NOT_YET_LIMIT).then_some(doubled)
            }
            ErrorClass::Refused | ErrorClass::Denied | ErrorClass::Inputs | ErrorClass::NeedsPerson => None,
        }
    }
}

/// Somewhere between nothing and `most`: by a digest, so that the engine needs no randomness.
fn jitter(most: Duration, seed: &str, attempt: u32) -> Duration {
    let digest = Sha256::digest(format!("{seed}/{attempt}"));
    most.mul_f64(f64::from(digest[0]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass) -> CloudError {
        CloudError::new(class, "lambda:CreateFunction", "f", "x", "x")
    }

    #[test]
    fn a_refusal_is_final_and_a_throttle_is_tried_eight_times() {
        assert_eq!(Attempts::default().next_wait(&error(ErrorClass::Refused), "a"), None);
        let mut attempts = Attempts::default();
        let waits: Vec<_> = std::iter::from_fn(|| attempts.next_wait(&error(ErrorClass::Throttled), "a")).collect();
        assert_eq!(waits.len(), 7);
        assert!(waits.iter().all(|each| *each <= CAP));
    }

    #[test]
    fn what_is_not_there_yet_is_waited_for_a_minute_and_no_longer() {
        let mut attempts = Attempts::default();
        let total: Duration = std::iter::from_fn(|| attempts.next_wait(&error(ErrorClass::NotYet), "a")).sum();
        assert!(total > Duration::from_secs(55) && total <= NOT_YET_LIMIT, "{total:?}");
    }

    #[test]
    fn aws_is_obeyed_when_it_says_how_long_to_wait() {
        let throttle = CloudError { retry_after_ms: Some(3000), ..error(ErrorClass::Throttled) };
        assert_eq!(Attempts::default().next_wait(&throttle, "a"), Some(Duration::from_secs(3)));
    }
}
