//! What a function may do with other declarations.

use std::borrow::Cow;
use std::fmt;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use super::Function;
use crate::kinds::mail::Mail;
use crate::kinds::param::Param;
use crate::kinds::secret::Secret;
use crate::kinds::table::Table;
use crate::policy::Statement;

/// Kinds that can be granted, with their verbs.
const VERBS: [(&str, &[&str]); 5] = [
    ("function", &["invoke"]),
    ("mail", &["send"]),
    ("param", &["read"]),
    ("secret", &["read"]),
    ("table", &["read", "write", "rw"]),
];

/// A verb and what it is allowed on: `rw table.roles`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Grant {
    /// What is allowed, such as `rw`.
    pub verb: String,
    /// On what.
    pub to: DeclarationAddress,
}

/// A text that is no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadGrant(String);

impl fmt::Display for BadGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no grant: write a verb and a declaration, such as `rw table.roles`", self.0.escape_debug())
    }
}

impl std::error::Error for BadGrant {}

impl TryFrom<String> for Grant {
    type Error = BadGrant;
    fn try_from(text: String) -> Result<Self, BadGrant> {
        let parsed =
            text.split_once(' ').and_then(|(verb, to)| Some(Self { verb: verb.to_owned(), to: to.parse().ok()? }));
        parsed.filter(|grant| !grant.verb.is_empty()).ok_or(BadGrant(text))
    }
}

impl JsonSchema for Grant {
    fn schema_name() -> Cow<'static, str> {
        "Grant".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z]+ [A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*$",
            "description": "A verb and a declaration: `rw table.roles`.",
        })
    }
}

/// What the verb allows on the declaration; `None`: it knows no such verb, or is no such thing.
fn ask(cx: &Expand<'_>, to: &DeclarationAddress, verb: &str) -> Option<Vec<Statement>> {
    let (stack, its) = (cx.stack, cx.of(to));
    match to.kind() {
        "function" => stack.get::<Function>(to)?.grant(&its, verb),
        "mail" => stack.get::<Mail>(to)?.grant(&its, verb),
        "param" => stack.get::<Param>(to)?.grant(&its, verb),
        "secret" => stack.get::<Secret>(to)?.grant(&its, verb),
        "table" => stack.get::<Table>(to)?.grant(&its, verb),
        _ => None,
    }
}

/// What `read` allows on a secret.
pub(super) fn read_secret(cx: &Expand<'_>, secret: &DeclarationAddress) -> Option<Vec<Statement>> {
    ask(cx, secret, "read")
}

/// What all the grants allow; those that make no sense are faults.
pub(super) fn statements(grants: &[Grant], cx: &Expand<'_>, out: &mut Expansion) -> Vec<Statement> {
    let mut all = Vec::new();
    for (index, grant) in grants.iter().enumerate() {
        match ask(cx, &grant.to, &grant.verb) {
            Some(statements) => all.extend(statements),
            None => {
                let (code, message, hint) = fault_of(grant, cx);
                out.fault(cx, &["grants", &index.to_string()], code, message, hint);
            }
        }
    }
    all
}

fn fault_of(grant: &Grant, cx: &Expand<'_>) -> (&'static str, String, String) {
    let Grant { verb, to } = grant;
    let verbs = VERBS.iter().find(|(kind, _)| *kind == to.kind()).map(|(_, verbs)| *verbs);
    if cx.stack.declared(to).is_none() {
        let known: Vec<String> = cx
            .stack
            .addresses()
            .filter(|each| VERBS.iter().any(|(kind, _)| *kind == each.kind()))
            .map(ToString::to_string)
            .collect();
        let hint = did_you_mean(&to.to_string(), known.iter().map(String::as_str))
            .unwrap_or_else(|| format!("declare `[{to}]` first"));
        return ("unknown-reference", format!("there is no {to}"), hint);
    }
    match verbs {
        Some(verbs) => {
            let all = verbs.iter().map(|each| format!("`{each}`")).collect::<Vec<_>>().join(", ");
            let hint =
                did_you_mean(verb, verbs.iter().copied()).unwrap_or_else(|| format!("a {} knows {all}", to.kind()));
            ("unknown-verb", format!("a {} knows no `{verb}`", to.kind()), hint)
        }
        None => {
            let kinds = VERBS.map(|(kind, _)| kind).join(", ");
            ("not-grantable", format!("nothing can be granted on a {}", to.kind()), format!("grants are for {kinds}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_a_verb_and_a_declaration() {
        let grant = Grant::try_from("rw table.roles".to_owned()).unwrap();
        assert_eq!((grant.verb.as_str(), grant.to.to_string().as_str()), ("rw", "table.roles"));
        for text in
            ["", "rw", "rw ", " table.roles", "rw  table.roles", "rw table", "rw table.roles x", "rw table.roles/x"]
        {
            assert!(Grant::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
