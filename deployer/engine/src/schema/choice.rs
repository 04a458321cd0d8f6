//! Choosing among the alternatives of a schema: which one somebody meant, so that its faults help.

use std::cmp::Reverse;

use serde_json::Value;

use super::check::{Checker, Found, holds_reference};
use super::words::{branches, constants, follow, is_of, list, one_of, quoted, texts, types};
use crate::diagnostic::Diagnostic;
use crate::stack::{Node, NodeValue};

/// Every key that a schema and its parts name.
pub(super) fn all_keys<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a str> {
    let schema = follow(root, schema);
    let mut keys: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    let parts = list(schema, "allOf").iter().flat_map(|each| all_keys(root, each));
    let alternatives = branches(root, schema).into_iter().flat_map(|each| all_keys(root, each));
    for key in parts.chain(alternatives) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

impl<'a> Checker<'a> {
    /// Adds the faults of the alternative that is nearest to the node; none when one fits.
    pub(super) fn choose(&self, schema: &'a Value, branches: &[&'a Value], node: &Node, path: &str, found: &mut Found) {
        let fits = |branch: &&&Value| is_of(node, &types(self.root, branch));
        let candidates: Vec<&'a Value> = branches.iter().filter(fits).copied().collect();
        if candidates.is_empty() {
            found.push((node.span, self.wrong_type(schema, node, path)));
            return;
        }
        if let Some(tag) = tag(self.root, &candidates).filter(|_| matches!(node.value, NodeValue::Table(_))) {
            return self.choose_by_tag(tag, &candidates, node, path, found);
        }
        let mut tried: Vec<(&'a Value, Found)> = Vec::new();
        for branch in candidates {
            let mut faults = Found::new();
            self.node(branch, node, path, &mut faults);
            if faults.is_empty() {
                return;
            }
            tried.push((branch, faults));
        }
        match node.as_str() {
            Some(_) => self.nearest_text(tried, node, path, found),
            None => self.nearest(tried, node, path, found),
        }
    }

    /// The alternatives differ by the constant of one key.
    fn choose_by_tag(&self, tag: &str, candidates: &[&'a Value], node: &Node, path: &str, found: &mut Found) {
        let values = |branch: &'a Value| {
            property(self.root, branch, tag).and_then(|schema| texts(self.root, schema)).unwrap_or_default()
        };
        let all: Vec<&str> = candidates.iter().flat_map(|each| values(each)).collect();
        let Some(given) = node.get(tag) else {
            let hint = format!("`{tag}` is {}", one_of(&all));
            let message = format!("missing key `{tag}` in {}", self.within(path));
            found.push((node.span, Diagnostic::error("missing-key", message).hint(hint)));
            return;
        };
        let inner = if path.is_empty() { tag.to_owned() } else { format!("{path}.{tag}") };
        let Some(text) = given.as_str().filter(|text| !holds_reference(text)) else {
            let message = format!("{inner} is {}, not {}", one_of(&all), given.what());
            found.push((
                given.span,
                Diagnostic::error("wrong-type", message).hint("it decides which keys there are, so it is written out"),
            ));
            return;
        };
        match candidates.iter().find(|each| values(each).contains(&text)) {
            Some(branch) => self.node(branch, node, path, found),
            None => found.push((given.span, self.not_allowed(&all, given, &inner))),
        }
    }

    fn nearest_text(&self, tried: Vec<(&'a Value, Found)>, node: &Node, path: &str, found: &mut Found) {
        let words: Option<Vec<Vec<&str>>> = tried.iter().map(|(branch, _)| texts(self.root, branch)).collect();
        match words {
            Some(words) => found.push((node.span, self.not_allowed(&words.concat(), node, path))),
            None => found.extend(
                tried
                    .into_iter()
                    .find(|(branch, _)| texts(self.root, branch).is_none())
                    .map(|(_, faults)| faults)
                    .unwrap_or_default(),
            ),
        }
    }

    /// The faults of the alternative that knows most of the node's keys and misses fewest.
    fn nearest(&self, tried: Vec<(&'a Value, Found)>, node: &Node, path: &str, found: &mut Found) {
        let known = |branch: &Value| {
            let keys = all_keys(self.root, branch);
            node.entries().iter().filter(|(key, _)| keys.contains(&key.name.as_str())).count()
        };
        let required = |branch: &'a Value| list(branch, "required").iter().filter_map(Value::as_str);
        let none_known = tried.len() > 1
            && matches!(node.value, NodeValue::Table(_))
            && tried.iter().all(|(branch, _)| known(branch) == 0);
        let mut keys: Vec<&str> = tried.iter().flat_map(|(branch, _)| required(branch)).collect();
        keys.dedup();
        if none_known && !keys.is_empty() {
            let message = format!("{} is a table with one of the keys {}", self.named(path), quoted(&keys));
            found.push((node.span, Diagnostic::error("missing-key", message)));
            return;
        }
        let missing = |branch: &'a Value| required(branch).filter(|key| node.get(key).is_none()).count();
        let best =
            tried.into_iter().min_by_key(|(branch, faults)| (Reverse(known(branch)), missing(branch), faults.len()));
        found.extend(best.map(|(_, faults)| faults).unwrap_or_default());
    }
}

fn property<'a>(root: &'a Value, branch: &'a Value, key: &str) -> Option<&'a Value> {
    follow(root, branch).get("properties").and_then(|all| all.get(key)).map(|schema| follow(root, schema))
}

/// The key that has a constant in each of several alternatives.
fn tag<'a>(root: &'a Value, candidates: &[&'a Value]) -> Option<&'a str> {
    let [first, rest @ ..] = candidates else {
        return None;
    };
    let constant = |branch: &'a Value, key: &str| {
        property(root, branch, key).is_some_and(|schema| constants(schema).is_some_and(|all| all.len() == 1))
    };
    let keys = first.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.as_str());
    keys.into_iter().find(|key| !rest.is_empty() && candidates.iter().all(|branch| constant(branch, key)))
}
