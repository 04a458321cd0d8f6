//! How fast mail goes out: slower than SES allows, which counts recipients.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// The part of the account's rate that reports may use: nudges and sign-in codes go out beside them.
const SHARE: f64 = 0.8;
/// Recipients a second of an account that has told no rate: that of a new one. Source: SES quotas.
const UNTOLD_RATE: f64 = 1.0;

/// The rate of one run.
#[derive(Debug)]
pub struct Pace {
    recipients_a_second: f64,
    free: Mutex<Timestamp>,
}

impl Pace {
    /// The pace for an account that takes so many recipients a second; absent: it did not say.
    pub fn of(account: Option<f64>) -> Self {
        let told = account.filter(|rate| *rate > 0.0).unwrap_or(UNTOLD_RATE);
        Self { recipients_a_second: told * SHARE, free: Mutex::new(Timestamp::MIN) }
    }

    /// Takes a place for a mail; how long to wait for it.
    pub fn reserve(&self, now: Timestamp, recipients: usize) -> SignedDuration {
        let mut free = self.free.lock().expect("nobody panics while this is held");
        let start = now.max(*free);
        *free = start + SignedDuration::from_secs_f64(recipients as f64 / self.recipients_a_second);
        start.duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_recipients_a_second_as_the_account_allows_and_no_more() {
        let now: Timestamp = "2026-11-21T16:00:00Z".parse().expect("a moment");
        for (account, recipients, seconds) in [(Some(10.0), 2, 0.25), (None, 2, 2.5), (Some(0.0), 1, 1.25)] {
            let pace = Pace::of(account);
            let waits: Vec<f64> = (0..4).map(|_| pace.reserve(now, recipients).as_secs_f64()).collect();
            let expected: Vec<f64> = (0..4).map(|mail| f64::from(mail) * seconds).collect();
            assert!(
                waits.iter().zip(&expected).all(|(one, other)| (one - other).abs() < 1e-6),
                "{account:?}: {waits:?}"
            );
        }
    }

    #[test]
    fn who_comes_late_does_not_wait() {
        let pace = Pace::of(Some(1.0));
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(pace.reserve(now, 1), SignedDuration::ZERO);
        assert_eq!(pace.reserve(now + SignedDuration::from_secs(60), 1), SignedDuration::ZERO);
    }
}
