//! The wiring of a command: stack, state, clouds and artifacts are opened here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deployer_aws::client::{Cloud, Target};
use deployer_aws::{kinds, resources};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Artifacts, Stack};
use deployer_engine::resolve::{Foreign, environment_name, resolve, stack_dependencies};
use deployer_engine::resource::Registry;
use deployer_engine::stack::StackFile;
use deployer_engine::state::{Scope, State};
use deployer_local::{LocalAws, Status};

use crate::arguments::Globals;
use crate::artifacts::{ArtifactStore, Requests};
use crate::commands::local;
use crate::endpoint;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::store::disk::{DiskStore, Loaded};

/// One stack in one environment, opened for a command.
pub struct Context {
    /// The project's folder.
    pub project: Project,
    /// The stack, every declaration read and checked.
    pub stack: Stack,
    /// Whose state it is.
    pub scope: Scope,
    /// Where its state is kept.
    pub store: DiskStore,
    /// What it ships.
    pub artifacts: Arc<ArtifactStore>,
    /// What of it must be built.
    pub requests: Requests,
    /// Every resource type.
    pub registry: Arc<Registry<Cloud>>,
}

impl Context {
    /// Opens a stack file in the environment that the command names. Starts nothing, calls nobody.
    ///
    /// `not_yet` names the stacks that this command brings up before: their outputs may still be unknown.
    pub fn open(
        project: &Project,
        file: &StackFile,
        globals: &Globals,
        not_yet: &[String],
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let environment = environment_name(file, globals.environment.as_deref())?;
        let foreign = |stack: &str, output: &str| foreign_output(project, file, &environment, stack, output, not_yet);
        let resolved = resolve(file, &environment, &foreign)?;
        report.warnings(&resolved.warnings);
        let stack = Stack::read(resolved, &kinds::all())?;
        let chosen = &stack.environment;
        let scope = Scope {
            stack: chosen.stack.clone(),
            environment: chosen.name.clone(),
            account: chosen.account.clone(),
            region: chosen.region.clone(),
        };
        let requests =
            Requests { functions: kinds::function::build_requests(&stack), sites: kinds::site::site_builds(&stack) };
        Ok(Self {
            project: project.clone(),
            store: DiskStore::new(&project.folder, scope.clone()),
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
        let every: Vec<String> = stack_dependencies(file).into_iter().collect();
        Self::open(project, file, &globals, &every, report)
    }

    /// The declarations that ship something that is built.
    pub fn shipping(&self) -> BTreeSet<DeclarationAddress> {
        let functions = self.requests.functions.iter().map(|each| each.address.clone());
        functions.chain(self.requests.sites.iter().map(|each| each.address.clone())).collect()
    }

    /// Artifacts as a build left them, the rest as the records shipped it.
    pub fn with_shipped(&self, mut built: Artifacts) -> Result<Artifacts, Failure> {
        let state = self.store.load()?.state;
        for (address, artifact) in built.iter_mut().filter(|(_, artifact)| artifact.built.is_none()) {
            artifact.built = shipped(&state, address, &artifact.source_sha256);
        }
        Ok(built)
    }

    /// The cloud of the stack's environment. The local AWS is started when `start` is set and it does
    /// not run, unless `DEPLOYER_ENDPOINT` names another; on AWS the caller's account must be the declared one.
    pub async fn cloud(&self, globals: &Globals, start: bool, report: &Reporter) -> Result<Arc<Cloud>, Failure> {
        let environment = &self.stack.environment;
        let endpoint = endpoint::named(environment)?;
        let target = Target {
            region: self.scope.region.clone(),
            account: self.scope.account.clone(),
            profile: globals.profile.clone().filter(|_| !environment.local),
            credentials: environment.local.then(endpoint::local_credentials),
            as_aws: globals.as_aws,
            ..Target::default()
        };
        if environment.local && globals.profile.is_some() {
            report.note("no profile is used: the local AWS takes any key");
        }
        let artifacts: Arc<dyn deployer_aws::Artifacts> = Arc::clone(&self.artifacts) as _;
        if let Some(local) = self.local_aws(endpoint.as_deref(), start, report).await? {
            let target = Target { endpoint: Some(local.endpoint), edge: Some(local.edge), ..target };
            return Ok(Arc::new(Cloud::open(target, artifacts).await));
        }
        let target = Target { endpoint, ..target };
        let cloud = Arc::new(Cloud::open(target, artifacts).await);
        let caller = cloud.caller_account().await?;
        if caller != self.scope.account {
            let message = format!(
                "the credentials belong to account {caller}, and {} in {} is in {}",
                self.scope.stack, self.scope.environment, self.scope.account
            );
            return Err(Failure::new(Exit::Denied, "wrong-account", message)
                .hint("choose other credentials (`--profile`), or another environment (`-e`)"));
        }
        Ok(cloud)
    }

    /// The local AWS of the folder, when that is where the stack goes: another endpoint that a variable
    /// names goes before it.
    async fn local_aws(
        &self,
        endpoint: Option<&str>,
        start: bool,
        report: &Reporter,
    ) -> Result<Option<LocalAws>, Failure> {
        let folder = &self.project.folder;
        if !self.stack.environment.local {
            return Ok(None);
        }
        if start && endpoint.is_none() {
            return local::up(folder, report).await.map(Some);
        }
        match deployer_local::status(folder).await.map_err(local::failure)? {
            Status::Running(local) if endpoint.is_none_or(|named| named == local.endpoint) => Ok(Some(local)),
            _ if endpoint.is_some() => Ok(None),
            Status::Running(_) | Status::NotAnswering { .. } | Status::Stopped => {
                Err(Failure::new(Exit::Other, "no-local-aws", "the local AWS does not run")
                    .hint("`deployer local up` starts it, and so does `deployer up`"))
            }
        }
    }

    /// The state with what an interrupted run left in the journal. What a person should know is told.
    pub fn load(&self, report: &Reporter) -> Result<Loaded, Failure> {
        let loaded = self.store.load()?;
        loaded.notice.iter().for_each(|notice| report.note(notice));
        let types = loaded.state.records.iter().map(|each| &each.type_name);
        let types = types.chain(loaded.state.intents.iter().map(|each| &each.type_name));
        match types.into_iter().find(|each| self.registry.get(each).is_none()) {
            None => Ok(loaded),
            Some(unknown) => Err(Failure::new(
                Exit::Other,
                "bad-state",
                format!("the state tells of a `{}`, which this deployer does not know", unknown.escape_debug()),
            )
            .hint("a newer deployer wrote it: use that one; nothing was changed")),
        }
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

/// What another stack told the last time it was brought up in the same environment.
fn foreign_output(
    project: &Project,
    file: &StackFile,
    environment: &str,
    stack: &str,
    output: &str,
    not_yet: &[String],
) -> Foreign {
    let found = DiskStore::outputs_at(&project.folder, stack, environment);
    match found.get(output) {
        Some(value) => Foreign::Known(value.clone()),
        None if not_yet.iter().any(|each| each == stack) => Foreign::NotYet,
        None if found.is_empty() => {
            Foreign::Missing(format!("{stack} is not up in {environment}: bring it up before {}", file.name))
        }
        None => Foreign::Missing(format!("{stack} tells {}", found.keys().cloned().collect::<Vec<_>>().join(", "))),
    }
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
