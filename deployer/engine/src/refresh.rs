//! Refresh: reads what lives, everything in one wave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::address::Address;
use crate::kind::Desired;
use crate::resource::{AnyKey, CloudError, Cx, LiveValue, Registry};
use crate::retry::Attempts;
use crate::state::{Intent, State};
use crate::value::{OutputRef, finish, is_digest, resolve};

/// What was asked about and what lives there.
#[derive(Clone, Debug, Default)]
pub struct World {
    records: BTreeMap<(Address, String), Option<LiveValue>>,
    wanted: BTreeMap<Address, Option<LiveValue>>,
    intents: Vec<(Intent, Option<LiveValue>)>,
}

impl World {
    /// What lives at a record; `None`: nothing any more.
    pub fn at_record(&self, address: &Address, id: &str) -> Option<&LiveValue> {
        self.records.get(&(address.clone(), id.to_owned()))?.as_ref()
    }

    /// What lives under the identity of a wanted resource that has no record.
    pub fn at_wanted(&self, address: &Address) -> Option<&LiveValue> {
        self.wanted.get(address)?.as_ref()
    }

    /// Notes that what was found is what a record tells of.
    pub(crate) fn record(&mut self, address: Address, live: LiveValue) {
        self.records.insert((address, live.id.clone()), Some(live));
    }

    /// Creations that were left open, and what they left behind.
    pub fn intents(&self) -> &[(Intent, Option<LiveValue>)] {
        &self.intents
    }
}

/// Whom a key was made for.
#[derive(Clone, Debug)]
enum Asked {
    Record(Address, String),
    Wanted(Address),
    Intent(Intent),
}

/// Reads every recorded, wanted and half-created object. Types are read side by side; a type
/// reads its own objects side by side or in batches.
pub async fn refresh<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    desired: &BTreeMap<Address, Desired>,
    state: &State,
) -> Result<World, Vec<CloudError>> {
    let mut reads = JoinSet::new();
    for (type_name, asked) in questions(registry, desired, state) {
        let (registry, cx) = (Arc::clone(registry), cx.again());
        reads.spawn(async move {
            let (who, keys): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            let found = read_patiently(&registry, &cx, &type_name, keys).await?;
            Ok::<_, CloudError>(who.into_iter().zip(found).collect::<Vec<_>>())
        });
    }
    let mut world = World::default();
    let mut errors = Vec::new();
    while let Some(read) = reads.join_next().await {
        match read.expect("a read does not panic") {
            Ok(found) => found.into_iter().for_each(|(who, live)| world.note(who, live)),
            Err(error) => errors.push(error),
        }
    }
    errors.sort_by(|one, other| (&one.operation, &one.object).cmp(&(&other.operation, &other.object)));
    if errors.is_empty() { Ok(world) } else { Err(errors) }
}

/// Reads, and reads again after throttles and lost answers: reading changes nothing.
pub(crate) async fn read_patiently<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    type_name: &str,
    keys: Vec<AnyKey>,
) -> Result<Vec<Option<LiveValue>>, CloudError> {
    let resource = registry.get(type_name).expect("questions are asked of registered types");
    let mut attempts = Attempts::default();
    loop {
        match resource.read_many(cx.again(), keys.clone()).await {
            Ok(found) => return Ok(found),
            Err(error) => match attempts.next_wait(&error, type_name) {
                Some(wait) => cx.clock.sleep(wait).await,
                None => return Err(error),
            },
        }
    }
}

impl World {
    fn note(&mut self, who: Asked, live: Option<LiveValue>) {
        match who {
            Asked::Record(address, id) => {
                self.records.insert((address, id), live);
            }
            Asked::Wanted(address) => {
                self.wanted.insert(address, live);
            }
            Asked::Intent(intent) => self.intents.push((intent, live)),
        }
    }
}

fn questions<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    desired: &BTreeMap<Address, Desired>,
    state: &State,
) -> BTreeMap<String, Vec<(Asked, AnyKey)>> {
    let mut questions: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut ask = |type_name: &str, who: Asked, address: &Address, id: Option<String>, inputs: Value| {
        if registry.get(type_name).is_some_and(|each| !each.facts().effect) {
            questions
                .entry(type_name.to_owned())
                .or_default()
                .push((who, AnyKey { address: address.clone(), id, inputs }));
        }
    };
    for record in &state.records {
        ask(
            &record.type_name,
            Asked::Record(record.address.clone(), record.id.clone()),
            &record.address,
            Some(record.id.clone()),
            record.inputs.clone(),
        );
    }
    for each in desired.values().filter(|each| state.current(&each.address).is_none()) {
        ask(each.type_name, Asked::Wanted(each.address.clone()), &each.address, None, readable(&each.inputs, state));
    }
    for intent in &state.intents {
        ask(&intent.type_name, Asked::Intent(intent.clone()), &intent.address, None, intent.inputs.clone());
    }
    questions
}

/// Wanted inputs in which to look an object up: with the outputs that are recorded, and with empty
/// text for digests that cannot be known yet.
fn readable(inputs: &Value, state: &State) -> Value {
    let recorded = |found: &OutputRef| recorded_output(state, found);
    without_digests(&finish(&resolve(inputs, &recorded)))
}

fn recorded_output(state: &State, found: &OutputRef) -> Option<Value> {
    state.current(&found.address)?.outputs.get(&found.output).cloned()
}

fn without_digests(value: &Value) -> Value {
    match value {
        digest if is_digest(digest) => Value::String(String::new()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, each)| (key.clone(), without_digests(each))).collect())
        }
        Value::Array(items) => items.iter().map(without_digests).collect(),
        other => other.clone(),
    }
}
