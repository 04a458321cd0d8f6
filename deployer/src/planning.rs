//! From a stack to its plan: what is wanted is expanded, the world is read, and the engine decides.

use std::collections::BTreeSet;
use std::sync::Arc;

use deployer_aws::collisions::shared_names;
use deployer_aws::limits::refused;
use deployer_aws::{Cloud, SHIPPING_TYPES, is_shipped_field};
use deployer_engine::address::{Address, DeclarationAddress};
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::graph::Graph;
use deployer_engine::journal::Entry;
use deployer_engine::kind::{Artifacts, Wanted, expand};
use deployer_engine::plan::{Allow, Planned, found_again, plan, recorded_names};
use deployer_engine::refresh::{refresh, refresh_for};
use deployer_engine::stack::StackFile;
use deployer_engine::state::State;
use deployer_engine::step::{Action, Plan, Step};

use crate::arguments::Globals;
use crate::commands::secrets;
use crate::context::{Context, moves, protected};
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Other names that a plan may ask for before something is wrong with the deployer.
const MAX_RENAMES: usize = 20;

/// A plan and what it was made from.
pub struct Prepared {
    /// What would be done.
    pub plan: Plan,
    /// Functions and sites that must be built before the plan can be applied.
    pub unbuilt: BTreeSet<DeclarationAddress>,
}

/// Plans what makes the world as the stack says. `built` is what a build has brought; absent: what is known without.
pub async fn prepare(
    context: &Context,
    cloud: &Arc<Cloud>,
    state: State,
    built: Option<Artifacts>,
    delete_data: bool,
    report: &Reporter,
) -> Result<Prepared, Failure> {
    let (state, renames) = renamed(context, state);
    // After a build it is planned again: nobody needs to hear the same twice.
    let is_first = built.is_none();
    let (artifacts, missing) = match built {
        Some(artifacts) => (artifacts, BTreeSet::new()),
        None => context.known_artifacts(&state)?,
    };
    let allow = allow(context, delete_data);
    let cx = cloud.context();
    let mut names = recorded_names(&state);
    for _ in 0..MAX_RENAMES {
        let wanted = expand(&context.stack, &artifacts, &names)?;
        let graph = Graph::new(&wanted.desired)?;
        let shared = shared_names(&context.registry, &[(&context.stack.environment, &wanted.desired)]);
        let faults = [shared, refused(&context.registry, &wanted.desired)].concat();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let world = refresh(&context.registry, &cx, &wanted.desired, &state).await?;
        match plan(&context.registry, &wanted, &graph, &state, &world, &allow)? {
            Planned::Rename(other) => names.extend(other),
            Planned::Plan(plan) => {
                report.warnings(&wanted.warnings);
                if is_first {
                    secrets::warn(context, cloud, &wanted, report).await;
                }
                let mut plan = *plan;
                plan.notes.splice(0..0, renames);
                let unbuilt = unbuilt(&plan, &missing);
                return Ok(Prepared { plan, unbuilt });
            }
        }
    }
    Err(Failure::new(Exit::Other, "names", format!("no free names were found for {}", context.scope.stack)))
}

/// Plans the end of the stack; what `keep` names stays.
pub async fn prepare_end(
    context: &Context,
    cloud: &Arc<Cloud>,
    state: State,
    keep: &[String],
    delete_data: bool,
) -> Result<Prepared, Failure> {
    let cx = cloud.context();
    let (state, renames) = renamed(context, state);
    // Nothing is shipped any more: what was built, or could not be, does not matter.
    let wanted = expand(&context.stack, &Artifacts::new(), &recorded_names(&state))?;
    let graph = Graph::new(&wanted.desired)?;
    let kept = |address: &Address| keep.iter().any(|word| *word == address.declaration().to_string());
    let world = refresh_for(&context.registry, &cx, &wanted.desired, &state, &kept).await?;
    let (state, world) = found_again(&context.registry, &wanted, &graph, state, world);
    let wanted = Wanted {
        desired: wanted.desired.into_iter().filter(|(address, _)| kept(address)).collect(),
        ..Wanted::default()
    };
    let graph = Graph::new(&wanted.desired)?;
    match plan(&context.registry, &wanted, &graph, &state, &world, &allow(context, delete_data))? {
        Planned::Plan(plan) => {
            let mut plan = plan.deletions();
            plan.notes.splice(0..0, renames);
            Ok(Prepared { plan, unbuilt: BTreeSet::new() })
        }
        Planned::Rename(_) => {
            Err(Failure::usage("what is kept would have to be replaced")
                .hint("bring it up first, then take the rest down"))
        }
    }
}

/// Refuses addresses that neither a stack file nor its state knows: a typing error would do nothing, silently.
/// `start`: the state may need a local AWS, which is started for it.
pub async fn known_addresses<'a>(
    project: &Project,
    files: &[StackFile],
    globals: &Globals,
    words: impl IntoIterator<Item = &'a String>,
    start: bool,
    report: &Reporter,
) -> Result<(), Failure> {
    let mut words = words.into_iter().peekable();
    if words.peek().is_none() {
        return Ok(());
    }
    let mut known = BTreeSet::new();
    for file in files {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        known.extend(context.stack.addresses().map(ToString::to_string));
        for record in context.store(globals, start, report).await?.load().await?.state.records {
            known.extend([record.address.to_string(), record.address.declaration().to_string()]);
        }
    }
    match words.find(|word| !known.contains(*word)) {
        None => Ok(()),
        Some(word) => {
            let hint = did_you_mean(word, known.iter().map(String::as_str));
            Err(Failure::usage(format!("there is nothing at `{}`", word.escape_debug()))
                .hint(hint.unwrap_or_else(|| "`deployer state list` and the stack file tell the addresses".to_owned())))
        }
    }
}

fn allow(context: &Context, delete_data: bool) -> Allow {
    let environment = &context.stack.environment;
    Allow {
        delete_data: delete_data || environment.local,
        protect_data: environment.protect,
        protected: protected(&context.stack),
    }
}

/// The state with the renames of the stack file, and these as journal entries.
fn renamed(context: &Context, mut state: State) -> (State, Vec<Entry>) {
    let moves = moves(&context.stack, &state);
    for (from, to) in &moves {
        state.rename(from, to);
    }
    (state, moves.into_iter().map(|(from, to)| Entry::Moved { from, to }).collect())
}

/// What a step ships although it is not in the cache.
fn unbuilt(plan: &Plan, missing: &BTreeSet<DeclarationAddress>) -> BTreeSet<DeclarationAddress> {
    let ships = |step: &&Step| step.action != Action::Delete && SHIPPING_TYPES.contains(&step.type_name.as_str());
    let changes_code = |step: &&Step| {
        step.action == Action::Create || step.changes.iter().any(|change| is_shipped_field(&change.path))
    };
    let declarations =
        plan.steps.iter().filter(ships).filter(changes_code).map(|step| step.address.declaration().clone());
    declarations.filter(|address| missing.contains(address)).collect()
}
