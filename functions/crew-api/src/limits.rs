//! How often somebody may do something, counted in a table, as a port.

mod dynamodb;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use jiff::Timestamp;

pub use dynamodb::DynamoLimits;

/// Where is counted. A subject is a digest: the table names nobody.
pub trait Limits: Send + Sync {
    /// Counts one more of the budget in the present window, unless it is used up.
    fn count<'a>(
        &'a self,
        budget: &'a Budget,
        subject: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Verdict, CallError>>;
    /// When a subject asked lately.
    fn asked<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Asked, CallError>>;
    /// Writes when it asked, unless somebody else wrote since `asked` was read. False: somebody did.
    fn remember<'a>(&'a self, subject: &'a str, asked: &'a Asked) -> BoxFuture<'a, Result<bool, CallError>>;
    /// Whether the table can be read.
    fn health(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// So many in each window of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// For what.
    pub class: &'static str,
    /// How many.
    pub most: u32,
    /// How long a window is, in seconds.
    pub window_seconds: i64,
}

/// Whether one more is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is, and was counted.
    Within,
    /// It is not.
    Over {
        /// After so many seconds it is worth trying again, from 1.
        retry_after_seconds: i64,
    },
}

/// When a subject asked, and which write said so.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asked {
    /// The moments in epoch seconds, the oldest first.
    pub at: Vec<i64>,
    /// Grows with each write; 0: there was none.
    pub revision: u64,
}

/// Whoever asks for links, by the caller's address. A marina shares one.
pub const ASKING: Budget = Budget { class: "asking", most: 30, window_seconds: 600 };
/// All who ask for links together: what mail may cost.
pub const ALL_ASKING: Budget = Budget { class: "all-asking", most: 300, window_seconds: 600 };
/// Whoever redeems, by the caller's address.
pub const REDEEMING: Budget = Budget { class: "redeeming", most: 60, window_seconds: 600 };
/// Whatever changes anything, by the caller's address.
pub const WRITING: Budget = Budget { class: "writing", most: 600, window_seconds: 300 };

/// So many links in so many seconds for one mail address, whatever the window.
const A_MAIL_ADDRESS: [(usize, i64); 2] = [(3, 600), (10, 86_400)];

impl Budget {
    /// The number of the present window, and the seconds until the next.
    pub fn window(&self, now: Timestamp) -> (i64, i64) {
        let seconds = now.as_second();
        let begun = seconds.rem_euclid(self.window_seconds);
        (seconds.div_euclid(self.window_seconds), self.window_seconds - begun)
    }
}

impl Asked {
    /// The same with one more, if a mail address may get one more link now. Otherwise after how many seconds.
    pub fn once_more(&self, now: Timestamp) -> Result<Self, i64> {
        let now = now.as_second();
        let waits = A_MAIL_ADDRESS.into_iter().filter_map(|(most, seconds)| {
            let nth_last = self.at.len().checked_sub(most).map(|index| self.at[index])?;
            Some(nth_last + seconds - now).filter(|wait| *wait > 0)
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        let longest = A_MAIL_ADDRESS.map(|(_, seconds)| seconds).into_iter().max().unwrap_or_default();
        let recent = self.at.iter().copied().filter(|at| at + longest > now);
        Ok(Self { at: recent.chain([now]).collect(), revision: self.revision + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn in_no_ten_minutes_there_are_four_and_on_no_day_eleven() {
        let mut asked = Asked::default();
        let mut given = Vec::new();
        // Somebody asks each minute for three days.
        for minute in 0..3 * 1440 {
            if let Ok(next) = asked.once_more(at(minute * 60)) {
                asked = next;
                given.push(minute * 60);
            }
        }
        let most_within = |seconds: i64| {
            let within = |from: &i64| given.iter().filter(|at| (*from..from + seconds).contains(*at)).count();
            given.iter().map(within).max().expect("some")
        };
        assert_eq!((most_within(600), most_within(86_400)), (3, 10));
        assert_eq!(given.len(), 30);
        assert!(asked.at.len() <= 10, "what is long past is forgotten");
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_again() {
        let asked = Asked { at: vec![0, 10, 20], revision: 3 };
        assert_eq!(asked.once_more(at(30)), Err(570));
        assert!(asked.once_more(at(600)).is_ok());
    }

    #[test]
    fn a_window_ends_where_the_next_begins() {
        let budget = Budget { class: "x", most: 1, window_seconds: 600 };
        assert_eq!(budget.window(at(0)), (0, 600));
        assert_eq!(budget.window(at(599)), (0, 1));
        assert_eq!(budget.window(at(600)), (1, 600));
    }
}
