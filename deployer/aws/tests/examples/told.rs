//! Examples of what tells somebody something: mails, topics, alarms.

use serde_json::{Value, json};

use super::Example;
use crate::world::{ACCOUNT, REGION};

/// The account does as its own policies say, and SES does one thing.
fn topic_policy(region: &str, action: &str) -> Value {
    let topic = format!("arn:aws:sns:{region}:{ACCOUNT}:contract-test-feedback");
    let own = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:SetTopicAttributes", "sns:Subscribe"];
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "Owner", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Action": own, "Resource": topic },
        { "Sid": "Tell", "Effect": "Allow", "Principal": { "Service": "ses.amazonaws.com" }, "Action": action, "Resource": topic },
    ] })
}

/// An alarm of what the local AWS keeps; the test of figures that are made of others has an AWS of its own.
fn alarm(address: &str, type_name: &'static str, name: &str, topic: &str) -> Example {
    let watches = |statistic: &str| json!({ "namespace": "AWS/Lambda", "name": "Errors", "dimensions": { "FunctionName": "contract-test-api" }, "statistic": statistic, "period_seconds": 300 });
    let inputs = json!({
        "name": name, "description": "errors of the api", "watches": watches("Sum"), "threshold": 0.0, "periods": 1, "missing": "notBreaching", "tells": [topic],
    });
    Example::new(address, type_name, inputs)
        .tagged()
        .changing(json!({ "watches": watches("Maximum"), "threshold": 2.5, "periods": 3 }))
        .changing(json!({ "description": "look at the log", "missing": "breaching", "tells": [] }))
}

/// A sender, whom it tells, and who is told when a figure is too high.
pub fn mail() -> Vec<Example> {
    vec![
        // The local AWS goes on telling the tags that an identity was made with.
        Example::new("mail.main/identity", "ses_identity", json!({ "address": "admin@example.com" })).tagged_for_good(),
        Example::new("mail.main/domain", "ses_domain", json!({ "domain": "example.com", "verified": true })).tagged_for_good(),
        Example::new("mail.local/identity", "local_identity", json!({ "address": "local@example.com" })),
        Example::new(
            "mail.main/mail",
            "ses_configuration_set",
            json!({ "name": "contract-test-main", "reputation_metrics": true, "sending": true, "suppress": ["BOUNCE", "COMPLAINT"], "require_tls": true }),
        )
        .tagged()
        .changing(json!({ "sending": false }))
        .changing(json!({ "reputation_metrics": false, "suppress": ["BOUNCE"], "require_tls": false })),
        Example::new("topic.feedback/topic", "sns_topic", json!({ "name": "contract-test-feedback", "policy": topic_policy(REGION, "sns:Publish") }))
            .tagged()
            .changing(json!({ "policy": topic_policy(REGION, "sns:Subscribe") })),
        Example::new(
            "mail.main/events",
            "ses_event_destination",
            json!({
                "configuration_set": "contract-test-main", "name": "events", "events": ["BOUNCE", "COMPLAINT"], "topic_arn": "${topic.feedback/topic#arn}", "enabled": true,
            }),
        )
        .changing(json!({ "events": ["BOUNCE"] }))
        .changing(json!({ "enabled": false })),
        Example::new(
            "topic.feedback/address.d5e5e5e5e",
            "sns_subscription",
            json!({ "topic_arn": "${topic.feedback/topic#arn}", "protocol": "email", "endpoint": "ops@example.com", "confirmed": true }),
        ),
        Example::new("topic.feedback/edge", "edge_sns_topic", json!({ "name": "contract-test-feedback", "policy": topic_policy("us-east-1", "sns:Publish") })).tagged(),
        Example::new(
            "topic.feedback/edge_address.d5e5e5e5e",
            "edge_sns_subscription",
            json!({ "topic_arn": "${topic.feedback/edge#arn}", "protocol": "email", "endpoint": "ops@example.com", "confirmed": true }),
        ),
        alarm("alarm.errors/alarm", "cloudwatch_alarm", "contract-test-errors", "${topic.feedback/topic#arn}"),
        alarm("alarm.visitors/alarm", "edge_cloudwatch_alarm", "contract-test-visitors", "${topic.feedback/edge#arn}"),
    ]
}
