//! Worlds in memory behind the ports, with faults on demand, for tests.

mod faults;
mod log;
mod objects;
mod outbox;
mod parameters;
mod people;
mod ring;
mod sails;
mod tables;
mod waivers;

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::BoxFuture;
use crate::clock::Clock;

pub use faults::{Faults, Strike};
pub use log::Log;
pub use objects::MemoryObjects;
pub use outbox::Outbox;
pub use parameters::MemoryParameters;
pub use people::{Broken, MemoryPeople, person};
pub use ring::{ring_in, ring_key};
pub use sails::sail;
pub use tables::{Calls, MemoryTables};
pub use waivers::waiver_form;

/// A clock that goes on only when told to.
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// Stands at a moment written as in `2026-11-21T08:00:00Z`.
    pub fn at(moment: &str) -> Self {
        Self(Mutex::new(moment.parse().expect("a moment")))
    }

    /// Goes on.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().expect("no test panics while it holds the clock") += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panics while it holds the clock")
    }

    fn sleep(&self, duration: SignedDuration) -> BoxFuture<'_, ()> {
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }
}
