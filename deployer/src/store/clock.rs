//! The clock of locks: it counts the time that a machine sleeps.

use std::time::Duration;

use deployer_engine::clock::Clock;
use futures::future::BoxFuture;
use rustix::time::{ClockId, clock_gettime};

/// The kernel's clock that goes on while the machine sleeps.
#[cfg(target_os = "linux")]
const WITH_SLEEP: ClockId = ClockId::Boottime;
/// Elsewhere the monotonic clock does.
#[cfg(not(target_os = "linux"))]
const WITH_SLEEP: ClockId = ClockId::Monotonic;

/// The machine's clock, sleep included.
pub struct SleepCounting;

impl Clock for SleepCounting {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }

    fn now(&self) -> Duration {
        let now = clock_gettime(WITH_SLEEP);
        Duration::new(u64::try_from(now.tv_sec).unwrap_or_default(), u32::try_from(now.tv_nsec).unwrap_or_default())
    }
}
