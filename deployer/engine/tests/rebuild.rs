//! A lost state is made again from names and tags: the next plan has nothing to do, or deletes what nobody wants any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_engine::address::Address;
use deployer_engine::apply::{Event, Stop, apply};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::graph::Graph;
use deployer_engine::journal::fold;
use deployer_engine::kind::{Desired, Names, Wanted};
use deployer_engine::plan::{Allow, Planned, plan, recorded_names};
use deployer_engine::rebuild::rebuild;
use deployer_engine::refresh::{Unread, refresh};
use deployer_engine::resource::Registry;
use deployer_engine::state::{Standing, State};
use deployer_engine::step::{Action, Plan};
use deployer_engine::testing::{FakeCloud, MemoryJournal, context, registry, run, scope, tags, wanted_one};
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::watch;

/// Declarations: type, name, shape, and which of those before are linked to.
type Specs = Vec<(&'static str, usize, &'static str, Vec<usize>)>;

fn wanted(specs: &Specs, names: &Names) -> Wanted {
    let at = |(type_name, name, ..): &(&str, usize, &str, Vec<usize>)| format!("kind.n{name}/{type_name}");
    let mut desired: BTreeMap<Address, Desired> = BTreeMap::new();
    for (index, spec) in specs.iter().enumerate() {
        let (type_name, name, shape, links) = spec;
        let address: Address = at(spec).parse().unwrap();
        let linked = links.iter().filter(|link| **link < index && specs[**link].0 != "say");
        let links: Vec<_> = linked.map(|link| format!("${{{}#id}}", at(&specs[*link]))).collect();
        let named = names.get(&address).cloned().unwrap_or_else(|| format!("n{name}"));
        let inputs = match *type_name {
            "say" => json!({ "text": format!("{name} {}", links.join(" ")) }),
            _ => json!({ "name": named, "shape": shape, "links": links, "tags": tags(&at(spec)) }),
        };
        desired.extend([wanted_one(&at(spec), type_name, inputs)]);
    }
    let outputs = specs.iter().filter(|spec| spec.0 == "minted");
    let outputs = outputs.map(|spec| (format!("n{}", spec.1), format!("${{{}#id}}", at(spec)))).collect();
    Wanted { desired, outputs, ..Wanted::default() }
}

/// Either half of what can go wrong while a state is rebuilt: nothing here does.
#[derive(Debug)]
struct Failed;

impl From<Vec<Unread>> for Failed {
    fn from(errors: Vec<Unread>) -> Self {
        panic!("{errors:?}")
    }
}

impl From<Vec<Diagnostic>> for Failed {
    fn from(errors: Vec<Diagnostic>) -> Self {
        panic!("{errors:?}")
    }
}

struct Lab {
    cloud: Arc<FakeCloud>,
    registry: Arc<Registry<FakeCloud>>,
    state: State,
}

impl Lab {
    fn new() -> Self {
        Self { cloud: Arc::default(), registry: registry(), state: State::empty(scope(), "lineage".into()) }
    }

    async fn plan(&self, specs: &Specs) -> Plan {
        let allow = Allow { delete_data: true, ..Allow::default() };
        let mut names = recorded_names(&self.state);
        loop {
            let wanted = wanted(specs, &names);
            let graph = Graph::new(&wanted.desired).unwrap();
            let world = refresh(&self.registry, &context(&self.cloud), &wanted.desired, &self.state).await.unwrap();
            match plan(&self.registry, &wanted, &graph, &self.state, &world, &allow).unwrap() {
                Planned::Plan(plan) => return *plan,
                Planned::Rename(renamed) => names.extend(renamed),
            }
        }
    }

    async fn up(&mut self, specs: &Specs) {
        let plan = self.plan(specs).await;
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = context(&self.cloud);
        let mut unwatched = |_: Event<'_>| {};
        let applied = apply(&self.registry, &cx, &plan, 16, &mut journal, stop, &mut unwatched).await.unwrap();
        assert!(applied.failed.is_empty() && applied.skipped.is_empty(), "{:?}", applied.failed);
        self.state = fold(self.state.clone(), journal.entries);
        self.state.serial += 1;
    }

    /// Forgets the state and rebuilds it for these declarations. The cloud is only read.
    async fn lose_the_state(&mut self, specs: &Specs) {
        let before = self.cloud.mutations();
        let mut expand = |_: &State, names: &Names| Ok::<_, Failed>(wanted(specs, names));
        let empty = State::empty(scope(), "another".into());
        self.state = rebuild(&self.registry, &context(&self.cloud), empty, &mut expand).await.unwrap();
        assert_eq!(self.cloud.mutations(), before);
    }
}

/// A stack of every type whose parts use one another.
fn specs() -> Specs {
    vec![
        ("named", 0, "round", vec![]),
        ("minted", 1, "round", vec![0]),
        ("vault", 2, "round", vec![]),
        ("edition", 3, "round", vec![1]),
        ("named", 4, "round", vec![1, 3]),
        ("say", 5, "round", vec![1]),
        ("named", 6, "round", vec![4]),
    ]
}

#[test]
fn a_rebuilt_state_is_the_lost_one_and_has_nothing_to_do() {
    run(async {
        let mut lab = Lab::new();
        lab.up(&specs()).await;
        // A replacement chose another name, and an older edition is kept.
        let mut changed = specs();
        changed[0].2 = "square";
        changed[3].2 = "square";
        lab.up(&changed).await;
        let lost = lab.state.clone();
        assert!(lost.records.iter().any(|each| each.standing == Standing::Retained));
        lab.lose_the_state(&changed).await;
        let plan = lab.plan(&changed).await;
        assert_eq!(plan.steps.iter().map(|step| step.address.to_string()).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(lab.state.outputs, lost.outputs);
        let told = |state: &State| -> Vec<_> {
            let each = state.records.iter();
            each.map(|each| (each.address.clone(), each.id.clone(), each.standing, each.inputs.clone())).collect()
        };
        assert_eq!(told(&lab.state), told(&lost));
    });
}

#[test]
fn what_is_declared_no_more_is_deleted_by_the_next_plan_and_users_go_before_what_they_use() {
    run(async {
        let mut lab = Lab::new();
        lab.up(&specs()).await;
        let fewer: Specs = vec![("named", 0, "round", vec![]), ("vault", 2, "round", vec![])];
        lab.lose_the_state(&fewer).await;
        let plan = lab.plan(&fewer).await;
        let mut deleted: Vec<_> = plan.steps.iter().map(|step| (step.action, step.address.to_string())).collect();
        deleted.sort();
        let gone = ["kind.n1/minted", "kind.n3/edition", "kind.n4/named", "kind.n6/named"];
        assert_eq!(deleted, gone.map(|address| (Action::Delete, address.to_owned())));
        // The cloud refuses to delete what is used: so the order is right when all of it goes.
        lab.up(&fewer).await;
        assert_eq!(lab.cloud.things().len(), 2);
    });
}

#[test]
fn what_is_another_stacks_is_never_recorded() {
    run(async {
        let mut lab = Lab::new();
        lab.up(&specs()).await;
        lab.cloud.by_hand(|things| {
            for thing in things.iter_mut() {
                thing.inputs["tags"]["deployer:env"] = json!("another");
            }
        });
        lab.lose_the_state(&specs()).await;
        let recorded: Vec<_> = lab.state.records.iter().map(|each| each.type_name.as_str()).collect();
        assert_eq!(recorded, [""; 0]);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_stack_survives_the_loss_of_its_state(
        types in prop::collection::vec(0..5_usize, 1..10),
        links in prop::collection::vec(prop::collection::vec(0..10_usize, 0..3), 10),
        kept in 0..10_usize,
    ) {
        let words = ["named", "minted", "vault", "edition", "say"];
        let every: Specs = types.iter().enumerate().map(|(at, of)| (words[*of], at, "round", links[at].clone())).collect();
        let kept: Specs = every[..kept.min(every.len())].to_vec();
        run(async {
            let mut lab = Lab::new();
            lab.up(&every).await;
            lab.lose_the_state(&every).await;
            assert!(lab.plan(&every).await.is_empty());
            lab.lose_the_state(&kept).await;
            let plan = lab.plan(&kept).await;
            assert!(plan.steps.iter().all(|step| step.action == Action::Delete), "{:?}", plan.steps);
            lab.up(&kept).await;
            let living = kept.iter().filter(|spec| spec.0 != "say").count();
            assert_eq!(lab.cloud.things().len(), living);
        });
    }
}
