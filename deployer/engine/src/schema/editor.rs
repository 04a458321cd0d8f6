//! The JSON Schema of a whole stack file: editors complete and check with it.

use serde_json::{Map, Value, json};

use super::words::{follow, types};
use crate::stack::MAX_NAME_LENGTH;

/// The schema that stands for a value given as an expression.
const EXPRESSION: &str = "#/$defs/expression";

/// The JSON Schema of a stack file with these kinds: word and schema of each.
///
/// Beside a kind's own keys there are `was` and `protect`; a value that is no text may be an expression.
pub fn stack_schema(kinds: &[(&str, &Value)]) -> Value {
    let mut definitions = Map::new();
    definitions.insert("expression".to_owned(), json!({ "type": "string", "pattern": "\\$\\{[^}]+\\}", "description": "A value of the environment or of another declaration, such as `${env.x}`." }));
    let mut properties = Map::new();
    properties.insert("stack".to_owned(), header());
    properties.insert("env".to_owned(), environments());
    properties.insert("output".to_owned(), json!({ "type": "object", "description": "Named values that `deployer outputs` tells and other stacks refer to.", "additionalProperties": { "type": "string" } }));
    for (kind, schema) in kinds {
        for (name, each) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            definitions.insert(format!("{kind}.{name}"), rewritten(kind, schema, each));
        }
        let mut declaration = rewritten(kind, schema, schema);
        add_common_keys(&mut declaration);
        let mut section = json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9_-]*$" },
            "additionalProperties": { "$ref": format!("#/$defs/{kind}") },
        });
        if let Some(description) = schema.get("description") {
            section["description"] = description.clone();
        }
        definitions.insert((*kind).to_owned(), declaration);
        properties.insert((*kind).to_owned(), section);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file",
        "type": "object",
        "properties": properties,
        "required": ["stack"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn name_pattern() -> String {
    format!("^[a-z][a-z0-9-]{{0,{}}}$", MAX_NAME_LENGTH - 1)
}

fn header() -> Value {
    json!({
        "type": "object",
        "description": "Which stack this is.",
        "properties": {
            "name": { "type": "string", "pattern": name_pattern(), "description": "The name of the stack: names on AWS begin with it." },
            "region": { "type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$", "description": "The AWS region, where no environment says otherwise." },
            "tags": { "type": "object", "additionalProperties": { "type": "string", "maxLength": 256 }, "description": "Tags for every object of the stack." },
        },
        "required": ["name", "region"],
        "additionalProperties": false,
    })
}

fn environments() -> Value {
    let scalar = json!({ "type": ["string", "integer", "boolean"] });
    json!({
        "type": "object",
        "description": "The environments that the stack lives in.",
        "propertyNames": { "pattern": name_pattern() },
        "additionalProperties": {
            "type": "object",
            "properties": {
                "endpoint": { "const": "local", "description": "The emulator of this machine: no account, no cost." },
                "account": { "type": "string", "pattern": "^[0-9]{12}$", "description": "The 12 digits of the AWS account." },
                "region": { "type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$", "description": "The AWS region, when it is not the stack's." },
                "protect": { "type": "boolean", "description": "Whether what holds data is protected unless a declaration says otherwise.", "default": false },
                "state": {
                    "type": "object",
                    "description": "Where the state is kept. Absent: in the project's folder, below `.deployer/`.",
                    "properties": {
                        "bucket": { "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", "description": "An S3 bucket of the account; `deployer init` makes it." },
                        "prefix": { "type": "string", "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$", "description": "What its keys begin with, such as `crew/`." },
                        "region": { "type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$", "description": "The bucket's region, when it is not the environment's." },
                    },
                    "required": ["bucket"],
                    "additionalProperties": false,
                },
                "override": { "type": "object", "description": "Fields that this environment sets, by address: `\"function.api.memory\" = 512`.", "propertyNames": { "pattern": "^[^.]+\\.[^.]+\\..+$" } },
            },
            "additionalProperties": { "anyOf": [scalar, { "type": "array", "items": scalar }], "description": "A value: `${env.x}`." },
        },
    })
}

/// A schema of a kind as it stands among those of other kinds.
fn rewritten(kind: &str, root: &Value, schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut found = Map::new();
    for (keyword, member) in members {
        let member = match (keyword.as_str(), member) {
            ("$defs" | "$schema", _) => continue,
            ("$ref", Value::String(target)) => Value::from(target.replace("#/$defs/", &format!("#/$defs/{kind}."))),
            ("properties" | "patternProperties", Value::Object(all)) => {
                all.iter().map(|(key, each)| (key.clone(), value_schema(kind, root, each))).collect()
            }
            ("additionalProperties" | "items", _) => value_schema(kind, root, member),
            ("prefixItems", Value::Array(all)) => all.iter().map(|each| value_schema(kind, root, each)).collect(),
            ("anyOf" | "oneOf" | "allOf", Value::Array(all)) => {
                all.iter().map(|each| rewritten(kind, root, each)).collect()
            }
            _ => member.clone(),
        };
        found.insert(keyword.clone(), member);
    }
    Value::Object(found)
}

/// The schema of a value that may be given as an expression, unless it is a table or any text.
fn value_schema(kind: &str, root: &Value, schema: &Value) -> Value {
    let plain = rewritten(kind, root, schema);
    let target = follow(root, schema);
    let tables_only = types(root, schema).iter().all(|each| *each == "object");
    let any_text = target.get("type").and_then(Value::as_str) == Some("string")
        && ["enum", "const", "pattern", "maxLength"].iter().all(|each| target.get(*each).is_none());
    if !schema.is_object() || tables_only || any_text || target.get("const").is_some() {
        return plain;
    }
    let mut found = Map::new();
    for keyword in ["description", "default"] {
        found.extend(schema.get(keyword).map(|each| (keyword.to_owned(), each.clone())));
    }
    found.insert("anyOf".to_owned(), json!([plain, { "$ref": EXPRESSION }]));
    Value::Object(found)
}

/// Adds the keys of every declaration to a kind's schema and to each of its alternatives.
fn add_common_keys(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    for keyword in ["anyOf", "oneOf"] {
        if let Some(Value::Array(all)) = members.get_mut(keyword) {
            all.iter_mut().for_each(add_common_keys);
        }
    }
    if members.get("additionalProperties") == Some(&Value::Bool(false)) {
        let properties = members.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        properties["was"] = json!({ "type": "string", "description": "The former name of this declaration: its objects move, they are not replaced." });
        properties["protect"] = json!({ "anyOf": [{ "type": "boolean" }, { "$ref": EXPRESSION }], "description": "Whether replacing and deleting its objects is refused." });
    }
}
