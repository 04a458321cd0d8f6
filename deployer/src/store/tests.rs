//! What every store promises, races in virtual time, and crashes of the local one.

mod contract;
mod crashes;
mod damage;
mod memory;
mod races;

use deployer_engine::journal::Entry;
use deployer_engine::state::{Record, Scope, Standing, State};
use deployer_engine::stop::Stop;
use serde_json::json;
use tokio::sync::watch;

use super::{Loaded, StateStore, Taken, Writer};

/// Whose state the tests keep.
fn scope(stack: &str) -> Scope {
    let [environment, account, region] = ["e", "000000000000", "us-west-2"].map(str::to_owned);
    Scope { stack: stack.to_owned(), environment, account, region }
}

/// Nobody stops the command.
fn unstopped() -> watch::Receiver<Stop> {
    watch::channel(Stop::No).1
}

/// A value that is told last.
fn told(text: &str) -> Entry {
    Entry::Told { outputs: [("text".to_owned(), text.to_owned())].into() }
}

fn text(state: &State) -> Option<&str> {
    state.outputs.get("text").map(String::as_str)
}

fn opened(state: &State) -> Entry {
    Entry::Opened { lineage: state.lineage.clone(), serial: state.serial }
}

/// A record, as a creation leaves it.
fn record(name: &str) -> Record {
    Record {
        address: format!("kind.{name}/part").parse().unwrap(),
        id: name.to_owned(),
        type_name: "named".into(),
        region: "us-west-2".into(),
        schema: 1,
        standing: Standing::Current,
        ordinal: 0,
        inputs: json!({ "name": name }),
        outputs: json!({}),
        depends: std::collections::BTreeSet::new(),
    }
}

/// The lock, which must be free.
async fn taken(store: &dyn StateStore, command: &str) -> Box<dyn Writer> {
    match store.try_lock(command).await.unwrap() {
        Taken::Ours(writer) => writer,
        Taken::Held(held) => panic!("{held:?} has it"),
    }
}

async fn loaded(store: &dyn StateStore) -> Loaded {
    store.load().await.unwrap()
}

/// Takes the lock, changes the told value and saves.
async fn saved(store: &dyn StateStore, text: &str) {
    let mut writer = taken(store, "deployer up").await;
    let state = writer.load().await.unwrap().state;
    writer.append(&[opened(&state), told(text)]).await.unwrap();
    writer.save().await.unwrap();
    writer.release().await;
}
