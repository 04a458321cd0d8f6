//! A web ACL in few words.

use serde::{Deserialize, Serialize};

use crate::naming::Tags;

/// A web ACL of scope CLOUDFRONT: it lives in us-east-1, whatever the stack's region.
///
/// Read budget: 2 calls an ACL, both at once, when its ARN is recorded; else a listing first (a call per 100).
/// Descriptions, metrics, custom responses, CAPTCHA and token settings are not managed: they stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAcl {
    /// Its name: 1 to 128 of `A–Z a–z 0–9 - _`. Source: CreateWebACL.
    pub name: String,
    /// What happens to a request that no rule stops: `allow` or `block`.
    pub default_action: String,
    /// Its rules, by priority.
    pub rules: Vec<Rule>,
    /// How much of a body is looked at: `KB_16`, `KB_32`, `KB_48`, `KB_64`. Absent: not managed; AWS's own is 16 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_limit: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What WAF mints for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAclOutputs {
    /// Its ARN.
    pub arn: String,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name: 1 to 128 of `A–Z a–z 0–9 - _`, unique in the ACL.
    pub name: String,
    /// Lower ones are looked at first; unique in the ACL.
    pub priority: i32,
    /// What happens to a request that it is about: `block` or `count`. For a managed set `block` is what
    /// each of its rules says.
    pub action: String,
    /// What it is about.
    #[serde(flatten)]
    pub check: Check,
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A set of rules that AWS maintains.
    Managed {
        /// Its name, such as `AWSManagedRulesCommonRuleSet`.
        set: String,
        /// Rules of the set that only count, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        count: Vec<String>,
    },
    /// Too many requests of one address. AWS counts roughly, and all who share an address as one.
    Rate {
        /// Requests in the window, 10 to 2,000,000,000.
        limit: i64,
        /// Seconds of the window: 60, 120, 300 or 600.
        window_seconds: i64,
        /// Paths that are counted. Absent: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathTest>,
    },
    /// Anything else: never ours. The digest of what AWS tells of it.
    Other(String),
}

/// How a path is tested, after URL decoding and normalising.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathTest {
    /// The path begins with it.
    StartsWith(String),
    /// The path is it.
    Is(String),
}
