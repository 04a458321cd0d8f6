#!/usr/bin/env python3
"""Writes src/limits/table.rs: what AWS's published service models say of the members that our resources set.

Run it with an interpreter that has botocore (that of the local AWS has it): `make limits`. With `--check` it writes
nothing and ends with 1 when the table is not what the models say. What the models leave out and AWS's documentation
says stands in DOCUMENTED, each with its page.
"""
import pathlib
import sys

import botocore.session

TABLE = pathlib.Path(__file__).parent / "src/limits/table.rs"

MEMBERS = [
    "acm:RequestCertificate.DomainName",
    "cloudfront:CreateCachePolicy.CachePolicyConfig.Name",
    "cloudfront:CreateFunction.FunctionCode",
    "cloudfront:CreateFunction.FunctionConfig.Runtime",
    "cloudfront:CreateFunction.Name",
    "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.Name",
    "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.OriginAccessControlOriginType",
    "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.SigningBehavior",
    "cloudfront:CreateResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name",
    "cloudwatch:PutMetricAlarm.AlarmDescription",
    "cloudwatch:PutMetricAlarm.AlarmName",
    "cloudwatch:PutMetricAlarm.EvaluationPeriods",
    "dynamodb:CreateTable.BillingMode",
    "dynamodb:CreateTable.TableName",
    "dynamodb:UpdateTimeToLive.TimeToLiveSpecification.AttributeName",
    "events:PutRule.Description",
    "events:PutRule.Name",
    "events:PutRule.ScheduleExpression",
    "events:PutTargets.Targets.Id",
    "events:PutTargets.Targets.RetryPolicy.MaximumEventAgeInSeconds",
    "events:PutTargets.Targets.RetryPolicy.MaximumRetryAttempts",
    "iam:CreateRole.Description",
    "iam:CreateRole.MaxSessionDuration",
    "iam:CreateRole.RoleName",
    "kms:CreateAlias.AliasName",
    "kms:CreateKey.Description",
    "kms:ScheduleKeyDeletion.PendingWindowInDays",
    "lambda:AddPermission.Action",
    "lambda:AddPermission.Principal",
    "lambda:AddPermission.StatementId",
    "lambda:CreateEventSourceMapping.BatchSize",
    "lambda:CreateFunction.Architectures",
    "lambda:CreateFunction.Description",
    "lambda:CreateFunction.FunctionName",
    "lambda:CreateFunction.Handler",
    "lambda:CreateFunction.LoggingConfig.LogFormat",
    "lambda:CreateFunction.LoggingConfig.LogGroup",
    "lambda:CreateFunction.MemorySize",
    "lambda:CreateFunction.Runtime",
    "lambda:CreateFunction.Timeout",
    "lambda:CreateFunctionUrlConfig.AuthType",
    "lambda:CreateFunctionUrlConfig.InvokeMode",
    "lambda:PutFunctionEventInvokeConfig.MaximumEventAgeInSeconds",
    "lambda:PutFunctionEventInvokeConfig.MaximumRetryAttempts",
    "logs:CreateLogGroup.logGroupName",
    "logs:PutRetentionPolicy.retentionInDays",
    "s3:CreateBucket.Bucket",
    "sesv2:CreateConfigurationSet.ConfigurationSetName",
    "sesv2:CreateConfigurationSetEventDestination.EventDestination.MatchingEventTypes",
    "sesv2:CreateConfigurationSetEventDestination.EventDestinationName",
    "sns:CreateTopic.Name",
    "sns:Subscribe.Protocol",
    "sqs:CreateQueue.QueueName",
    "sqs:SetQueueAttributes.MessageRetentionPeriod",
    "sqs:SetQueueAttributes.RedrivePolicy.maxReceiveCount",
    "sqs:SetQueueAttributes.VisibilityTimeout",
    "ssm:PutParameter.Description",
    "ssm:PutParameter.Name",
    "ssm:PutParameter.Type",
    "ssm:PutParameter.Value",
    "wafv2:CreateWebACL.Name",
    "wafv2:CreateWebACL.Rules.Name",
]

# What AWS says elsewhere, because its models say nothing or something wider.
DOCUMENTED = {
    # The model's pattern looks ahead; what it keeps out is refused with the declaration. A longer name fits into no common
    # name. RequestCertificate.
    "acm:RequestCertificate.DomainName": {"min": 1, "max": 64, "pattern": r"[a-z0-9.-]+"},
    # CreateCachePolicy and its console: up to 128 characters.
    "cloudfront:CreateCachePolicy.CachePolicyConfig.Name": {"min": 1, "max": 128, "pattern": r"[a-zA-Z0-9_-]+"},
    # OriginAccessControlConfig: "maximum 64 characters".
    "cloudfront:CreateOriginAccessControl.OriginAccessControlConfig.Name": {"min": 1, "max": 64},
    # CloudFront quotas: function size 10 KB.
    "cloudfront:CreateFunction.FunctionCode": {"max": 10240},
    "cloudfront:CreateResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name": {"min": 1, "max": 128, "pattern": r"[a-zA-Z0-9_-]+"},
    # The model describes ARNs too. DynamoDB, naming rules.
    "dynamodb:CreateTable.TableName": {"min": 3, "max": 255, "pattern": r"[a-zA-Z0-9_.-]+"},
    # CreateAlias: the model says 1 to 256 of any key. Those that begin with `alias/aws/` are AWS's own.
    "kms:CreateAlias.AliasName": {"min": 7, "max": 256, "pattern": r"alias/[a-zA-Z0-9/_-]+"},
    # ScheduleKeyDeletion.
    "kms:ScheduleKeyDeletion.PendingWindowInDays": {"min": 7, "max": 30},
    # The model describes ARNs too. CreateFunction: the name alone is limited to 64 characters.
    "lambda:CreateFunction.FunctionName": {"min": 1, "max": 64, "pattern": r"[a-zA-Z0-9-_]+"},
    # The model describes managed instances too. Lambda quotas: 10,240 MB, 900 seconds.
    "lambda:CreateFunction.MemorySize": {"min": 128, "max": 10240},
    "lambda:CreateFunction.Timeout": {"min": 1, "max": 900},
    # PutRetentionPolicy.
    "logs:PutRetentionPolicy.retentionInDays": {"values": "1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653".split()},
    # S3, bucket naming rules.
    "s3:CreateBucket.Bucket": {"min": 3, "max": 63, "pattern": r"[a-z0-9][a-z0-9.-]*[a-z0-9]"},
    # CreateConfigurationSet.
    "sesv2:CreateConfigurationSet.ConfigurationSetName": {"min": 1, "max": 64, "pattern": r"[a-zA-Z0-9_-]+"},
    # CreateConfigurationSetEventDestination.
    "sesv2:CreateConfigurationSetEventDestination.EventDestinationName": {"min": 1, "max": 64, "pattern": r"[a-zA-Z0-9_-]+"},
    # CreateTopic.
    "sns:CreateTopic.Name": {"min": 1, "max": 256, "pattern": r"[a-zA-Z0-9_-]+"},
    # Subscribe; those that we can want.
    "sns:Subscribe.Protocol": {"values": ["email", "lambda"]},
    # CreateQueue.
    "sqs:CreateQueue.QueueName": {"min": 1, "max": 80, "pattern": r"[a-zA-Z0-9_-]+"},
    "sqs:SetQueueAttributes.MessageRetentionPeriod": {"min": 60, "max": 1209600},
    "sqs:SetQueueAttributes.RedrivePolicy.maxReceiveCount": {"min": 1, "max": 1000},
    "sqs:SetQueueAttributes.VisibilityTimeout": {"min": 0, "max": 43200},
    # The length leaves room for the prefix that AWS counts too. PutParameter.
    "ssm:PutParameter.Name": {"min": 1, "max": 1011, "pattern": r"[a-zA-Z0-9_.\-/]+"},
    # The standard tier. PutParameter.
    "ssm:PutParameter.Value": {"min": 1, "max": 4096},
}


def shape_of(session, member):
    """The shape at `service:Operation.Member.Member`; lists are passed through to what they hold."""
    service, path = member.split(":")
    operation, *members = path.split(".")
    shape = session.get_service_model(service).operation_model(operation).input_shape
    for name in members:
        while shape.type_name == "list":
            shape = shape.member
        if name not in getattr(shape, "members", {}):
            return None
        shape = shape.members[name]
    while shape.type_name == "list":
        shape = shape.member
    return shape


def limit_of(session, member):
    """`min`, `max`, `pattern` and `values` of a member, those that there are."""
    shape = shape_of(session, member)
    if shape is None and member not in DOCUMENTED:
        sys.exit(f"{member} is in no model and not documented")
    said = {} if shape is None else dict(shape.metadata)
    limit = {key: said[key] for key in ("min", "max", "pattern") if key in said}
    if "enum" in said:
        limit["values"] = said["enum"]
    limit.update(DOCUMENTED.get(member, {}))
    # The models write characters as Java does, and anchors that change nothing: a pattern is of the whole.
    if "pattern" in limit:
        pattern = limit["pattern"].removeprefix("^").removesuffix("$")
        limit["pattern"] = "".join(f"\\x{{{part[:4]}}}{part[4:]}" if at else part for at, part in enumerate(pattern.split("\\u")))
    if not limit:
        sys.exit(f"{member} has no limit: leave it out")
    return limit


def row(member, limit):
    number = lambda key: f"Some({int(limit[key])})" if key in limit else "None"
    pattern = f'Some(r"{limit["pattern"]}")' if "pattern" in limit else "None"
    values = ", ".join(f'"{each}"' for each in limit.get("values", []))
    return (
        f'    Limit {{ member: "{member}", min: {number("min")}, max: {number("max")}, '
        f"pattern: {pattern}, values: &[{values}] }},\n"
    )


def main():
    session = botocore.session.get_session()
    rows = "".join(row(member, limit_of(session, member)) for member in sorted(MEMBERS))
    text = (
        "//! Written by `make limits` from AWS's published service models: do not edit.\n\n"
        "use super::Limit;\n\n"
        "/// What AWS takes, by member, in the order of their names.\n"
        "#[rustfmt::skip]\n"
        f"pub const TABLE: &[Limit] = &[\n{rows}];\n"
    )
    if "--check" in sys.argv:
        if TABLE.read_text() != text:
            sys.exit(f"{TABLE} is not what the models say: run `make limits`")
    else:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(text)


main()
