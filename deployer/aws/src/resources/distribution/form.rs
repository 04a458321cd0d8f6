//! A distribution in few words: what we manage of it, in the order that we write it.

use std::collections::BTreeMap;

use deployer_engine::secret::SecretRef;
use serde::{Deserialize, Serialize};

/// The header by which an origin knows that a request came through the distribution.
pub const SECRET_HEADER: &str = "x-origin-verify";
/// The header that tells which generation of the secret that is.
pub const GENERATION_HEADER: &str = "x-origin-generation";

/// Where a distribution gets its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its id within the distribution: the address of the declaration that it stands for.
    pub id: String,
    /// Its domain.
    pub domain: String,
    /// What is put before each path, such as `/site`. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How it is asked: see [`Protocol`].
    pub protocol: Protocol,
    /// The id of the origin access control that signs requests to it. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_control: Option<String>,
    /// A secret that goes with each request in [`SECRET_HEADER`], and its generation in
    /// [`GENERATION_HEADER`], by which a read knows it again without ever showing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretRef>,
    /// Names of headers that somebody else has it send. Ours are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_headers: Vec<String>,
}

/// How an origin is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A bucket, by S3's own rules.
    S3,
    /// HTTPS on port 443, TLS 1.2 and nothing older.
    Https,
    /// Anything else: never ours.
    Other,
}

/// What happens to requests for a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behavior {
    /// The paths, such as `/api/*`. Absent: all that no other behavior takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The id of the origin that answers.
    pub to: String,
    /// HTTP methods that are let through, sorted.
    pub methods: Vec<String>,
    /// What happens to plain HTTP: `redirect-to-https`.
    pub viewer_protocol: String,
    /// Whether CloudFront compresses answers.
    pub compress: bool,
    /// The id of the cache policy.
    pub cache_policy: String,
    /// The id of the policy of what else the origin gets. Absent: only what the cache key holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_policy: Option<String>,
    /// The id of the response headers policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_policy: Option<String>,
    /// The ARN of the CloudFront Function that sees each request first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_function: Option<String>,
}

/// How long an error of an origin is kept, and whether a page is shown for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRule {
    /// The HTTP status.
    pub status: i32,
    /// Seconds it is kept at least.
    pub seconds: i64,
    /// The page that is shown in its place, and the status that it gets. Ours have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// Domains of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// The domains, sorted. Source: CreateDistribution, `Aliases`.
    pub domains: Vec<String>,
    /// The ARN of the certificate that holds for them, in us-east-1.
    pub certificate_arn: String,
    /// The oldest TLS that browsers may speak: `TLSv1.2_2021`. Source: CreateDistribution, `MinimumProtocolVersion`.
    pub tls: String,
}

/// A distribution of CloudFront. It is found again by its comment, which is its name.
///
/// Read budget: 2 calls a distribution, both at once, when its id is recorded; else a listing first
/// (a call per 100 of the account).
///
/// Its logs and geographic limits are not managed: they stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Its comment: at most 128 characters. Source: CreateDistribution, `Comment`.
    pub name: String,
    /// Whether it answers.
    pub enabled: bool,
    /// Its origins, sorted by id.
    pub origins: Vec<Origin>,
    /// What happens to paths that no other behavior takes.
    pub default_behavior: Behavior,
    /// The other behaviors: the first whose path matches a request takes it.
    pub behaviors: Vec<Behavior>,
    /// What is served for `/`, such as `index.html`. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_page: Option<String>,
    /// The domains of its own that it answers to. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
    /// The ARN of its web ACL. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl_arn: Option<String>,
    /// Which edges serve it: `PriceClass_100`, `PriceClass_200`, `PriceClass_All`. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_class: Option<String>,
    /// The newest HTTP that it speaks, such as `http2and3`. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_version: Option<String>,
    /// Whether it answers over IPv6. Absent: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
    /// What happens to errors, sorted by status.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What CloudFront mints for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistributionOutputs {
    /// Its id, such as `E1A2B3C4D5E6F7`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its domain, such as `d111111abcdef8.cloudfront.net`.
    pub domain: String,
    /// Where a browser reaches it.
    pub url: String,
}
