//! Where the calls of an environment go and as whom, and where its state is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use deployer_aws::Artifacts;
use deployer_aws::client::{Cloud, Target};
use deployer_aws::objects::Bucket;
use deployer_engine::resolve::{Environment, Foreign, environment, environment_name, stack_dependencies};
use deployer_engine::resource::CloudError;
use deployer_engine::retry::Attempts;
use deployer_engine::stack::StackFile;
use deployer_engine::state::Scope;
use deployer_local::{LocalAws, Status};

use crate::arguments::Globals;
use crate::artifacts::ArtifactStore;
use crate::commands::local;
use crate::endpoint;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::store::StateStore;
use crate::store::bucket::BucketStore;
use crate::store::clock::SleepCounting;
use crate::store::disk::DiskStore;

/// Where calls go.
pub struct Reach {
    /// The target.
    pub target: Target,
    /// Whether it is the folder's own local AWS, which has one account and takes any key.
    pub own: bool,
}

/// Whose state an environment's is.
pub fn scope(environment: &Environment) -> Scope {
    Scope {
        stack: environment.stack.clone(),
        environment: environment.name.clone(),
        account: environment.account.clone(),
        region: environment.region.clone(),
    }
}

/// Where the calls of an environment go. The local AWS is started when `start` is set and it does not run,
/// unless `DEPLOYER_ENDPOINT` names another.
pub async fn reach(
    project: &Project,
    environment: &Environment,
    globals: &Globals,
    start: bool,
    report: &Reporter,
) -> Result<Reach, Failure> {
    let endpoint = endpoint::named(environment)?;
    let target = Target {
        region: environment.region.clone(),
        account: environment.account.clone(),
        profile: globals.profile.clone().filter(|_| !environment.local),
        credentials: environment.local.then(endpoint::local_credentials),
        as_aws: globals.as_aws,
        ..Target::default()
    };
    Ok(match local_aws(project, environment, endpoint.as_deref(), start, report).await? {
        Some(local) => {
            Reach { target: Target { endpoint: Some(local.endpoint), edge: Some(local.edge), ..target }, own: true }
        }
        None => Reach { target: Target { endpoint, ..target }, own: false },
    })
}

/// The cloud of an environment; `start` as for [`reach`]. On AWS the caller's account must be the declared one.
pub async fn cloud(
    project: &Project,
    environment: &Environment,
    artifacts: Arc<dyn Artifacts>,
    globals: &Globals,
    start: bool,
    report: &Reporter,
) -> Result<Arc<Cloud>, Failure> {
    if environment.local && globals.profile.is_some() {
        report.note("no profile is used: the local AWS takes any key");
    }
    let Reach { target, own } = reach(project, environment, globals, start, report).await?;
    let cloud = Arc::new(Cloud::open(target, artifacts).await);
    if own {
        return Ok(cloud);
    }
    let caller = caller(&cloud).await?;
    if caller != environment.account {
        let message = format!(
            "the credentials belong to account {caller}, and {} in {} is in {}",
            environment.stack, environment.name, environment.account
        );
        return Err(Failure::new(Exit::Denied, "wrong-account", message)
            .hint("choose other credentials (`--profile`), or another environment (`-e`)"));
    }
    Ok(cloud)
}

/// The account of the credentials. What passes is asked again.
async fn caller(cloud: &Arc<Cloud>) -> Result<String, CloudError> {
    let (cx, mut attempts) = (cloud.context(), Attempts::new(Duration::ZERO));
    loop {
        match cloud.caller_account().await {
            Ok(account) => return Ok(account),
            Err(error) => {
                let wait = attempts.next_wait(&error, "caller", cx.clock.now()).ok_or(error)?;
                cx.pause(wait).await?;
            }
        }
    }
}

/// The local AWS of the folder, when that is where the stack goes: another endpoint that a variable names goes
/// before it.
async fn local_aws(
    project: &Project,
    environment: &Environment,
    endpoint: Option<&str>,
    start: bool,
    report: &Reporter,
) -> Result<Option<LocalAws>, Failure> {
    let folder = &project.folder;
    if !environment.local {
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

/// Where an environment's state is kept. `start` as for [`reach`]; a folder needs no AWS.
pub async fn state_store(
    project: &Project,
    environment: &Environment,
    globals: &Globals,
    start: bool,
    report: &Reporter,
) -> Result<Arc<dyn StateStore>, Failure> {
    let scope = scope(environment);
    let Some(place) = &environment.state else { return Ok(Arc::new(DiskStore::new(&project.folder, scope))) };
    let target = reach(project, environment, globals, start, report).await?.target;
    let target = Target { region: place.region.clone().unwrap_or(target.region), ..target };
    // A cloud of its own: its calls go on when the lock that guards the stack's is lost.
    let cloud = Arc::new(Cloud::open(target, Arc::new(ArtifactStore::open(&project.folder)?)).await);
    let bucket = Arc::new(Bucket::new(cloud, place.bucket.clone()));
    Ok(Arc::new(BucketStore::new(bucket, Arc::new(SleepCounting), &place.bucket, &place.prefix, scope)))
}

/// What is known of the named values of other stacks.
#[derive(Default)]
pub struct Others {
    /// What each told last, by stack.
    told: BTreeMap<String, Result<BTreeMap<String, String>, String>>,
    /// Those that the command brings up before.
    not_yet: BTreeSet<String>,
}

impl Others {
    /// Nothing: nobody is asked, and every value of another stack is unknown.
    pub fn unread() -> Self {
        Self::default()
    }

    /// The same, but for stacks that the project does not have.
    pub fn unread_in(project: &Project, file: &StackFile) -> Result<Self, Failure> {
        let known: BTreeSet<String> = project.stacks()?.into_iter().map(|each| each.name).collect();
        let gone = stack_dependencies(file).into_iter().filter(|each| !known.contains(each));
        let told = gone.map(|each| (each.clone(), Err(no_such_stack(&each)))).collect();
        Ok(Self { told, not_yet: BTreeSet::new() })
    }

    /// What the stacks that a file refers to told last in the same environment. Those of `not_yet` are brought up
    /// before by the same command: what they have not told is not known yet.
    pub async fn read(
        project: &Project,
        file: &StackFile,
        globals: &Globals,
        not_yet: &[String],
        start: bool,
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let needed = stack_dependencies(file);
        if needed.is_empty() {
            return Ok(Self::default());
        }
        let chosen = environment_name(file, globals.environment.as_deref())?;
        let mut told = BTreeMap::new();
        for other in project.stacks()?.iter().filter(|other| needed.contains(&other.name)) {
            let found = match environment(other, &chosen) {
                Ok(place) => {
                    let store = state_store(project, &place, globals, start, report).await?;
                    Ok(store.load().await?.state.outputs)
                }
                Err(_) => Err(format!("{} has no environment `{chosen}` that can be read", other.name)),
            };
            told.insert(other.name.clone(), found);
        }
        for gone in needed {
            told.entry(gone.clone()).or_insert_with(|| Err(no_such_stack(&gone)));
        }
        Ok(Self { told, not_yet: not_yet.iter().cloned().collect() })
    }

    /// What is known of a value that `file` asks for.
    pub fn output(&self, file: &StackFile, environment: &str, stack: &str, output: &str) -> Foreign {
        let told = match self.told.get(stack) {
            None => return Foreign::NotYet,
            Some(Err(why)) => return Foreign::Missing(why.clone()),
            Some(Ok(told)) => told,
        };
        match told.get(output) {
            Some(value) => Foreign::Known(value.clone()),
            None if self.not_yet.contains(stack) => Foreign::NotYet,
            None if told.is_empty() => {
                Foreign::Missing(format!("{stack} is not up in {environment}: bring it up before {}", file.name))
            }
            None => Foreign::Missing(format!("{stack} tells {}", told.keys().cloned().collect::<Vec<_>>().join(", "))),
        }
    }
}

fn no_such_stack(name: &str) -> String {
    format!("the project has no stack `{}`", name.escape_debug())
}
