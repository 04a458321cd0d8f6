//! Values of resource inputs: JSON whose strings may hold `${address#output}` placeholders.
//!
//! A placeholder stands for an output that AWS mints (an id, a domain). It makes an edge of the
//! graph, and a value that holds one is *unknown* until the other resource answers. `$${` is a
//! literal `${`. An object with the single key `$sha256` stands for the digest of the tree below it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::address::Address;

/// The key of an object that stands for the SHA-256 (lower-case hex) of its member.
const DIGEST_KEY: &str = "$sha256";

/// One output of one resource, written `${address#output}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputRef {
    /// The resource that mints it.
    pub address: Address,
    /// The name of the output, such as `arn`.
    pub output: String,
}

impl OutputRef {
    /// A reference to `output` of `address`.
    pub fn new(address: Address, output: &str) -> Self {
        Self { address, output: output.to_owned() }
    }

    fn parse(body: &str) -> Option<Self> {
        let (address, output) = body.split_once('#')?;
        Some(Self { address: address.parse().ok()?, output: output.to_owned() })
    }
}

impl std::fmt::Display for OutputRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${{{}#{}}}", self.address, self.output)
    }
}

/// A piece of a string: text, or the body of a `${…}` expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it will be, `$${` already turned into `${`.
    Text(String),
    /// What stands between `${` and `}`, with its byte offset in the string.
    Expression(&'a str, usize),
}

/// Cuts a string into text and `${…}` expressions. An unclosed `${` is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let escaped = rest[..at].ends_with('$');
        let body = &rest[at + 2..];
        let end = if escaped { None } else { body.find('}') };
        match end {
            Some(end) => {
                literal.push_str(&rest[..at]);
                if !literal.is_empty() {
                    found.push(Piece::Text(std::mem::take(&mut literal)));
                }
                let offset = text.len() - rest.len() + at + 2;
                found.push(Piece::Expression(&body[..end], offset));
                rest = &body[end + 1..];
            }
            None => {
                literal.push_str(if escaped { &rest[..at - 1] } else { &rest[..at] });
                literal.push_str("${");
                rest = body;
            }
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        found.push(Piece::Text(literal));
    }
    found
}

/// Makes text safe to stand in a value: `${` becomes `$${`.
pub fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

/// The value that stands for the digest of `tree`, known once the whole tree is.
pub fn digest_of(tree: Value) -> Value {
    Value::Object(Map::from_iter([(DIGEST_KEY.to_owned(), tree)]))
}

/// Whether the value is a digest that is not known yet.
pub fn is_digest(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.len() == 1 && members.contains_key(DIGEST_KEY))
}

/// SHA-256 of the value's canonical text (keys sorted), in lower-case hex.
pub fn sha256_hex(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    hex::encode(Sha256::digest(sorted.to_string()))
}

/// Every output that the value waits for.
pub fn references(value: &Value) -> BTreeSet<OutputRef> {
    let mut found = BTreeSet::new();
    visit_strings(value, &mut |text| {
        for piece in pieces(text) {
            if let Piece::Expression(body, _) = piece {
                found.extend(OutputRef::parse(body));
            }
        }
    });
    found
}

fn visit_strings(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|each| visit_strings(each, see)),
        Value::Object(members) => members.values().for_each(|each| visit_strings(each, see)),
        _ => {}
    }
}

/// Whether nothing in the value waits for an output.
pub fn is_known(value: &Value) -> bool {
    references(value).is_empty()
}

/// Puts in what `lookup` knows; what it does not know stays as a placeholder.
///
/// A string that is one placeholder and nothing else takes the looked-up value's own type.
/// Literal text stays escaped, so that the answer can be resolved again; see [`finish`].
pub fn resolve(value: &Value, lookup: &impl Fn(&OutputRef) -> Option<Value>) -> Value {
    match value {
        Value::String(text) => resolve_text(text, lookup),
        Value::Array(items) => items.iter().map(|each| resolve(each, lookup)).collect(),
        Value::Object(members) => {
            let resolved: Map<_, _> = members.iter().map(|(key, each)| (key.clone(), resolve(each, lookup))).collect();
            let resolved = Value::Object(resolved);
            if is_digest(&resolved) && is_known(&resolved) {
                Value::String(sha256_hex(&finish(&resolved[DIGEST_KEY])))
            } else {
                resolved
            }
        }
        other => other.clone(),
    }
}

fn resolve_text(text: &str, lookup: &impl Fn(&OutputRef) -> Option<Value>) -> Value {
    let parts = pieces(text);
    if let [Piece::Expression(body, _)] = parts[..] {
        return OutputRef::parse(body)
            .and_then(|found| lookup(&found))
            .map_or_else(|| Value::String(text.to_owned()), |value| escape(&value));
    }
    let mut answer = String::new();
    for part in parts {
        match part {
            Piece::Text(plain) => answer.push_str(&literal(&plain)),
            Piece::Expression(body, _) => match OutputRef::parse(body).and_then(|found| lookup(&found)) {
                Some(Value::String(plain)) => answer.push_str(&literal(&plain)),
                Some(other) => answer.push_str(&literal(&other.to_string())),
                None => answer.push_str(&format!("${{{body}}}")),
            },
        }
    }
    Value::String(answer)
}

fn escape(value: &Value) -> Value {
    map_strings(value, &|text| literal(text))
}

/// The value as AWS gets it: `$${` is `${` again. Call it on known values only.
pub fn finish(value: &Value) -> Value {
    map_strings(value, &|text| {
        pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(plain) => plain,
                Piece::Expression(body, _) => format!("${{{body}}}"),
            })
            .collect()
    })
}

fn map_strings(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|each| map_strings(each, change)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, each)| (key.clone(), map_strings(each, change))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role_arn(found: &OutputRef) -> Option<Value> {
        (found.to_string() == "${function.a/role#arn}").then(|| json!("arn:aws:iam::1:role/a"))
    }

    #[test]
    fn a_known_output_is_put_in_and_an_unknown_one_stays() {
        let value =
            json!({"role": "${function.a/role#arn}", "policy": [{"Resource": "${table.b/table#arn}/index/*"}], "n": 3});
        let resolved = resolve(&value, &role_arn);
        assert_eq!(
            resolved,
            json!({"role": "arn:aws:iam::1:role/a", "policy": [{"Resource": "${table.b/table#arn}/index/*"}], "n": 3})
        );
        assert!(!is_known(&resolved));
        assert_eq!(
            references(&resolved).into_iter().map(|each| each.to_string()).collect::<Vec<_>>(),
            ["${table.b/table#arn}"]
        );
    }

    #[test]
    fn an_escaped_expression_reaches_aws_as_text_however_often_it_is_resolved() {
        let code = "`${name}` $${x} $ {";
        let value = json!(literal(code));
        let twice = resolve(&resolve(&value, &role_arn), &role_arn);
        assert!(is_known(&twice));
        assert_eq!(finish(&twice), json!(code));
    }

    #[test]
    fn an_output_that_looks_like_a_placeholder_is_text() {
        let value = resolve(&json!("${function.a/role#arn}!"), &|_| Some(json!("${function.a/role#arn}")));
        assert!(is_known(&value));
        assert_eq!(finish(&value), json!("${function.a/role#arn}!"));
    }

    #[test]
    fn a_digest_is_unknown_until_its_whole_tree_is_known() {
        let value = digest_of(json!({"b": "${function.a/role#arn}", "a": 1}));
        assert_eq!(resolve(&value, &|_| None), value);
        let known = resolve(&value, &role_arn);
        assert_eq!(known, json!(sha256_hex(&json!({"a": 1, "b": "arn:aws:iam::1:role/a"}))));
    }

    #[test]
    fn a_whole_placeholder_keeps_the_type_of_its_output() {
        assert_eq!(resolve(&json!("${a.b/c#n}"), &|_| Some(json!(7))), json!(7));
        assert_eq!(resolve(&json!("v${a.b/c#n}"), &|_| Some(json!(7))), json!("v7"));
    }
}
