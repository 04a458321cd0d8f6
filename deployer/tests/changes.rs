//! What changes the world, and by how little: a changed file, a changed world, a choice, an end.

use serde_json::{Value, json};

use crate::world::{SHOP, World};

const UP: &str = "up -e local -y";
const PLAN: &str = "plan -e local";

/// Addresses of a plan's changes, with what becomes of them.
fn planned(lines: &[Value]) -> Vec<String> {
    let changes = lines.iter().filter(|line| line["type"] == "planned_change").map(|line| &line["change"]);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    changes.map(|change| format!("{} {}", word(&change["action"]), word(&change["resource"]["addr"]))).collect()
}

#[tokio::test]
async fn up_makes_what_is_declared_and_up_again_does_nothing() {
    let world = World::with(SHOP).await;
    let ran = world.run(UP).await.exits(0);
    assert!(ran.out.ends_with("  orders  shop-local-orders\n"), "{ran}");
    let there = world.inventory().await;
    assert_eq!(there.tagged("shop", "local").len(), 4, "{:?}", there.keys());
    let again = world.run_anew(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert!(again.says("Nothing to do: 4 resources are as the stack file says."), "{again}");
    assert_eq!(world.inventory().await.masked(), there.masked());
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_changed_value_is_planned_and_takes_the_one_call_that_it_needs() {
    let world = World::brought_up().await;
    world.edit("stacks/shop.toml", "ahoy", "land ho");
    let plan = world.run(PLAN).await.exits(0);
    insta::assert_snapshot!(plan.out, @r"
    shop · local · 000000000000 us-west-2

      configuration
      ~ param.greeting/param  value  ahoy → land ho

    Plan: 1 to change; 3 unchanged.
    ");
    world.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["ssm:PutParameter"]);
    assert_eq!(world.aws().parameter("/shop/local/greeting").await, "land ho");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn what_was_changed_by_hand_is_shown_as_drift_and_set_back() {
    let world = World::brought_up().await;
    world.aws().put_parameter("/shop/local/greeting", "by hand").await;
    let plan = world.run(PLAN).await.exits(0);
    insta::assert_snapshot!(plan.out, @r"
    shop · local · 000000000000 us-west-2

      drift: changed outside the stack file, will be set back
      ~ param.greeting/param  value  by hand → ahoy

    Plan: 1 to change; 3 unchanged.
    ");
    let lines = world.run("plan -e local --json").await.lines();
    assert_eq!(lines.iter().filter(|line| line["type"] == "resource_drift").count(), 1, "{lines:?}");
    assert!(world.run("status -e local").await.exits(0).says("1 to do, 1 drifted"));
    world.run_anew(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["ssm:PutParameter"]);
    assert_eq!(world.aws().parameter("/shop/local/greeting").await, "ahoy");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn what_was_deleted_by_hand_is_made_again() {
    let world = World::brought_up().await;
    let there = world.inventory().await.masked();
    world.aws().json("ssm", "AmazonSSM.DeleteParameter", json!({ "Name": "/shop/local/greeting" })).await;
    world.aws().json("dynamodb", "DynamoDB_20120810.DeleteTable", json!({ "TableName": "shop-local-orders" })).await;
    let lines = world.run("plan -e local --json").await.exits(0).lines();
    assert_eq!(planned(&lines), ["create param.greeting/param", "create table.orders/table"]);
    let plan = world.run("plan -e local").await.exits(0).out;
    let (_, drift) = plan.split_once("drift:").expect("it is drift");
    assert!(drift.contains("param.greeting/param") && drift.contains("gone: somebody deleted it"), "{drift}");
    assert!(world.run("status -e local").await.exits(0).says("2 to do, 2 drifted"));
    world.run(UP).await.exits(0);
    assert_eq!(world.inventory().await.masked().keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_lost_state_is_found_again_by_names_and_tags() {
    let world = World::brought_up().await;
    std::fs::remove_dir_all(world.path(".deployer")).expect("the state");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    world.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert_eq!(world.run("state list -e local").await.exits(0).out.lines().count(), 4);
}

#[tokio::test]
async fn a_renamed_declaration_keeps_its_object_and_only_its_tag_is_written() {
    let world = World::brought_up().await;
    world.edit("stacks/shop.toml", "[table.orders]\n", "[table.purchases]\nwas = \"orders\"\n");
    world.edit("stacks/shop.toml", "${table.orders.name}", "${table.purchases.name}");
    let ran = world.run("plan -e local").await.exits(0);
    assert!(ran.says("table.purchases") && ran.says("renamed, was table.orders"), "{ran}");
    world.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["dynamodb:TagResource"]);
    let tables = world.names().await.into_iter().filter(|name| name.starts_with("dynamodb/")).collect::<Vec<_>>();
    assert_eq!(tables, ["dynamodb/table/shop-local-orders"]);
    assert_eq!(world.run("outputs -e local orders").await.exits(0).out, "shop-local-orders\n");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_declaration_that_is_gone_is_deleted() {
    let world = World::brought_up().await;
    world.edit("stacks/shop.toml", "[param.greeting]\nvalue = \"ahoy\"\n", "");
    let lines = world.run("plan -e local --json").await.exits(0).lines();
    assert_eq!(planned(&lines), ["delete param.greeting/param"]);
    let ran = world.run("status -e local").await.exits(0);
    assert!(ran.says("param.greeting  up, no more in the stack file"), "{ran}");
    world.run(UP).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["ssm:DeleteParameter"]);
}

#[tokio::test]
async fn only_what_is_chosen_is_done() {
    let world = World::with(SHOP).await;
    world.run("up -e local -y --target param.greeting").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["ssm:PutParameter"]);
    world.run_anew("up -e local -y --exclude table.orders --exclude waf.edge").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["ssm:PutParameter"]);
    let lines = world.run("plan -e local --json").await.lines();
    assert_eq!(planned(&lines), ["create table.orders/table", "create waf.edge/waf"]);
    let unknown = world.run_anew("up -e local -y --target param.greetings").await.exits(3);
    assert!(unknown.says("did you mean `param.greeting`?"), "{unknown}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn down_deletes_what_up_made_and_a_second_down_has_nothing_to_do() {
    let world = World::with(SHOP).await;
    world.aws().put_parameter("/somebody/elses", "kept").await;
    let before = world.names().await;
    world.run(UP).await.exits(0);
    world.run("down -e local -y").await.exits(0);
    assert_eq!(world.names().await, before);
    world.run_anew("down -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn down_keeps_what_it_is_told_to_keep() {
    let world = World::brought_up().await;
    world.run("down -e local -y --keep table.orders").await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "local"), ["dynamodb/table/shop-local-orders"]);
    world.run(UP).await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "local").len(), 4);
}

#[tokio::test]
async fn stacks_come_up_in_the_order_in_which_they_need_each_other() {
    let world = World::with(SHOP).await;
    world.write(
        "stacks/a-office.toml",
        r#"stack = { name = "office", region = "us-west-2" }
[env.local]
endpoint = "local"
[param.orders]
value = "${stack.shop.orders}"
"#,
    );
    let ran = world.run("up -s office -e local -y").await.exits(3);
    assert!(ran.says("shop is not up in local: bring it up before office"), "{ran}");
    world.run("plan --all -e local").await.exits(0);
    world.run("up --all -e local -y").await.exits(0);
    assert_eq!(world.aws().parameter("/office/local/orders").await, "shop-local-orders");
    world.run_anew("up --all -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    let ran = world.run("down -s shop --all -e local -y").await.exits(3);
    assert!(ran.says("both `-s` and `--all`"), "{ran}");
    // Who goes first is free: what the other told does not matter to an end.
    world.run("down -s shop -e local -y").await.exits(0);
    world.run("down -s office -e local -y").await.exits(0);
    for stack in ["shop", "office"] {
        assert_eq!(world.inventory().await.tagged(stack, "local"), [""; 0]);
    }
}
