//! The policy that lets somebody deploy a stack in one environment, and little else.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::address::Address;
use deployer_engine::kind::Desired;
use deployer_engine::resolve::Environment;
use deployer_engine::resource::Registry;
use serde_json::{Value, json};

use crate::Cloud;
use crate::policy::{Statement, document};

/// The one service that gets roles of the stack.
const ROLES_GO_TO: &str = "lambda.amazonaws.com";

/// What an action works on: each has its form of ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Objects {
    /// Nothing that has an ARN: listings, and who one is.
    Anything,
    AccessControls,
    BucketContents,
    Buckets,
    CachePolicies,
    ConfigurationSets,
    Distributions,
    EdgeFunctions,
    Functions,
    HeadersPolicies,
    Identities,
    LogGroupListing,
    LogGroups,
    Parameters,
    PassedRoles,
    Queues,
    Roles,
    Rules,
    Tables,
    Topics,
    WebAcls,
}

/// The least policy, as a document, under which `up`, `plan` and `down` of these resources work: the
/// actions that their types declare, on names of the stack and the environment (`<stack>-<env>-*`) and on
/// the pinned ones. `more` is what else the deployer needs, such as the bucket of its state.
pub fn deploy_policy(
    registry: &Registry<Cloud>,
    environment: &Environment,
    desired: &BTreeMap<Address, Desired>,
    more: &[Statement],
) -> Value {
    let types: BTreeSet<_> = desired.values().map(|each| each.type_name).collect();
    let mut actions: BTreeMap<Objects, BTreeSet<&str>> =
        BTreeMap::from([(Objects::Anything, BTreeSet::from(["sts:GetCallerIdentity"]))]);
    for action in types.iter().flat_map(|each| registry.facts(each).actions) {
        for each in objects(action) {
            actions.entry(*each).or_default().insert(action);
        }
    }
    let names = Names { environment, desired };
    let statement = |(objects, actions): (Objects, BTreeSet<&str>)| {
        let arns = names.arns(objects);
        let statement = Statement::new(&format!("{objects:?}"), &actions.into_iter().collect::<Vec<_>>(), arns);
        if objects == Objects::PassedRoles {
            statement.when("StringEquals", json!({ "iam:PassedToService": ROLES_GO_TO }))
        } else {
            statement
        }
    };
    let statements = actions.into_iter().map(statement).filter(|each| !each.resources.is_empty());
    document(&statements.chain(more.iter().cloned()).collect::<Vec<_>>())
}

/// What an action works on. Source: the Service Authorization Reference.
fn objects(action: &str) -> &'static [Objects] {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let is_about = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match service {
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
        "dynamodb" => &[Objects::Tables],
        "events" => &[Objects::Rules],
        "iam" if name == "PassRole" => &[Objects::PassedRoles],
        "iam" => &[Objects::Roles],
        "lambda" => &[Objects::Functions],
        // It is judged on all groups, whatever prefix is asked for.
        "logs" if name == "DescribeLogGroups" => &[Objects::LogGroupListing],
        "logs" => &[Objects::LogGroups],
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

/// The physical names of a stack.
struct Names<'a> {
    environment: &'a Environment,
    desired: &'a BTreeMap<Address, Desired>,
}

impl Names<'_> {
    fn arns(&self, objects: Objects) -> Vec<String> {
        let Environment { account, region, .. } = self.environment;
        let global = |kind: &str| vec![format!("arn:aws:cloudfront::{account}:{kind}/*")];
        let here = |service: &str, kind: &str| format!("arn:aws:{service}:{region}:{account}:{kind}");
        let dashed = format!("{}-{}-", self.environment.stack, self.environment.name);
        match objects {
            Objects::Anything => vec!["*".to_owned()],
            // CloudFront mints the ids of these, so that no policy can know them beforehand.
            Objects::AccessControls => global("origin-access-control"),
            Objects::CachePolicies => global("cache-policy"),
            Objects::Distributions => global("distribution"),
            Objects::HeadersPolicies => global("response-headers-policy"),
            Objects::EdgeFunctions => self.named(
                &["cloudfront_function"],
                "name",
                &dashed,
                &format!("arn:aws:cloudfront::{account}:function/"),
                &[""],
            ),
            Objects::BucketContents => self.named(&["s3_bucket"], "name", &dashed, "arn:aws:s3:::", &["/*"]),
            Objects::Buckets => self.named(&["s3_bucket"], "name", &dashed, "arn:aws:s3:::", &[""]),
            Objects::ConfigurationSets => {
                self.named(&["ses_configuration_set"], "name", &dashed, &here("ses", "configuration-set/"), &[""])
            }
            Objects::Functions => {
                self.named(&["lambda_function"], "name", &dashed, &here("lambda", "function:"), &["", ":*"])
            }
            Objects::Identities => self
                .exact(&["ses_identity", "local_identity"], "address")
                .map(|address| here("ses", &format!("identity/{address}")))
                .collect(),
            Objects::LogGroupListing => vec![here("logs", "log-group:*")],
            Objects::LogGroups => self.named(
                &["log_group"],
                "name",
                &format!("/aws/lambda/{dashed}"),
                &here("logs", "log-group:"),
                &["", ":*"],
            ),
            Objects::Parameters => {
                let folder = format!("/{}/{}/", self.environment.stack, self.environment.name);
                let types = ["external_secret", "ssm_parameter", "ssm_secret"];
                let mut arns = self.named(&types, "name", &folder, &here("ssm", "parameter"), &[""]);
                let rings = self.exact(&["rs256_ring"], "name").filter(|name| !name.starts_with(&folder));
                arns.extend(rings.flat_map(|ring| ["", "/*"].map(|end| here("ssm", &format!("parameter{ring}{end}")))));
                arns
            }
            Objects::PassedRoles | Objects::Roles => {
                self.named(&["iam_role"], "name", &dashed, &format!("arn:aws:iam::{account}:role/"), &[""])
            }
            Objects::Queues => self.named(&["sqs_queue"], "name", &dashed, &here("sqs", ""), &[""]),
            Objects::Rules => self.named(&["event_rule"], "name", &dashed, &here("events", "rule/"), &[""]),
            Objects::Tables => self.named(&["dynamodb_table"], "name", &dashed, &here("dynamodb", "table/"), &[""]),
            Objects::Topics => self.named(&["sns_topic"], "name", &dashed, &here("sns", ""), &[""]),
            Objects::WebAcls => {
                let all = format!("arn:aws:wafv2:us-east-1:{account}:global/");
                // An ACL is judged together with the sets of rules that it names.
                let mut arns = self.named(&["web_acl"], "name", &dashed, &format!("{all}webacl/"), &["/*"]);
                arns.push(format!("{all}managedruleset/*"));
                arns
            }
        }
    }

    /// ARNs of every name that begins as the stack's do, and of the others of these types one by one.
    /// An ARN goes on after the name with one of the `ends`.
    fn named(&self, types: &[&str], field: &str, beginning: &str, arn: &str, ends: &[&str]) -> Vec<String> {
        let ours =
            format!("{arn}{beginning}*{}", ends.first().filter(|end| **end == "/*").copied().unwrap_or_default());
        let pinned = self.exact(types, field).filter(|name| !name.starts_with(beginning));
        std::iter::once(ours)
            .chain(pinned.flat_map(|name| ends.iter().map(move |end| format!("{arn}{name}{end}"))))
            .collect()
    }

    /// The names of these types, sorted.
    fn exact(&self, types: &[&str], field: &str) -> impl Iterator<Item = String> {
        let of_types = self.desired.values().filter(|each| types.contains(&each.type_name));
        let names: BTreeSet<_> =
            of_types.filter_map(|each| each.inputs.get(field)?.as_str().map(str::to_owned)).collect();
        names.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::kinds::testing::{stack, wanted};
    use crate::resources;

    const STACK: &str = r#"
[table.roles]
key = { hash = "event_id:S" }
[param.lake]
value = "Mead"
[secret.origin]
kind = "random"
[mail.main]
from = "admin@example.com"
existing = false
[function.api]
build = { package = "api" }
[schedule.nudge]
rate = "1 hour"
target = "function.api"
"#;

    /// A statement a line: its id, its resources, its actions, its condition.
    fn shown(declarations: &str, environment: &str) -> String {
        let wanted = wanted(declarations, environment, &["api"]).unwrap();
        let environment = stack(declarations, environment).unwrap().environment;
        let policy = deploy_policy(&resources::all(), &environment, &wanted.desired, &[]);
        let words = |value: &Value| {
            value.as_array().unwrap().iter().map(|each| each.as_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        let line = |each: &Value| {
            let condition = each.get("Condition").map(|condition| format!("  when {condition}\n")).unwrap_or_default();
            format!(
                "{}\n  {}\n  {}\n{condition}",
                each["Sid"].as_str().unwrap(),
                words(&each["Resource"]),
                words(&each["Action"])
            )
        };
        policy["Statement"].as_array().unwrap().iter().map(line).collect()
    }

    #[test]
    fn a_stack_may_be_deployed_and_no_other() {
        assert_snapshot!(shown(STACK, "prod"), @r#"
        Anything
          *
          ssm:DescribeParameters sts:GetCallerIdentity
        ConfigurationSets
          arn:aws:ses:us-west-2:111122223333:configuration-set/crew-prod-*
          ses:CreateConfigurationSet ses:DeleteConfigurationSet ses:GetConfigurationSet ses:PutConfigurationSetDeliveryOptions ses:PutConfigurationSetReputationOptions ses:PutConfigurationSetSendingOptions ses:PutConfigurationSetSuppressionOptions ses:TagResource ses:UntagResource
        Functions
          arn:aws:lambda:us-west-2:111122223333:function:crew-prod-*
          lambda:AddPermission lambda:CreateAlias lambda:CreateFunction lambda:DeleteAlias lambda:DeleteFunction lambda:DeleteFunctionEventInvokeConfig lambda:GetAlias lambda:GetFunction lambda:GetFunctionConfiguration lambda:GetFunctionEventInvokeConfig lambda:GetPolicy lambda:ListTags lambda:ListVersionsByFunction lambda:PublishVersion lambda:PutFunctionEventInvokeConfig lambda:RemovePermission lambda:TagResource lambda:UntagResource lambda:UpdateAlias lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration
        Identities
          arn:aws:ses:us-west-2:111122223333:identity/admin@example.com
          ses:CreateEmailIdentity ses:DeleteEmailIdentity ses:GetEmailIdentity ses:TagResource ses:UntagResource
        LogGroupListing
          arn:aws:logs:us-west-2:111122223333:log-group:*
          logs:DescribeLogGroups
        LogGroups
          arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/crew-prod-*
          logs:CreateLogGroup logs:DeleteLogGroup logs:DeleteRetentionPolicy logs:ListTagsForResource logs:PutRetentionPolicy logs:TagResource logs:UntagResource
        Parameters
          arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/*
          ssm:AddTagsToResource ssm:DeleteParameter ssm:GetParameters ssm:ListTagsForResource ssm:PutParameter ssm:RemoveTagsFromResource
        PassedRoles
          arn:aws:iam::111122223333:role/crew-prod-*
          iam:PassRole
          when {"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}
        Queues
          arn:aws:sqs:us-west-2:111122223333:crew-prod-*
          sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:ListQueueTags sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue
        Roles
          arn:aws:iam::111122223333:role/crew-prod-*
          iam:AttachRolePolicy iam:CreateRole iam:DeleteRole iam:DeleteRolePolicy iam:DetachRolePolicy iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:PutRolePolicy iam:TagRole iam:UntagRole iam:UpdateAssumeRolePolicy iam:UpdateRole
        Rules
          arn:aws:events:us-west-2:111122223333:rule/crew-prod-*
          events:DeleteRule events:DescribeRule events:ListTagsForResource events:ListTargetsByRule events:PutRule events:PutTargets events:RemoveTargets events:TagResource events:UntagResource
        Tables
          arn:aws:dynamodb:us-west-2:111122223333:table/crew-prod-*
          dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource dynamodb:TagResource dynamodb:UntagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive
        "#);
    }

    #[test]
    fn a_pinned_name_is_allowed_by_itself() {
        let text = "[table.links]\nkey = { hash = \"short_code:S\" }\n[env.old]\naccount = \"444455556666\"\noverride = { \"table.links.name\" = \"scc-magic-links\" }\n";
        assert_snapshot!(shown(text, "old"), @"
        Anything
          *
          sts:GetCallerIdentity
        Tables
          arn:aws:dynamodb:us-west-2:444455556666:table/crew-old-* arn:aws:dynamodb:us-west-2:444455556666:table/scc-magic-links
          dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource dynamodb:TagResource dynamodb:UntagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive
        ");
    }

    #[test]
    fn only_what_has_no_arn_is_allowed_on_everything() {
        let registry = resources::all();
        let everything: BTreeSet<_> = registry
            .all()
            .flat_map(|facts| facts.actions)
            .filter(|action| objects(action).contains(&Objects::Anything))
            .copied()
            .collect();
        let known = [
            "cloudfront:ListCachePolicies",
            "cloudfront:ListDistributions",
            "cloudfront:ListOriginAccessControls",
            "cloudfront:ListResponseHeadersPolicies",
            "sns:Unsubscribe",
            "ssm:DescribeParameters",
            "wafv2:ListWebACLs",
        ];
        assert_eq!(everything, BTreeSet::from(known));
    }
}
