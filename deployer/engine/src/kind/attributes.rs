//! What declarations tell others: the values of `${kind.name.attribute}`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::value::{Piece, pieces};

/// The attributes of every declaration.
pub(super) struct Attributes(pub(super) BTreeMap<DeclarationAddress, Vec<(&'static str, String)>>);

impl Attributes {
    pub(super) fn find(&self, expression: &str) -> Option<&str> {
        let (address, attribute) = expression.rsplit_once('.')?;
        let found = self.0.get(&address.parse().ok()?)?;
        found.iter().find(|(name, _)| *name == attribute).map(|(_, text)| text.as_str())
    }

    /// Faults of the `${kind.name.attribute}` expressions in a text of the file.
    pub(super) fn check(&self, text: &str, locate: &dyn Fn() -> Location) -> Vec<Diagnostic> {
        let unknown = |expression: &str| {
            let fault =
                Diagnostic::error("unknown-reference", format!("`${{{expression}}}` refers to nothing")).at(locate());
            fault.hint(self.nearest(expression))
        };
        let expressions = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Expression(body, _) if !body.contains('#') => Some(body),
            _ => None,
        });
        expressions.filter(|each| self.find(each).is_none()).map(unknown).collect()
    }

    pub(super) fn nearest(&self, expression: &str) -> String {
        let address = expression.rsplit_once('.').and_then(|(address, _)| address.parse::<DeclarationAddress>().ok());
        match address.as_ref().and_then(|address| self.0.get(address).map(|found| (address, found))) {
            Some((address, found)) => format!(
                "{address} has {}",
                found.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
            None => {
                let known = self
                    .0
                    .iter()
                    .flat_map(|(address, found)| found.iter().map(move |(name, _)| format!("{address}.{name}")))
                    .collect::<Vec<_>>();
                did_you_mean(expression, known.iter().map(String::as_str)).unwrap_or_else(|| "a reference is `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` or `${stack.NAME.OUTPUT}`".to_owned())
            }
        }
    }

    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(items) => items.iter().map(|each| self.fill(each)).collect(),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(key, each)| (key.clone(), self.fill(each))).collect())
            }
            other => other.clone(),
        }
    }

    pub(super) fn fill_text(&self, text: &str) -> String {
        let filled = pieces(text).into_iter().map(|piece| match piece {
            Piece::Text(plain) => crate::value::literal(&plain),
            Piece::Expression(body, _) => self.find(body).map_or_else(|| format!("${{{body}}}"), str::to_owned),
        });
        filled.collect()
    }
}
