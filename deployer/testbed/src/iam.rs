//! Where the local AWS judges otherwise than AWS when it enforces IAM.

use serde_json::{Value, json};

/// Services whose objects it does not tell from most requests: it judges them on `*`.
const JUDGED_ON_EVERYTHING: &[&str] = &["acm:", "cloudfront:", "events:", "kms:", "route53:"];
/// Single actions of the same sort.
const JUDGED_SO_TOO: &[&str] = &[
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:ListEventSourceMappings",
    "logs:DescribeLogGroups",
    "ses:TagResource",
    "ses:UntagResource",
    "sns:ListTagsForResource",
    "sns:TagResource",
    "sns:UntagResource",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "wafv2:ListTagsForResource",
    "wafv2:TagResource",
    "wafv2:UntagResource",
];
/// What it takes a GetAlias and a CreateDistribution with tags for.
const MISTAKEN: [&str; 2] = ["lambda:ListAliases", "cloudfront:CreateDistributionWithTags"];

/// A policy of the same actions, on everything where the local AWS judges so.
pub fn for_the_emulator(mut policy: Value) -> Value {
    let statements = policy["Statement"].as_array_mut().expect("a policy has statements");
    let actions = statements.iter().flat_map(|each| each["Action"].as_array().cloned().unwrap_or_default());
    let on_everything = actions.filter(|action| {
        let action = action.as_str().expect("an action is text");
        JUDGED_SO_TOO.contains(&action) || JUDGED_ON_EVERYTHING.iter().any(|service| action.starts_with(service))
    });
    let on_everything: Vec<_> = on_everything.chain(MISTAKEN.map(|action| json!(action))).collect();
    statements.push(json!({ "Sid": "Emulator", "Effect": "Allow", "Action": on_everything, "Resource": "*" }));
    policy
}
