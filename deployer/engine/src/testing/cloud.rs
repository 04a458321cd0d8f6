//! A cloud in memory: it keeps a world, counts calls, and can refuse, throttle, lose the answer, hang
//! or die at any of them; it can also hide for a while what was just made.

mod calls;
mod world;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::faults::{Fault, Faults};
pub(super) use world::Sort;
use world::World;

/// One living object of the fake cloud.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Its type.
    pub type_name: &'static str,
    /// Its id.
    pub id: String,
    /// Its inputs.
    pub inputs: Value,
}

/// The cloud.
#[derive(Default)]
pub struct FakeCloud {
    world: Mutex<World>,
    /// Rung when a fault killed the deployer.
    pub died: Notify,
}

impl FakeCloud {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics while it holds the world")
    }

    /// Lets the `at`-th call from now (from 0) go wrong, once.
    pub fn fail_call(&self, at: usize, fault: Fault) {
        let mut world = self.lock();
        let at = world.calls + at;
        world.faults.calls.insert(at, fault);
    }

    /// Lets the `at`-th mutating call from now (from 0) go wrong, once.
    pub fn fail_change(&self, at: usize, fault: Fault) {
        let mut world = self.lock();
        let at = world.changes + at;
        world.faults.changes.insert(at, fault);
    }

    /// Lets so many of a hundred calls go wrong from now on, in one of these ways; the seed says which.
    pub fn fail_some(&self, seed: u64, percent: u8, ways: &'static [Fault]) {
        self.lock().faults.odds = Some((seed, percent, ways));
    }

    /// Refuses every change of the object of that name, for good.
    pub fn refuse(&self, name: &str) {
        self.lock().faults.refused.insert(name.to_owned());
    }

    /// Lets calls take up to so long, each its own time by the seed.
    pub fn take_up_to(&self, seed: u64, most: Duration) {
        self.lock().faults.latency = Some((seed, most));
    }

    /// Hides what is made for so long: it is not read, not listed, and nothing may refer to it.
    pub fn hide_for(&self, so_long: Duration) {
        self.lock().hidden_for = so_long;
    }

    /// Lets changes of what spreads slowly take so long.
    pub fn spread_for(&self, so_long: Duration) {
        self.lock().spread_for = so_long;
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        self.lock().faults = Faults::default();
    }

    /// Whether every planned fault has struck.
    pub fn struck(&self) -> bool {
        let world = self.lock();
        world.faults.calls.is_empty() && world.faults.changes.is_empty()
    }

    /// Calls so far, those that only read included.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// Mutating calls so far.
    pub fn mutations(&self) -> usize {
        self.lock().changes
    }

    /// Everything that lives, by type and id.
    pub fn things(&self) -> Vec<Thing> {
        let mut things = self.lock().things.clone();
        things.sort_by(|one, other| (one.type_name, &one.id).cmp(&(other.type_name, &other.id)));
        things
    }

    /// What lives, ids masked: the same for every way to get there.
    pub fn inventory(&self) -> Vec<String> {
        let mut told: Vec<_> =
            self.things().into_iter().map(|thing| format!("{} {}", thing.type_name, masked(&thing.inputs))).collect();
        told.sort();
        told
    }

    /// Effects done so far, each as often as it was.
    pub fn done(&self) -> Vec<String> {
        self.lock().done.clone()
    }

    /// What was wrong with the world after some change: users of what is gone, two objects of one address.
    pub fn broken(&self) -> Vec<String> {
        self.lock().broken.clone()
    }

    /// Somebody changes the world by hand.
    pub fn by_hand(&self, change: impl FnOnce(&mut Vec<Thing>)) {
        let mut world = self.lock();
        let ids = |things: &[Thing]| things.iter().map(|thing| thing.id.clone()).collect::<BTreeSet<_>>();
        let before = ids(&world.things);
        change(&mut world.things);
        let after = ids(&world.things);
        world.taken.extend(before.difference(&after).cloned());
    }

    /// Lets each object be read by a call of its own.
    pub fn read_one_by_one(&self) {
        self.lock().one_by_one = true;
    }
}

/// Inputs without what differs from run to run: minted ids in references.
fn masked(inputs: &Value) -> String {
    let text = inputs.to_string();
    let mut told = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("minted-") {
        told.push_str(&rest[..at]);
        told.push_str("minted");
        rest = rest[at + 7..].trim_start_matches(|each: char| each.is_ascii_digit());
    }
    told.push_str(rest);
    told
}
