use serde_json::json;

use super::*;
use crate::Emulator;

const REGION: &str = "us-west-2";

/// Something of most services, tagged as ours where it can be.
async fn populate(endpoint: &str) {
    let api = Api::new(endpoint, REGION);
    let pairs = json!([{ "Key": "deployer:stack", "Value": "crew" }, { "Key": "deployer:env", "Value": "local" }]);
    api.json("dynamodb", "DynamoDB_20120810.CreateTable", json!({ "TableName": "sails", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }], "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }], "Tags": pairs })).await;
    api.json(
        "ssm",
        "AmazonSSM.PutParameter",
        json!({ "Name": "/crew/token", "Value": "not to be seen", "Type": "SecureString", "Tags": pairs }),
    )
    .await;
    api.json(
        "logs",
        "Logs_20140328.CreateLogGroup",
        json!({ "logGroupName": "/aws/lambda/crew", "tags": { "deployer:stack": "crew", "deployer:env": "prod" } }),
    )
    .await;
    api.json(
        "sqs",
        "AmazonSQS.CreateQueue",
        json!({ "QueueName": "failures", "tags": { "deployer:stack": "crew", "deployer:env": "local" } }),
    )
    .await;
    api.json(
        "events",
        "AWSEvents.PutRule",
        json!({ "Name": "nudge", "ScheduleExpression": "rate(1 hour)", "Tags": pairs }),
    )
    .await;
    api.iam(
        "CreateRole",
        &[
            ("RoleName", "crew"),
            ("AssumeRolePolicyDocument", "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"),
            ("Tags.member.1.Key", "deployer:stack"),
            ("Tags.member.1.Value", "crew"),
            ("Tags.member.2.Key", "deployer:env"),
            ("Tags.member.2.Value", "local"),
        ],
    )
    .await;
    api.sns(
        "CreateTopic",
        &[
            ("Name", "feedback"),
            ("Tags.member.1.Key", "deployer:stack"),
            ("Tags.member.1.Value", "crew"),
            ("Tags.member.2.Key", "deployer:env"),
            ("Tags.member.2.Value", "local"),
        ],
    )
    .await;
    let topic = [("TopicArn", "arn:aws:sns:us-west-2:000000000000:feedback")];
    api.sns("Subscribe", &[topic[0], ("Protocol", "email"), ("Endpoint", "ops@example.com")]).await;
    api.json("wafv2", "AWSWAF_20190729.CreateWebACL", json!({ "Name": "edge", "Scope": "CLOUDFRONT", "DefaultAction": { "Allow": {} }, "VisibilityConfig": { "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "edge" }, "Rules": [], "Tags": pairs })).await;
}

#[tokio::test]
async fn an_empty_aws_has_an_empty_inventory() {
    let emulator = Emulator::start().await;
    assert_eq!(inventory(&emulator.endpoint, REGION).await.masked(), BTreeMap::new());
}

#[tokio::test]
async fn the_same_things_in_two_worlds_are_the_same_inventory_and_ours_are_known_by_their_tags() {
    let (one, other) = (Emulator::start().await, Emulator::start().await);
    populate(&one.endpoint).await;
    populate(&other.endpoint).await;
    let (first, second) = (inventory(&one.endpoint, REGION).await, inventory(&other.endpoint, REGION).await);
    let names = [
        "dynamodb/table/sails",
        "events/rule/nudge",
        "iam/role/crew",
        "logs/group//aws/lambda/crew",
        "sns/topic/feedback",
        "sqs/queue/failures",
        "ssm/parameter//crew/token",
        "wafv2/web-acl/edge",
    ];
    assert_eq!(first.keys().collect::<Vec<_>>(), names);
    assert_eq!(first.masked(), second.masked());
    assert_ne!(first, second, "ids and times are minted anew");
    let ours: Vec<&str> = names.into_iter().filter(|name| !name.starts_with("logs/")).collect();
    assert_eq!(first.tagged("crew", "local"), ours);
    assert!(!format!("{first:?}").contains("not to be seen"));
    one.reset().await;
    assert!(inventory(&one.endpoint, REGION).await.is_empty());
}

#[test]
fn an_id_is_masked_wherever_it_stands() {
    let mut all = Inventory::default();
    all.add("cloudfront/distribution", "crew/cdn.main", json!({ "Id": "E123", "ETag": "x" }), &["E123"]);
    all.add("s3/bucket", "web", json!({ "policy": { "SourceArn": "arn:aws:cloudfront::1:distribution/E123" } }), &[]);
    let masked = all.masked();
    assert_eq!(
        masked["cloudfront/distribution/crew/cdn.main"],
        json!({ "Id": "<cloudfront/distribution/crew/cdn.main>" })
    );
    assert_eq!(
        masked["s3/bucket/web"]["policy"]["SourceArn"],
        "arn:aws:cloudfront::1:distribution/<cloudfront/distribution/crew/cdn.main>"
    );
}
