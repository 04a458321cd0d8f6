//! A secret that is compared with, and that somebody else rotates.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{ParameterError, Parameters, SecretValues};
use crate::clock::Clock;
use crate::config::ParameterName;

/// How long a mismatch is believed before the secret is read again: forged requests cannot cause
/// more reads than this.
const REFETCH_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// How long a value is used without looking: a rotated secret stops working after this at the
/// latest.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(300);
/// How long to leave Parameter Store alone when there is no value at all.
const RETRY_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// A shorter secret can be guessed, so it counts as missing.
const SHORTEST_BYTES: usize = 16;

/// A secret in Parameter Store, kept in memory and read again when it seems to have changed.
pub struct RotatingSecret {
    parameters: Arc<dyn Parameters>,
    clock: Arc<dyn Clock>,
    name: ParameterName,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    value: Option<SecretValues>,
    /// The last attempt to read, whether it worked or not.
    tried: Option<Timestamp>,
    /// Why the last attempt gave no value.
    fault: Option<ParameterError>,
}

impl RotatingSecret {
    /// Nothing is read before the first comparison.
    pub fn new(parameters: Arc<dyn Parameters>, clock: Arc<dyn Clock>, name: ParameterName) -> Self {
        Self { parameters, clock, name, kept: Mutex::default() }
    }

    /// Whether `offered` is the secret, or is accepted beside it while it is rotated, in a time that does not depend on where they differ. An
    /// error means that there is nothing to compare with: refuse.
    pub async fn matches(&self, offered: &[u8]) -> Result<bool, ParameterError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let old_after = match kept.value {
            Some(_) => FRESH_FOR,
            None => RETRY_EVERY,
        };
        if kept.is_older(now, old_after) {
            self.read(&mut kept, now).await;
        }
        if kept.equals(offered) {
            return Ok(true);
        }
        if kept.value.is_some() && kept.is_older(now, REFETCH_EVERY) {
            self.read(&mut kept, now).await;
        }
        match (&kept.value, &kept.fault) {
            (Some(_), _) => Ok(kept.equals(offered)),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Err(ParameterError::Missing),
        }
    }

    /// Reads the value. A parameter that is gone takes the kept value with it; a Parameter Store
    /// that does not answer leaves it.
    async fn read(&self, kept: &mut Kept, now: Timestamp) {
        kept.tried = Some(now);
        let long_enough = |values: &SecretValues| values.accepted().all(|value| value.expose().len() >= SHORTEST_BYTES);
        kept.fault = match self.parameters.read_secret(&self.name).await {
            Ok(value) if long_enough(&value) => {
                kept.value = Some(value);
                None
            }
            Ok(_) | Err(ParameterError::Missing) => {
                kept.value = None;
                Some(ParameterError::Missing)
            }
            Err(fault) => Some(fault),
        };
        if let Some(fault) = &kept.fault {
            tracing::warn!(parameter = self.name.as_str(), %fault, "a secret cannot be read");
        }
    }
}

impl Kept {
    /// Whether the last attempt is longer ago than `limit`. A clock that went back counts as old.
    fn is_older(&self, now: Timestamp, limit: SignedDuration) -> bool {
        let Some(tried) = self.tried else {
            return true;
        };
        let age = now.duration_since(tried);
        age >= limit || age.is_negative()
    }

    fn equals(&self, offered: &[u8]) -> bool {
        self.value.as_ref().is_some_and(|values| values.accept(offered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedClock, MemoryParameters};

    const NAME: &str = "/crew/origin";
    const OLD: &str = "old-secret-0123456789";
    const NEW: &str = "new-secret-0123456789";

    struct World {
        parameters: Arc<MemoryParameters>,
        clock: Arc<FixedClock>,
        secret: RotatingSecret,
    }

    fn world() -> World {
        let parameters = Arc::new(MemoryParameters::with(NAME, OLD));
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let secret = RotatingSecret::new(parameters.clone(), clock.clone(), NAME.parse().expect("a name"));
        World { parameters, clock, secret }
    }

    #[tokio::test]
    async fn the_secret_matches_and_nothing_else_does() {
        let world = world();
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        for wrong in ["", "old", NEW, "old-secret-0123456789x"] {
            assert_eq!(world.secret.matches(wrong.as_bytes()).await, Ok(false), "{wrong}");
        }
        assert_eq!(world.parameters.reads(), 1);
    }

    #[tokio::test]
    async fn a_rotated_secret_is_found_on_a_mismatch_after_thirty_seconds() {
        let world = world();
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        world.parameters.set(NAME, NEW);
        world.clock.advance(SignedDuration::from_secs(29));
        assert_eq!(world.secret.matches(NEW.as_bytes()).await, Ok(false));
        world.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(world.secret.matches(NEW.as_bytes()).await, Ok(true));
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(false));
        assert_eq!(world.parameters.reads(), 2);
    }

    #[tokio::test]
    async fn while_it_is_rotated_both_values_match_and_afterwards_the_new_one_alone() {
        let world = world();
        let labels = |number: u32, labels: &[&str]| {
            labels.iter().for_each(|label| world.parameters.label(NAME, label, number));
            world.clock.advance(FRESH_FOR);
        };
        let matches = async || (world.secret.matches(OLD.as_bytes()).await, world.secret.matches(NEW.as_bytes()).await);
        labels(1, &["current", "previous", "next"]);
        assert_eq!(matches().await, (Ok(true), Ok(false)));
        world.parameters.set(NAME, NEW);
        labels(2, &["next"]);
        assert_eq!(matches().await, (Ok(true), Ok(true)), "published");
        labels(2, &["current"]);
        assert_eq!(matches().await, (Ok(true), Ok(true)), "activated");
        labels(2, &["previous"]);
        assert_eq!(matches().await, (Ok(false), Ok(true)), "retired");
    }

    #[tokio::test]
    async fn a_thousand_forgeries_cause_one_read_each_thirty_seconds() {
        let world = world();
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        world.clock.advance(SignedDuration::from_secs(30));
        for _ in 0..1000 {
            assert_eq!(world.secret.matches(b"forged-forged-forged").await, Ok(false));
        }
        assert_eq!(world.parameters.reads(), 2);
    }

    #[tokio::test]
    async fn an_old_secret_stops_working_without_any_mismatch() {
        let world = world();
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        world.parameters.set(NAME, NEW);
        world.clock.advance(FRESH_FOR);
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(false));
    }

    #[tokio::test]
    async fn without_a_value_nothing_matches() {
        let world = world();
        world.parameters.remove(NAME);
        let missing = Err(ParameterError::Missing);
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, missing);
        assert_eq!(world.secret.matches(b"").await, missing);
        world.clock.advance(RETRY_EVERY);
        world.parameters.set(NAME, "short");
        assert_eq!(world.secret.matches(b"short").await, missing);
    }

    #[tokio::test]
    async fn a_parameter_store_that_is_down_opens_nothing_and_shuts_out_nobody_known() {
        let world = world();
        world.parameters.set_down(true);
        let refused = world.secret.matches(OLD.as_bytes()).await;
        assert!(matches!(refused, Err(ParameterError::Unavailable(_))));

        world.parameters.set_down(false);
        world.clock.advance(RETRY_EVERY);
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        world.parameters.set_down(true);
        world.clock.advance(FRESH_FOR);
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        assert_eq!(world.secret.matches(NEW.as_bytes()).await, Ok(false));
    }

    #[tokio::test]
    async fn a_deleted_parameter_takes_its_value_with_it() {
        let world = world();
        assert_eq!(world.secret.matches(OLD.as_bytes()).await, Ok(true));
        world.parameters.remove(NAME);
        world.clock.advance(FRESH_FOR);
        let gone = world.secret.matches(OLD.as_bytes()).await;
        assert_eq!(gone, Err(ParameterError::Missing));
    }
}
