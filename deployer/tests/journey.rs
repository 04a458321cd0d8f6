//! The product of this repository from its first `up` to its `down`, as people use it.

mod reports;

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::world::World;
use crate::world::product::PAGE;

const UP: &str = "up --all -e local -y";
const PLAN: &str = "plan --all -e local --detailed-exitcode";
/// A rule of one minute fires within two; the rest is for a busy machine. A hang guard, nothing that is measured.
const FIRES_WITHIN: Duration = Duration::from_secs(300);

#[tokio::test]
async fn the_product_is_shipped_used_changed_repaired_and_taken_away() {
    let world = World::product(false).await;
    world.edit("stacks/shipcaptaincrew.toml", "rate   = \"1 hour\"", "rate   = \"1 minute\"");
    let dashboard = reports::Dashboard::start().await;
    reports::configure(&world, &dashboard);
    let before = world.names().await;
    world.run(UP).await.exits(0);
    world.seed_sail().await;
    let label = world.label().await;
    the_front_door_serves_it(&world, &label).await;
    the_function_alone_is_closed(&world).await;
    a_second_up_does_nothing(&world).await;
    reports::the_schedule_sends_every_report(&world, &dashboard).await;
    reports::a_broken_report_stops_no_other(&world).await;
    a_changed_line_ships_one_function(&world, &label).await;
    a_changed_page_ships_one_file(&world, &label).await;
    changes_by_hand_are_set_back(&world, &label).await;
    a_lost_state_is_rebuilt(&world).await;
    the_schedule_fires_by_itself(&world).await;
    everything_is_taken_away(&world, &before).await;
}

async fn the_front_door_serves_it(world: &World, label: &str) {
    for path in ["/", "/index.html", "/nowhere", "/sails/42"] {
        let page = world.browse(label, path).await;
        assert_eq!((page.status, page.body.as_str()), (200, PAGE), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        secured(&page.headers, path);
    }
    let script = world.browse(label, "/assets/index-Bk3x9QzT.js").await;
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert!(script.header("cache-control").contains("immutable"), "{}", script.header("cache-control"));
    let sails = world.browse(label, "/api/sails").await;
    assert_eq!(sails.status, 200, "{}", sails.body);
    let told = sails.json();
    assert_eq!(told["sails"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!((&told["sails"][0]["title"], &told["sails"][0]["vessel"]), (&json!("Sunset cruise"), &json!("Jada")));
    let sun = world.browse(label, "/api/sun?date=2026-06-21").await;
    assert!(sun.status == 200 && sun.body.contains("sunset"), "{sun:?}");
    let health = world.browse(label, "/healthz").await;
    assert_eq!(health.status, 200, "{}", health.body);
    let unknown = world.browse(label, "/api/x").await;
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "application/problem+json"), "{}", unknown.body);
    assert_eq!(unknown.json()["status"], 404);
    for (path, answer) in [("/api/sails", &sails), ("/healthz", &health), ("/api/x", &unknown)] {
        secured(&answer.headers, path);
    }
}

/// The headers that no answer may lack.
#[track_caller]
fn secured(headers: &hyper::HeaderMap, path: &str) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(header("strict-transport-security").contains("max-age="), "{path}: {headers:?}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src") && !policy.contains("unsafe-inline"), "{path}: {policy}");
}

async fn the_function_alone_is_closed(world: &World) {
    let path = "/2021-10-31/functions/shipcaptaincrew-local-crew-api/url?Qualifier=live";
    let url = world.aws().rest(Method::GET, "lambda", path, "").await.json()["FunctionUrl"].clone();
    let host = url.as_str().and_then(|url| url.split('/').nth(2)).expect("a URL").to_owned();
    for path in ["/healthz", "/api/sails"] {
        let refused = world.aws().ask(&host, path).await;
        assert_eq!(refused.status, 403, "{host}{path}: {}", refused.body);
    }
}

async fn a_second_up_does_nothing(world: &World) {
    let again = world.run_anew(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0], "{again}");
    world.run(PLAN).await.exits(0);
}

fn sorted(calls: &[String]) -> Vec<&str> {
    let mut calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    calls.sort_unstable();
    calls
}

async fn a_changed_line_ships_one_function(world: &World, label: &str) {
    world.edit("functions/crew-api/src/refusal.rs", "\"Not Found\"", "\"No Such Thing\"");
    world.wire.clear();
    let plan = world.run(PLAN).await.exits(2);
    let code = plan.out.lines().filter(|line| line.trim_start().starts_with("~ ")).collect::<Vec<_>>();
    assert_eq!(code.len(), 1, "{plan}");
    assert!(code[0].contains("function.crew-api") && code[0].contains("1 file"), "{plan}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    world.run(UP).await.exits(0);
    let calls = world.wire.mutating_calls();
    // A tag of the function tells of which source its code is.
    let wanted = ["lambda:PublishVersion", "lambda:TagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode"];
    assert_eq!(sorted(&calls), wanted);
    let targets: Vec<_> = world.wire.calls().into_iter().filter(|call| call.mutating).map(|call| call.target).collect();
    assert!(targets.iter().all(|target| target.contains("shipcaptaincrew-local-crew-api")), "{targets:?}");
    assert_eq!(world.browse(label, "/api/x").await.json()["title"], "No Such Thing");
    a_second_up_does_nothing(world).await;
}

async fn a_changed_page_ships_one_file(world: &World, label: &str) {
    world.edit("site/dist/index.html", "Ship Captain Crew", "Ship Captain Crew!");
    let plan = world.run_anew(PLAN).await.exits(2);
    assert!(plan.says("site.web") && plan.says("1 file"), "{plan}");
    world.run(UP).await.exits(0);
    let calls: Vec<_> = world.wire.calls().into_iter().filter(|call| call.mutating).collect();
    let uploads: Vec<_> =
        calls.iter().filter(|call| call.operation == "s3:PutObject").map(|call| &call.target).collect();
    let pages: Vec<_> = uploads.iter().filter(|target| !target.contains("/_deployer/")).collect();
    assert_eq!(pages.len(), 1, "{uploads:?}");
    assert!(pages[0].contains("/site/index.html"), "{uploads:?}");
    let others: Vec<_> =
        calls.iter().map(|call| call.operation.as_str()).filter(|name| *name != "s3:PutObject").collect();
    assert_eq!(others, ["cloudfront:CreateInvalidation"]);
    assert!(world.browse(label, "/").await.body.contains("Ship Captain Crew!"));
    a_second_up_does_nothing(world).await;
}

async fn changes_by_hand_are_set_back(world: &World, label: &str) {
    let aws = world.aws();
    let function = "/2015-03-31/functions/shipcaptaincrew-local-crew-api/configuration";
    aws.rest(Method::PUT, "lambda", function, r#"{"MemorySize":512}"#).await;
    aws.rest(Method::DELETE, "s3", "/shipcaptaincrew-local-web/site/favicon.svg", "").await;
    aws.json("dynamodb", "DynamoDB_20120810.DeleteTable", json!({ "TableName": "shipcaptaincrew-local-roles" })).await;
    let plan = world.run_anew(PLAN).await.exits(2);
    assert!(plan.says("drift") && plan.says("memory") && plan.says("512 → 256"), "{plan}");
    assert!(plan.says("site.web") && plan.says("table.roles"), "{plan}");
    world.run(UP).await.exits(0);
    let memory = aws.rest(Method::GET, "lambda", function, "").await.json()["MemorySize"].clone();
    assert_eq!(memory, 256);
    assert_eq!(world.browse(label, "/favicon.svg").await.status, 200);
    assert_eq!(world.browse(label, "/healthz").await.status, 200);
    a_second_up_does_nothing(world).await;
}

async fn a_lost_state_is_rebuilt(world: &World) {
    std::fs::remove_dir_all(world.path(".deployer/state")).expect("it was there");
    world.run_anew("state rebuild --all -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    a_second_up_does_nothing(world).await;
}

async fn the_schedule_fires_by_itself(world: &World) {
    let mails = world.awaited_mails("admin@queenofsandiego.com", 1, FIRES_WITHIN).await;
    assert_eq!(mails.len(), 1, "a sail is nudged once: {mails:?}");
    assert!(mails[0]["text"].as_str().is_some_and(|text| text.contains("Sunset cruise")), "{}", mails[0]);
    // Asked again by hand, it says that it has told already.
    let again = world.run("invoke function.ptb-nudge -s shipcaptaincrew -e local --json").await.exits(0).lines();
    let answer = again.iter().find(|line| line["type"] == "invocation").map(|line| line["payload"].clone());
    let counted = answer.as_ref().map(|answer| (&answer["found"], &answer["mailed"], &answer["quiet"]));
    assert_eq!(counted, Some((&json!(1), &json!(0), &json!(1))), "{again:?}");
    assert_eq!(world.mail_to("admin@queenofsandiego.com").await.len(), 1);
}

async fn everything_is_taken_away(world: &World, before: &[String]) {
    world.run("down --all -e local -y").await.exits(0);
    let left = world.inventory().await;
    for stack in ["shipcaptaincrew", "exec-reports"] {
        assert_eq!(left.tagged(stack, "local"), [""; 0]);
    }
    // A mail identity is used and not owned; the local AWS has one that stands in for it.
    let known = |name: &&String| before.contains(name) || name.starts_with("ses/identity/");
    assert_eq!(left.keys().filter(|name| !known(name)).collect::<Vec<_>>(), Vec::<&String>::new());
    let outputs: Vec<Value> = world.run("state list -e local --json").await.exits(0).lines();
    assert!(outputs.iter().all(|line| line["type"] != "record"), "{outputs:?}");
}
