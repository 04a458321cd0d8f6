//! `deployer plan`: what `up` would do. It takes no lock, starts no process and changes nothing.

use std::path::Path;
use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_engine::step::Step;

use super::build::{build, describe};
use crate::arguments::{Globals, Selection};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::plan_file::PlanFile;
use crate::planning::{Prepared, known_addresses, prepare};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// What the command line says beside the globals.
pub struct Options<'a> {
    /// Which steps are meant.
    pub selection: &'a Selection,
    /// Exit with 2 when there are changes.
    pub detailed_exitcode: bool,
    /// Build first.
    pub build: bool,
    /// Plan also what would delete data.
    pub delete_data: bool,
    /// Where the plans are written as Markdown, too.
    pub md: Option<&'a Path>,
    /// Where the plan is kept, to be done later by `up`.
    pub out: Option<&'a Path>,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let mut changes = false;
    let (mut before, mut markdown) = (Vec::new(), Vec::new());
    let files = project.select(globals.stack.as_deref(), options.selection.all)?;
    let Selection { target, exclude, .. } = options.selection;
    known_addresses(project, &files, globals, target.iter().chain(exclude), false, report).await?;
    for file in files {
        let others = Others::read(project, &file, globals, &before, false, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
        before.push(file.name.clone());
        let cloud = context.cloud(globals, false, report).await?;
        let prepared = planned(&context, &cloud, globals, options, report).await?;
        let plan = prepared.plan.select(target, exclude);
        let describe = |step: &Step| describe(&context, step);
        report.plan(&plan, &describe);
        markdown.push(report.plan_markdown(&plan, &describe));
        changes |= !plan.is_empty();
        if let Some(path) = options.out {
            PlanFile::new(&plan, &file.source.text, options.selection, options.delete_data).write(path)?;
        }
    }
    if let Some(path) = options.md {
        std::fs::write(path, markdown.join("\n")).map_err(|error| Failure::file(path, &error))?;
    }
    Ok(if changes && options.detailed_exitcode { Exit::Differences } else { Exit::Done })
}

async fn planned(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
) -> Result<Prepared, Failure> {
    let loaded = context.load(globals, report).await?;
    let built = match options.build {
        true => Some(context.with_shipped(build(context, None, report).await?, &loaded.state)),
        false => None,
    };
    prepare(context, cloud, loaded.state, built, options.delete_data, report).await
}
