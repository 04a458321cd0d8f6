//! Refresh: reads what lives, everything in one wave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::address::Address;
use crate::diagnostic::Location;
use crate::kind::Desired;
use crate::reading::read_patiently;
use crate::resource::{AnyKey, AnyResource, CloudError, Cx, LiveValue, Registry};
use crate::retry::looks;
use crate::state::{Intent, Standing, State};
use crate::value::{OutputRef, finish, is_digest, resolve};

/// A read that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The resource that was asked for; absent: of many, and the error names none of them.
    pub address: Option<Address>,
    /// Where its declaration stands; absent where there is none.
    pub location: Option<Location>,
    /// Why.
    pub error: CloudError,
}

impl From<CloudError> for Unread {
    /// One of no resource that is known.
    fn from(error: CloudError) -> Self {
        Self { address: None, location: None, error }
    }
}

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

/// Whom a question was asked for.
#[derive(Clone, Debug)]
enum Asked {
    Record(Address, String),
    Wanted(Address),
    Intent(Intent),
}

/// One object that is looked for.
struct Question {
    asked: Asked,
    key: AnyKey,
    /// It was made, or its creation cut off, perhaps a moment ago, and may not be shown yet: were "nothing" believed
    /// too early, a second one would be made, or the first forgotten.
    may_be_hidden: bool,
}

/// Reads every recorded, wanted and half-created object. Types are read side by side; a type
/// reads its own objects side by side or in batches.
pub async fn refresh<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    desired: &BTreeMap<Address, Desired>,
    state: &State,
) -> Result<World, Vec<Unread>> {
    refresh_for(registry, cx, desired, state, &|_| true).await
}

/// The same for a plan that makes again what lacks only where `is_made` says so, such as the end of a stack. What is
/// not made again would be forgotten for ever were it missed now.
pub async fn refresh_for<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    desired: &BTreeMap<Address, Desired>,
    state: &State,
    is_made: &(dyn Fn(&Address) -> bool + Sync),
) -> Result<World, Vec<Unread>> {
    let mut reads = JoinSet::new();
    for (type_name, questions) in questions(registry, desired, state, is_made) {
        let (registry, cx) = (Arc::clone(registry), cx.again());
        reads.spawn(async move {
            let found = answers(&registry, &cx, &type_name, &questions).await?;
            Ok::<_, Unread>(questions.into_iter().map(|each| each.asked).zip(found).collect::<Vec<_>>())
        });
    }
    let mut world = World::default();
    let mut errors = Vec::new();
    while let Some(read) = reads.join_next().await {
        match read.expect("a read does not panic") {
            Ok(found) => found.into_iter().for_each(|(asked, live)| world.note(asked, live)),
            Err(unread) => errors.push(located(unread, desired)),
        }
    }
    errors.sort_by(|one, other| in_order(one).cmp(&in_order(other)));
    if errors.is_empty() { Ok(world) } else { Err(errors) }
}

fn located(unread: Unread, desired: &BTreeMap<Address, Desired>) -> Unread {
    let declared = unread.address.as_ref().and_then(|address| desired.get(address));
    Unread { location: declared.map(|each| each.location.clone()), ..unread }
}

/// The order in which failed reads are told.
pub(crate) fn in_order(unread: &Unread) -> (&Option<Address>, &str, &str) {
    (&unread.address, &unread.error.operation, &unread.error.object)
}

/// What lives of what is asked for. What may be hidden is looked for again until it would have been shown.
async fn answers<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    type_name: &str,
    questions: &[Question],
) -> Result<Vec<Option<LiveValue>>, Unread> {
    let keys = |at: &[usize]| at.iter().map(|at| questions[*at].key.clone()).collect::<Vec<_>>();
    let every: Vec<usize> = (0..questions.len()).collect();
    let mut found = read_patiently(registry, cx, type_name, keys(&every)).await?;
    let mut hidden = every;
    let mut pauses = looks(cx.hides_for);
    loop {
        hidden.retain(|at| questions[*at].may_be_hidden && found[*at].is_none());
        let pause = if hidden.is_empty() { None } else { pauses.next() };
        let Some(pause) = pause else { return Ok(found) };
        cx.pause(pause).await?;
        let again = read_patiently(registry, cx, type_name, keys(&hidden)).await?;
        hidden.iter().zip(again).for_each(|(at, live)| found[*at] = live);
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
    is_made: &(dyn Fn(&Address) -> bool + Sync),
) -> BTreeMap<String, Vec<Question>> {
    let current = currents(state);
    let begun: BTreeSet<&Address> = state.intents.iter().map(|each| &each.address).collect();
    let mut questions: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut ask = |type_name: &str, asked: Asked, key: AnyKey| {
        let Some(facts) = registry.get(type_name).map(AnyResource::facts).filter(|facts| !facts.effect) else { return };
        // A repeated creation by name meets its earlier success: there "nothing" may be believed at once.
        let is_repeated = !facts.identity.is_minted() && desired.contains_key(&key.address) && is_made(&key.address);
        let was_made = matches!(asked, Asked::Record(..)) || begun.contains(&key.address);
        let may_be_hidden = was_made && !is_repeated;
        questions.entry(type_name.to_owned()).or_default().push(Question { asked, key, may_be_hidden });
    };
    for record in &state.records {
        let key =
            AnyKey { address: record.address.clone(), id: Some(record.id.clone()), inputs: record.inputs.clone() };
        ask(&record.type_name, Asked::Record(record.address.clone(), record.id.clone()), key);
    }
    for each in desired.values().filter(|each| !current.contains_key(&each.address)) {
        let key = AnyKey { address: each.address.clone(), id: None, inputs: readable(&each.inputs, &current) };
        ask(each.type_name, Asked::Wanted(each.address.clone()), key);
    }
    for intent in &state.intents {
        let key = AnyKey { address: intent.address.clone(), id: None, inputs: intent.inputs.clone() };
        ask(&intent.type_name, Asked::Intent(intent.clone()), key);
    }
    questions
}

/// The outputs of the records in use, by address.
fn currents(state: &State) -> BTreeMap<&Address, &Value> {
    let current = state.records.iter().filter(|each| each.standing == Standing::Current);
    current.map(|each| (&each.address, &each.outputs)).collect()
}

/// Wanted inputs in which to look an object up: with the outputs that are recorded, and with empty
/// text for digests that cannot be known yet.
fn readable(inputs: &Value, current: &BTreeMap<&Address, &Value>) -> Value {
    let recorded = |found: &OutputRef| current.get(&found.address)?.get(&found.output).cloned();
    without_digests(&finish(&resolve(inputs, &recorded)))
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
