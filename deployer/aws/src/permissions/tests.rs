//! The policies, as people would read them.

use insta::assert_snapshot;

use super::*;
use crate::actions::is_change;
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
    of_role(Role::Deploy, declarations, environment)
}

fn of_role(role: Role, declarations: &str, environment: &str) -> String {
    let wanted = wanted(declarations, environment, &["api"]).unwrap();
    let environment = stack(declarations, environment).unwrap().environment;
    let policy = role_policy(role, &resources::all(), &environment, &wanted.desired, &[]);
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
      ssm:AddTagsToResource ssm:DeleteParameter ssm:GetParameter ssm:GetParameters ssm:LabelParameterVersion ssm:ListTagsForResource ssm:PutParameter ssm:RemoveTagsFromResource
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
fn a_key_is_changed_by_its_stack_and_read_before_its_tags_count() {
    assert_snapshot!(shown("[key.private]\n", "prod"), @r#"
    Anything
      *
      kms:ListAliases kms:ListKeys sts:GetCallerIdentity
    AnyKeys
      arn:aws:kms:us-west-2:111122223333:key/*
      kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags
    KeyAliases
      arn:aws:kms:us-west-2:111122223333:alias/crew-prod-*
      kms:CreateAlias kms:DeleteAlias
    NewKeys
      *
      kms:CreateKey kms:TagResource
      when {"StringEquals":{"aws:RequestTag/deployer:stack":"crew","aws:RequestTag/deployer:env":"prod"}}
    OwnKeys
      arn:aws:kms:us-west-2:111122223333:key/*
      kms:CancelKeyDeletion kms:CreateAlias kms:DeleteAlias kms:DisableKeyRotation kms:EnableKey kms:EnableKeyRotation kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:TagResource kms:UntagResource kms:UpdateKeyDescription
      when {"StringEquals":{"aws:ResourceTag/deployer:stack":"crew","aws:ResourceTag/deployer:env":"prod"}}
    "#);
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
        "acm:ListCertificates",
        "cloudfront:ListCachePolicies",
        "cloudfront:ListDistributions",
        "cloudfront:ListOriginAccessControls",
        "cloudfront:ListResponseHeadersPolicies",
        "kms:ListAliases",
        "kms:ListKeys",
        "lambda:ListEventSourceMappings",
        "route53:ListHostedZones",
        "sns:Unsubscribe",
        "ssm:DescribeParameters",
        "wafv2:ListWebACLs",
    ];
    assert_eq!(everything, BTreeSet::from(known));
}

#[test]
fn who_rotates_changes_secrets_and_nothing_else_and_who_plans_changes_nothing() {
    let text = r#"
[param.lake]
value = "Mead"
[secret.origin]
kind = "random"
key = "arn:aws:kms:us-west-2:111122223333:key/1"
[secret.jwt]
kind = "rs256-ring"
[table.roles]
key = { hash = "event_id:S" }
"#;
    assert_snapshot!(of_role(Role::Rotate, text, "prod"), @"
    Anything
      *
      ssm:DescribeParameters sts:GetCallerIdentity
    Keys
      arn:aws:kms:us-west-2:111122223333:key/1
      kms:Decrypt kms:Encrypt
    Parameters
      arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/jwt arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/jwt/* arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/origin
      ssm:AddTagsToResource ssm:DeleteParameter ssm:GetParameters ssm:GetParametersByPath ssm:LabelParameterVersion ssm:ListTagsForResource ssm:PutParameter
    ");
    let plan = of_role(Role::Plan, text, "prod");
    let changes =
        plan.split_whitespace().filter(|word| word.contains(':') && !word.starts_with("arn:") && is_change(word));
    assert_eq!(changes.collect::<Vec<_>>(), Vec::<&str>::new(), "{plan}");
}
