//! What a schema expects, in a person's words.

use serde_json::Value;

use crate::stack::{Node, NodeValue};

/// Names of JSON's types.
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

/// The schema that a chain of `$ref`s leads to.
pub(super) fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    /// Longer chains are circles.
    const LONGEST_CHAIN: usize = 16;
    let mut found = schema;
    for _ in 0..LONGEST_CHAIN {
        let target = found.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        match target.and_then(|target| root.pointer(target)) {
            Some(next) => found = next,
            None => break,
        }
    }
    found
}

/// The list below a keyword.
pub(super) fn list<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The alternatives of a schema, nested ones too; none when it has no alternatives.
pub(super) fn branches<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut found = Vec::new();
    for branch in list(schema, "anyOf").iter().chain(list(schema, "oneOf")) {
        let branch = follow(root, branch);
        let inner = branches(root, branch);
        let is_choice_only = branch.get("type").is_none() && branch.get("properties").is_none();
        if is_choice_only && !inner.is_empty() {
            found.extend(inner);
        } else {
            found.push(branch);
        }
    }
    found
}

/// The JSON types that a schema admits, without `null`, which no stack file can hold.
pub(super) fn types(root: &Value, schema: &Value) -> Vec<&'static str> {
    let schema = follow(root, schema);
    let known = |name: &str| TYPES.into_iter().find(|each| *each == name);
    let found: Vec<&'static str> = match schema.get("type") {
        Some(Value::String(name)) => known(name).into_iter().collect(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter_map(known).collect(),
        _ => {
            let branches = branches(root, schema);
            let mut found: Vec<&'static str> = if branches.is_empty() {
                constants(schema).into_iter().flatten().filter_map(type_of).collect()
            } else {
                branches.iter().flat_map(|each| types(root, each)).collect()
            };
            if found.is_empty() && branches.is_empty() {
                let all = list(schema, "allOf").iter().map(|each| types(root, each));
                found = all.min_by_key(Vec::len).unwrap_or_else(|| {
                    if schema.get("properties").is_some() { vec!["object"] } else { TYPES.to_vec() }
                });
            }
            found
        }
    };
    let mut distinct = Vec::new();
    found.into_iter().for_each(|each| {
        if !distinct.contains(&each) {
            distinct.push(each);
        }
    });
    distinct
}

fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) => Some(if number.is_f64() { "number" } else { "integer" }),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}

/// Whether the node is of one of the types.
pub(super) fn is_of(node: &Node, types: &[&str]) -> bool {
    let names: &[&str] = match node.value {
        NodeValue::Bool(_) => &["boolean"],
        NodeValue::Integer(_) => &["integer", "number"],
        NodeValue::Float(_) => &["number"],
        NodeValue::String(_) => &["string"],
        NodeValue::Array(_) => &["array"],
        NodeValue::Table(_) => &["object"],
    };
    names.iter().any(|each| types.contains(each))
}

/// The values that `const` or `enum` admit.
pub(super) fn constants(schema: &Value) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(only), _) => Some(vec![only]),
        (None, Some(values)) => Some(values.iter().collect()),
        (None, None) => None,
    }
}

/// The texts that a schema admits, when it admits only those.
pub(super) fn texts<'a>(root: &'a Value, schema: &'a Value) -> Option<Vec<&'a str>> {
    let schema = follow(root, schema);
    let branches = branches(root, schema);
    if branches.is_empty() {
        return constants(schema)?.into_iter().filter(|each| !each.is_null()).map(Value::as_str).collect();
    }
    let admitting: Vec<&Value> = branches.into_iter().filter(|each| !types(root, each).is_empty()).collect();
    let all: Option<Vec<Vec<&str>>> = admitting.into_iter().map(|each| texts(root, each)).collect();
    all.map(|each| each.concat())
}

/// What a schema expects: `an integer (128 to 10240)`.
pub(super) fn expected(root: &Value, schema: &Value) -> String {
    let schema = follow(root, schema);
    if let Some(texts) = texts(root, schema).filter(|texts| !texts.is_empty()) {
        return one_of(&texts);
    }
    let branches = branches(root, schema);
    let numeric = |each: &&Value| types(root, each).iter().any(|name| ["integer", "number"].contains(name));
    let range = range(branches.iter().copied().find(numeric).unwrap_or(schema)).map(|words| format!(" ({words})"));
    let words = types(root, schema).into_iter().map(|name| match name {
        "string" => "a string".to_owned(),
        "integer" => format!("an integer{}", range.as_deref().unwrap_or_default()),
        "number" => format!("a number{}", range.as_deref().unwrap_or_default()),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => "a list".to_owned(),
        _ => "a table".to_owned(),
    });
    joined(&words.collect::<Vec<_>>(), "or")
}

/// `` `a` `` or `` one of `a`, `b` ``.
pub(super) fn one_of(texts: &[&str]) -> String {
    let quoted = quoted(texts);
    if texts.len() == 1 { quoted } else { format!("one of {quoted}") }
}

/// `` `a`, `b` ``.
pub(super) fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|each| format!("`{each}`")).collect::<Vec<_>>().join(", ")
}

fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// The range of a number: `128 to 10240`.
pub(super) fn range(schema: &Value) -> Option<String> {
    let bound = |keyword: &str| schema.get(keyword).filter(|each| each.is_number());
    let low =
        bound("minimum").map(|each| (each, "at least")).or(bound("exclusiveMinimum").map(|each| (each, "more than")));
    let high =
        bound("maximum").map(|each| (each, "at most")).or(bound("exclusiveMaximum").map(|each| (each, "less than")));
    match (low, high) {
        (Some((low, "at least")), Some((high, "at most"))) => Some(format!("{low} to {high}")),
        (Some((low, words)), Some((high, more))) => Some(format!("{words} {low}, {more} {high}")),
        (Some((bound, words)), None) | (None, Some((bound, words))) => Some(format!("{words} {bound}")),
        (None, None) => None,
    }
}
