//! What the wire knows: calls, rules, gates, processes. All of its ports share it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::answer::Answer;
use super::call::Call;
use super::exchange::Exchange;
use super::fault::Fault;
use super::manners::{Behaviour, Manners};
use super::rule::Rule;

/// What identifies a read: two of one key are answered alike while nothing changes.
pub type ReadKey = (String, String, bytes::Bytes);

/// What is forgotten when the wire is cleared.
#[derive(Default)]
pub struct Record {
    /// The calls that were answered, or hang.
    pub calls: Vec<Call>,
    /// What is to be spoilt.
    pub rules: Vec<Rule>,
    /// Gates that a call has come to.
    pub reached: BTreeSet<&'static str>,
    /// Gates that are open.
    pub open: BTreeSet<&'static str>,
    /// The process of each actor.
    pub pids: BTreeMap<String, u32>,
    /// How each read was answered the last time.
    pub answers: BTreeMap<ReadKey, Answer>,
    /// What was asked and answered; absent: nobody wants it kept.
    pub exchanges: Option<Vec<Exchange>>,
    /// Calls that a rule has spoilt, those included that are on their way.
    pub spoilt: usize,
    arrived: usize,
    often: BTreeMap<(String, String), usize>,
}

/// The record, and what waits for it.
pub struct Shared {
    record: Mutex<Record>,
    behaviour: Mutex<Behaviour>,
    seen: watch::Sender<()>,
    began: Instant,
    /// Held by the call that is passed on while calls go one at a time.
    pub turn: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} calls", lock(&self.record).calls.len())
    }
}

impl Shared {
    /// An empty record.
    pub fn new() -> Self {
        Self {
            record: Mutex::default(),
            behaviour: Mutex::default(),
            seen: watch::Sender::new(()),
            began: Instant::now(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// How long the wire has been there.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Looks at the record.
    pub fn get<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&lock(&self.record))
    }

    /// Changes the record, and wakes those who wait for it.
    pub fn set<T>(&self, change: impl FnOnce(&mut Record) -> T) -> T {
        let changed = change(&mut lock(&self.record));
        self.seen.send_replace(());
        changed
    }

    /// Waits until the record has something.
    pub async fn until<T>(&self, found: impl Fn(&Record) -> Option<T>) -> T {
        let mut seen = self.seen.subscribe();
        loop {
            if let Some(found) = self.get(&found) {
                return found;
            }
            seen.changed().await.expect("the sender is beside the record");
        }
    }

    /// Uses the manners.
    pub fn behaving<T>(&self, with: impl FnOnce(&mut Behaviour) -> T) -> T {
        with(&mut lock(&self.behaviour))
    }

    /// Switches manners on.
    pub fn behave(&self, manners: Manners) {
        *lock(&self.behaviour) = Behaviour::of(manners);
    }

    /// Forgets all of it but the manners.
    pub fn clear(&self) {
        self.set(|record| *record = Record::default());
    }
}

impl Record {
    /// Gives a call its place, and its fault if it is to be spoilt.
    pub fn arrive(&mut self, call: &mut Call) {
        call.sequence = self.arrived;
        self.arrived += 1;
        let often = self.often.entry((call.operation.clone(), call.resource.clone())).or_default();
        let before = *often;
        *often += 1;
        call.fault = self.take_fault(call, before);
        self.spoilt += usize::from(call.fault.is_some());
    }

    fn take_fault(&mut self, call: &Call, before: usize) -> Option<Fault> {
        self.rules.iter_mut().find(|rule| !rule.is_spent() && rule.fits(call, before))?.take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}
