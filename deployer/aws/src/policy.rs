//! IAM policy documents: least privilege, written as data.

use std::collections::BTreeMap;
use std::fmt;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::resource::Resource as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::resources::iam_role::IamRole;

/// One `Allow` statement. `Deny` is written where it is used (buckets), by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A word for people, letters and digits.
    pub sid: String,
    /// IAM actions.
    pub actions: Vec<String>,
    /// ARNs, unknown parts as placeholders.
    pub resources: Vec<String>,
    /// The `Condition` element; empty: none.
    pub condition: Map<String, Value>,
}

impl Statement {
    /// A statement without a condition.
    pub fn new(sid: &str, actions: &[&str], resources: impl IntoIterator<Item = String>) -> Self {
        Self {
            sid: sid.to_owned(),
            actions: actions.iter().map(|each| (*each).to_owned()).collect(),
            resources: resources.into_iter().collect(),
            condition: Map::new(),
        }
    }

    /// The same with a condition element, such as `("StringEquals", {"aws:SourceAccount": …})`.
    #[must_use]
    pub fn when(mut self, operator: &str, test: Value) -> Self {
        self.condition.insert(operator.to_owned(), test);
        self
    }

    fn to_json(&self) -> Value {
        let mut statement =
            json!({ "Sid": self.sid, "Effect": "Allow", "Action": self.actions, "Resource": self.resources });
        if !self.condition.is_empty() {
            statement["Condition"] = Value::Object(self.condition.clone());
        }
        statement
    }
}

/// What a role may do, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// IAM actions.
    pub actions: Vec<String>,
    /// ARNs, unknown parts as placeholders.
    pub resources: Vec<String>,
    /// Whether it holds only under a condition.
    pub conditional: bool,
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = if self.conditional { ", under a condition" } else { "" };
        write!(f, "{} on {}{condition}", self.actions.join(" "), self.resources.join(" "))
    }
}

/// What the inline policies of a role allow; nothing for inputs of another type.
pub fn grants(type_name: &str, inputs: &Value) -> Vec<Grant> {
    let policies = inputs["policies"].as_object().filter(|_| type_name == IamRole::TYPE);
    let statements = policies.into_iter().flat_map(|all| all.values()).flat_map(|each| each["Statement"].as_array());
    let texts = |value: &Value| -> Vec<String> {
        let all = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        all.iter().filter_map(|each| each.as_str().map(str::to_owned)).collect()
    };
    let grant = |statement: &Value| Grant {
        actions: texts(&statement["Action"]),
        resources: texts(&statement["Resource"]),
        conditional: statement["Condition"].is_object(),
    };
    statements.flatten().map(grant).collect()
}

/// A policy document of these statements. Two of the same id are told apart by a number.
pub fn document(statements: &[Statement]) -> Value {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let numbered = statements.iter().map(|each| {
        let times = seen.entry(&each.sid).and_modify(|times| *times += 1).or_insert(1);
        let sid = if *times == 1 { each.sid.clone() } else { format!("{}{times}", each.sid) };
        Statement { sid, ..each.clone() }.to_json()
    });
    json!({ "Version": "2012-10-17", "Statement": numbered.collect::<Vec<_>>() })
}

/// The id of a statement that allows `verb` on a declaration: `read` and `table.magic-links` make `ReadTableMagicLinks`.
pub fn sid(verb: &str, address: &DeclarationAddress) -> String {
    let capital = |word: &str| word.split_at_checked(1).map(|(first, rest)| first.to_ascii_uppercase() + rest);
    [verb, address.kind(), address.name()].iter().flat_map(|each| each.split(['-', '_'])).filter_map(capital).collect()
}

/// The trust policy of a role that a service of this account assumes.
/// `aws:SourceAccount` keeps another account's resources out: Lambda sends it, not `aws:SourceArn`.
pub fn service_trust(service: &str, account: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": account } },
    }] })
}

/// Whether two documents say the same: the order of lists and statements, and a list of one in place
/// of its member, make no difference to IAM, which gives documents back in either form.
pub fn same(one: &Value, other: &Value) -> bool {
    canonical(one) == canonical(other)
}

/// A live document in the words of the one we know, when both say the same: a comparison of the two
/// then shows no noise.
pub fn in_words_of(live: Value, known: Option<&Value>) -> Value {
    match known {
        Some(known) if same(&live, known) => known.clone(),
        _ => live,
    }
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            if items.len() == 1 { items.remove(0) } else { Value::Array(items) }
        }
        Value::Object(members) => {
            let mut sorted = Value::Object(members.iter().map(|(key, each)| (key.clone(), canonical(each))).collect());
            sorted.sort_all_objects();
            sorted
        }
        // Condition values are text to IAM, however they were written.
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read_from_the_policies_of_a_role_alone() {
        let statements =
            [Statement::new("A", &["s3:GetObject"], ["arn:b/*".to_owned()]).when("StringEquals", json!({ "x": "y" }))];
        let inputs = json!({ "policies": { "access": document(&statements) } });
        let told: Vec<String> = grants("iam_role", &inputs).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["s3:GetObject on arn:b/*, under a condition"]);
        assert_eq!(grants("log_group", &inputs), []);
    }

    #[test]
    fn the_form_of_a_document_makes_no_difference() {
        let ours = document(&[Statement::new("A", &["s3:GetObject", "s3:PutObject"], ["arn:x".to_owned()])
            .when("Bool", json!({ "aws:SecureTransport": "true" }))]);
        let theirs = json!({
            "Statement": {
                "Effect": "Allow", "Sid": "A", "Resource": "arn:x",
                "Condition": { "Bool": { "aws:SecureTransport": true } },
                "Action": ["s3:PutObject", "s3:GetObject"],
            },
            "Version": "2012-10-17",
        });
        assert!(same(&ours, &theirs));
        assert_eq!(in_words_of(theirs, Some(&ours)), ours);
    }

    #[test]
    fn another_action_or_resource_does() {
        let ours = document(&[Statement::new("A", &["s3:GetObject"], ["arn:x".to_owned()])]);
        for (actions, resource) in
            [(&["s3:*"][..], "arn:x"), (&["s3:GetObject"], "arn:y"), (&["s3:GetObject", "s3:PutObject"], "arn:x")]
        {
            let theirs = document(&[Statement::new("A", actions, [resource.to_owned()])]);
            assert!(!same(&ours, &theirs), "{theirs}");
            assert_eq!(in_words_of(theirs.clone(), Some(&ours)), theirs);
        }
    }
}
