//! How fast mail goes out: SES counts recipients, and what is faster is refused.

use std::sync::Mutex;

use functions_shared::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// Recipients a second. The account may send 50; the rest is for mails of sign-in, which nobody wants to wait for.
pub const RECIPIENTS_A_SECOND: u32 = 40;

/// Lets recipients through one after the other.
#[derive(Debug)]
pub struct Pace {
    free_from: Mutex<Timestamp>,
}

impl Pace {
    /// The first may go at once.
    pub fn new() -> Self {
        Self { free_from: Mutex::new(Timestamp::MIN) }
    }

    /// Waits until a mail to so many recipients may go out.
    pub async fn wait(&self, clock: &dyn Clock, recipients: u32) {
        let now = clock.now();
        let turn = self.turn(now, recipients);
        let ahead = turn.duration_since(now);
        if ahead.is_positive() {
            clock.sleep(ahead).await;
        }
    }

    /// When it is this mail's turn; the next one's is later by its recipients.
    fn turn(&self, now: Timestamp, recipients: u32) -> Timestamp {
        let mut free_from = self.free_from.lock().expect("nobody panics while holding it");
        let turn = (*free_from).max(now);
        let takes = SignedDuration::from_millis(i64::from(recipients) * 1000 / i64::from(RECIPIENTS_A_SECOND));
        *free_from = turn.checked_add(takes).unwrap_or(Timestamp::MAX);
        turn
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_sees_more_recipients_than_allowed_and_idle_time_is_not_saved_up() {
        let pace = Pace::new();
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().expect("a moment");
        let turns: Vec<Timestamp> = (0..100).map(|_| pace.turn(start, 1)).collect();
        assert_eq!(turns[0], start);
        assert!(turns.windows(41).all(|w| w[40].duration_since(w[0]) >= SignedDuration::from_secs(1)));
        let later = start + SignedDuration::from_secs(60);
        assert_eq!(pace.turn(later, 2), later);
        assert_eq!(pace.turn(later, 1), later + SignedDuration::from_millis(50));
    }
}
