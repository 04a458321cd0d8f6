//! IAM policy documents: least privilege, written as data.

use serde_json::{Map, Value, json};

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
        Self { sid: sid.to_owned(), actions: actions.iter().map(|each| (*each).to_owned()).collect(), resources: resources.into_iter().collect(), condition: Map::new() }
    }

    /// The same with a condition element, such as `("StringEquals", {"aws:SourceAccount": …})`.
    #[must_use]
    pub fn when(mut self, operator: &str, test: Value) -> Self {
        self.condition.insert(operator.to_owned(), test);
        self
    }

    fn to_json(&self) -> Value {
        let mut statement = json!({ "Sid": self.sid, "Effect": "Allow", "Action": self.actions, "Resource": self.resources });
        if !self.condition.is_empty() {
            statement["Condition"] = Value::Object(self.condition.clone());
        }
        statement
    }
}

/// A policy document of these statements.
pub fn document(statements: &[Statement]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements.iter().map(Statement::to_json).collect::<Vec<_>>() })
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
