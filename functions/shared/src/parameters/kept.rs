//! A parameter that is kept in memory for a short while.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{ParameterError, ParameterValue, Parameters};
use crate::clock::Clock;
use crate::config::ParameterName;

/// How long a value is used without looking.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(300);

/// A parameter that changes seldom.
pub struct KeptParameter {
    parameters: Arc<dyn Parameters>,
    clock: Arc<dyn Clock>,
    name: ParameterName,
    kept: Mutex<Option<(Arc<ParameterValue>, Timestamp)>>,
}

impl KeptParameter {
    /// Nothing is read before it is asked for.
    pub fn new(parameters: Arc<dyn Parameters>, clock: Arc<dyn Clock>, name: ParameterName) -> Self {
        Self { parameters, clock, name, kept: Mutex::default() }
    }

    /// The value, at most five minutes old; an older one where Parameter Store does not answer.
    pub async fn value(&self) -> Result<Arc<ParameterValue>, ParameterError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let fresh = |since: Timestamp| (SignedDuration::ZERO..FRESH_FOR).contains(&now.duration_since(since));
        if let Some((value, since)) = &*kept
            && fresh(*since)
        {
            return Ok(value.clone());
        }
        match (self.parameters.read(&self.name).await, &*kept) {
            (Ok(value), _) => {
                let value = Arc::new(value);
                *kept = Some((value.clone(), now));
                Ok(value)
            }
            (Err(ParameterError::Unavailable(_)), Some((value, _))) => Ok(value.clone()),
            (Err(error), _) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedClock, MemoryParameters};

    #[tokio::test]
    async fn a_value_is_read_again_after_five_minutes_and_outlives_a_store_that_is_down() {
        let parameters = Arc::new(MemoryParameters::with("/crew/url", "https://one.example"));
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let kept = KeptParameter::new(parameters.clone(), clock.clone(), "/crew/url".parse().expect("a name"));
        let value = async || kept.value().await.map(|value| value.expose().to_owned());
        assert_eq!(value().await, Ok("https://one.example".to_owned()));
        parameters.set("/crew/url", "https://two.example");
        assert_eq!(value().await, Ok("https://one.example".to_owned()));
        clock.advance(FRESH_FOR);
        assert_eq!(value().await, Ok("https://two.example".to_owned()));
        parameters.set_down(true);
        clock.advance(FRESH_FOR);
        assert_eq!(value().await, Ok("https://two.example".to_owned()));
        parameters.set_down(false);
        parameters.remove("/crew/url");
        assert_eq!(value().await, Err(ParameterError::Missing));
    }
}
