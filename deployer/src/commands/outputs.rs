//! `deployer outputs`: a stack's named values as they were told last.

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command. It asks nobody but the state.
pub async fn run(
    project: &Project,
    globals: &Globals,
    all: bool,
    name: Option<&str>,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let files = project.select(globals.stack.as_deref(), all)?;
    for file in &files {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        let outputs = context.load(globals, report).await?.state.outputs;
        match name {
            None => report.outputs(&outputs),
            Some(name) => {
                let known = outputs.keys().cloned().collect::<Vec<_>>().join(", ");
                let value = outputs.get(name).ok_or_else(|| {
                    Failure::usage(format!("{} tells no `{name}`", file.name)).hint(if known.is_empty() {
                        "it is not up: `deployer up`".to_owned()
                    } else {
                        format!("it tells {known}")
                    })
                })?;
                report.result(value, &serde_json::json!({ "type": "output", "name": name, "value": value }));
            }
        }
    }
    Ok(Exit::Done)
}
