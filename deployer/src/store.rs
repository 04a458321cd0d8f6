//! Where state is kept: on this disk or in a bucket. One deployer at a time may write it.

pub mod bucket;
pub mod clock;
pub mod disk;
pub mod holder;
pub mod lease;
pub mod rescue;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use deployer_aws::client::Gate;
use deployer_engine::clock::Clock;
use deployer_engine::journal::Journal;
use deployer_engine::state::{BadState, Scope, State};
use deployer_engine::stop::Stop;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::error::{Exit, Failure};
use holder::Holder;

/// How often a waiting deployer asks again, at first and at most.
const FIRST_POLL: Duration = Duration::from_millis(50);
const SLOWEST_POLL: Duration = Duration::from_secs(2);

/// A state as it was found.
pub struct Loaded {
    /// The state, its journal folded in.
    pub state: State,
    /// What a person should know: a damaged state that its previous generation replaced.
    pub notice: Option<String>,
    /// Whether a run that did not end left something to fold in or to look up.
    pub interrupted: bool,
}

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who; absent when the lock does not say it.
    pub holder: Option<Holder>,
    /// What tells this lock from a later one of the same place.
    pub tag: String,
    /// Since when it was not renewed, by the store's clock; absent where the kernel keeps it.
    pub silent_for: Option<Duration>,
}

impl Held {
    /// Whether its holder may be at work: it is not known to be gone, and was heard of within its lease.
    pub fn is_alive(&self) -> bool {
        let is_gone = self.holder.as_ref().is_some_and(|holder| holder.is_gone(&Holder::here("")));
        !is_gone && self.silent_for.is_none_or(|silent| silent <= lease::LEASE)
    }
}

/// What came of trying to take a lock.
pub enum Taken {
    /// It is ours.
    Ours(Box<dyn Writer>),
    /// Somebody else has it.
    Held(Held),
}

/// Where the state of one environment of one stack is kept.
pub trait StateStore: Send + Sync {
    /// Where that is, for people: a folder or an `s3://` address.
    fn place(&self) -> String;
    /// Reads the state. Changes nothing, asks for no lock.
    fn load(&self) -> BoxFuture<'_, Result<Loaded, Failure>>;
    /// Tries once to take the lock.
    fn try_lock<'a>(&'a self, command: &'a str) -> BoxFuture<'a, Result<Taken, Failure>>;
    /// Who holds the lock.
    fn held(&self) -> BoxFuture<'_, Result<Option<Held>, Failure>>;
    /// Takes the lock away from who holds it. `false`: it is another's by now, or free.
    fn break_lock<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<bool, Failure>>;
}

/// The one who may write: the lock is held until it is released or dropped.
pub trait Writer: Journal {
    /// Reads the state. From here on every write is refused when somebody else has written since.
    fn load(&mut self) -> BoxFuture<'_, Result<Loaded, Failure>>;
    /// Begins a state of a lineage of its own in place of one that is damaged: nothing of that is known any more.
    fn anew(&mut self) -> BoxFuture<'_, Result<(), Failure>>;
    /// The state as it was loaded, with everything that was appended since.
    fn state(&self) -> &State;
    /// Changes what will be written next.
    fn amend(&mut self, change: &mut dyn FnMut(&mut State));
    /// Writes the state whole, as the next generation, and ends the journal.
    fn save(&mut self) -> BoxFuture<'_, Result<(), Failure>>;
    /// What says no to calls when the lock is not surely held any more; absent where it cannot be lost.
    fn gate(&self) -> Option<Arc<dyn Gate>>;
    /// Becomes true when the run should stop, since the lock is lost or not renewed for too long; absent where it
    /// cannot be lost.
    fn slips(&self) -> Option<watch::Receiver<bool>>;
    /// Gives the lock back.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// Takes the lock, waiting at most so long for the one who has it; `say` tells whom it waits for. A stop ends the waiting,
/// and no try to take it.
///
/// # Errors
/// [`Exit::Locked`] with who has it, where and since when.
pub async fn lock(
    store: &dyn StateStore,
    clock: &dyn Clock,
    command: &str,
    wait: Duration,
    say: &(dyn Fn(&str) + Sync),
    mut stop: watch::Receiver<Stop>,
) -> Result<Box<dyn Writer>, Failure> {
    let began = clock.now();
    let (mut poll, mut told) = (FIRST_POLL, None);
    loop {
        let held = match store.try_lock(command).await? {
            Taken::Ours(writer) => return Ok(writer),
            Taken::Held(held) => held,
        };
        let left = wait.saturating_sub(clock.now().saturating_sub(began));
        if left.is_zero() || *stop.borrow_and_update() != Stop::No {
            return Err(locked(store, &held));
        }
        if told.as_ref() != Some(&held.holder) {
            say(&format!("waiting for {}, at most {} s", who(&held), left.as_secs()));
            told = Some(held.holder.clone());
        }
        tokio::select! {
            () = clock.sleep(poll.min(left)) => {}
            Ok(()) = stop.changed() => {}
        }
        poll = (poll * 2).min(SLOWEST_POLL);
    }
}

/// Who holds a lock, in words.
pub fn who(held: &Held) -> String {
    held.holder.as_ref().map_or_else(|| "another deployer".to_owned(), ToString::to_string)
}

fn locked(store: &dyn StateStore, held: &Held) -> Failure {
    let silent = match held.silent_for {
        Some(silent) if silent > lease::HEARTBEAT => format!("; it was last heard of {} s ago", silent.as_secs()),
        _ => String::new(),
    };
    let message = format!("the state in {} is locked by {}{silent}", store.place(), who(held));
    Failure::new(Exit::Locked, "locked", message)
        .hint("wait for it, or let this command wait with `--lock-wait 5m`; `deployer lock show` tells who has it")
}

/// The state before the first deploy, of a lineage of its own.
fn first(scope: &Scope) -> State {
    State::empty(scope.clone(), random_hex())
}

/// 32 hex digits that nobody else has.
fn random_hex() -> String {
    let mut random = [0_u8; 16];
    // Without randomness the first serial and the process still tell histories apart.
    let _ = getrandom::fill(&mut random);
    hex::encode(random)
}

/// What a person is told when an older generation replaced a damaged one.
fn replaced(bad: &BadState) -> String {
    format!("{bad}; its previous generation is used instead: what changed since is found again by names and tags")
}

/// The code of a state that is damaged, with every former generation of it.
pub const DAMAGED: &str = "damaged-state";

fn unusable(place: &str, bad: &BadState) -> Failure {
    let message = format!("{place}: {bad}");
    match bad {
        BadState::Damaged(_) => Failure::new(Exit::Other, DAMAGED, message)
            .hint("nothing was changed; `deployer state rebuild` makes it again from names and tags"),
        BadState::Newer(_) | BadState::Foreign(_) => Failure::new(Exit::Other, "bad-state", message)
            .hint("nothing was changed; keep it and ask for help if it is not what you expect"),
    }
}

/// Somebody else wrote the state although we hold the lock.
fn overtaken(place: &str) -> Failure {
    Failure::new(Exit::Other, "overtaken", format!("{place}: somebody else wrote the state meanwhile"))
        .hint("nothing further was started; run again: what is done is found")
}
