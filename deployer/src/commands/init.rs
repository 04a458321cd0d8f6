//! `deployer init`: makes the bucket that keeps an environment's state; in an empty folder, a first stack file.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use deployer_aws::{resources, state_bucket};
use deployer_engine::apply::{Event, apply};
use deployer_engine::graph::Graph;
use deployer_engine::journal::{Entry, Journal, JournalError};
use deployer_engine::plan::{Allow, Planned, plan};
use deployer_engine::refresh::refresh;
use deployer_engine::resolve::{Environment, StateBucket, environment, environment_name};
use deployer_engine::stack::StackFile;
use deployer_engine::state::State;
use futures::future::BoxFuture;

use crate::applying::{confirmed, ended, may_go_on};
use crate::arguments::Globals;
use crate::artifacts::ArtifactStore;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::cloud;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::starter;

/// Runs the command. A bucket that several stacks and environments name is made once.
pub async fn run(globals: &Globals, report: &Reporter, signals: &Signals) -> Result<Exit, Failure> {
    let project = match Project::find(&globals.directory) {
        Err(failure) if failure.is("no-project") => return starter::begin(&globals.directory, report),
        found => found?,
    };
    let files = match project.select(globals.stack.as_deref(), globals.stack.is_none()) {
        Err(failure) if failure.is("no-stack") => return starter::begin(&project.folder, report),
        found => found?,
    };
    let mut made = BTreeSet::new();
    for file in files {
        let environment = environment(&file, &environment_name(&file, globals.environment.as_deref())?)?;
        let Some(bucket) = environment.state.clone() else {
            report.say(&format!(
                "{} keeps the state of {} in this folder: below `[env.{}]`, `state = {{ bucket = \"…\" }}` names a bucket for it",
                file.name, environment.name, environment.name
            ));
            continue;
        };
        if made.insert((environment.account.clone(), bucket.bucket.clone())) {
            let exit = make(&project, &file, &environment, &bucket, globals, report, signals).await?;
            if exit != Exit::Done {
                return Ok(exit);
            }
        }
    }
    Ok(Exit::Done)
}

async fn make(
    project: &Project,
    file: &StackFile,
    environment: &Environment,
    bucket: &StateBucket,
    globals: &Globals,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let scope = state_bucket::scope(environment, bucket);
    let there = Environment { region: scope.region.clone(), ..environment.clone() };
    let artifacts = Arc::new(ArtifactStore::open(&project.folder)?);
    let cloud = cloud(project, &there, artifacts, globals, true, report).await?;
    let (registry, cx) = (Arc::new(resources::all()), cloud.context());
    let place = file.environments.iter().find(|(key, _)| key.name == environment.name);
    let location = file.source.locate(place.map(|(key, _)| key.span).unwrap_or_default());
    let wanted = state_bucket::wanted(environment, bucket, &location);
    // Nothing is recorded: the bucket is found by its name each time.
    let state = State::empty(scope, String::new());
    let world =
        refresh(&registry, &cx, &wanted.desired, &state).await.map_err(|errors| denied(bucket, errors.into()))?;
    let planned = plan(&registry, &wanted, &Graph::new(&wanted.desired)?, &state, &world, &Allow::default());
    let Planned::Plan(plan) = planned.map_err(|refused| foreign(bucket, refused.into()))? else {
        return Err(Failure::new(Exit::Other, "names", format!("{} cannot have another name", bucket.bucket)));
    };
    if plan.is_empty() {
        report.say(&format!("the bucket {} is as it should be", bucket.bucket));
        return Ok(Exit::Done);
    }
    report.plan(&plan, &|_| None);
    may_go_on(globals)?;
    if !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
        return Ok(Exit::Other);
    }
    let stop = signals.applying();
    let (mut journal, mut watch) = (Unwritten, |event: Event<'_>| report.event(&event));
    let run = apply(&registry, &cx, &plan, globals.parallelism, &mut journal, stop, &mut watch);
    let applied = run.await.map_err(|cut| Failure::new(Exit::Other, "journal", cut.error.to_string()))?;
    signals.applied();
    report.applied(&plan, &applied, started.elapsed());
    ended(&plan, &applied, signals)
}

/// A journal of what needs none: every step can be repeated, and finds what was done by its name.
struct Unwritten;

impl Journal for Unwritten {
    fn append<'a>(&'a mut self, _: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_dear(&self) -> bool {
        false
    }
}

fn denied(bucket: &StateBucket, failure: Failure) -> Failure {
    if failure.exit == Exit::Denied {
        return failure
            .hint(format!("another account may have a bucket {}: names are one for all accounts", bucket.bucket));
    }
    failure
}

fn foreign(bucket: &StateBucket, failure: Failure) -> Failure {
    failure.hint(format!(
        "{} was not made by `deployer init`: name another, or tag it `deployer:stack = deployer` and `deployer:env = state` if it may be set up for states",
        bucket.bucket
    ))
}
