//! The time of day, as a port: what decides by time, and what waits, is tested without waiting.

use jiff::{SignedDuration, Timestamp};

use crate::BoxFuture;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Waits. A clock of a test goes on by as much at once.
    fn sleep(&self, duration: SignedDuration) -> BoxFuture<'_, ()>;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: SignedDuration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration.unsigned_abs()))
    }
}
