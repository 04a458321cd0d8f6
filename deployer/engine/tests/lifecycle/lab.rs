//! A cloud, a made-up stack, and what a deployer knows of both.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deployer_engine::address::Address;
use deployer_engine::apply::{Applied, Event, Stop, apply};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::graph::Graph;
use deployer_engine::journal::{Entry, fold};
use deployer_engine::kind::{Desired, Names, Wanted};
use deployer_engine::plan::{Allow, Planned, plan, recorded_names};
use deployer_engine::refresh::{Unread, refresh, refresh_for};
use deployer_engine::resource::{Cx, Registry};
use deployer_engine::state::{Standing, State};
use deployer_engine::step::Plan;
use deployer_engine::testing::{FakeCloud, MemoryJournal, context, registry, scope, tags, wanted_one};
use serde_json::json;
use tokio::sync::watch;

/// One resource of a made-up stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub type_name: &'static str,
    pub name: usize,
    /// The name of its former address.
    pub was: Option<usize>,
    pub size: Option<u32>,
    pub shape: Option<&'static str>,
    /// Earlier specs, by index.
    pub links: Vec<usize>,
}

impl Spec {
    pub fn new(type_name: &'static str, name: usize) -> Self {
        Self { type_name, name, was: None, size: Some(1), shape: Some("round"), links: Vec::new() }
    }

    pub fn to(self, links: &[usize]) -> Self {
        Self { links: links.to_vec(), ..self }
    }

    pub fn address(&self) -> Address {
        address(self.type_name, self.name)
    }
}

fn address(type_name: &str, name: usize) -> Address {
    format!("kind.n{name}/{type_name}").parse().unwrap()
}

/// What a stack wants.
pub fn wanted(specs: &[Spec], names: &Names) -> Wanted {
    let mut desired: BTreeMap<Address, Desired> = BTreeMap::new();
    for (at, spec) in specs.iter().enumerate() {
        let address = spec.address();
        let inputs = if spec.type_name == "say" {
            json!({ "text": format!("{}:{}", spec.name, spec.size.unwrap_or(0)) })
        } else {
            let links: Vec<_> = spec
                .links
                .iter()
                .filter(|link| **link < at)
                .map(|link| format!("${{{}#id}}", specs[*link].address()))
                .collect();
            let name = names.get(&address).cloned().unwrap_or_else(|| format!("n{}", spec.name));
            let mut inputs = json!({ "name": name, "links": links });
            if spec.type_name != "part" {
                inputs["tags"] = tags(&address.to_string());
            }
            spec.size.iter().for_each(|size| inputs["size"] = json!(size));
            spec.shape.iter().for_each(|shape| inputs["shape"] = json!(shape));
            inputs
        };
        desired.extend([wanted_one(&address.to_string(), spec.type_name, inputs)]);
    }
    Wanted { desired, ..Wanted::default() }
}

/// A stack with everything that the engine knows, and one that changes, replaces, renames, removes and adds.
pub fn before_and_after() -> [Vec<Spec>; 2] {
    let before = vec![
        Spec::new("named", 0),
        Spec::new("minted", 1).to(&[0]),
        Spec::new("vault", 2),
        Spec::new("edition", 3).to(&[1]),
        Spec::new("named", 4).to(&[1, 3]),
        Spec::new("say", 5),
        Spec::new("part", 6).to(&[0]),
        Spec::new("named", 7),
        Spec::new("minted", 8),
        Spec::new("named", 9).to(&[8]),
    ];
    let mut after = before.clone();
    after[0].shape = Some("square");
    after[1].size = Some(2);
    after[2].size = None;
    after[3].shape = Some("square");
    after[5].size = Some(2);
    after[7] = Spec { was: Some(7), ..Spec::new("named", 10) };
    after.truncate(8);
    after.push(Spec::new("minted", 11).to(&[0, 4]));
    [before, after]
}

/// Why there is no plan.
#[derive(Debug)]
pub enum Unplanned {
    /// The world could not be read.
    Unread(Vec<Unread>),
    /// It is refused.
    Refused(Vec<Diagnostic>),
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The plan was applied, more or less.
    Applied(Applied),
    /// There was no plan.
    Unplanned,
    /// The deployer was killed.
    Killed,
}

impl Ended {
    /// Whether everything is done.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Applied(applied) if applied.failed.is_empty() && applied.skipped.is_empty())
    }
}

/// A cloud, and what a deployer knows of it.
pub struct Lab {
    pub cloud: Arc<FakeCloud>,
    pub registry: Arc<Registry<FakeCloud>>,
    pub state: State,
    /// How long the deployer believes that the cloud hides what is new.
    pub hides_for: Duration,
}

impl Lab {
    pub fn new() -> Self {
        Self {
            cloud: Arc::default(),
            registry: registry(),
            state: State::empty(scope(), "lineage".into()),
            hides_for: Duration::ZERO,
        }
    }

    pub fn cx(&self) -> Cx<FakeCloud> {
        context(&self.cloud).hiding_for(self.hides_for)
    }

    pub async fn try_plan(&self, specs: &[Spec]) -> Result<Plan, Unplanned> {
        let allow = Allow { delete_data: true, ..Allow::default() };
        let moves: Vec<(Address, Address)> = specs
            .iter()
            .filter_map(|spec| Some((address(spec.type_name, spec.was?), spec.address())))
            .filter(|(from, _)| self.state.current(from).is_some())
            .collect();
        let mut state = self.state.clone();
        moves.iter().for_each(|(from, to)| state.rename(from, to));
        let mut names = recorded_names(&state);
        loop {
            let wanted = wanted(specs, &names);
            let graph = Graph::new(&wanted.desired).map_err(Unplanned::Refused)?;
            let world =
                refresh(&self.registry, &self.cx(), &wanted.desired, &state).await.map_err(Unplanned::Unread)?;
            match plan(&self.registry, &wanted, &graph, &state, &world, &allow).map_err(Unplanned::Refused)? {
                Planned::Plan(mut plan) => {
                    plan.notes.splice(0..0, moves.into_iter().map(|(from, to)| Entry::Moved { from, to }));
                    return Ok(*plan);
                }
                Planned::Rename(renamed) => names.extend(renamed),
            }
        }
    }

    pub async fn plan(&self, specs: &[Spec]) -> Result<Plan, Vec<Diagnostic>> {
        self.try_plan(specs).await.map_err(|unplanned| match unplanned {
            Unplanned::Refused(diagnostics) => diagnostics,
            Unplanned::Unread(errors) => panic!("{errors:?}"),
        })
    }

    /// Plans and applies. What is known afterwards is what the journal tells.
    pub async fn up(&mut self, specs: &[Spec]) -> Ended {
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = self.cx();
        let mut unwatched = |_: Event<'_>| {};
        let run = async {
            match self.try_plan(specs).await {
                Ok(plan) => {
                    let run = apply(&self.registry, &cx, &plan, 16, &mut journal, stop, &mut unwatched);
                    Ended::Applied(run.await.unwrap())
                }
                Err(_) => Ended::Unplanned,
            }
        };
        let ended = tokio::select! {
            ended = run => ended,
            () = self.cloud.died.notified() => Ended::Killed,
        };
        self.learn(journal);
        ended
    }

    /// Plans the end of what is wanted so, as `down` does, and applies it.
    pub async fn down(&mut self, specs: &[Spec]) -> Ended {
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = self.cx();
        let desired = wanted(specs, &recorded_names(&self.state)).desired;
        let world = refresh_for(&self.registry, &cx, &desired, &self.state, &|_| false).await.unwrap();
        let nothing = Wanted::default();
        let graph = Graph::new(&nothing.desired).unwrap();
        let allow = Allow { delete_data: true, ..Allow::default() };
        let planned = plan(&self.registry, &nothing, &graph, &self.state, &world, &allow).unwrap();
        let Planned::Plan(plan) = planned else { panic!("an end renames nothing") };
        let run = apply(&self.registry, &cx, &plan, 16, &mut journal, stop, &mut |_: Event<'_>| {}).await;
        self.learn(journal);
        Ended::Applied(run.unwrap())
    }

    /// The next run begins with what this one wrote down.
    pub fn learn(&mut self, journal: MemoryJournal) {
        self.state = fold(self.state.clone(), journal.entries);
        self.state.serial += 1;
    }

    pub async fn settled(&mut self, specs: &[Spec]) {
        let Ended::Applied(applied) = self.up(specs).await else { panic!("nothing kills this run") };
        assert_eq!(applied.failed.iter().map(|each| each.error.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(applied.skipped, []);
        self.explained(specs).await;
    }

    /// Nothing more to do, every living object has one record, every record a living object, and at no moment did
    /// anything use what was gone.
    pub async fn explained(&mut self, specs: &[Spec]) {
        let plan = self.plan(specs).await.unwrap();
        assert_eq!(
            plan.steps
                .iter()
                .map(|step| (step.address.to_string(), step.action, step.changes.clone()))
                .collect::<Vec<_>>(),
            []
        );
        let mut living: Vec<_> =
            self.cloud.things().into_iter().map(|thing| (thing.type_name.to_owned(), thing.id)).collect();
        let mut recorded: Vec<_> = self
            .state
            .records
            .iter()
            .filter(|each| each.type_name != "say")
            .map(|each| (each.type_name.clone(), each.id.clone()))
            .collect();
        living.sort();
        recorded.sort();
        assert_eq!(living, recorded);
        assert!(self.state.records.iter().all(|record| record.standing != Standing::Deposed));
        assert_eq!(self.cloud.broken(), Vec::<String>::new());
        let done = self.cloud.done();
        assert!(done.iter().all(|text| done.iter().filter(|each| *each == text).count() == 1), "{done:?}");
    }
}
