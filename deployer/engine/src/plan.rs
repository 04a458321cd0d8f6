//! Planning: from what is wanted, recorded and alive to the steps that make it so. Pure.

mod edges;
mod found;
mod present;
mod replace;
mod retire;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::address::{Address, DeclarationAddress};
use crate::diagnostic::Diagnostic;
use crate::diff::{diff, touches};
use crate::graph::Graph;
use crate::journal::Entry;
use crate::kind::{Desired, Names, Wanted};
use crate::owner::{Claim, claim};
use crate::refresh::World;
use crate::resource::{Facts, LiveValue, OnRemove, Registry, Spread};
use crate::state::{Record, Standing, State};
use crate::step::{Action, Front, Plan, Step, StepId};
use crate::value::{finish, is_known, resolve};

pub use found::found_again;
use present::Present;

/// What may be deleted.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    /// Deleting what holds data: an explicit flag, or the local AWS.
    pub delete_data: bool,
    /// Nothing that holds data is deleted, whatever the flag: the environment is protected.
    pub protect_data: bool,
    /// Declarations that say `protect = true`: nothing of theirs is deleted.
    pub protected: BTreeSet<DeclarationAddress>,
}

/// A plan, or names that must be settled first.
#[derive(Clone, Debug)]
pub enum Planned {
    /// What will be done.
    Plan(Box<Plan>),
    /// A replacement needs another name beside the old one: expand again with these and plan again.
    Rename(Names),
}

/// The physical names that records settle.
pub fn recorded_names(state: &State) -> Names {
    let current = state.records.iter().filter(|each| each.standing == Standing::Current);
    current.filter_map(|each| Some((each.address.clone(), each.inputs.get("name")?.as_str()?.to_owned()))).collect()
}

/// Plans. Everything that is refused is refused at once.
pub fn plan<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    wanted: &Wanted,
    graph: &Graph,
    state: &State,
    world: &World,
    allow: &Allow,
) -> Result<Planned, Vec<Diagnostic>> {
    let mut planner = Planner {
        registry,
        state,
        world,
        allow,
        steps: Vec::new(),
        by_address: BTreeMap::new(),
        notes: Vec::new(),
        outputs: BTreeMap::new(),
        names: Names::new(),
        refused: Vec::new(),
        doomed: Vec::new(),
        unchanged: 0,
        taken: BTreeSet::new(),
        fronts: Vec::new(),
    };
    for address in graph.order() {
        let depends = graph.dependencies(address).cloned().collect();
        planner.want(&wanted.desired[address], depends);
    }
    planner.settle_intents(wanted);
    planner.retire_records(wanted);
    planner.delete_doomed();
    planner.follow_edges();
    planner.finish(wanted)
}

/// What will be deleted, and whether it is the old half of a replacement.
type Doomed = (Record, LiveValue, bool);

struct Planner<'a, C> {
    registry: &'a Registry<C>,
    state: &'a State,
    world: &'a World,
    allow: &'a Allow,
    steps: Vec<Step>,
    by_address: BTreeMap<Address, StepId>,
    notes: Vec<Entry>,
    outputs: BTreeMap<Address, Value>,
    names: Names,
    refused: Vec<Diagnostic>,
    doomed: Vec<Doomed>,
    unchanged: usize,
    /// Living objects, by type and id, that are what is wanted: nothing deletes them.
    taken: BTreeSet<(String, String)>,
    /// What lives, spreads slowly and stays.
    fronts: Vec<Front>,
}

impl<'a, C: Send + Sync + 'static> Planner<'a, C> {
    /// Whether an object is what some wanted resource is, under whatever address it was recorded.
    fn is_taken(&self, type_name: &str, id: &str) -> bool {
        self.taken.contains(&(type_name.to_owned(), id.to_owned()))
    }

    /// Plans one wanted resource; those that it waits for are planned already.
    fn want(&mut self, desired: &Desired, depends: BTreeSet<Address>) {
        let facts = *self.registry.facts(desired.type_name);
        let inputs = resolve(&desired.inputs, &|found| self.outputs.get(&found.address)?.get(&found.output).cloned());
        if facts.effect {
            return self.want_effect(desired, inputs, depends);
        }
        let Some(present) = self.present(desired, &inputs, &facts) else {
            return self.create(desired, inputs, depends, retired(&facts), false);
        };
        if present.record.is_none() && claim(&facts, &self.state.scope, present.live) == Claim::Foreign {
            return self.refuse_foreign(desired, present.live);
        }
        let prior = present.record.map(|record| record.inputs.clone());
        let changes = diff(&inputs, prior.as_ref(), &present.live.inputs);
        let renamed = facts.name_field.is_some_and(|field| touches(&changes, &[field]));
        if renamed || touches(&changes, facts.replace_on) {
            return self.replace(desired, inputs, depends, &facts, present);
        }
        self.taken.insert((desired.type_name.to_owned(), present.live.id.clone()));
        if facts.spread == Spread::Slowly {
            self.fronts.push(Front { type_name: desired.type_name.to_owned(), live: present.live.clone() });
        }
        if present.record.is_none() && facts.on_remove == OnRemove::Delete {
            self.doom_replaced(&desired.address);
        }
        if changes.is_empty() {
            self.unchanged += 1;
            self.note_as_it_is(desired, &inputs, depends, &present, retired(&facts));
            self.outputs.insert(desired.address.clone(), present.live.outputs.clone());
            return;
        }
        let stable = present
            .live
            .outputs
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| facts.stable.contains(&name.as_str()));
        self.outputs
            .insert(desired.address.clone(), stable.map(|(name, value)| (name.clone(), value.clone())).collect());
        let (live, is_new) = (present.live.clone(), present.record.is_none());
        let step = self.step(desired, Action::Update, inputs, depends);
        step.prior = if is_new { None } else { prior };
        step.live = Some(live);
        step.changes = changes;
    }

    /// An effect is due when its inputs are not those of the last time.
    fn want_effect(&mut self, desired: &Desired, inputs: Value, depends: BTreeSet<Address>) {
        let record = self.state.current(&desired.address);
        if record.is_some_and(|record| is_known(&inputs) && record.inputs == finish(&inputs)) {
            self.unchanged += 1;
            return;
        }
        let prior = record.map(|record| record.inputs.clone());
        self.step(desired, Action::Run, inputs, depends).prior = prior;
    }

    fn create(
        &mut self,
        desired: &Desired,
        inputs: Value,
        depends: BTreeSet<Address>,
        retire: Standing,
        replaces: bool,
    ) {
        let step = self.step(desired, Action::Create, inputs, depends);
        step.retire = retire;
        step.replaces = replaces;
    }

    fn step(&mut self, desired: &Desired, action: Action, inputs: Value, depends: BTreeSet<Address>) -> &mut Step {
        let id = StepId(self.steps.len());
        let after = depends.iter().filter_map(|other| self.by_address.get(other)).copied().collect();
        self.by_address.insert(desired.address.clone(), id);
        self.steps.push(Step {
            id,
            address: desired.address.clone(),
            type_name: desired.type_name.to_owned(),
            action,
            inputs,
            prior: None,
            live: None,
            changes: Vec::new(),
            after,
            depends,
            retire: Standing::Deposed,
            replaces: false,
            once_spread: Vec::new(),
            location: Some(desired.location.clone()),
        });
        self.steps.last_mut().expect("it was just pushed")
    }

    /// What is as wanted but recorded otherwise, or not at all, is written down without a call.
    fn note_as_it_is(
        &mut self,
        desired: &Desired,
        inputs: &Value,
        depends: BTreeSet<Address>,
        present: &Present<'_>,
        retire: Standing,
    ) {
        let (facts, region) = (self.registry.facts(desired.type_name), &self.state.scope.region);
        let inputs = finish(inputs);
        let record = Record::of(facts, region, &desired.address, present.live, inputs, depends, Standing::Current);
        let same = present.record.is_some_and(|known| {
            (&known.inputs, &known.outputs, &known.depends) == (&record.inputs, &record.outputs, &record.depends)
                && (&known.region, known.schema) == (&record.region, record.schema)
        });
        if !same {
            self.notes.push(Entry::Done { record: Box::new(record), retire });
        }
    }

    fn finish(mut self, wanted: &Wanted) -> Result<Planned, Vec<Diagnostic>> {
        if !self.refused.is_empty() {
            return Err(self.refused);
        }
        if !self.names.is_empty() {
            return Ok(Planned::Rename(self.names));
        }
        let outputs = &self.outputs;
        let lookup = |found: &crate::value::OutputRef| outputs.get(&found.address)?.get(&found.output).cloned();
        let told: BTreeMap<_, _> =
            wanted.outputs.iter().map(|(name, text)| (name.clone(), told_text(text, &lookup))).collect();
        if self.steps.is_empty() && told != self.state.outputs {
            self.notes.push(Entry::Told { outputs: told.clone() });
        }
        Ok(Planned::Plan(Box::new(Plan {
            scope: self.state.scope.clone(),
            lineage: self.state.lineage.clone(),
            base_serial: self.state.serial,
            steps: self.steps,
            notes: self.notes,
            outputs: self.outputs,
            told,
            unchanged: self.unchanged,
            whole: true,
        })))
    }
}

/// What becomes of an object when another takes its place.
fn retired(facts: &Facts) -> Standing {
    if matches!(facts.on_remove, OnRemove::Retain(_)) { Standing::Retained } else { Standing::Deposed }
}

/// A named value with what is known put in.
pub(crate) fn told_text(text: &str, lookup: &impl Fn(&crate::value::OutputRef) -> Option<Value>) -> String {
    let resolved = resolve(&Value::String(text.to_owned()), lookup);
    match if is_known(&resolved) { finish(&resolved) } else { resolved } {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
