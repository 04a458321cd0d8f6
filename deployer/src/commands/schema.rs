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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_editors_read_is_the_codes() {
        let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/stack.json")).unwrap();
        let written: serde_json::Value = serde_json::from_str(&written).unwrap();
        let kinds = deployer_aws::kinds::all();
        assert!(written == stack_schema(&kinds.schemas().collect::<Vec<_>>()), "`make schema` writes it anew");
    }
}
