//! One example of every type in the registry, in an order in which they can be made.

mod told;
mod web;

use std::sync::Arc;

use deployer_engine::address::Address;
use serde_json::{Value, json};

use crate::world::{ACCOUNT, REGION, Shipped, World, open, zip_of, zip_sha256};

/// The type whose object only a person makes.
pub const PUT_BY_A_PERSON: &str = "external_secret";
/// The name of that object.
const EXTERNAL_SECRET: &str = "/contract/test/secret/slack";
/// What the function of the examples runs, and what a change makes of it.
const BOOTSTRAPS: [&str; 2] = ["#!/bin/sh\nexit 1\n", "#!/bin/sh\nexit 2\n"];

/// An object as a kind would want it.
pub struct Example {
    /// Where it stands.
    pub address: Address,
    /// Its type.
    pub type_name: &'static str,
    /// Its inputs; `${address#output}` of examples before it.
    pub inputs: Value,
    /// Fields that may change, one set at a time; `null` leaves one out.
    changed: Vec<Value>,
}

impl Example {
    fn new(address: &str, type_name: &'static str, inputs: Value) -> Self {
        Self { address: address.parse().expect("an address"), type_name, inputs, changed: Vec::new() }
    }

    /// The same with its ownership tags and one of the stack, which changes.
    fn tagged(self) -> Self {
        self.tagged_for_good().changing(json!({ "tags": "others" }))
    }

    /// The same with its ownership tags and one of the stack.
    fn tagged_for_good(mut self) -> Self {
        self.inputs["tags"] = tags(&self.address, &[("owner", "platform")]);
        self
    }

    /// The same with its ownership tags and no others: what keeps them in a comment.
    fn owned(mut self) -> Self {
        self.inputs["tags"] = tags(&self.address, &[]);
        self
    }

    /// The same with fields that may change.
    fn changing(mut self, fields: Value) -> Self {
        self.changed.push(fields);
        self
    }

    /// Its inputs with each set of changed fields.
    pub fn changes(&self) -> Vec<Value> {
        self.changed.iter().map(|fields| self.with(fields)).collect()
    }

    fn with(&self, fields: &Value) -> Value {
        let mut inputs = self.inputs.clone();
        let members = inputs.as_object_mut().expect("inputs are a table");
        for (field, value) in fields.as_object().expect("changes are a table") {
            match value {
                Value::Null => members.shift_remove(field),
                Value::String(_) if field == "tags" => {
                    members.insert(field.clone(), tags(&self.address, &[("team", "crew, at sea")]))
                }
                other => members.insert(field.clone(), other.clone()),
            };
        }
        inputs
    }
}

fn tags(address: &Address, others: &[(&str, &str)]) -> Value {
    let mut tags =
        json!({ "deployer:stack": "contract", "deployer:env": "test", "deployer:address": address.to_string() });
    others.iter().for_each(|(key, value)| tags[*key] = json!(value));
    tags
}

/// What the examples ship.
pub fn shipped() -> Shipped {
    let shipped = Shipped::default();
    for bootstrap in BOOTSTRAPS {
        shipped.ship(zip_of(bootstrap));
    }
    web::ship(&shipped);
    shipped
}

/// Does what a person is asked to do.
pub async fn put_by_a_person(world: &World) {
    let secure = aws_sdk_ssm::types::ParameterType::SecureString;
    let theirs = open(&world.endpoint, Arc::new(Shipped::default())).await;
    theirs
        .ssm()
        .put_parameter()
        .name(EXTERNAL_SECRET)
        .value("hunter2")
        .r#type(secure)
        .send()
        .await
        .expect("the local AWS takes a parameter");
}

/// Every example.
pub fn all() -> Vec<Example> {
    [queues_and_tables(), vec![key()], parameters(), told::mail(), functions(), schedules(), web::site(), web::cdn()]
        .into_iter()
        .flatten()
        .collect()
}

fn queues_and_tables() -> Vec<Example> {
    let policy = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Events", "Effect": "Allow", "Action": [action], "Resource": [format!("arn:aws:sqs:{REGION}:{ACCOUNT}:contract-test-failed")],
            "Principal": { "Service": "events.amazonaws.com" }, "Condition": { "StringEquals": { "aws:SourceAccount": ACCOUNT } },
        }] })
    };
    let dead_letters = |attempts: u32| json!({ "queue_arn": "${queue.failed/queue#arn}", "attempts": attempts });
    let by_departure = json!({ "hash": "calendar:S", "range": "departs_at:N" });
    let by_role = json!({ "hash": "role:S" });
    vec![
        Example::new("queue.failed/queue", "sqs_queue", json!({ "name": "contract-test-failed", "retention_seconds": 1_209_600, "policy": policy("sqs:SendMessage") }))
            .tagged()
            .changing(json!({ "retention_seconds": 86_400 }))
            .changing(json!({ "policy": policy("sqs:GetQueueUrl") }))
            .changing(json!({ "visibility_seconds": 60 }))
            .changing(json!({ "retention_seconds": null, "policy": null })),
        Example::new("queue.jobs/queue", "sqs_queue", json!({ "name": "contract-test-jobs", "visibility_seconds": 60, "dead_letters": dead_letters(5) }))
            .tagged()
            .changing(json!({ "dead_letters": dead_letters(6) }))
            .changing(json!({ "visibility_seconds": null, "dead_letters": null })),
        Example::new(
            "table.roles/table",
            "dynamodb_table",
            json!({
                "name": "contract-test-roles", "key": { "hash": "event_id:S", "range": "slot:S" }, "indexes": { "by-departure": by_departure, "by-role": by_role },
                "ttl": "expires_at", "recovery": true, "billing": "PAY_PER_REQUEST",
            }),
        )
        .tagged()
        .changing(json!({ "protection": true }))
        .changing(json!({ "recovery": null }))
        .changing(json!({ "ttl": null }))
        .changing(json!({ "indexes": { "by-departure": { "hash": "calendar:S", "range": "created_at:N" }, "by-kind": by_role } })),
    ]
}

fn parameters() -> Vec<Example> {
    vec![
        Example::new(
            "param.lake/param",
            "ssm_parameter",
            json!({ "name": "/contract/test/lake", "type": "String", "value": "Mead", "description": "where" }),
        )
        .tagged()
        .changing(json!({ "value": "Powell" }))
        .changing(json!({ "description": "which" }))
        .changing(json!({ "description": null })),
        Example::new(
            "secret.origin/secret",
            "ssm_secret",
            json!({ "name": "/contract/test/secret/origin", "bytes": 32 }),
        )
        .tagged()
        .changing(json!({ "bytes": 64, "alphabet": "hex" })),
        Example::new(
            "secret.jwt/secret",
            "rs256_ring",
            json!({ "name": "/contract/test/secret/jwt", "token_ttl_seconds": 43_200, "jwks_cache_seconds": 900, "signs": true }),
        )
        .tagged()
        .changing(json!({ "token_ttl_seconds": 3_600, "jwks_cache_seconds": 60 })),
        Example::new(
            "secret.jwt/publish",
            "ring_turn",
            json!({ "turn": "publish", "at": 1, "ring": {
                "name": "/contract/test/secret/jwt", "token_ttl_seconds": 43_200, "jwks_cache_seconds": 900, "signs": true,
                "tags": tags(&"secret.jwt/secret".parse().expect("an address"), &[("owner", "platform")]),
            } }),
        ),
        Example::new(
            "secret.origin/publish",
            "secret_turn",
            json!({ "turn": "publish", "at": 1, "secret": {
                "name": "/contract/test/secret/origin", "bytes": 32,
                "tags": tags(&"secret.origin/secret".parse().expect("an address"), &[("owner", "platform")]),
            } }),
        ),
        Example::new("secret.slack/secret", PUT_BY_A_PERSON, json!({ "name": EXTERNAL_SECRET })),
    ]
}

fn key() -> Example {
    let policy = |sid: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": sid, "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Action": "kms:*", "Resource": "*" },
        ] })
    };
    let inputs = json!({ "alias": "alias/contract-test-private", "description": "private", "policy": policy("Account"), "rotates": true, "enabled": true, "deletion_days": 30 });
    Example::new("key.private/key", "kms_key", inputs)
        .tagged()
        .changing(json!({ "rotates": false, "description": "very private", "alias": "alias/contract-test-secret" }))
        .changing(json!({ "deletion_days": 7, "policy": policy("Owner") }))
}

fn functions() -> Vec<Example> {
    let statement = |action: &str| json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Logs", "Effect": "Allow", "Action": [action], "Resource": ["arn:aws:logs:*:*:*"] }] });
    let code =
        |at: usize| json!({ "source_sha256": format!("5e{at}"), "zip_sha256": zip_sha256(&zip_of(BOOTSTRAPS[at])) });
    let name = "contract-test-api";
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": ACCOUNT } },
    }] });
    vec![
        Example::new("function.api/role", "iam_role", json!({ "name": "contract-test-api-role", "trust": trust, "policies": { "logs": statement("logs:PutLogEvents") }, "attached": [] }))
            .tagged()
            .changing(json!({ "policies": { "logs": statement("logs:CreateLogStream") } }))
            // The local AWS does not take an empty description, so a reset one is not among the changes.
            .changing(json!({ "policies": { "traces": statement("xray:PutTraceSegments") } })),
        Example::new("function.api/logs", "log_group", json!({ "name": "/aws/lambda/contract-test-api", "retention_days": 30 }))
            .tagged()
            .changing(json!({ "retention_days": 7 }))
            .changing(json!({ "retention_days": null })),
        Example::new(
            "function.api/function",
            "lambda_function",
            json!({
                "name": name, "role": "${function.api/role#arn}", "role_id": "${function.api/role#role_id}", "architecture": "x86_64", "runtime": "provided.al2023", "handler": "bootstrap",
                "memory_mb": 256, "timeout_seconds": 10, "environment": { "TABLE": "roles" }, "code": code(0), "logging": { "log_group": "/aws/lambda/contract-test-api", "format": "JSON" },
            }),
        )
        .tagged()
        .changing(json!({ "code": code(1) }))
        .changing(json!({ "memory_mb": 512, "environment": {}, "description": "the api" })),
        Example::new("function.api/version", "function_version", json!({ "function_name": name, "digest": "d1", "code_sha256": code(0)["zip_sha256"] })),
        Example::new("function.api/alias", "function_alias", json!({ "function_name": name, "name": "live", "version": "${function.api/version#version}", "shares": {} })),
        Example::new("function.api/url", "function_url", json!({ "function_name": name, "qualifier": "live", "auth": "AWS_IAM", "invoke_mode": "BUFFERED", "cors": false }))
            .changing(json!({ "auth": "NONE" })),
        Example::new(
            "function.api/permission.invoke",
            "lambda_permission",
            json!({
                "function_name": name, "qualifier": "live", "statement_id": "invoke", "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
                "source_arn": format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/contract-test-nudge"), "other_conditions": [], "open_to_everybody": [],
            }),
        )
        .changing(json!({ "source_arn": format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/other") })),
        Example::new(
            "function.api/events",
            "event_invoke_config",
            json!({ "function_name": name, "qualifier": "live", "max_retries": 2, "max_age_seconds": 3600, "on_failure": "${queue.failed/queue#arn}" }),
        )
        .changing(json!({ "max_retries": 0 }))
        .changing(json!({ "on_failure": null })),
        Example::new(
            "queue.jobs/calls",
            "event_source_mapping",
            json!({ "function_arn": "${function.api/alias#arn}", "source_arn": "${queue.jobs/queue#arn}", "batch": 1, "answers_failures": false, "enabled": true }),
        )
        .changing(json!({ "batch": 10, "answers_failures": true }))
        .changing(json!({ "enabled": false })),
    ]
}

fn schedules() -> Vec<Example> {
    let target = |input: Value| {
        json!([{
            "id": "function", "arn": "${function.api/alias#arn}", "input": input, "dead_letter_arn": "${queue.failed/queue#arn}", "retry": { "max_retries": 2, "max_age_seconds": 3600 },
        }])
    };
    vec![
        Example::new(
            "schedule.nudge/schedule",
            "event_rule",
            json!({ "name": "contract-test-nudge", "schedule": "rate(1 hour)", "enabled": true }),
        )
        .tagged()
        .changing(json!({ "schedule": "rate(2 hours)", "enabled": false, "description": "nudges" })),
        Example::new(
            "schedule.nudge/targets",
            "event_targets",
            json!({ "rule": "contract-test-nudge", "targets": target(json!({ "dry": false })) }),
        )
        .changing(json!({ "targets": target(json!({ "dry": true })) })),
    ]
}
