//! `deployer up`: makes the world as the stack files say.

use std::path::Path;
use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_engine::resource::Spread;
use deployer_engine::spread::spread;
use deployer_engine::stack::StackFile;
use deployer_engine::state::Scope;

use crate::applying::{ended, may_go_on};
use crate::arguments::{Globals, Selection, Wait};
use crate::bringing_up::{Brought, Wish, bring_up};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::plan_file::PlanFile;
use crate::planning::known_addresses;
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::signals::Signals;

/// What the command line says beside the globals.
pub struct Options<'a> {
    /// Which steps are meant.
    pub selection: &'a Selection,
    /// Whether data may be lost.
    pub delete_data: bool,
    /// What to wait for in the end.
    pub wait: Wait,
    /// A plan that was looked at; absent: what is planned now.
    pub plan: Option<&'a Path>,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    if let Some(path) = options.plan {
        let plan = PlanFile::read(path)?;
        return Box::pin(looked_at(project, globals, &plan, options.wait, report, signals)).await;
    }
    may_go_on(globals)?;
    let selection = options.selection;
    let files = project.select(globals.stack.as_deref(), selection.all)?;
    let words = selection.target.iter().chain(&selection.exclude);
    known_addresses(project, &files, globals, words, true, report).await?;
    let wish = Wish { selection, delete_data: options.delete_data, wait: options.wait, looked_at: None };
    for file in files {
        let exit = Box::pin(up(project, &file, globals, &wish, report, signals)).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Does a plan that was looked at, of the stack and environment that it was made for.
async fn looked_at(
    project: &Project,
    globals: &Globals,
    plan: &PlanFile,
    wait: Wait,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let Scope { stack, environment, .. } = plan.scope.clone();
    let globals = Globals { stack: Some(stack), environment: Some(environment), ..globals.clone() };
    let selection = plan.selection();
    let [file] = project.select(globals.stack.as_deref(), false)?.try_into().expect("one stack has the name");
    let looked_at = Some((plan, &*file.source.text));
    let wish = Wish { selection: &selection, delete_data: plan.delete_data, wait, looked_at };
    Box::pin(up(project, &file, &globals, &wish, report, signals)).await
}

async fn up(
    project: &Project,
    file: &StackFile,
    globals: &Globals,
    wish: &Wish<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let others = Others::read(project, file, globals, &[], true, report).await?;
    let context = Context::open(project, file, globals, &others, report)?;
    let cloud = context.cloud(globals, true, report).await?;
    let brought = Box::pin(bring_up(&context, &cloud, globals, wish, report, signals)).await?;
    let Some(Brought { plan, applied, told }) = brought else { return Ok(Exit::Other) };
    if applied.failed.is_empty() && !applied.stopped {
        if wish.wait == Wait::Edge {
            edges_follow(&context, &cloud, globals, report).await?;
        }
        report.outputs(&told);
    }
    ended(&plan, &applied, signals)
}

/// Waits until every edge serves what this run, or one before it, has changed.
async fn edges_follow(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    report: &Reporter,
) -> Result<(), Failure> {
    let state = context.load(globals, report).await?.state;
    for record in &state.records {
        if context.registry.facts(&record.type_name).spread == Spread::Slowly {
            report.note(&format!("{}: waiting for every edge to follow", record.address));
            spread(&context.registry, &cloud.context(), &record.type_name, &record.live()).await?;
        }
    }
    Ok(())
}
