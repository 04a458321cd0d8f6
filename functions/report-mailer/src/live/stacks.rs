//! What the deployer's exports say of stacks, secrets and dependencies.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What the deployer says of one stack in one environment. A list is absent where the export does
/// not speak of such things; an empty list says that there are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StackAudit {
    /// The stack's name.
    pub stack: String,
    /// The environment: `prod`.
    pub env: String,
    /// The day of the last release; absent: not told.
    pub released: Option<Date>,
    /// How many AWS objects it has.
    pub objects: u32,
    /// How many of them differ from the stack file; absent: not told.
    pub drifted: Option<u32>,
    /// Its distributions.
    pub distributions: Option<Vec<Distribution>>,
    /// Its endpoints.
    pub endpoints: Option<Vec<Endpoint>>,
}

/// One CloudFront distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Its name in the stack file.
    pub name: String,
    /// Whether a web ACL stands before it.
    pub waf: bool,
}

/// One public endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name in the stack file.
    pub name: String,
    /// Whether it asks who calls.
    pub authenticated: bool,
    /// Whether it names the origins that may call it.
    pub cors: bool,
    /// Whether it limits the rate of calls.
    pub rate_limited: bool,
}

/// What the deployer says of all secrets, and of what the code depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// The secrets that are in Parameter Store.
    pub secrets: Vec<SecretAge>,
    /// Places in the project's files where something looks like a key.
    pub leaks: Vec<Leak>,
    /// Known weaknesses of what the code depends on; absent: nobody has asked.
    pub advisories: Option<Vec<Advisory>>,
}

/// One secret: never its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretAge {
    /// The stack that declares it.
    pub stack: String,
    /// The environment: `prod`.
    pub env: String,
    /// Its address in the stack file: `secret.jwt`.
    pub name: String,
    /// The day of its last change; absent: not told.
    pub changed: Option<Date>,
    /// After how many days it should change; absent: no rule.
    pub rotate_after_days: Option<u32>,
    /// Whether it is readable without decryption; absent: nobody can tell.
    pub plaintext: Option<bool>,
}

/// A place where something looks like a key: never the text itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leak {
    /// The file, from the project's folder.
    pub path: String,
    /// Its line, from 1.
    pub line: u32,
    /// What it looks like: `an AWS access key`.
    pub what: String,
}

/// One known weakness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Its key: `RUSTSEC-2026-0001`.
    pub id: String,
    /// The package that has it.
    pub package: String,
    /// What sort of weakness it is, in the words of its source: `vulnerability`, `unmaintained`.
    pub severity: String,
}

impl SecretAge {
    /// Whether it should have changed by a day; absent where that is not told. Without a rule it never should.
    pub fn is_overdue(&self, day: Date) -> Option<bool> {
        let changed = self.changed?;
        let due = self.rotate_after_days.map(|days| changed.saturating_add(i64::from(days).days()));
        Some(due.is_some_and(|due| due < day))
    }
}
