//! `deployer state`: what is recorded. State is a cache: names and tags are the truth.

use serde_json::json;

use crate::arguments::{Globals, StateCommand};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command. It asks nobody but the state.
pub async fn run(
    project: &Project,
    globals: &Globals,
    command: &StateCommand,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let files = project.select(globals.stack.as_deref(), globals.stack.is_none())?;
    let mut shown = false;
    for file in &files {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        let state = context.load(globals, report).await?.state;
        for record in &state.records {
            let line = json!({ "type": "record", "stack": context.scope.stack, "record": record });
            match command {
                StateCommand::List => {
                    report.result(&format!("{}  {}  {}", record.address, record.type_name, record.id), &line);
                }
                StateCommand::Show { address }
                    if record.address.to_string() == *address
                        || record.address.declaration().to_string() == *address =>
                {
                    report.result(&serde_json::to_string_pretty(record).unwrap_or_default(), &line);
                }
                StateCommand::Show { .. } => continue,
            }
            shown = true;
        }
    }
    match command {
        StateCommand::Show { address } if !shown => {
            Err(Failure::usage(format!("nothing is recorded at `{}`", address.escape_debug()))
                .hint("`deployer state list` shows what is"))
        }
        _ => Ok(Exit::Done),
    }
}
