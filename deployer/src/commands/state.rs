//! `deployer state`: what is recorded. State is a cache: names and tags are the truth.

use std::path::Path;

use deployer_engine::state::Record;
use deployer_local::private;
use serde_json::json;

use super::rebuild;
use crate::arguments::{Globals, StateCommand};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::signals::Signals;

/// Runs the command. But for `rebuild` it asks nobody but the state.
pub async fn run(
    project: &Project,
    globals: &Globals,
    command: &StateCommand,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    match command {
        StateCommand::List => {
            tell(project, globals, report, &|_| true, &line).await?;
        }
        StateCommand::Show { address } => {
            let is_meant = |each: &Record| {
                each.address.to_string() == *address || each.address.declaration().to_string() == *address
            };
            if tell(project, globals, report, &is_meant, &whole).await? == 0 {
                return Err(Failure::usage(format!("nothing is recorded at `{}`", address.escape_debug()))
                    .hint("`deployer state list` shows what is"));
            }
        }
        StateCommand::Export { out } => export(project, globals, out.as_deref(), report).await?,
        StateCommand::Rebuild { all } => return rebuild::run(project, globals, *all, report, signals).await,
    }
    Ok(Exit::Done)
}

/// A record in a line.
pub fn line(record: &Record) -> String {
    format!("{}  {}  {}", record.address, record.type_name, record.id)
}

fn whole(record: &Record) -> String {
    serde_json::to_string_pretty(record).unwrap_or_default()
}

/// Tells the records that are meant, and how many these are.
async fn tell(
    project: &Project,
    globals: &Globals,
    report: &Reporter,
    is_meant: &dyn Fn(&Record) -> bool,
    shown: &dyn Fn(&Record) -> String,
) -> Result<usize, Failure> {
    let mut told = 0;
    for file in &project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        let loaded = context.store(globals, false, report).await?.load().await?;
        loaded.notice.iter().for_each(|notice| report.note(notice));
        for record in loaded.state.records.iter().filter(|each| is_meant(each)) {
            let line = json!({ "type": "record", "stack": context.scope.stack, "record": record });
            report.result(&crate::render::plain(&shown(record)), &line);
            told += 1;
        }
    }
    Ok(told)
}

/// Writes one stack's state, what an interrupted run left behind folded in.
async fn export(project: &Project, globals: &Globals, out: Option<&Path>, report: &Reporter) -> Result<(), Failure> {
    for file in &project.select(globals.stack.as_deref(), false)? {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        let loaded = context.store(globals, false, report).await?.load().await?;
        loaded.notice.iter().for_each(|notice| report.note(notice));
        let text = serde_json::to_string_pretty(&loaded.state).unwrap_or_default();
        match out {
            Some(path) => {
                private::write(path, format!("{text}\n").as_bytes()).map_err(|error| Failure::file(path, &error))?;
            }
            None => report.result(&text, &json!({ "type": "state", "state": loaded.state })),
        }
    }
    Ok(())
}
