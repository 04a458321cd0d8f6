//! `deployer down`: deletes what the stack made.

use std::time::Instant;

use deployer_engine::stack::StackFile;

use crate::applying::{Applying, applied, confirmed, ended, locked, may_go_on};
use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::planning::{known_addresses, prepare_end};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// What the command line says beside the globals.
pub struct Options<'a> {
    /// Every stack.
    pub all: bool,
    /// Declarations that stay.
    pub keep: &'a [String],
    /// Whether data may be lost.
    pub delete_data: bool,
}

/// Runs the command: stacks that others need go last.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    may_go_on(globals)?;
    let files = project.select(globals.stack.as_deref(), options.all)?;
    known_addresses(project, &files, globals, options.keep, true, report).await?;
    for file in files.iter().rev() {
        let exit = down(project, file, globals, options, report, signals).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

async fn down(
    project: &Project,
    file: &StackFile,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    // What ends needs nobody's values.
    let context = Context::open(project, file, globals, &Others::unread(), report)?;
    let cloud = context.cloud(globals, true, report).await?;
    let work = async |writer: &mut dyn Writer| {
        let state = writer.state().clone();
        let prepared = prepare_end(&context, &cloud, state, options.keep, options.delete_data).await?;
        report.plan(&prepared.plan, &|_| None);
        if !prepared.plan.is_empty() {
            let question = format!("This cannot be undone. Type the stack's name ({}) to go on:", context.scope.stack);
            if !confirmed(globals, report, &question, &[&context.scope.stack]).await? {
                return Ok(None);
            }
        }
        let how = Applying { verb: "down", globals, report, signals };
        let (applied, _) = applied(&context, &cloud, &how, &prepared, writer).await?;
        Ok(Some((prepared.plan, applied)))
    };
    let Some((plan, applied)) = locked(&context, globals, "down", report, signals, work).await? else {
        return Ok(Exit::Other);
    };
    if !plan.is_empty() {
        report.applied(&plan, &applied, started.elapsed());
    }
    ended(&plan, &applied, signals)
}
