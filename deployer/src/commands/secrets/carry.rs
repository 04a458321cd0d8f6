//! What carries the value of a secret, such as the header of a CDN, follows when another value comes into use.

use std::collections::{BTreeMap, BTreeSet};

use deployer_aws::kinds::secret::DeclaredSecret;
use deployer_engine::address::Address;
use deployer_engine::graph::Graph;
use deployer_engine::kind::{Desired, Wanted};
use deployer_engine::plan::{Allow, Planned, plan};
use deployer_engine::refresh::refresh;
use deployer_engine::resource::Spread;
use deployer_engine::state::State;
use deployer_engine::step::{Action, Front, Plan, Step, StepId};
use deployer_engine::value::{references, resolve};

use super::opened::Opened;
use crate::error::{Exit, Failure};

/// The last key of the place where inputs hold the version of a secret.
const GENERATION: &str = "generation";

/// The resources that carry the value of one of these secrets, by address.
fn carriers<'a>(secrets: &[Address], wanted: &'a Wanted) -> Vec<&'a Desired> {
    let carries = |each: &&Desired| {
        references(&each.inputs).iter().any(|found| secrets.contains(&found.address) && found.output == GENERATION)
    };
    wanted.desired.values().filter(carries).collect()
}

fn own(secret: &DeclaredSecret) -> Address {
    secret.address.part(secret.address.kind())
}

/// What carries a secret to the edges, as it is recorded: it spreads slowly.
pub fn fronts(opened: &Opened, wanted: &Wanted, state: &State, secret: &DeclaredSecret) -> Vec<Front> {
    let slow = |each: &&Desired| opened.context.registry.facts(each.type_name).spread == Spread::Slowly;
    let carriers = carriers(&[own(secret)], wanted).into_iter().filter(slow);
    let records = carriers.filter_map(|each| state.current(&each.address));
    records.map(|record| Front { type_name: record.type_name.clone(), live: record.live() }).collect()
}

/// Plans that everything which carries one of these secrets gets the value in use, and nothing else is changed. Read are
/// the secrets and what carries them.
pub async fn plan_following(
    opened: &Opened,
    wanted: &Wanted,
    state: &State,
    secrets: &[&DeclaredSecret],
) -> Result<Plan, Failure> {
    let context = &opened.context;
    let secrets: Vec<Address> = secrets.iter().map(|secret| own(secret)).collect();
    let carriers: BTreeSet<Address> = carriers(&secrets, wanted).iter().map(|each| each.address.clone()).collect();
    let chosen = |address: &Address| carriers.contains(address) || secrets.contains(address);
    let part = Wanted { desired: chosen_of(wanted, state, &chosen), ..Wanted::default() };
    let records = state.records.iter().filter(|record| chosen(&record.address)).cloned().collect();
    let own_state = State { records, intents: Vec::new(), ..state.clone() };
    let graph = Graph::new(&part.desired)?;
    let world = refresh(&context.registry, &opened.cloud.context(), &part.desired, &own_state).await?;
    let Planned::Plan(plan) = plan(&context.registry, &part, &graph, &own_state, &world, &Allow::default())? else {
        return Err(other_changes("what carries a secret would have to be replaced"));
    };
    let only_follows = |step: &Step| {
        step.action == Action::Update && step.changes.iter().all(|change| change.path.ends_with(GENERATION))
    };
    let mut plan = *plan;
    plan.steps.retain(|step| carriers.contains(&step.address));
    let kept: BTreeSet<StepId> = plan.steps.iter().map(|step| step.id).collect();
    plan.steps.iter_mut().for_each(|step| step.after.retain(|before| kept.contains(before)));
    match plan.steps.iter().find(|step| !only_follows(step)) {
        Some(step) => Err(other_changes(&format!("{} differs in more than the secret that it carries", step.address))),
        None => Ok(Plan { told: state.outputs.clone(), whole: false, ..plan }),
    }
}

/// The chosen resources, in whose inputs the outputs of all others are put in as they are recorded.
fn chosen_of(wanted: &Wanted, state: &State, chosen: &dyn Fn(&Address) -> bool) -> BTreeMap<Address, Desired> {
    let recorded = |found: &deployer_engine::value::OutputRef| {
        let record = if chosen(&found.address) { None } else { state.current(&found.address) };
        record?.outputs.get(&found.output).cloned()
    };
    let alone = |each: &Desired| {
        let inputs = resolve(&each.inputs, &recorded);
        let after = each.after.iter().filter(|other| chosen(other)).cloned().collect();
        (each.address.clone(), Desired { inputs, after, ..each.clone() })
    };
    wanted.desired.values().filter(|each| chosen(&each.address)).map(alone).collect()
}

fn other_changes(what: &str) -> Failure {
    Failure::new(Exit::Partial, "other-changes", what)
        .hint("both values are accepted meanwhile: `deployer up` brings the rest, then `deployer secrets resume`")
}
