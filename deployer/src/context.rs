//! The wiring of a command: stack, state, clouds and artifacts are opened here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deployer_aws::{Cloud, kinds, resources};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Artifacts, Stack};
use deployer_engine::readable::unreadable;
use deployer_engine::resolve::{environment_name, resolve};
use deployer_engine::resource::Registry;
use deployer_engine::stack::StackFile;
use deployer_engine::state::{Scope, State};

use crate::arguments::Globals;
use crate::artifacts::{ArtifactStore, Requests};
use crate::error::{Exit, Failure};
use crate::leaks::{self, Allowed};
use crate::project::Project;
use crate::reach::{Others, cloud, scope, state_store};
use crate::render::Reporter;
use crate::store::{Loaded, StateStore};

/// One stack in one environment, opened for a command.
pub struct Context {
    /// The project's folder.
    pub project: Project,
    /// The stack, every declaration read and checked.
    pub stack: Stack,
    /// Whose state it is.
    pub scope: Scope,
    /// What it ships.
    pub artifacts: Arc<ArtifactStore>,
    /// What of it must be built.
    pub requests: Requests,
    /// Every resource type.
    pub registry: Arc<Registry<Cloud>>,
}

impl Context {
    /// Opens a stack file in the environment that the command names. Starts nothing, calls nobody.
    pub fn open(
        project: &Project,
        file: &StackFile,
        globals: &Globals,
        others: &Others,
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let environment = environment_name(file, globals.environment.as_deref())?;
        let leaks = leaks::in_stack(&file.source, &Allowed::read(&project.folder)?);
        if !leaks.is_empty() {
            return Err(leaks.into());
        }
        let foreign = |stack: &str, output: &str| others.output(file, &environment, stack, output);
        let resolved = resolve(file, &environment, &foreign)?;
        report.warnings(&resolved.warnings);
        let stack = Stack::read(resolved, &kinds::all())?;
        let scope = scope(&stack.environment);
        let requests =
            Requests { functions: kinds::function::build_requests(&stack), sites: kinds::site::site_builds(&stack) };
        Ok(Self {
            project: project.clone(),
            artifacts: Arc::new(ArtifactStore::open(&project.folder)?),
            registry: Arc::new(resources::all()),
            stack,
            scope,
            requests,
        })
    }

    /// Opens a stack file only to build: without other stacks' outputs, in its environment or, when
    /// none is named, in the one that is declared first.
    pub fn open_for_build(
        project: &Project,
        file: &StackFile,
        globals: &Globals,
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let first = file.environments.first().map(|(key, _)| key.name.clone());
        let globals = Globals { environment: globals.environment.clone().or(first), ..globals.clone() };
        Self::open(project, file, &globals, &Others::unread(), report)
    }

    /// The declarations that ship something that is built.
    pub fn shipping(&self) -> BTreeSet<DeclarationAddress> {
        let functions = self.requests.functions.iter().map(|each| each.address.clone());
        functions.chain(self.requests.sites.iter().map(|each| each.address.clone())).collect()
    }

    /// Artifacts as a build left them, the rest as the records shipped it.
    pub fn with_shipped(&self, mut built: Artifacts, state: &State) -> Artifacts {
        for (address, artifact) in built.iter_mut().filter(|(_, artifact)| artifact.built.is_none()) {
            artifact.built = shipped(state, address, &artifact.source_sha256);
        }
        built
    }

    /// The cloud of the stack's environment. The local AWS is started when `start` is set and it does
    /// not run, unless `DEPLOYER_ENDPOINT` names another; on AWS the caller's account must be the declared one.
    pub async fn cloud(&self, globals: &Globals, start: bool, report: &Reporter) -> Result<Arc<Cloud>, Failure> {
        cloud(&self.project, &self.stack.environment, Arc::clone(&self.artifacts) as _, globals, start, report).await
    }

    /// Where its state is kept; `start` as for [`Self::cloud`].
    pub async fn store(
        &self,
        globals: &Globals,
        start: bool,
        report: &Reporter,
    ) -> Result<Arc<dyn StateStore>, Failure> {
        state_store(&self.project, &self.stack.environment, globals, start, report).await
    }

    /// The state with what an interrupted run left behind. Takes no lock.
    pub async fn load(&self, globals: &Globals, report: &Reporter) -> Result<Loaded, Failure> {
        self.checked(self.store(globals, false, report).await?.load().await?, report)
    }

    /// A state that this deployer can work on. What a person should know is told.
    pub fn checked(&self, loaded: Loaded, report: &Reporter) -> Result<Loaded, Failure> {
        loaded.notice.iter().for_each(|notice| report.note(notice));
        let faults = unreadable(&loaded.state, &self.registry);
        if faults.is_empty() { Ok(loaded) } else { Err(Failure { exit: Exit::Other, diagnostics: faults }) }
    }

    /// What is known of the artifacts without building: from the cache, else from what the records
    /// shipped; and which of them are not in the cache.
    pub fn known_artifacts(&self, state: &State) -> Result<(Artifacts, BTreeSet<DeclarationAddress>), Failure> {
        let mut known = self.artifacts.inspect(&self.requests)?;
        let mut missing = BTreeSet::new();
        for (address, artifact) in known.iter_mut().filter(|(_, artifact)| artifact.built.is_none()) {
            artifact.built = shipped(state, address, &artifact.source_sha256);
            missing.insert(address.clone());
        }
        Ok((known, missing))
    }
}

/// The digest of what a record shipped from the same source.
fn shipped(state: &State, address: &DeclarationAddress, source_sha256: &str) -> Option<String> {
    let records = state.records.iter().filter(|record| record.address.declaration() == address);
    let sources = records.filter_map(|record| deployer_aws::shipped(&record.type_name, &record.inputs));
    sources.filter(|(source, _)| source == source_sha256).map(|(_, built)| built).next()
}

/// Names by which a stack's declared things are protected, for deletions.
pub fn protected(stack: &Stack) -> BTreeSet<DeclarationAddress> {
    stack
        .addresses()
        .filter(|address| stack.declared(address).is_some_and(|each| each.protect == Some(true)))
        .cloned()
        .collect()
}

/// Renames that the stack file asks for: former resource addresses to present ones.
pub fn moves(
    stack: &Stack,
    state: &State,
) -> BTreeMap<deployer_engine::address::Address, deployer_engine::address::Address> {
    let former = stack.addresses().filter_map(|address| {
        let was = stack.declared(address)?.was.clone()?;
        Some((DeclarationAddress::new(address.kind(), &was).ok()?, address))
    });
    let moved = former.flat_map(|(old, new)| {
        let records = state.records.iter().filter(move |record| *record.address.declaration() == old);
        records.map(move |record| (record.address.clone(), new.part(record.address.part())))
    });
    moved.filter(|(_, new)| !state.records.iter().any(|record| record.address == *new)).collect()
}
