//! What IAM actions work on, and under which conditions.

use deployer_engine::resolve::Environment;
use serde_json::{Value, json};

use crate::actions::is_change;
use crate::naming::{ENVIRONMENT_TAG, STACK_TAG};

/// The one service that gets roles of the stack.
const ROLES_GO_TO: &str = "lambda.amazonaws.com";

/// What an action works on: each has its form of ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objects {
    /// Nothing that has an ARN: listings, and who one is.
    Anything,
    AccessControls,
    Alarms,
    AlarmListing,
    AnyKeys,
    BucketContents,
    Buckets,
    CachePolicies,
    Certificates,
    ConfigurationSets,
    Distributions,
    EdgeFunctions,
    Functions,
    HeadersPolicies,
    EventSources,
    Identities,
    KeyAliases,
    Keys,
    LogGroupListing,
    LogGroups,
    Parameters,
    NewCertificates,
    NewEventSources,
    NewKeys,
    OwnCertificates,
    OwnKeys,
    PassedRoles,
    Queues,
    Roles,
    Rules,
    Tables,
    Topics,
    WebAcls,
    Zones,
}

impl Objects {
    /// What must hold beside the name, as an operator and its test, where AWS mints the names or everything goes by one.
    pub(super) fn condition(self, environment: &Environment) -> Option<(&'static str, Value)> {
        let Environment { stack, name, account, region, .. } = environment;
        let tagged = |by: &str| {
            ("StringEquals", json!({ (format!("{by}/{STACK_TAG}")): stack, (format!("{by}/{ENVIRONMENT_TAG}")): name }))
        };
        match self {
            Self::NewCertificates | Self::NewKeys => Some(tagged("aws:RequestTag")),
            Self::OwnCertificates | Self::OwnKeys => Some(tagged("aws:ResourceTag")),
            Self::NewEventSources => {
                let functions = format!("arn:aws:lambda:{region}:{account}:function:{stack}-{name}-*");
                Some(("StringLike", json!({ "lambda:FunctionArn": functions })))
            }
            Self::PassedRoles => Some(("StringEquals", json!({ "iam:PassedToService": ROLES_GO_TO }))),
            _ => None,
        }
    }
}

/// What an action works on. Source: the Service Authorization Reference.
pub(super) fn objects(action: &str) -> &'static [Objects] {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let is_about = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match service {
        "acm" => match name {
            "ListCertificates" => &[Objects::Anything],
            "RequestCertificate" => &[Objects::NewCertificates],
            "AddTagsToCertificate" => &[Objects::NewCertificates, Objects::OwnCertificates],
            _ if is_change(action) => &[Objects::OwnCertificates],
            _ => &[Objects::Certificates],
        },
        "cloudfront" => match name {
            "ListTagsForResource" | "TagResource" | "UntagResource" => {
                &[Objects::Distributions, Objects::EdgeFunctions]
            }
            _ if name.starts_with("List") => &[Objects::Anything],
            _ if is_about(&["Distribution", "Invalidation"]) => &[Objects::Distributions],
            _ if is_about(&["OriginAccessControl"]) => &[Objects::AccessControls],
            _ if is_about(&["ResponseHeadersPolicy"]) => &[Objects::HeadersPolicies],
            _ if is_about(&["CachePolicy"]) => &[Objects::CachePolicies],
            _ if is_about(&["Function"]) => &[Objects::EdgeFunctions],
            _ => &[Objects::Anything],
        },
        "cloudwatch" if name == "DescribeAlarms" => &[Objects::AlarmListing],
        "cloudwatch" => &[Objects::Alarms],
        "dynamodb" => &[Objects::Tables],
        "events" => &[Objects::Rules],
        "iam" if name == "PassRole" => &[Objects::PassedRoles],
        "iam" => &[Objects::Roles],
        "kms" => match name {
            "Decrypt" | "Encrypt" => &[Objects::Keys, Objects::OwnKeys],
            "ListAliases" | "ListKeys" => &[Objects::Anything],
            "CreateKey" => &[Objects::NewKeys],
            "TagResource" => &[Objects::NewKeys, Objects::OwnKeys],
            "CreateAlias" | "DeleteAlias" => &[Objects::KeyAliases, Objects::OwnKeys],
            _ if is_change(action) => &[Objects::OwnKeys],
            // The tags of a new key count minutes later: until then it is found by who may read any.
            _ => &[Objects::AnyKeys],
        },
        // These name a function and a queue, and no mapping yet.
        "lambda" if name == "ListEventSourceMappings" => &[Objects::Anything],
        "lambda" if name == "CreateEventSourceMapping" => &[Objects::NewEventSources],
        "lambda" if is_about(&["EventSourceMapping"]) => &[Objects::EventSources],
        "lambda" => &[Objects::Functions],
        // It is judged on all groups, whatever prefix is asked for.
        "logs" if name == "DescribeLogGroups" => &[Objects::LogGroupListing],
        "logs" => &[Objects::LogGroups],
        "route53" if name == "ListHostedZones" => &[Objects::Anything],
        "route53" => &[Objects::Zones],
        "s3" if name.ends_with("Object") || name.ends_with("ObjectVersion") => &[Objects::BucketContents],
        "s3" => &[Objects::Buckets],
        "ses" if is_about(&["EmailIdentity"]) => &[Objects::Identities],
        "ses" if is_about(&["ConfigurationSet"]) => &[Objects::ConfigurationSets],
        "ses" => &[Objects::Identities, Objects::ConfigurationSets],
        // A subscription has no ARN that a policy could name.
        "sns" if name == "Unsubscribe" => &[Objects::Anything],
        "sns" => &[Objects::Topics],
        "sqs" => &[Objects::Queues],
        "ssm" if name == "DescribeParameters" => &[Objects::Anything],
        "ssm" => &[Objects::Parameters],
        "wafv2" if name == "ListWebACLs" => &[Objects::Anything],
        "wafv2" => &[Objects::WebAcls],
        _ => &[Objects::Anything],
    }
}
