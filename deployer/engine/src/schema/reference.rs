//! The reference of the kinds as Markdown: what their schemas say, for people to read.

use std::fmt::Write as _;

use serde_json::Value;

use super::words::{branches, constants, expected, follow, list, types};

/// The Markdown of every kind: word and schema of each. A heading a kind, an item a key, keys of tables indented.
pub fn kinds_reference(kinds: &[(&str, &Value)]) -> String {
    let mut text = String::new();
    for (kind, schema) in kinds {
        let _ = write!(text, "\n## `{kind}`\n\n{}\n\n", described(schema));
        keys(&mut text, schema, schema, 0);
    }
    text
}

/// The keys of a table, one an item, those that must be there first.
fn keys(text: &mut String, root: &Value, table: &Value, depth: usize) {
    let properties = table.get("properties").and_then(Value::as_object);
    let required = |name: &str| list(table, "required").iter().any(|each| each.as_str() == Some(name));
    let (must, may): (Vec<_>, Vec<_>) = properties.into_iter().flatten().partition(|(name, _)| required(name));
    for ((name, schema), word) in
        must.into_iter().map(|each| (each, ", required")).chain(may.into_iter().map(|each| (each, "")))
    {
        let indent = "  ".repeat(depth);
        let said = described(schema);
        let said = if said.is_empty() { described(follow(root, schema)) } else { said };
        let _ = writeln!(text, "{indent}- **`{name}`**: {}{word}. {said}", expected(root, schema));
        choices(text, root, schema, depth + 1);
        for table in tables(root, schema) {
            keys(text, root, table, depth + 1);
        }
    }
}

/// The words that a key may be, where each has a description of its own.
fn choices(text: &mut String, root: &Value, schema: &Value, depth: usize) {
    for choice in branches(root, follow(root, schema)) {
        let word = constants(choice).and_then(|all| all.first().and_then(|each| each.as_str()));
        if let (Some(word), Some(_)) = (word, choice.get("description")) {
            let _ = writeln!(text, "{}- `{word}`: {}", "  ".repeat(depth), described(choice));
        }
    }
}

/// The tables that a key may be or hold, those with keys of their own.
fn tables<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let schema = follow(root, schema);
    let mut all = branches(root, schema);
    all.push(schema);
    let held = |each: &&'a Value| ["items", "additionalProperties"].into_iter().filter_map(|key| each.get(key));
    let within: Vec<&Value> = all.iter().flat_map(held).map(|each| follow(root, each)).collect();
    let nested = within.iter().flat_map(|each| branches(root, each)).collect::<Vec<_>>();
    all.into_iter()
        .chain(within)
        .chain(nested)
        .filter(|each| types(root, each).contains(&"object") && each.get("properties").is_some())
        .collect()
}

/// The description of a schema in one line.
fn described(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}
