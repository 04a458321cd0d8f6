//! What goes wrong at a call of the fake cloud, and at which.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// What goes wrong at one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The cloud says no for good.
    Refuse,
    /// The cloud asks for a slower pace; nothing happened.
    Throttle,
    /// Something is not there yet; nothing happened.
    NotYet,
    /// It changed since it was looked at; nothing happened.
    Conflict,
    /// The connection is cut before the cloud has heard.
    LoseRequest,
    /// The connection is cut after the cloud has acted.
    LoseAnswer,
    /// The cloud has acted, and answers that something went wrong inside it.
    FailAfter,
    /// No answer ever comes; the cloud has not heard.
    HangBefore,
    /// No answer ever comes; the cloud has acted.
    HangAfter,
    /// The deployer is killed before the cloud has heard.
    DieBefore,
    /// The deployer is killed after the cloud has acted.
    DieAfter,
}

impl Fault {
    /// Those that one run should get over by itself.
    pub const PASSING: [Self; 8] = [
        Self::Throttle,
        Self::NotYet,
        Self::Conflict,
        Self::LoseRequest,
        Self::LoseAnswer,
        Self::FailAfter,
        Self::HangBefore,
        Self::HangAfter,
    ];
    /// Those that need a rerun.
    pub const ENDING: [Self; 3] = [Self::Refuse, Self::DieBefore, Self::DieAfter];
    /// All.
    pub const EVERY: [Self; 11] = [
        Self::Refuse,
        Self::Throttle,
        Self::NotYet,
        Self::Conflict,
        Self::LoseRequest,
        Self::LoseAnswer,
        Self::FailAfter,
        Self::HangBefore,
        Self::HangAfter,
        Self::DieBefore,
        Self::DieAfter,
    ];

    /// Whether the cloud acts on the call.
    pub(super) fn is_heard(self) -> bool {
        matches!(self, Self::LoseAnswer | Self::FailAfter | Self::HangAfter | Self::DieAfter)
    }
}

/// Which calls go wrong, and how.
#[derive(Default)]
pub(super) struct Faults {
    /// By number among all calls.
    pub calls: BTreeMap<usize, Fault>,
    /// By number among the calls that change something.
    pub changes: BTreeMap<usize, Fault>,
    /// Seed, share in percent, and ways.
    pub odds: Option<(u64, u8, &'static [Fault])>,
    /// Names of objects that nobody may change.
    pub refused: BTreeSet<String>,
    /// Seed, and the longest time that a call takes.
    pub latency: Option<(u64, Duration)>,
}

impl Faults {
    /// What goes wrong at this call; `change` is its number among those that change something.
    pub fn take(&mut self, call: usize, change: Option<usize>, name: &str) -> Option<Fault> {
        if change.is_some() && self.refused.contains(name) {
            return Some(Fault::Refuse);
        }
        let planned = self.calls.remove(&call);
        let planned = planned.or_else(|| change.and_then(|change| self.changes.remove(&change)));
        planned.or_else(|| {
            let (seed, percent, ways) = self.odds?;
            let dice = dice(seed, call);
            (dice % 100 < u64::from(percent)).then(|| ways[(dice / 100) as usize % ways.len()])
        })
    }

    /// How long this call takes.
    pub fn latency(&self, call: usize) -> Option<Duration> {
        self.latency.map(|(seed, most)| most.mul_f64((dice(seed ^ u64::MAX, call) % 1000) as f64 / 1000.0))
    }
}

/// A number that looks random, the same for a seed and a call.
fn dice(seed: u64, call: usize) -> u64 {
    let digest = Sha256::digest(format!("{seed}/{call}"));
    u64::from_le_bytes(digest[..8].try_into().expect("a digest is longer"))
}
