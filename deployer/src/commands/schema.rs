//! `deployer schema`: the JSON Schema of stack files, for editors.

use deployer_engine::schema::stack_schema;

use crate::error::{Exit, Failure};
use crate::render::Reporter;

/// Runs the command.
pub fn run(report: &Reporter) -> Result<Exit, Failure> {
    let kinds = deployer_aws::kinds::all();
    let schema = stack_schema(&kinds.schemas().collect::<Vec<_>>());
    report.result(&serde_json::to_string_pretty(&schema).unwrap_or_default(), &schema);
    Ok(Exit::Done)
}
