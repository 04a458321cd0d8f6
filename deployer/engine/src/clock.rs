//! The clock port: waiting and measuring, which tests do in virtual time.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

/// What can wait and tell how long something took.
pub trait Clock: Send + Sync {
    /// Ends after so long.
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()>;
    /// Time since some fixed moment.
    fn now(&self) -> Duration;
}

/// The machine's monotonic clock.
pub struct RealClock {
    origin: Instant,
}

impl Default for RealClock {
    fn default() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Clock for RealClock {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}
