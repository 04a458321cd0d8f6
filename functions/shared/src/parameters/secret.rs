//! A secret that somebody rotates: the value that is used, and those that are accepted beside it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

use super::{ParameterError, ParameterValue, Parameters};
use crate::clock::Clock;
use crate::config::ParameterName;

/// The label of the value that is used. Without it the latest version is.
pub(super) const CURRENT: &str = "current";
/// The labels of values that are accepted beside it: the one that was used before, and the one that comes next.
pub(super) const ACCEPTED: [&str; 2] = ["previous", "next"];
/// How long values are used without looking. Whoever rotates waits longer than this between two turns.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(300);

/// The values of a secret that count.
pub struct SecretValues {
    /// The one that is used.
    pub current: ParameterValue,
    /// Those that are accepted beside it.
    others: Vec<ParameterValue>,
}

impl SecretValues {
    /// From what is found under the name itself and under each label. Without a label for the value that is used the latest
    /// is the only one.
    pub(crate) fn of(mut find: impl FnMut(Option<&str>) -> Option<ParameterValue>) -> Option<Self> {
        let Some(current) = find(Some(CURRENT)) else {
            return Some(Self { current: find(None)?, others: Vec::new() });
        };
        let others = ACCEPTED.iter().filter_map(|label| find(Some(label)));
        let others = others.filter(|other| other.version() != current.version()).collect();
        Some(Self { current, others })
    }

    /// Every value that is accepted, the one that is used first.
    pub fn accepted(&self) -> impl Iterator<Item = &ParameterValue> {
        std::iter::once(&self.current).chain(&self.others)
    }

    /// Whether `offered` is one of them, in a time that depends on how many there are and on nothing else of them.
    pub fn accept(&self, offered: &[u8]) -> bool {
        let equal = |value: &ParameterValue| value.expose().as_bytes().ct_eq(offered);
        self.accepted().map(equal).fold(subtle::Choice::from(0), |found, each| found | each).into()
    }
}

/// A secret that is kept in memory for a short while.
pub struct KeptSecret {
    parameters: Arc<dyn Parameters>,
    clock: Arc<dyn Clock>,
    name: ParameterName,
    kept: Mutex<Option<(Arc<SecretValues>, Timestamp)>>,
}

impl KeptSecret {
    /// Nothing is read before it is asked for.
    pub fn new(parameters: Arc<dyn Parameters>, clock: Arc<dyn Clock>, name: ParameterName) -> Self {
        Self { parameters, clock, name, kept: Mutex::default() }
    }

    /// The values, at most five minutes old; older ones where Parameter Store does not answer.
    pub async fn values(&self) -> Result<Arc<SecretValues>, ParameterError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let fresh = |since: Timestamp| (SignedDuration::ZERO..FRESH_FOR).contains(&now.duration_since(since));
        if let Some((values, since)) = &*kept
            && fresh(*since)
        {
            return Ok(values.clone());
        }
        match (self.parameters.read_secret(&self.name).await, &*kept) {
            (Ok(values), _) => {
                let values = Arc::new(values);
                *kept = Some((values.clone(), now));
                Ok(values)
            }
            (Err(ParameterError::Unavailable(_)), Some((values, _))) => Ok(values.clone()),
            (Err(error), _) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedClock, MemoryParameters};

    const NAME: &str = "/crew/links";

    /// The values that are accepted, the one that is used first.
    fn accepted(values: &SecretValues) -> Vec<String> {
        values.accepted().map(|value| value.expose().to_owned()).collect()
    }

    #[tokio::test]
    async fn in_every_phase_of_a_rotation_the_labels_tell_what_is_used_and_what_is_accepted() {
        let parameters = MemoryParameters::with(NAME, "one");
        let read = async || parameters.read_secret(&NAME.parse().expect("a name")).await.expect("values");
        assert_eq!(accepted(&read().await), ["one"]);
        for label in ["current", "previous", "next"] {
            parameters.label(NAME, label, 1);
        }
        // A version that nothing names: its publication was cut off, or taken back.
        parameters.set(NAME, "two");
        assert_eq!(accepted(&read().await), ["one"]);
        parameters.label(NAME, "next", 2);
        assert_eq!(accepted(&read().await), ["one", "two"]);
        parameters.label(NAME, "current", 2);
        assert_eq!(accepted(&read().await), ["two", "one"]);
        parameters.label(NAME, "previous", 2);
        let settled = read().await;
        assert_eq!(accepted(&settled), ["two"]);
        assert!(settled.accept(b"two") && !settled.accept(b"one") && !settled.accept(b""));
    }

    #[tokio::test]
    async fn values_are_read_again_after_five_minutes_and_outlive_a_store_that_is_down() {
        let parameters = Arc::new(MemoryParameters::with(NAME, "one"));
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let kept = KeptSecret::new(parameters.clone(), clock.clone(), NAME.parse().expect("a name"));
        let used = async || kept.values().await.map(|values| values.current.expose().to_owned());
        assert_eq!(used().await, Ok("one".to_owned()));
        parameters.set(NAME, "two");
        assert_eq!(used().await, Ok("one".to_owned()));
        clock.advance(FRESH_FOR);
        assert_eq!(used().await, Ok("two".to_owned()));
        parameters.set_down(true);
        clock.advance(FRESH_FOR);
        assert_eq!(used().await, Ok("two".to_owned()));
        parameters.set_down(false);
        parameters.remove(NAME);
        assert_eq!(used().await, Err(ParameterError::Missing));
    }
}
