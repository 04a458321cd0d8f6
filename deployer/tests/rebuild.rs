//! A state that is lost, or damaged beyond use, is made again from names and tags.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use deployer_testbed::compare::{differences, settled};
use serde_json::Value;

use crate::world::{SHOP, World};

const UP: &str = "up -e local -y";
const REBUILD: &str = "state rebuild -e local -y";
const PLAN: &str = "plan -e local --detailed-exitcode";
const STATE: &str = ".deployer/state/shop/local/state.json";

impl World {
    /// Loses the state and rebuilds it. AWS is only read.
    async fn lose_and_rebuild(&self) {
        std::fs::remove_dir_all(self.path(".deployer/state")).expect("it was there");
        self.run_anew(REBUILD).await.exits(0);
        assert_eq!(self.wire.mutating_calls(), [""; 0]);
    }

    async fn records(&self) -> Vec<Value> {
        let lines = self.run("state list -e local --json").await.exits(0).lines();
        let records = lines.into_iter().filter(|line| line["type"] == "record").map(|mut line| line["record"].take());
        records.collect()
    }
}

/// What identifies records and tells what they are.
fn told(records: &[Value]) -> Vec<[Value; 4]> {
    records.iter().map(|each| ["address", "id", "type", "standing"].map(|field| each[field].clone())).collect()
}

#[tokio::test]
async fn a_rebuilt_state_has_nothing_to_do_and_knows_what_the_lost_one_knew() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.edit("hello/src/main.rs", "ahoy", "land ho");
    world.run(UP).await.exits(0);
    let (known, there) = (world.records().await, settled(&world.inventory().await));
    world.lose_and_rebuild().await;
    let ran = world.run_anew(PLAN).await.exits(0);
    assert!(ran.says("Nothing to do") || ran.says("unchanged"), "{ran}");
    assert_eq!(told(&world.records().await), told(&known));
    world.run_anew(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert_eq!(differences(&settled(&world.inventory().await), &there), [""; 0], "after an up on the rebuilt state");
    assert!(world.run("outputs -e local url").await.exits(0).out.starts_with("http"));
}

/// Without versions of functions and the number of the one in use: those that served before stay for a rollback.
fn unnumbered(mut inventory: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    inventory.retain(|name, _| !name.starts_with("lambda/version/"));
    for value in inventory.values_mut().filter_map(|value| value.pointer_mut("/alias/FunctionVersion")) {
        value.take();
    }
    inventory
}

#[tokio::test]
async fn what_was_declared_when_the_state_was_lost_and_is_no_more_is_deleted_by_the_next_up() {
    let world = World::fleet().await;
    let whole = world.read("stacks/fleet.toml");
    let fewer = || {
        world.edit("stacks/fleet.toml", "[param.greeting]\nvalue = \"ahoy\"\n", "");
        world.edit("stacks/fleet.toml", "[schedule.hourly]\nrate   = \"1 hour\"\ntarget = \"function.hello\"\n", "");
        let front = whole.split_once("[waf.edge]").expect("it has one").1.split_once("[output]").expect("it has one").0;
        world.edit("stacks/fleet.toml", &format!("[waf.edge]{front}"), "");
        world.edit("stacks/fleet.toml", "[param.url]\nvalue = \"${cdn.main.url}\"\n", "");
        world.edit("stacks/fleet.toml", "[output]\nurl = \"${cdn.main.url}\"\n", "");
        world.edit("stacks/fleet.toml", "url    = { auth = \"cdn\", secret = \"secret.origin\" }\n", "");
    };
    fewer();
    world.run(UP).await.exits(0);
    let undisturbed = unnumbered(settled(&world.inventory().await));
    world.forget().await;
    world.write("stacks/fleet.toml", &whole);
    world.run(UP).await.exits(0);
    fewer();
    world.lose_and_rebuild().await;
    let plan = world.run("plan -e local --json").await.exits(0).lines();
    let deleted: Vec<&str> = plan
        .iter()
        .filter(|line| line["type"] == "planned_change" && line["change"]["action"] == "delete")
        .filter_map(|line| line["change"]["resource"]["addr"].as_str())
        .collect();
    for gone in ["param.greeting/param", "schedule.hourly/schedule", "cdn.main/cdn", "cdn.main/headers", "waf.edge/waf"]
    {
        assert!(deleted.contains(&gone), "{gone}: {plan:?}");
    }
    assert!(deleted.iter().all(|each| !each.starts_with("table.") && !each.starts_with("site.")), "{deleted:?}");
    world.run(UP).await.exits(0);
    assert_eq!(differences(&unnumbered(settled(&world.inventory().await)), &undisturbed), [""; 0], "what is left");
    world.run(PLAN).await.exits(0);
}

#[tokio::test]
async fn what_is_not_ours_is_not_recorded() {
    let world = World::brought_up().await;
    world.aws().put_parameter("/shop/local/stray", "somebody else's").await;
    world.lose_and_rebuild().await;
    assert!(world.records().await.iter().all(|each| each["id"] != "/shop/local/stray"));
    world.run(PLAN).await.exits(0);
    world.run("down -e local -y").await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/stray").await, "somebody else's");
}

#[tokio::test]
async fn a_state_that_is_damaged_with_all_that_was_before_it_is_rebuilt() {
    let world = World::brought_up().await;
    let whole = world.read(STATE);
    world.write(STATE, &whole[..whole.len() / 2]);
    let _ = std::fs::remove_file(world.path(".deployer/state/shop/local/state.previous.json"));
    let ran = world.run_anew(UP).await.exits(1);
    assert!(ran.says("`deployer state rebuild` makes it again"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    let ran = world.run_anew(REBUILD).await.exits(0);
    assert!(ran.says("the state is damaged"), "{ran}");
    world.run(PLAN).await.exits(0);
    world.write(STATE, &whole.replace("\"format\": 1", "\"format\": 2"));
    let ran = world.run_anew(REBUILD).await.exits(1);
    assert!(ran.says("use the newer deployer"), "{ran}");
}

#[tokio::test]
async fn nothing_is_written_without_a_yes() {
    let world = World::brought_up().await;
    std::fs::remove_file(world.path(STATE)).expect("it was there");
    world.run("state rebuild -e local").await.exits(3);
    assert!(!world.path(STATE).exists());
}

#[tokio::test]
async fn an_exported_state_is_whole_and_for_its_owner() {
    let world = World::with(SHOP).await;
    world.run(UP).await.exits(0);
    let told: Value = serde_json::from_str(&world.run("state export -e local").await.exits(0).out).expect("JSON");
    assert_eq!(told["scope"]["stack"], "shop");
    assert_eq!(told["records"].as_array().map(Vec::len), Some(4));
    let file = world.path("kept.json");
    let ran = world.run(&format!("state export -e local --out {}", file.display())).await.exits(0);
    assert_eq!(ran.out, "");
    assert_eq!(serde_json::from_str::<Value>(&world.read("kept.json")).expect("JSON"), told);
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
