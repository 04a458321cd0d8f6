//! `deployer schema`: what a stack file may say, as JSON Schema for editors and as Markdown for people.

use deployer_engine::schema::{kinds_reference, stack_schema};
use serde_json::json;

use crate::error::{Exit, Failure};
use crate::render::Reporter;

/// What stands before the kinds.
const ABOUT: &str = "\
# The kinds

What a stack file may declare: `[kind.name]`, and below it these keys. Every declaration may also have `was`, the former
name under which its objects are up, and `protect`, which refuses to replace or delete them. A value may be an expression:
`${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}`, `${stack.NAME.OUTPUT}`. `make schema` writes this
page from the code.
";

/// Runs the command.
pub fn run(md: bool, report: &Reporter) -> Result<Exit, Failure> {
    if md {
        let text = reference();
        report.result(text.trim_end(), &json!({ "type": "reference", "markdown": text }));
    } else {
        let kinds = deployer_aws::kinds::all();
        let schema = stack_schema(&kinds.schemas().collect::<Vec<_>>());
        report.result(&serde_json::to_string_pretty(&schema).unwrap_or_default(), &schema);
    }
    Ok(Exit::Done)
}

fn reference() -> String {
    let kinds = deployer_aws::kinds::all();
    format!("{ABOUT}{}", kinds_reference(&kinds.schemas().collect::<Vec<_>>()))
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

    #[test]
    fn the_reference_that_people_read_is_the_codes() {
        let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kinds.md")).unwrap();
        assert!(written == reference(), "`make schema` writes it anew");
        let kinds = deployer_aws::kinds::all();
        for (kind, schema) in kinds.schemas() {
            let keys = schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key);
            let (_, told) = written.split_once(&format!("## `{kind}`\n")).expect("every kind has its part");
            keys.for_each(|key| assert!(told.contains(&format!("- **`{key}`**")), "{kind}.{key}"));
        }
    }
}
