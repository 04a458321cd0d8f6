//! Planning: from what is wanted, recorded and alive to the steps that make it so. Pure.

mod edges;
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
use crate::resource::{Facts, Holds, LiveValue, OnRemove, Registry, Spread};
use crate::state::{Record, Standing, State};
use crate::step::{Action, Front, Plan, Step, StepId};
use crate::value::{finish, is_known, resolve};

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

/// The state and the world with records of what lives and is ours but has no record: its state was
/// lost. What cannot carry tags counts where something of the same declaration does, or is recorded.
pub fn found_again<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    wanted: &Wanted,
    graph: &Graph,
    mut state: State,
    mut world: World,
) -> (State, World) {
    let mut known: BTreeSet<_> = state.records.iter().map(|each| each.address.declaration().clone()).collect();
    for tagged in [true, false] {
        for desired in wanted.desired.values().filter(|each| registry.facts(each.type_name).tagged == tagged) {
            let Some(live) = world.at_wanted(&desired.address).cloned() else { continue };
            let facts = registry.facts(desired.type_name);
            let ours = claim(facts, &state.scope, &live) == Claim::Ours
                && (tagged || known.contains(desired.address.declaration()));
            if ours {
                known.insert(desired.address.declaration().clone());
                let depends = graph.dependencies(&desired.address).cloned().collect();
                state.put(
                    record_of(&desired.address, desired.type_name, &live, &live.inputs, depends, Standing::Current),
                    Standing::Deposed,
                );
                world.record(desired.address.clone(), live);
            }
        }
    }
    (state, world)
}

fn record_of(
    address: &Address,
    type_name: &str,
    live: &LiveValue,
    inputs: &Value,
    depends: BTreeSet<Address>,
    standing: Standing,
) -> Record {
    Record {
        address: address.clone(),
        id: live.id.clone(),
        type_name: type_name.to_owned(),
        standing,
        ordinal: 0,
        inputs: inputs.clone(),
        outputs: live.outputs.clone(),
        depends,
    }
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

/// What lives at a wanted address and what we set there.
struct Present<'a> {
    live: &'a LiveValue,
    record: Option<&'a Record>,
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

    /// What is wanted, where it lives already: the recorded object; else, when that one is to be
    /// replaced, what a cut-off run made in its place, or an older one that was kept.
    fn present(&self, desired: &Desired, inputs: &Value, facts: &Facts) -> Option<Present<'a>> {
        let Some(record) = self.state.current(&desired.address) else {
            return self.world.at_wanted(&desired.address).map(|live| Present { live, record: None });
        };
        let current = self.world.at_record(&desired.address, &record.id);
        if current.is_some_and(|live| same_object(facts, inputs, &live.inputs)) {
            return current.map(|live| Present { live, record: Some(record) });
        }
        let half_made = self
            .world
            .intents()
            .iter()
            .filter(|(intent, _)| intent.address == desired.address)
            .filter_map(|(_, live)| live.as_ref());
        let records = self.state.records_at(&desired.address).iter();
        let kept = records.filter(|each| each.standing == Standing::Retained);
        let kept = kept.filter_map(|each| self.world.at_record(&each.address, &each.id));
        match half_made.chain(kept).find(|live| same_object(facts, inputs, &live.inputs)) {
            Some(live) => Some(Present { live, record: None }),
            None => current.map(|live| Present { live, record: Some(record) }),
        }
    }

    /// A replacement was cut off after its creation: the old object still has to go.
    fn doom_replaced(&mut self, address: &Address) {
        let old =
            self.state.current(address).and_then(|record| Some((record, self.world.at_record(address, &record.id)?)));
        self.doomed.extend(old.map(|(record, live)| (record.clone(), live.clone(), true)));
    }

    fn refuse_foreign(&mut self, desired: &Desired, live: &LiveValue) {
        let message =
            format!("{} {} exists already and is not of this stack", desired.type_name.replace('_', " "), live.id);
        let hint = "give the declaration another name in its environment's `override`, or delete what is there if nobody needs it";
        self.refused.push(Diagnostic::error("foreign", message).at(desired.location.clone()).hint(hint));
    }

    fn replace(
        &mut self,
        desired: &Desired,
        inputs: Value,
        depends: BTreeSet<Address>,
        facts: &Facts,
        present: Present<'_>,
    ) {
        if let OnRemove::Retain(_) = facts.on_remove {
            return self.create(desired, inputs, depends, retired(facts), false);
        }
        if facts.holds == Holds::Data || desired.protect {
            let message = format!(
                "{} would have to be replaced, and {}",
                desired.address,
                if desired.protect { "it is protected" } else { "it holds data" }
            );
            let hint = "what differs cannot be changed in place: declare it under a new name, move the data, then remove the old declaration";
            self.refused.push(Diagnostic::error("protected", message).at(desired.location.clone()).hint(hint));
            return;
        }
        if let Some(field) = facts.name_field
            && inputs.get(field) == present.live.inputs.get(field)
            && let Some(name) = inputs.get(field).and_then(Value::as_str)
        {
            self.names.insert(desired.address.clone(), next_name(name));
            return;
        }
        if let Some(record) = present.record {
            self.doomed.push((record.clone(), present.live.clone(), true));
        }
        self.create(desired, inputs, depends, Standing::Deposed, true);
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
        let record =
            record_of(&desired.address, desired.type_name, present.live, &finish(inputs), depends, Standing::Current);
        let same = present.record.is_some_and(|known| {
            known.inputs == record.inputs && known.outputs == record.outputs && known.depends == record.depends
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

/// Whether both inputs are of one object: the same name, and the same in all that cannot change in place.
fn same_object(facts: &Facts, wanted: &Value, live: &Value) -> bool {
    let same = |field: &&str| is_known(&wanted[*field]) && finish(&wanted[*field]) == live[*field];
    facts.name_field.iter().chain(facts.replace_on).all(same)
}

/// A named value with what is known put in.
pub(crate) fn told_text(text: &str, lookup: &impl Fn(&crate::value::OutputRef) -> Option<Value>) -> String {
    let resolved = resolve(&Value::String(text.to_owned()), lookup);
    match if is_known(&resolved) { finish(&resolved) } else { resolved } {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// `name-2` for `name`, `name-3` for `name-2`.
fn next_name(name: &str) -> String {
    let numbered = name.rsplit_once('-').and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)));
    match numbered {
        Some((stem, number)) if number >= 2 => format!("{stem}-{}", number + 1),
        _ => format!("{name}-2"),
    }
}
