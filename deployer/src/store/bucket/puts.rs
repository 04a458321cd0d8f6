//! Conditional writes that are repeated until their outcome is known.

use std::time::Duration;

use deployer_engine::clock::Clock;
use deployer_engine::objects::{Object, Objects, Only, Written};
use deployer_engine::resource::{CloudError, ErrorClass};

/// The first wait before a call is repeated, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// An object's place, and what waits are waited by.
pub struct Place<'a> {
    pub objects: &'a dyn Objects,
    pub clock: &'a dyn Clock,
    pub key: &'a str,
}

impl Place<'_> {
    /// Writes the object, again after lost answers, for about so long. A refusal that our own earlier write
    /// caused is told by the label, which must be this write's alone.
    pub async fn put(&self, body: &[u8], label: &str, only: &Only, within: Duration) -> Result<Written, CloudError> {
        let mut tries = Tries::new(self.clock, within);
        loop {
            match self.put_once(body, label, only).await {
                Err(error) => tries.again(error).await?,
                written => return written,
            }
        }
    }

    async fn put_once(&self, body: &[u8], label: &str, only: &Only) -> Result<Written, CloudError> {
        match self.objects.put(self.key, body, label, only).await? {
            Written::Refused => Ok(match self.objects.get(self.key).await? {
                Some(found) if found.label == label => Written::Done(found.tag),
                _ => Written::Refused,
            }),
            done => Ok(done),
        }
    }

    /// Reads the object, again after lost answers, for about so long.
    pub async fn get(&self, within: Duration) -> Result<Option<Object>, CloudError> {
        let mut tries = Tries::new(self.clock, within);
        loop {
            match self.objects.get(self.key).await {
                Err(error) => tries.again(error).await?,
                found => return found,
            }
        }
    }

    /// Deletes the object if it has this tag, again after lost answers, for about so long.
    pub async fn delete(&self, tag: &str, within: Duration) -> Result<bool, CloudError> {
        let mut tries = Tries::new(self.clock, within);
        loop {
            match self.objects.delete(self.key, tag).await {
                Err(error) => tries.again(error).await?,
                deleted => return deleted,
            }
        }
    }
}

/// How long a call has been tried.
struct Tries<'a> {
    clock: &'a dyn Clock,
    until: Duration,
    wait: Duration,
}

impl<'a> Tries<'a> {
    fn new(clock: &'a dyn Clock, within: Duration) -> Self {
        Self { clock, until: clock.now() + within, wait: FIRST_WAIT }
    }

    /// Waits before the next try; what no other try would change, or has been tried for too long, is handed back.
    async fn again(&mut self, error: CloudError) -> Result<(), CloudError> {
        if !passes(&error) || self.clock.now() + self.wait >= self.until {
            return Err(error);
        }
        self.clock.sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        Ok(())
    }
}

/// Whether another try may end otherwise.
fn passes(error: &CloudError) -> bool {
    matches!(error.class, ErrorClass::Throttled | ErrorClass::NotYet | ErrorClass::Conflict | ErrorClass::Unknown)
}
