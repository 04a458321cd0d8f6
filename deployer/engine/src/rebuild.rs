//! Rebuilding: a lost state is made again from names and tags. What lives is listed and looked up; what it means is
//! decided here, purely. The next plan then finds nothing to do, or deletes what is declared no more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::kind::{Names, Wanted};
use crate::owner::{ADDRESS_TAG, Claim, claim};
use crate::plan::{recorded_names, told_text};
use crate::refresh::{Unread, World, in_order, refresh};
use crate::resource::{CloudError, Cx, Facts, LiveValue, OnRemove, Owner, Registry};
use crate::retry::Attempts;
use crate::state::{Record, Scope, Standing, State};
use crate::value::{OutputRef, finish, is_known, resolve};

/// The shortest output that tells one object from all others when another object's inputs hold it.
const SHORTEST_HANDLE: usize = 8;

/// An object that is the stack's, whether it is declared or not.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    /// The type of resource.
    type_name: &'static str,
    /// The address that its tags tell; absent: it carries none and hangs on another object.
    address: Option<Address>,
    /// The object.
    live: LiveValue,
}

/// Rebuilds a state that was lost: `state` is the empty one to begin with. `expand` tells what is wanted, given what is
/// recorded so far and the names that are settled. Nothing is changed anywhere.
pub async fn rebuild<C: Send + Sync + 'static, E: From<Vec<Unread>> + From<Vec<Diagnostic>>>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    mut state: State,
    expand: &mut impl FnMut(&State, &Names) -> Result<Wanted, E>,
) -> Result<State, E> {
    let mut found = list(registry, cx, &state.scope).await?;
    let wanted = expand(&state, &Names::new())?;
    found.retain(|each| is_itself(each, &wanted));
    let mut names = found_names(&found);
    loop {
        let recorded = state.records.len();
        names.extend(recorded_names(&state));
        let wanted = expand(&state, &names)?;
        let graph = Graph::new(&wanted.desired)?;
        let world = refresh(registry, cx, &wanted.desired, &state).await?;
        state = record_wanted(registry, &wanted, &graph, state, &world);
        if state.records.len() == recorded {
            return Ok(record_effects(registry, &wanted, &graph, record_rest(registry, state, &found)));
        }
    }
}

/// Whether an object is what stands at its address, and not a part of that, listed under a simpler type.
fn is_itself(found: &Found, wanted: &Wanted) -> bool {
    let there = found.address.as_ref().and_then(|address| wanted.desired.get(address));
    there.is_none_or(|desired| desired.type_name == found.type_name)
}

/// Lists every type side by side, and keeps what is the scope's. Throttles and lost answers are tried again.
async fn list<C: Send + Sync + 'static>(
    registry: &Arc<Registry<C>>,
    cx: &Cx<C>,
    scope: &Scope,
) -> Result<Vec<Found>, Vec<Unread>> {
    let owner = Owner { stack: scope.stack.clone(), environment: scope.environment.clone() };
    let mut lists = JoinSet::new();
    for facts in registry.all() {
        let facts = *facts;
        let (registry, cx, owner, scope) = (Arc::clone(registry), cx.again(), owner.clone(), scope.clone());
        lists.spawn(async move {
            let listed = list_patiently(&registry, &cx, &facts, &owner).await?;
            Ok::<_, CloudError>(listed.into_iter().filter_map(|live| found(&facts, &scope, live)).collect::<Vec<_>>())
        });
    }
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    while let Some(listed) = lists.join_next().await {
        match listed.expect("a listing does not panic") {
            Ok(found) => all.extend(found),
            Err(error) => errors.push(Unread::from(error)),
        }
    }
    // Parents before what hangs on them.
    all.sort_by_key(|each: &Found| (each.address.is_none(), each.type_name));
    errors.sort_by(|one, other| in_order(one).cmp(&in_order(other)));
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

async fn list_patiently<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    facts: &Facts,
    owner: &Owner,
) -> Result<Vec<LiveValue>, CloudError> {
    let resource = registry.get(facts.type_name).expect("its facts are of the registry");
    let mut attempts = Attempts::new(cx.hides_for);
    loop {
        match resource.list(cx.again(), owner.clone()).await {
            Ok(listed) => return Ok(listed),
            Err(error) => match attempts.next_wait(&error, facts.type_name, cx.clock.now()) {
                Some(wait) => cx.pause(wait).await?,
                None => return Err(error),
            },
        }
    }
}

fn found(facts: &Facts, scope: &Scope, live: LiveValue) -> Option<Found> {
    if claim(facts, scope, &live) == Claim::Foreign {
        return None;
    }
    let told = live.inputs["tags"][ADDRESS_TAG].as_str();
    let address = if facts.tagged { Some(told?.parse().ok()?) } else { None };
    Some(Found { type_name: facts.type_name, address, live })
}

/// The physical names that living objects settle: of one that was replaced under another name, too.
fn found_names(found: &[Found]) -> Names {
    let named = found
        .iter()
        .filter_map(|each| Some((each.address.clone()?, each.live.inputs.get("name")?.as_str()?.to_owned())));
    named.collect()
}

/// The state with records of everything that is wanted and lives, as `world` tells. Once what others mint is recorded
/// more can be looked up: it is repeated until nothing is added.
fn record_wanted<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    wanted: &Wanted,
    graph: &Graph,
    mut state: State,
    world: &World,
) -> State {
    let mut known: BTreeSet<_> = state.records.iter().map(|each| each.address.declaration().clone()).collect();
    for tagged in [true, false] {
        for address in graph.order() {
            let desired = &wanted.desired[address];
            let facts = registry.facts(desired.type_name);
            let Some(live) = world.at_wanted(address).filter(|_| facts.tagged == tagged) else { continue };
            let hangs_on_ours = tagged || facts.on_remove == OnRemove::Forget || known.contains(address.declaration());
            if claim(facts, &state.scope, live) == Claim::Foreign || !hangs_on_ours {
                continue;
            }
            known.insert(address.declaration().clone());
            let depends = graph.dependencies(address).cloned().collect();
            let inputs = managed(&desired.inputs, &live.inputs);
            let record = Record::of(facts, &state.scope.region, address, live, inputs, depends, Standing::Current);
            state.put(record, Standing::Deposed);
        }
    }
    state
}

/// What lives in the fields that are wanted: of the others nobody knows whether they were ever set.
fn managed(wanted: &Value, live: &Value) -> Value {
    let members = live.as_object().into_iter().flatten();
    members
        .filter(|(field, _)| wanted.get(*field).is_some())
        .map(|(field, value)| {
            (field.clone(), if field == "tags" { managed(&wanted[field], value) } else { value.clone() })
        })
        .collect()
}

/// The state with everything else that is the stack's: objects that are declared no more, others at an address that is
/// in use, older ones that are kept. What they use and what uses them is read from their inputs.
fn record_rest<C: Send + Sync + 'static>(registry: &Registry<C>, mut state: State, found: &[Found]) -> State {
    let mut added = BTreeSet::new();
    for each in found {
        let facts = registry.facts(each.type_name);
        let is_recorded =
            state.records.iter().any(|known| known.type_name == each.type_name && known.id == each.live.id);
        let Some(address) = place(facts, &state, each).filter(|_| !is_recorded) else { continue };
        let in_use = state.current(&address).cloned();
        let standing = match (&in_use, facts.on_remove) {
            (None, _) => Standing::Current,
            (Some(_), OnRemove::Retain(_)) => Standing::Retained,
            (Some(_), _) => Standing::Deposed,
        };
        let inputs = each.live.inputs.clone();
        let record = Record::of(facts, &state.scope.region, &address, &each.live, inputs, BTreeSet::new(), standing);
        state.put(record, Standing::Deposed);
        // The one in use is the youngest: it is put after those that it replaced.
        if let Some(in_use) = in_use {
            state.remove(&address, &in_use.id);
            state.put(in_use, Standing::Deposed);
        }
        added.insert(address);
    }
    tie(&mut state, &added);
    state
}

/// Where an object stands that has no record: where its tags say. Without any it hangs on its parent, which the first of
/// the fields names that never change: it stands where one in use of the same parent does, else with the parent itself.
fn place(facts: &Facts, state: &State, found: &Found) -> Option<Address> {
    if let Some(address) = &found.address {
        return Some(address.clone());
    }
    let field = *facts.replace_on.first()?;
    let parent = found.live.inputs.get(field)?;
    if let OnRemove::Retain(_) = facts.on_remove {
        let is_sibling = |record: &&Record| {
            record.type_name == found.type_name
                && record.standing == Standing::Current
                && record.inputs.get(field) == Some(parent)
        };
        return state.records.iter().find(is_sibling).map(|record| record.address.clone());
    }
    let hangs_on = |record: &&Record| Some(record.id.as_str()) == parent.as_str();
    let parent = state.records.iter().find(hangs_on)?;
    Some(parent.address.declaration().part(found.type_name))
}

/// Adds what records at these addresses wait for, and what waits for them.
fn tie(state: &mut State, added: &BTreeSet<Address>) {
    if added.is_empty() {
        return;
    }
    let handles: Vec<(Address, Vec<String>)> =
        state.records.iter().map(|record| (record.address.clone(), handles(record))).collect();
    for record in &mut state.records {
        let mut texts = Vec::new();
        collect_texts(&record.inputs, &mut texts);
        for (address, handles) in &handles {
            let concerns = *address != record.address && (added.contains(address) || added.contains(&record.address));
            if concerns && handles.iter().any(|handle| texts.iter().any(|text| is_held(handle, text))) {
                record.depends.insert(address.clone());
            }
        }
    }
}

/// What other objects know an object by: its id and what AWS minted for it.
fn handles(record: &Record) -> Vec<String> {
    let minted = record.outputs.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
    let all = minted.chain([record.id.as_str()]).filter(|text| text.len() >= SHORTEST_HANDLE);
    all.map(str::to_owned).collect()
}

/// Whether a text is a handle, or names something below it: an ARN with a path or a wildcard after it.
fn is_held(handle: &str, text: &str) -> bool {
    text == handle || (handle.starts_with("arn:") && text.contains(handle))
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|each| collect_texts(each, texts)),
        Value::Object(members) => members.values().for_each(|each| collect_texts(each, texts)),
        _ => {}
    }
}

/// The state with the effects that are wanted recorded as done: nothing tells whether they were, and what is as it should
/// be has no need of them. And with the named values, where all that they are made of is known.
fn record_effects<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    wanted: &Wanted,
    graph: &Graph,
    mut state: State,
) -> State {
    let outputs: BTreeMap<Address, Value> = state
        .records
        .iter()
        .filter(|each| each.standing == Standing::Current)
        .map(|each| (each.address.clone(), each.outputs.clone()))
        .collect();
    let lookup = |found: &OutputRef| outputs.get(&found.address)?.get(&found.output).cloned();
    for address in graph.order() {
        let desired = &wanted.desired[address];
        let inputs = resolve(&desired.inputs, &lookup);
        let facts = registry.facts(desired.type_name);
        if facts.effect && is_known(&inputs) {
            let inputs = finish(&inputs);
            let outputs = Value::Object(serde_json::Map::new());
            let done = LiveValue { id: desired.type_name.to_owned(), inputs: inputs.clone(), outputs };
            let depends = graph.dependencies(address).cloned().collect();
            let record = Record::of(facts, &state.scope.region, address, &done, inputs, depends, Standing::Current);
            state.put(record, Standing::Deposed);
        }
    }
    let told = wanted.outputs.iter().filter(|(_, text)| is_known(&resolve(&Value::String((*text).clone()), &lookup)));
    state.outputs = told.map(|(name, text)| (name.clone(), told_text(text, &lookup))).collect();
    state
}
