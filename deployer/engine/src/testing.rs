//! A cloud in memory for tests, virtual time to wait in, and what else the engine's users need to test.

mod cloud;
mod faults;
mod time;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::address::Address;
use crate::diagnostic::{Source, Span};
use crate::journal::{Entry, Journal, JournalError};
use crate::kind::Desired;
use crate::owner::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG};
use crate::resource::{Cx, Registry};
use crate::state::Scope;

pub use cloud::{FakeCloud, Thing};
pub use faults::Fault;
pub use time::{VirtualTime, run};
pub use types::{Edition, Front, Minted, Named, Outputs, Part, Say, Vault};

/// A context of the fake cloud, in the virtual time of [`run`].
pub fn context(cloud: &Arc<FakeCloud>) -> Cx<FakeCloud> {
    Cx::with_clock(Arc::clone(cloud), Arc::new(VirtualTime))
}

/// The registry of the fake cloud.
pub fn registry() -> Arc<Registry<FakeCloud>> {
    let registry = Registry::default().with::<Named>().with::<Minted>().with::<Vault>();
    Arc::new(registry.with::<Edition>().with::<Part>().with::<Front>().with_effect::<Say>())
}

/// The scope of every test: stack `s`, environment `e`.
pub fn scope() -> Scope {
    Scope { stack: "s".into(), environment: "e".into(), account: "000000000000".into(), region: "us-west-2".into() }
}

/// The tags that make an object ours.
pub fn tags(address: &str) -> Value {
    json!({ STACK_TAG: "s", ENVIRONMENT_TAG: "e", ADDRESS_TAG: address })
}

/// Wanted resources of a type that does not matter.
pub fn desired<const N: usize>(entries: [(&str, Value); N]) -> BTreeMap<Address, Desired> {
    entries.into_iter().map(|(address, inputs)| wanted_one(address, "named", inputs)).collect()
}

/// One wanted resource.
///
/// # Panics
/// When the text is no address.
pub fn wanted_one(address: &str, type_name: &'static str, inputs: Value) -> (Address, Desired) {
    let address: Address = address.parse().expect("a test's address");
    let location = Source::new("stacks/test.toml", "[test]").locate(Span { start: 0, end: 6 });
    (address.clone(), Desired { address, type_name, inputs, after: BTreeSet::new(), protect: false, location })
}

/// A journal in memory; it can be told to fail.
#[derive(Default)]
pub struct MemoryJournal {
    /// What was appended.
    pub entries: Vec<Entry>,
    /// How many appends still succeed; `None`: all.
    pub room: Option<usize>,
    /// Whether each append counts as a dear one.
    pub dear: bool,
    /// How many appends succeeded.
    pub writes: usize,
}

impl Journal for MemoryJournal {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            // What others do while a write is under way is seen in tests, too.
            tokio::task::yield_now().await;
            if let Some(room) = &mut self.room {
                *room = room.checked_sub(1).ok_or_else(|| JournalError("the disk is full".into()))?;
            }
            self.writes += 1;
            self.entries.extend(entries.iter().cloned());
            Ok(())
        })
    }

    fn is_dear(&self) -> bool {
        self.dear
    }
}
