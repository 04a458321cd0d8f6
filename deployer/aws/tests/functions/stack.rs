//! A stack of functions, planned and applied by the engine.

use std::sync::Arc;

use deployer_aws::{Cloud, kinds, resources};
use deployer_engine::apply::{Event, Stop, apply};
use deployer_engine::diagnostic::Source;
use deployer_engine::graph::Graph;
use deployer_engine::journal::fold;
use deployer_engine::kind::{Artifact, Artifacts, Stack, Wanted, expand};
use deployer_engine::plan::{Allow, Planned, plan, recorded_names};
use deployer_engine::refresh::refresh;
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::resource::{Cx, Registry};
use deployer_engine::state::{Scope, State};
use deployer_engine::step::Plan;
use deployer_engine::testing::MemoryJournal;
use deployer_testbed::{Emulator, Wire};
use tokio::sync::watch;

use crate::world::{ACCOUNT, REGION, Shipped, open, zip_of, zip_sha256};

/// A stack in the local AWS, and what the deployer knows of it.
pub struct Deployed {
    pub wire: Wire,
    pub cloud: Arc<Cloud>,
    pub state: State,
    /// The declarations below its header.
    pub declarations: String,
    registry: Arc<Registry<Cloud>>,
    shipped: Arc<Shipped>,
    artifacts: Artifacts,
    _emulator: Emulator,
}

impl Deployed {
    pub async fn start(declarations: &str) -> Self {
        let emulator = Emulator::start().await;
        let wire = Wire::start(&emulator.endpoint);
        let shipped = Arc::new(Shipped::default());
        let cloud = Arc::new(open(&wire.endpoint, Arc::<Shipped>::clone(&shipped)).await);
        let scope =
            Scope { stack: "crew".into(), environment: "local".into(), account: ACCOUNT.into(), region: REGION.into() };
        let state = State::empty(scope, "lineage".into());
        let (registry, artifacts) = (Arc::new(resources::all()), Artifacts::new());
        Self {
            wire,
            cloud,
            state,
            declarations: declarations.to_owned(),
            registry,
            shipped,
            artifacts,
            _emulator: emulator,
        }
    }

    /// Builds a function of these sources.
    pub fn build(&mut self, name: &str, bootstrap: &str) {
        self.build_from(name, &format!("source of {} bytes", bootstrap.len()), bootstrap);
    }

    /// Builds a function, whose sources are told by a word.
    pub fn build_from(&mut self, name: &str, sources: &str, bootstrap: &str) {
        let zip = zip_of(bootstrap);
        self.shipped.ship(zip.clone());
        let artifact = Artifact { source_sha256: sources.to_owned(), built: Some(zip_sha256(&zip)) };
        self.artifacts.insert(format!("function.{name}").parse().expect("an address"), artifact);
    }

    fn wanted(&self) -> Wanted {
        let text = format!(
            "stack = {{ name = \"crew\", region = \"{REGION}\" }}\n[env.local]\nendpoint = \"local\"\n{}",
            self.declarations
        );
        let file = deployer_engine::stack::parse(Source::new("stack.toml", &text)).expect("a stack");
        let resolved = resolve(&file, "local", &|_, _| Foreign::Missing(String::new())).expect("an environment");
        let stack = Stack::read(resolved, &kinds::all()).expect("known kinds");
        expand(&stack, &self.artifacts, &recorded_names(&self.state)).expect("no fault")
    }

    async fn plan_of(&self, wanted: &Wanted) -> Plan {
        let graph = Graph::new(&wanted.desired).expect("no cycle");
        let cx = Cx::new(Arc::clone(&self.cloud));
        let world = refresh(&self.registry, &cx, &wanted.desired, &self.state).await.expect("everything can be read");
        let allow = Allow { delete_data: true, ..Allow::default() };
        match plan(&self.registry, wanted, &graph, &self.state, &world, &allow).expect("a plan") {
            Planned::Plan(plan) => *plan,
            Planned::Rename(names) => panic!("no name is taken: {names:?}"),
        }
    }

    /// The steps that a run would do.
    pub async fn plan(&self) -> Vec<String> {
        performed(&self.plan_of(&self.wanted()).await)
    }

    /// Plans and applies, and tells the steps.
    pub async fn up(&mut self) -> Vec<String> {
        let plan = self.plan_of(&self.wanted()).await;
        self.apply(&plan).await;
        performed(&plan)
    }

    /// Deletes everything.
    pub async fn down(&mut self) {
        let plan = self.plan_of(&Wanted::default()).await;
        self.apply(&plan).await;
    }

    async fn apply(&mut self, plan: &Plan) {
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = Cx::new(Arc::clone(&self.cloud));
        let mut unwatched = |_: Event<'_>| {};
        let applied =
            apply(&self.registry, &cx, plan, 16, &mut journal, stop, &mut unwatched).await.expect("a journal");
        let failed: Vec<_> = applied.failed.iter().map(|each| each.error.to_string()).collect();
        assert_eq!(failed, Vec::<String>::new());
        self.state = fold(self.state.clone(), journal.entries);
        self.state.serial += 1;
    }

    /// The operations over the wire since it was cleared, in the order of their answers.
    pub fn changed(&self) -> Vec<String> {
        self.wire.mutating_calls()
    }

    /// The version that callers of a function reach.
    pub async fn live(&self, function: &str) -> String {
        let alias = self.cloud.lambda().get_alias().function_name(function).name("live").send().await;
        alias.expect("an alias").function_version.unwrap_or_default()
    }
}

fn performed(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{:?} {}", step.action, step.address).to_lowercase()).collect()
}
