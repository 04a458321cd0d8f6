//! The values of a stack file, each with its place.

use serde_json::Value;

use crate::diagnostic::Span;

/// A value of a stack file with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: NodeValue,
    /// Where it stands: the value itself, the header of a table that has one, or the key that made it.
    pub span: Span,
}

/// What a value is. TOML's three ways to write a table are one here.
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number with a fraction.
    Float(f64),
    /// Text, which may hold `${…}` expressions.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// Keys and values, in file order.
    Table(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key without quotes.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// The value of a key, when this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(each, _)| each.name == key).map(|(_, node)| node)
    }

    /// The keys and values, none when this is no table.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            NodeValue::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The text, when this is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// Takes a key out, when this is a table that has it.
    pub fn remove(&mut self, key: &str) -> Option<(Key, Node)> {
        match &mut self.value {
            NodeValue::Table(entries) => {
                let at = entries.iter().position(|(each, _)| each.name == key)?;
                Some(entries.remove(at))
            }
            _ => None,
        }
    }

    /// The same value as JSON.
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Bool(value) => Value::from(*value),
            NodeValue::Integer(value) => Value::from(*value),
            NodeValue::Float(value) => Value::from(*value),
            NodeValue::String(text) => Value::from(text.as_str()),
            NodeValue::Array(items) => items.iter().map(Node::to_json).collect(),
            NodeValue::Table(entries) => {
                let members = entries.iter().map(|(key, node)| (key.name.clone(), node.to_json()));
                Value::Object(members.collect())
            }
        }
    }

    /// Shows every text, with its place, in file order.
    pub fn visit_strings(&self, see: &mut impl FnMut(&str, Span)) {
        match &self.value {
            NodeValue::String(text) => see(text, self.span),
            NodeValue::Array(items) => items.iter().for_each(|each| each.visit_strings(see)),
            NodeValue::Table(entries) => {
                entries.iter().for_each(|(_, each)| each.visit_strings(see));
            }
            _ => {}
        }
    }

    /// The place of the deepest value that the path reaches. An index of a list is a decimal.
    pub fn at(&self, path: &[&str]) -> Span {
        let next = path.split_first().and_then(|(first, rest)| Some((self.child(first)?, rest)));
        next.map_or(self.span, |(child, rest)| child.at(rest))
    }

    fn child(&self, step: &str) -> Option<&Node> {
        match &self.value {
            NodeValue::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => self.get(step),
        }
    }

    /// What it is, in words: `a string`.
    pub fn what(&self) -> &'static str {
        match &self.value {
            NodeValue::Bool(true) => "`true`",
            NodeValue::Bool(false) => "`false`",
            NodeValue::Integer(_) => "an integer",
            NodeValue::Float(_) => "a number with a fraction",
            NodeValue::String(_) => "a string",
            NodeValue::Array(_) => "a list",
            NodeValue::Table(_) => "a table",
        }
    }
}
