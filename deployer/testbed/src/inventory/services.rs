//! What exists, service by service.

use serde_json::{Map, Value, json};

use super::api::{Api, segment};
use super::xml::list;
use super::{Inventory, embedded_json};
use crate::resource::minted_key;

/// Functions, and what hangs on each: versions, aliases, and on both policies, URLs and settings of
/// asynchronous calls.
pub async fn lambda(api: &Api, all: &mut Inventory) {
    for function in paged(api, "/2015-03-31/functions", "Functions").await {
        let name = text(&function["FunctionName"]);
        let path = format!("/2015-03-31/functions/{}", segment(&name));
        let whole = api.get("lambda", &path).await;
        let policies = qualified(api, &name, "").await;
        all.add("lambda/function", &name, json!({ "configuration": function, "tags": whole["Tags"], "concurrency": whole["Concurrency"], "on": policies }), &[]);
        for version in paged(api, &format!("{path}/versions"), "Versions").await {
            if version["Version"] != "$LATEST" {
                all.add("lambda/version", &format!("{name}:{}", text(&version["Version"])), version, &[]);
            }
        }
        for alias in paged(api, &format!("{path}/aliases"), "Aliases").await {
            let on = qualified(api, &name, &text(&alias["Name"])).await;
            let url = text(&on["url"]["FunctionUrl"]);
            let id = url
                .trim_start_matches("http://")
                .trim_start_matches("https://")
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned();
            let alias_arn = text(&alias["AliasArn"]);
            let query = format!("/2015-03-31/event-source-mappings?FunctionName={}", segment(&name));
            for mapping in list(&api.get("lambda", &query).await["EventSourceMappings"]) {
                if mapping["FunctionArn"] == alias_arn.as_str() {
                    let (source, id) = (text(&mapping["EventSourceArn"]), text(&mapping["UUID"]));
                    all.add("lambda/event-source", &format!("{name} {source}"), mapping, &[&id]);
                }
            }
            all.add(
                "lambda/alias",
                &format!("{name}:{}", text(&alias["Name"])),
                json!({ "alias": alias, "on": on }),
                &[&id],
            );
        }
    }
}

/// What hangs on a function or its alias.
async fn qualified(api: &Api, name: &str, qualifier: &str) -> Value {
    let query = if qualifier.is_empty() { String::new() } else { format!("?Qualifier={}", segment(qualifier)) };
    let name = segment(name);
    json!({
        "policy": embedded_json(&api.get("lambda", &format!("/2015-03-31/functions/{name}/policy{query}")).await["Policy"]),
        "url": api.get("lambda", &format!("/2021-10-31/functions/{name}/url{query}")).await,
        "invoke": api.get("lambda", &format!("/2019-09-25/functions/{name}/event-invoke-config{query}")).await,
    })
}

async fn paged(api: &Api, path: &str, field: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut query = String::new();
    loop {
        let mut page = api.get("lambda", &format!("{path}{query}")).await;
        found.append(&mut list(&page[field].take()));
        match page["NextMarker"].as_str() {
            Some(marker) if !marker.is_empty() => query = format!("?Marker={}", segment(marker)),
            _ => return found,
        }
    }
}

/// Roles with their policies, and policies of this account.
pub async fn iam(api: &Api, all: &mut Inventory) {
    for role in list(&api.iam("ListRoles", &[]).await["Roles"]["member"]) {
        let name = text(&role["RoleName"]);
        let of = [("RoleName", name.as_str())];
        let mut inline = Map::new();
        for policy in list(&api.iam("ListRolePolicies", &of).await["PolicyNames"]["member"]) {
            let found = api.iam("GetRolePolicy", &[of[0], ("PolicyName", &text(&policy))]).await;
            inline.insert(text(&policy), decoded(&found["PolicyDocument"]));
        }
        let attached = list(&api.iam("ListAttachedRolePolicies", &of).await["AttachedPolicies"]["member"]);
        let tags = list(&api.iam("ListRoleTags", &of).await["Tags"]["member"]);
        let trust = decoded(&role["AssumeRolePolicyDocument"]);
        let id = text(&role["RoleId"]);
        all.add(
            "iam/role",
            &name,
            json!({ "role": role, "trust": trust, "inline": inline, "attached": attached, "tags": tags }),
            &[&id],
        );
    }
    for policy in list(&api.iam("ListPolicies", &[("Scope", "Local")]).await["Policies"]["member"]) {
        all.add("iam/policy", &text(&policy["PolicyName"]), policy.clone(), &[&text(&policy["PolicyId"])]);
    }
}

/// Log groups.
pub async fn logs(api: &Api, all: &mut Inventory) {
    for group in api.json_list("logs", "Logs_20140328.DescribeLogGroups", json!({}), "logGroups", "nextToken").await {
        let arn = text(&group["arn"]);
        let tags = api
            .json("logs", "Logs_20140328.ListTagsForResource", json!({ "resourceArn": arn.trim_end_matches(":*") }))
            .await;
        all.add("logs/group", &text(&group["logGroupName"]), json!({ "group": group, "tags": tags["tags"] }), &[]);
    }
}

/// Tables with their settings; not their items.
pub async fn dynamodb(api: &Api, all: &mut Inventory) {
    for name in api
        .json_list("dynamodb", "DynamoDB_20120810.ListTables", json!({}), "TableNames", "LastEvaluatedTableName")
        .await
    {
        let of = json!({ "TableName": name });
        let table = api.json("dynamodb", "DynamoDB_20120810.DescribeTable", of.clone()).await["Table"].take();
        let ttl =
            api.json("dynamodb", "DynamoDB_20120810.DescribeTimeToLive", of.clone()).await["TimeToLiveDescription"]
                .take();
        let backups = api.json("dynamodb", "DynamoDB_20120810.DescribeContinuousBackups", of).await["ContinuousBackupsDescription"].take();
        let tags = api
            .json("dynamodb", "DynamoDB_20120810.ListTagsOfResource", json!({ "ResourceArn": table["TableArn"] }))
            .await["Tags"]
            .take();
        let id = text(&table["TableId"]);
        all.add(
            "dynamodb/table",
            &text(&name),
            json!({ "table": table, "ttl": ttl, "backups": backups, "tags": tags }),
            &[&id],
        );
    }
}

/// Parameters; of a SecureString the version, never the value.
pub async fn ssm(api: &Api, all: &mut Inventory) {
    for parameter in api.json_list("ssm", "AmazonSSM.DescribeParameters", json!({}), "Parameters", "NextToken").await {
        let name = text(&parameter["Name"]);
        let mut tags = api
            .json("ssm", "AmazonSSM.ListTagsForResource", json!({ "ResourceType": "Parameter", "ResourceId": name }))
            .await["TagList"]
            .take();
        // When a value was published and came into use are times, as others that differ between two runs.
        let is_time =
            |tag: &&mut Value| matches!(tag["Key"].as_str(), Some("deployer:activated-at" | "deployer:published-at"));
        tags.as_array_mut().into_iter().flatten().filter(is_time).for_each(|tag| tag["Value"] = json!("a time"));
        let value = match parameter["Type"].as_str() {
            Some("SecureString") => Value::Null,
            _ => api.json("ssm", "AmazonSSM.GetParameter", json!({ "Name": name })).await["Parameter"]["Value"].take(),
        };
        let found = json!({ "parameter": parameter, "value": embedded_json(&value), "tags": tags });
        match minted_key(&name) {
            Some((folder, id)) => all.add("ssm/parameter", &format!("{folder}/"), found, &[id]),
            None => all.add("ssm/parameter", &name, found, &[]),
        }
    }
}

/// Rules with their whole target sets.
pub async fn events(api: &Api, all: &mut Inventory) {
    for rule in api.json_list("events", "AWSEvents.ListRules", json!({}), "Rules", "NextToken").await {
        let targets =
            api.json("events", "AWSEvents.ListTargetsByRule", json!({ "Rule": rule["Name"] })).await["Targets"].take();
        let tags =
            api.json("events", "AWSEvents.ListTagsForResource", json!({ "ResourceARN": rule["Arn"] })).await["Tags"]
                .take();
        all.add("events/rule", &text(&rule["Name"]), json!({ "rule": rule, "targets": targets, "tags": tags }), &[]);
    }
}

/// Queues; not their messages.
pub async fn sqs(api: &Api, all: &mut Inventory) {
    for url in api.json_list("sqs", "AmazonSQS.ListQueues", json!({}), "QueueUrls", "NextToken").await {
        let attributes = api
            .json("sqs", "AmazonSQS.GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] }))
            .await["Attributes"]
            .take();
        let tags = api.json("sqs", "AmazonSQS.ListQueueTags", json!({ "QueueUrl": url })).await["Tags"].take();
        let name = text(&url).rsplit('/').next().unwrap_or_default().to_owned();
        all.add("sqs/queue", &name, json!({ "attributes": attributes, "tags": tags }), &[]);
    }
}

/// Topics with who has subscribed.
pub async fn sns(api: &Api, all: &mut Inventory) {
    for topic in list(&api.sns("ListTopics", &[]).await["Topics"]["member"]) {
        let arn = text(&topic["TopicArn"]);
        let of = [("TopicArn", arn.as_str())];
        let attributes = list(&api.sns("GetTopicAttributes", &of).await["Attributes"]["entry"]);
        let subscriptions = list(&api.sns("ListSubscriptionsByTopic", &of).await["Subscriptions"]["member"]);
        let ids: Vec<String> = subscriptions.iter().map(|each| text(&each["SubscriptionArn"])).collect();
        let tags = list(&api.sns("ListTagsForResource", &[("ResourceArn", &arn)]).await["Tags"]["member"]);
        all.add(
            "sns/topic",
            arn.rsplit(':').next().unwrap_or_default(),
            json!({ "attributes": attributes, "subscriptions": subscriptions, "tags": tags }),
            &ids.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
}

/// Alarms of the region.
pub async fn alarms(api: &Api, all: &mut Inventory) {
    let target = |operation: &str| format!("GraniteServiceVersion20100801.{operation}");
    let found = api.json_list("monitoring", &target("DescribeAlarms"), json!({}), "MetricAlarms", "NextToken").await;
    for alarm in found {
        let of = json!({ "ResourceARN": alarm["AlarmArn"] });
        let tags = api.json("monitoring", &target("ListTagsForResource"), of).await["Tags"].take();
        all.add("cloudwatch/alarm", &text(&alarm["AlarmName"]), json!({ "alarm": alarm, "tags": tags }), &[]);
    }
}

/// Keys with their aliases; those that are leaving are gone.
pub async fn kms(api: &Api, all: &mut Inventory) {
    for key in api.json_list("kms", "TrentService.ListKeys", json!({}), "Keys", "NextMarker").await {
        let of = json!({ "KeyId": key["KeyId"] });
        let ask = async |operation: &str| api.json("kms", &format!("TrentService.{operation}"), of.clone()).await;
        let metadata = ask("DescribeKey").await["KeyMetadata"].take();
        if metadata["KeyManager"] != "CUSTOMER" || metadata["KeyState"] == "PendingDeletion" {
            continue;
        }
        let pairs = list(&ask("ListResourceTags").await["Tags"]);
        let tags: Map<String, Value> =
            pairs.iter().map(|tag| (text(&tag["TagKey"]), tag["TagValue"].clone())).collect();
        let aliases: Vec<Value> =
            list(&ask("ListAliases").await["Aliases"]).iter().map(|each| each["AliasName"].clone()).collect();
        let name = aliases.first().map_or_else(|| "without-alias".to_owned(), text);
        let rotates = ask("GetKeyRotationStatus").await["KeyRotationEnabled"].take();
        let policy = embedded_json(&ask("GetKeyPolicy").await["Policy"]);
        let value = json!({ "key": metadata, "aliases": aliases, "tags": tags, "rotates": rotates, "policy": policy });
        all.add("kms/key", &name, value, &[&text(&key["KeyId"])]);
    }
}

/// Web ACLs of CloudFront.
pub async fn waf(api: &Api, all: &mut Inventory) {
    for summary in api
        .json_list("wafv2", "AWSWAF_20190729.ListWebACLs", json!({ "Scope": "CLOUDFRONT" }), "WebACLs", "NextMarker")
        .await
    {
        let of = json!({ "Scope": "CLOUDFRONT", "Name": summary["Name"], "Id": summary["Id"] });
        let acl = api.json("wafv2", "AWSWAF_20190729.GetWebACL", of).await["WebACL"].take();
        let tags = api
            .json("wafv2", "AWSWAF_20190729.ListTagsForResource", json!({ "ResourceARN": summary["ARN"] }))
            .await["TagInfoForResource"]["TagList"]
            .take();
        all.add(
            "wafv2/web-acl",
            &text(&summary["Name"]),
            json!({ "acl": acl, "tags": tags }),
            &[&text(&summary["Id"])],
        );
    }
}

/// Identities and configuration sets with their event destinations.
pub async fn ses(api: &Api, all: &mut Inventory) {
    for identity in list(&api.get("ses", "/v2/email/identities").await["EmailIdentities"]) {
        let name = text(&identity["IdentityName"]);
        all.add("ses/identity", &name, api.get("ses", &format!("/v2/email/identities/{}", segment(&name))).await, &[]);
    }
    for set in list(&api.get("ses", "/v2/email/configuration-sets").await["ConfigurationSets"]) {
        let name = text(&set);
        let path = format!("/v2/email/configuration-sets/{}", segment(&name));
        let (found, events) =
            (api.get("ses", &path).await, api.get("ses", &format!("{path}/event-destinations")).await);
        all.add(
            "ses/configuration-set",
            &name,
            json!({ "set": found, "events": events["EventDestinations"], "tags": found["Tags"] }),
            &[],
        );
    }
}

fn decoded(document: &Value) -> Value {
    let raw = text(document);
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        let digits = (byte == b'%').then(|| rest.clone().take(2).map(char::from).collect::<String>());
        match digits.and_then(|digits| u8::from_str_radix(&digits, 16).ok()) {
            Some(decoded) => {
                rest.nth(1);
                bytes.push(decoded);
            }
            None => bytes.push(byte),
        }
    }
    embedded_json(&Value::String(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The text of a value, `""` for none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
