//! Checking a declaration against a JSON Schema, keyword by keyword.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;
use serde_json::Value;

use super::words::{branches, expected, follow, is_of, list, types};
use crate::diagnostic::{Diagnostic, MAX_FAULTS, Span, shown};
use crate::resolve::Declared;
use crate::stack::{Node, NodeValue};
use crate::value::{Piece, pieces};

/// Keys that every declaration may have; they are taken out before a kind sees them.
pub(super) const COMMON_KEYS: [&str; 2] = ["was", "protect"];

/// Faults found so far, each with its place.
pub(super) type Found = Vec<(Span, Diagnostic)>;

/// One declaration and the schema of its kind.
pub(super) struct Checker<'a> {
    pub(super) declared: &'a Declared,
    pub(super) root: &'a Value,
    pub(super) patterns: RefCell<BTreeMap<&'a str, Option<Regex>>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(declared: &'a Declared, root: &'a Value) -> Self {
        Self { declared, root, patterns: RefCell::default() }
    }

    /// How messages name what stands at the path: `url.auth`, or the address of the declaration.
    pub(super) fn named(&self, path: &str) -> String {
        if path.is_empty() { self.declared.address.to_string() } else { path.to_owned() }
    }

    /// Where a key of the table at the path stands: `function.crew-api.url`.
    pub(super) fn within(&self, path: &str) -> String {
        if path.is_empty() { self.declared.address.to_string() } else { format!("{}.{path}", self.declared.address) }
    }

    /// Adds every fault of the node at the path.
    pub(super) fn node(&self, schema: &'a Value, node: &Node, path: &str, found: &mut Found) {
        if found.len() > MAX_FAULTS {
            return;
        }
        if schema == &Value::Bool(false) {
            found.push((
                node.span,
                Diagnostic::error("not-allowed", format!("{} is not allowed here", self.named(path))),
            ));
            return;
        }
        let target = follow(self.root, schema);
        if !std::ptr::eq(target, schema) {
            self.node(target, node, path, found);
        }
        if schema.get("type").is_some() && !is_of(node, &types(self.root, schema)) {
            found.push((node.span, self.wrong_type(schema, node, path)));
            return;
        }
        list(schema, "allOf").iter().for_each(|each| self.node(each, node, path, found));
        let branches = branches(self.root, schema);
        if !branches.is_empty() {
            self.choose(schema, &branches, node, path, found);
        }
        match &node.value {
            NodeValue::String(text) => self.text(schema, text, node, path, found),
            NodeValue::Integer(number) => self.number(schema, *number as f64, node, path, found),
            NodeValue::Float(number) => self.number(schema, *number, node, path, found),
            NodeValue::Bool(_) => self.constant(schema, node, path, found),
            NodeValue::Array(items) => self.array(schema, items, node, path, found),
            NodeValue::Table(entries) => self.table(schema, entries, node, path, found),
        }
    }

    pub(super) fn wrong_type(&self, schema: &'a Value, node: &Node, path: &str) -> Diagnostic {
        let fault = Diagnostic::error(
            "wrong-type",
            format!("{} is {}, not {}", self.named(path), expected(self.root, schema), node.what()),
        );
        let types = types(self.root, schema);
        let admits = |text: &str| {
            (types.contains(&"integer") && text.parse::<i64>().is_ok())
                || (types.contains(&"boolean") && ["true", "false"].contains(&text))
        };
        match &node.value {
            NodeValue::String(text) if holds_reference(text) => fault.hint("a reference stands for text"),
            NodeValue::String(text) if admits(text) => fault.hint("write it without quotes"),
            NodeValue::Integer(_) | NodeValue::Float(_) | NodeValue::Bool(_) if types.contains(&"string") => {
                let pattern = schema.get("pattern").and_then(Value::as_str);
                let lacks_more = pattern.is_some_and(|each| !self.matches(each, &node.to_json().to_string()));
                let words = description(schema).filter(|_| lacks_more);
                fault.hint(match words {
                    Some(words) => format!("put it in quotes, with its unit or in its form: {words}"),
                    None => "put it in quotes".to_owned(),
                })
            }
            NodeValue::Array(_) => fault,
            _ if types.contains(&"array") => fault.hint("put it in brackets"),
            _ => match form(schema).or_else(|| description(schema)) {
                Some(words) => fault.hint(words),
                None => fault,
            },
        }
    }

    fn array(&self, schema: &'a Value, items: &[Node], node: &Node, path: &str, found: &mut Found) {
        self.length(schema, ("minItems", "maxItems", "items"), items.len() as u64, node, path, found);
        let first = list(schema, "prefixItems");
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| schema.get("items")) {
                self.node(schema, item, &format!("{path}[{index}]"), found);
            }
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen = BTreeSet::new();
            for item in items.iter().filter(|item| !seen.insert(item.to_json().to_string())) {
                let fault = Diagnostic::error(
                    "duplicate-item",
                    format!("{} stands twice in {}", shown(&item.to_json().to_string()), self.named(path)),
                );
                found.push((item.span, fault));
            }
        }
    }
}

/// How a table is written with the keys that it needs, or with all when it needs none.
fn form(schema: &Value) -> Option<String> {
    let needed: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
    let known = || schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let keys = if needed.is_empty() { known().map(|(key, _)| key.as_str()).collect() } else { needed };
    let pairs: Vec<String> = keys.iter().map(|key| format!("{key} = …")).collect();
    (!pairs.is_empty()).then(|| format!("write `{{ {} }}`", pairs.join(", ")))
}

/// The first line of what a schema says of itself.
pub(super) fn description(schema: &Value) -> Option<String> {
    schema
        .get("description")
        .and_then(Value::as_str)
        .and_then(|text| text.lines().next())
        .map(|line| line.trim_end_matches('.').to_owned())
}

/// Whether the text waits for something that only kinds or other stacks know.
pub(super) fn holds_reference(text: &str) -> bool {
    pieces(text).iter().any(|each| matches!(each, Piece::Expression(..)))
}

/// The text without its escapes.
pub(super) fn plain(text: &str) -> String {
    let text = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(plain) => plain,
        Piece::Expression(body, _) => body.to_owned(),
    });
    text.collect()
}
