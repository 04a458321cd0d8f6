//! What a function may do with other declarations.

use std::borrow::Cow;
use std::fmt;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use super::Function;
use crate::kinds::bucket::Bucket;
use crate::kinds::key::Key;
use crate::kinds::mail::Mail;
use crate::kinds::param::Param;
use crate::kinds::queue::Queue;
use crate::kinds::secret::Secret;
use crate::kinds::table::Table;
use crate::kinds::topic::Topic;
use crate::policy::{Statement, sid};

/// Kinds that can be granted, with their verbs.
const VERBS: [(&str, &[&str]); 9] = [
    ("bucket", &["read", "write", "rw"]),
    ("function", &["invoke", "watch"]),
    ("key", &["decrypt", "encrypt", "use"]),
    ("mail", &["read", "send"]),
    ("param", &["read"]),
    ("queue", &["receive", "send"]),
    ("secret", &["read"]),
    ("table", &["read", "write", "rw"]),
    ("topic", &["publish"]),
];

/// A verb and what it is allowed on: `rw table.roles`, `read table ${stack.crew.roles}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Grant {
    /// What is allowed, such as `rw`.
    pub verb: String,
    /// On what.
    pub to: Target,
}

/// What a grant is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A declaration of this stack.
    Declared(DeclarationAddress),
    /// A thing of another stack, by its kind and physical name.
    Foreign {
        /// `bucket` or `table`.
        kind: ForeignKind,
        /// The name, which may be another stack's output that is not known yet.
        name: String,
    },
}

/// What of another stack can be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    /// A bucket.
    Bucket,
    /// A table.
    Table,
}

impl ForeignKind {
    const ALL: [(&'static str, Self); 2] = [("bucket", Self::Bucket), ("table", Self::Table)];

    fn word(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Table => "table",
        }
    }
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
        let words: Vec<&str> = text.split(' ').collect();
        let parsed = match words[..] {
            [verb, to] => to.parse().ok().map(|to| (verb, Target::Declared(to))),
            [verb, kind, name] if !name.is_empty() => {
                let kind = ForeignKind::ALL.iter().find(|(word, _)| *word == kind);
                kind.map(|(_, kind)| (verb, Target::Foreign { kind: *kind, name: name.to_owned() }))
            }
            _ => None,
        };
        let parsed = parsed.filter(|(verb, _)| !verb.is_empty());
        parsed.map(|(verb, to)| Self { verb: verb.to_owned(), to }).ok_or(BadGrant(text))
    }
}

impl JsonSchema for Grant {
    fn schema_name() -> Cow<'static, str> {
        "Grant".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z]+ ([A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*|(bucket|table) [^ ]+)$",
            "description": "A verb and a declaration: `rw table.roles`; or a verb, `table` or `bucket`, and the name of another stack's: `read table ${stack.crew.roles}`.",
        })
    }
}

impl Function {
    /// Whether it may read this secret: it is granted, or its URL looks for it in a header.
    pub fn reads(&self, secret: &DeclarationAddress, local: bool) -> bool {
        let granted = |grant: &Grant| matches!(&grant.to, Target::Declared(to) if to == secret);
        self.grants.iter().any(granted) || self.url.as_ref().and_then(|url| url.header_secret(local)) == Some(secret)
    }
}

/// What a grant allows.
fn allowed(grant: &Grant, cx: &Expand<'_>) -> Option<Vec<Statement>> {
    match &grant.to {
        Target::Declared(to) => ask(cx, to, &grant.verb),
        Target::Foreign { kind, name } => {
            let sid = |verb: &str| foreign_sid(verb, kind.word());
            match kind {
                ForeignKind::Bucket => Bucket::statements(name, &sid, &grant.verb),
                ForeignKind::Table => Table::statements(&Table::arn_of(cx, name), &sid, &grant.verb),
            }
        }
    }
}

/// The id of a statement on another stack's thing, whose name may not be known yet.
fn foreign_sid(verb: &str, kind: &str) -> String {
    let capital = |word: &str| word.split_at_checked(1).map(|(first, rest)| first.to_ascii_uppercase() + rest);
    [verb, "foreign", kind].into_iter().filter_map(capital).collect()
}

/// What the verb allows on the declaration; `None`: it knows no such verb, or is no such thing.
fn ask(cx: &Expand<'_>, to: &DeclarationAddress, verb: &str) -> Option<Vec<Statement>> {
    let (stack, its) = (cx.stack, cx.of(to));
    match to.kind() {
        "bucket" => stack.get::<Bucket>(to)?.grant(&its, verb),
        "function" => stack.get::<Function>(to)?.grant(&its, verb),
        "key" => stack.get::<Key>(to)?.grant(&its, verb),
        "mail" => stack.get::<Mail>(to)?.grant(&its, verb),
        "queue" => stack.get::<Queue>(to)?.grant(&its, verb),
        "param" => stack.get::<Param>(to)?.grant(&its, verb),
        "secret" => stack.get::<Secret>(to)?.grant(&its, verb),
        "table" => stack.get::<Table>(to)?.grant(&its, verb),
        "topic" => stack.get::<Topic>(to)?.grant(&its, verb),
        _ => None,
    }
}

impl Function {
    /// What a function may do with it: `invoke` it through the alias `live`; `watch` what CloudWatch measures of it.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let one = |action: &str, on: String| Some(vec![Statement::new(&sid(verb, cx.address), &[action], [on])]);
        match verb {
            "invoke" => one("lambda:InvokeFunction", super::alias_arn(cx)),
            // Metrics have no ARN: who may read those of one may read all.
            "watch" => one("cloudwatch:GetMetricData", "*".to_owned()),
            _ => None,
        }
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
        match allowed(grant, cx) {
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
    let verb = &grant.verb;
    let kind = match &grant.to {
        Target::Declared(to) if cx.stack.declared(to).is_none() => return unknown(to, cx),
        Target::Declared(to) => to.kind(),
        Target::Foreign { kind, .. } => kind.word(),
    };
    let verbs = VERBS.iter().find(|(each, _)| *each == kind).map(|(_, verbs)| *verbs);
    match verbs {
        Some(verbs) => {
            let all = verbs.iter().map(|each| format!("`{each}`")).collect::<Vec<_>>().join(", ");
            let hint = did_you_mean(verb, verbs.iter().copied()).unwrap_or_else(|| format!("a {kind} knows {all}"));
            ("unknown-verb", format!("a {kind} knows no `{verb}`"), hint)
        }
        None => {
            let kinds = VERBS.map(|(each, _)| each).join(", ");
            ("not-grantable", format!("nothing can be granted on a {kind}"), format!("grants are for {kinds}"))
        }
    }
}

/// The fault of a declaration that is not there.
fn unknown(to: &DeclarationAddress, cx: &Expand<'_>) -> (&'static str, String, String) {
    let can_be_granted = |each: &&DeclarationAddress| VERBS.iter().any(|(kind, _)| *kind == each.kind());
    let known: Vec<String> = cx.stack.addresses().filter(can_be_granted).map(ToString::to_string).collect();
    let hint = did_you_mean(&to.to_string(), known.iter().map(String::as_str))
        .unwrap_or_else(|| format!("declare `[{to}]` first"));
    ("unknown-reference", format!("there is no {to}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_a_verb_and_a_declaration() {
        let grant = Grant::try_from("rw table.roles".to_owned()).unwrap();
        assert_eq!(grant, Grant { verb: "rw".to_owned(), to: Target::Declared("table.roles".parse().unwrap()) });
        for text in
            ["", "rw", "rw ", " table.roles", "rw  table.roles", "rw table", "rw table.roles x", "rw table.roles/x"]
        {
            assert!(Grant::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn another_stacks_thing_is_named_with_its_kind() {
        let grant = Grant::try_from("read table crew-prod-roles".to_owned()).unwrap();
        assert_eq!(grant.to, Target::Foreign { kind: ForeignKind::Table, name: "crew-prod-roles".to_owned() });
        for text in ["read mail admin@example.com", "read table ", "read table a b", " table a"] {
            assert!(Grant::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
