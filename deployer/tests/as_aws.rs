//! An AWS that behaves as the real one does: only so many calls a second, late with what is new, changed by others
//! meanwhile, and with a clock of its own.

use deployer_testbed::{Fault, Manners, Rule};
use hyper::Method;
use serde_json::json;

use crate::world::{Ran, SHOP, World};

const UP: &str = "up -e local -y";

impl World {
    /// Runs a command as it runs on AWS: paced, and patient with what is new.
    async fn run_as_on_aws(&self, line: &str) -> Ran {
        crate::world::ran(self.command(line.split_whitespace()).env("DEPLOYER_AS_AWS", "1")).await
    }

    /// Asks for another size of the fleet's function, no backups of its table, and other tags of all, the bucket too.
    fn change_table_function_and_bucket(&self) {
        self.edit("stacks/fleet.toml", "[function.hello]\n", "[function.hello]\nmemory = 512\n");
        self.edit("stacks/fleet.toml", "recovery = true", "recovery = false");
        self.edit(
            "stacks/fleet.toml",
            "region = \"us-west-2\" }",
            "region = \"us-west-2\", tags = { owner = \"crew\" } }",
        );
    }
}

#[tokio::test]
async fn an_up_that_nothing_disturbs_is_never_told_to_slow_down() {
    let world = World::fleet().await;
    world.wire.behave(Manners { rates: Manners::of_aws().rates, ..Manners::default() });
    for line in [UP, "plan -e local --detailed-exitcode"] {
        world.run_as_on_aws(line).await.exits(0);
    }
    let throttled: Vec<_> = world.wire.calls().into_iter().filter(|call| call.status.is_none()).collect();
    assert_eq!(throttled, []);
}

#[tokio::test]
async fn what_is_late_on_aws_is_waited_for_in_the_same_run() {
    let world = World::fleet().await;
    world.wire.behave(Manners::of_aws());
    world.run_as_on_aws(UP).await.exits(0);
    world.wire.behave(Manners::default());
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn what_somebody_else_touches_meanwhile_is_read_again_and_changed() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.edit("stacks/fleet.toml", "[waf.edge]\n", "[waf.edge]\nmode = \"count\"\n");
    world.edit("stacks/fleet.toml", "[cdn.main]\n", "[cdn.main]\nprice_class = \"200\"\n");
    world.change_table_function_and_bucket();
    let touched = [
        "cloudfront:UpdateDistribution",
        "wafv2:UpdateWebACL",
        "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateAlias",
        "dynamodb:UpdateContinuousBackups",
        "s3:PutBucketTagging",
    ];
    world.wire.clear();
    touched.iter().for_each(|operation| world.wire.script(Rule::once(operation, Fault::Bump)));
    world.run(UP).await.exits(0);
    for operation in touched {
        let bumped = world.wire.calls().iter().any(|call| call.operation == operation && call.fault.is_some());
        assert!(bumped, "{operation} met nobody");
    }
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn what_somebody_else_changed_between_a_look_and_a_write_is_shown_and_not_overwritten() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.change_table_function_and_bucket();
    world.wire.clear();
    // Each is read by the plan, and again just before it is changed.
    let looks = ["lambda:GetFunction", "dynamodb:DescribeTimeToLive", "s3:GetPublicAccessBlock"];
    looks.iter().for_each(|look| world.wire.script(Rule::once(look, Fault::Hold(look)).after(1)));
    let run = world.command(UP.split_whitespace()).spawn().expect("it starts");
    for look in looks {
        world.wire.held(look).await;
    }
    let (aws, names) = (world.aws(), world.names().await);
    let bucket = names.iter().find_map(|name| name.strip_prefix("s3/bucket/")).expect("the site's");
    let hello = "/2015-03-31/functions/fleet-local-hello/configuration";
    aws.rest(Method::PUT, "lambda", hello, "{\"MemorySize\": 1024}").await;
    let off = json!({ "AttributeName": "expires_at", "Enabled": false });
    let body = json!({ "TableName": "fleet-local-sails", "TimeToLiveSpecification": off });
    aws.json("dynamodb", "DynamoDB_20120810.UpdateTimeToLive", body).await;
    aws.rest(Method::DELETE, "s3", &format!("/{bucket}?publicAccessBlock"), "").await;
    looks.iter().for_each(|look| world.wire.release(look));
    let ran = Ran::of(run.wait_with_output().await.expect("it ends")).exits(7);
    for text in [
        "`memory_mb` was 128 and is 1024",
        "`ttl` was \"expires_at\" and is nothing",
        "`public_access_blocked` was true",
    ] {
        assert!(ran.says(text), "{text}: {ran}");
    }
    let written = ["lambda:UpdateFunctionConfiguration", "dynamodb:UpdateContinuousBackups", "s3:PutBucketTagging"];
    assert!(world.wire.mutating_calls().iter().all(|call| !written.contains(&call.as_str())), "{ran}");
    world.run(UP).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_wrong_clock_is_told_in_minutes() {
    let world = World::with(SHOP).await;
    world.wire.behave(Manners { clock_ahead_seconds: 20 * 60, ..Manners::default() });
    let ran = world.run("plan -e local").await.exits(4);
    assert!(ran.says("your clock is 20 minutes behind AWS's"), "{ran}");
}

#[tokio::test]
async fn credentials_that_expire_on_the_way_end_the_run_and_are_called_so() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::always("*", Fault::Answer(400, "ExpiredTokenException")));
    let ran = world.run(UP).await.exits(4);
    assert!(ran.says("the credentials have expired") && ran.says("what is done stays done"), "{ran}");
    world.wire.clear();
    world.run(UP).await.exits(0);
}

#[tokio::test]
async fn what_is_served_no_more_is_shut_out_when_every_edge_has_followed() {
    let world = World::fleet().await;
    let domain = "[cdn.main]\ndomain = \"fleet.example.com\"\n";
    world.edit("stacks/fleet.toml", "[cdn.main]\n", domain);
    world.run(UP).await.exits(0);
    world.wire.clear();
    world.wire.behave(Manners { late_deployed: 5, ..Manners::default() });
    world.edit("stacks/fleet.toml", ", { path = \"/*\", to = \"site.web\", spa = \"index.html\" }]", "]");
    world.edit("stacks/fleet.toml", "path = \"/api/*\"", "path = \"/*\"");
    world.edit("stacks/fleet.toml", domain, "[cdn.main]\n");
    let taken = [
        "s3:PutBucketPolicy",
        "cloudfront:DeleteOriginAccessControl",
        "cloudfront:DeleteFunction",
        "acm:DeleteCertificate",
    ];
    let ran = world.run(&format!("{UP} --wait none")).await.exits(0);
    assert!(ran.says("what waits for the edges is left to a later `up`"), "{ran}");
    assert!(
        world.wire.calls().iter().all(|call| !taken.contains(&call.operation.as_str())),
        "who waits for nothing takes nothing"
    );
    world.run(UP).await.exits(0);
    let calls = world.wire.calls();
    let at = |operation: &str| {
        calls.iter().position(|call| call.operation == operation).unwrap_or_else(|| panic!("{operation} is not called"))
    };
    let changed = at("cloudfront:UpdateDistribution");
    for taken in taken {
        let looks = calls[changed..at(taken)].iter().filter(|call| call.operation == "cloudfront:GetDistribution");
        assert!(looks.count() >= 5, "{taken} comes too early");
    }
}

#[tokio::test]
async fn who_wants_every_edge_to_serve_it_waits_for_that() {
    let world = World::fleet().await;
    world.wire.behave(Manners { late_deployed: 4, ..Manners::default() });
    world.run(UP).await.exits(0);
    let looks = || world.wire.calls().iter().filter(|call| call.operation == "cloudfront:GetDistribution").count();
    let before = looks();
    let ran = world.run(&format!("{UP} --wait edge")).await.exits(0);
    assert!(ran.says("cdn.main/cdn: waiting for every edge to follow"), "{ran}");
    assert!(looks() - before >= 4, "{}", looks() - before);
}
