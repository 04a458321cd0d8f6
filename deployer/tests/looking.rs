//! Verbs that only look, and plans that are kept.

use std::os::unix::fs::PermissionsExt as _;

use deployer_testbed::{Fault, Rule};
use serde_json::{Value, json};

use crate::world::{SHOP, World, ran};

#[tokio::test]
async fn a_kept_plan_is_done_without_a_question_once_and_holds_no_value() {
    let world = World::with(&SHOP.replace("value = \"ahoy\"", "value = \"canary\"")).await;
    let file = world.path("plan.json");
    world.run(&format!("plan -e local --out {}", file.display())).await.exits(0);
    assert!(!world.read("plan.json").contains("canary"));
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let up = format!("up {}", file.display());
    world.run(&up).await.exits(0);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    let again = world.run_anew(&up).await.exits(9);
    assert!(again.says("other steps would be done"), "{again}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn a_kept_plan_is_refused_when_the_file_or_the_world_has_moved() {
    let world = World::brought_up().await;
    let keep = format!("plan -e local --out {}", world.path("plan.json").display());
    let up = format!("up {}", world.path("plan.json").display());
    world.edit("stacks/shop.toml", "value = \"ahoy\"", "value = \"hoist\"");
    world.run(&keep).await.exits(0);

    world.edit("stacks/shop.toml", "value = \"hoist\"", "value = \"heave\"");
    let stale = world.run_anew(&up).await.exits(9);
    assert!(stale.says("the stack file is another one"), "{stale}");
    world.edit("stacks/shop.toml", "value = \"heave\"", "value = \"hoist\"");
    world.aws().put_parameter("/shop/local/greeting", "somebody else's").await;
    let stale = world.run_anew(&up).await.exits(9);
    assert!(stale.says("is not as it was"), "{stale}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);

    world.run(&keep).await.exits(0);
    world.run(&up).await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/greeting").await, "hoist");
}

#[tokio::test]
async fn who_did_what_is_remembered_and_a_run_that_changed_nothing_is_not() {
    let world = World::brought_up().await;
    world.edit("stacks/shop.toml", "value = \"ahoy\"", "value = \"hoist\"");
    for _ in 0..2 {
        world.run("up -e local -y").await.exits(0);
    }
    world.run("down -e local -y").await.exits(0);
    let told = world.run_anew("history -e local --json").await.exits(0).lines();
    let runs: Vec<_> = told.iter().filter(|line| line["type"] == "run").map(|line| &line["run"]).collect();
    assert_eq!(runs.iter().map(|run| run["verb"].as_str()).collect::<Vec<_>>(), [Some("down"), Some("up"), Some("up")]);
    assert_eq!((&runs[1]["changed"], &runs[1]["made"]), (&json!(1), &json!(0)), "{told:?}");
    assert_eq!(runs[0]["deleted"], runs[2]["made"], "{told:?}");
    assert!(runs.iter().all(|run| run["by"].as_str().is_some_and(|by| !by.is_empty())), "{told:?}");
    assert!(world.run("history -e local -n 1").await.exits(0).says("deleted"));
    assert_eq!(world.wire.calls().len(), 0, "the state alone is asked");
}

#[tokio::test]
async fn a_run_that_was_killed_is_remembered_with_what_it_had_noted() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::once("dynamodb:CreateTable", Fault::HangBefore));
    let mut killed = world.command("up -e local -y --parallelism 1".split_whitespace()).spawn().expect("it starts");
    world.wire.until(|call| call.fault.is_some()).await;
    let told = world.run("history -e local").await.exits(0);
    assert!(told.says("to do, under way") && !told.says("cut off"), "{told}");
    killed.kill().await.expect("SIGKILL");
    let told = world.run("history -e local").await.exits(0);
    assert!(told.says("left undone, then cut off"), "{told}");
    world.wire.clear();
    world.run("up -e local -y").await.exits(0);
    let told = world.run("history -e local --json").await.exits(0).lines();
    let runs: Vec<_> = told.iter().filter(|line| line["type"] == "run").map(|line| &line["run"]).collect();
    assert_eq!(runs.iter().map(|run| &run["cut"]).collect::<Vec<_>>(), [&Value::Null, &json!(true)], "{told:?}");
    let count = |run: &Value, what: &str| run[what].as_u64().expect("a count");
    assert!(count(runs[1], "made") > 0 && count(runs[0], "left") == 0, "{told:?}");
    assert_eq!(count(runs[0], "made"), count(runs[1], "left"), "{told:?}");
    assert_eq!(count(runs[0], "made") + count(runs[1], "made"), 4, "{told:?}");
}

#[tokio::test]
async fn what_a_killed_run_only_found_is_not_remembered_as_done_by_it() {
    let world = World::brought_up().await;
    world.aws().json("ssm", "AmazonSSM.DeleteParameter", json!({ "Name": "/shop/local/greeting" })).await;
    for _ in 0..2 {
        world.wire.clear();
        world.wire.script(Rule::once("ssm:PutParameter", Fault::HangBefore));
        let mut killed = world.command("up -e local -y".split_whitespace()).spawn().expect("it starts");
        world.wire.until(|call| call.fault.is_some()).await;
        killed.kill().await.expect("SIGKILL");
        let told = world.run("history -e local --json -n 2").await.exits(0).lines();
        let runs = told.iter().filter(|line| line["type"] == "run").map(|line| &line["run"]);
        let found =
            |run: &Value| ["made", "changed", "deleted", "left"].map(|what| run[what].as_u64().expect("a count"));
        let cut: Vec<_> = runs.filter(|run| run["cut"] == true).map(found).collect();
        assert!(!cut.is_empty() && cut.iter().all(|counts| *counts == [0, 0, 0, 1]), "{told:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_plan_is_refused() {
    let world = World::with(SHOP).await;
    for text in ["", "{}", "{\"format\":1}", "[1]", "\u{0}"] {
        world.write("plan.json", text);
        let refused = world.run(&format!("up {}", world.path("plan.json").display())).await.exits(3);
        assert!(refused.says("is no plan that can be done"), "{text}: {refused}");
    }
    world.run("up plan.json --all").await.exits(3);
    world.run("plan --all --out plan.json").await.exits(3);
}

/// A stack in which something needs something.
fn net() -> String {
    format!(
        "{}[param.where]\nvalue = \"${{table.orders.name}}\"\n",
        SHOP.replace("[output]\norders = \"${table.orders.name}\"\n", "")
    )
}

#[tokio::test]
async fn an_explanation_tells_parts_needs_and_why_it_would_change() {
    let world = World::with(&net()).await;
    world.run("up -e local -y").await.exits(0);
    world.edit(
        "stacks/shop.toml",
        "key = { hash = \"order_id:S\" }",
        "key = { hash = \"order_id:S\" }\nrecovery = true",
    );
    let ran = world.run_anew("explain table.orders -e local").await.exits(0);
    insta::assert_snapshot!(ran.out, @r"
    table.orders  stacks/shop.toml:8:1

    it expands to
      table  dynamodb table  shop-local-orders

    it is needed by
      param.where

    it would change
      ~ table.orders/table  recovery  false → true
    ");
    let as_it_is = world.run("explain param.where -e local").await.exits(0);
    assert!(as_it_is.says("it is as the stack file says") && as_it_is.says("it needs\n  table.orders"), "{as_it_is}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    let unknown = world.run("explain table.order -e local").await.exits(3);
    assert!(unknown.says("did you mean `table.orders`?"), "{unknown}");
}

#[tokio::test]
async fn a_graph_is_told_to_graphviz_and_drawn_without_asking_anybody() {
    let world = World::with(&net()).await;
    let dot = world.run("graph").await.exits(0);
    insta::assert_snapshot!(dot.out, @r#"
    digraph "shop" {
      rankdir = LR;
      node [shape = box, style = rounded, fontname = "sans-serif"];
      "param.greeting";
      "param.where";
      "secret.token";
      "table.orders";
      "waf.edge";
      "param.where" -> "table.orders";
    }
    "#);
    let svg = world.run("graph --form svg").await.exits(0).out;
    assert!(svg.starts_with("<svg ") && svg.contains(">orders</text>") && svg.trim_end().ends_with("</svg>"), "{svg}");
    let lines = world.run("graph --json").await.exits(0).lines();
    assert_eq!(lines[1]["needs"]["param.where"], json!(["table.orders"]));
    assert_eq!(world.wire.calls().len(), 0);
}

#[tokio::test]
async fn stack_files_are_laid_out_and_say_the_same() {
    let world = World::with(&SHOP.replace("key = {", "# Each order.\nkey={")).await;
    assert!(world.run("fmt --check").await.exits(2).says("not laid out: stacks/shop.toml"));
    assert!(world.read("stacks/shop.toml").contains("key={"), "a check changes nothing");
    world.run("fmt").await.exits(0);
    assert!(world.read("stacks/shop.toml").contains("# Each order.\nkey = {"));
    world.run("fmt --check").await.exits(0);
    world.run("validate").await.exits(0);
}

#[tokio::test]
async fn the_product_is_opened_at_the_address_that_an_output_tells() {
    let stack = SHOP.replace(
        "orders = \"${table.orders.name}\"",
        "url = \"https://shop.example.com\"\norders = \"${table.orders.name}\"",
    );
    let world = World::with(&stack).await;
    let early = world.run("open -e local").await.exits(3);
    assert!(early.says("no stack that is up tells `url`"), "{early}");
    world.run("up -e local -y").await.exits(0);
    let browser = world.path("browser");
    world.write("browser", "#!/bin/sh\necho \"$1\" >>\"$(dirname \"$0\")/opened\"\n");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let opened = ran(world.command(["open", "-e", "local"]).env("BROWSER", &browser)).await.exits(0);
    assert_eq!(opened.out, "https://shop.example.com\n");
    let other = world.run("open orders -e local").await.exits(3);
    assert!(other.says("is no address of the web"), "{other}");
}

#[tokio::test]
async fn the_doctor_looks_at_this_machine_and_at_the_account_that_is_named() {
    let world = World::with(SHOP).await;
    let here = world.run("doctor").await.exits(0);
    assert!(here.says("✓ python3") && here.says("the local AWS does not run"), "{here}");
    assert_eq!(world.wire.calls().len(), 0);
    let there = world.run("doctor -e account").await.exits(0);
    assert!(there.says("the caller is in account 000000000000") && there.says("invocations at a time"), "{there}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    let mut poor = world.command(["doctor"]);
    let poor = ran(poor.env("PATH", "/nowhere")).await.exits(1);
    assert!(
        poor.says("✗ python3, for the local AWS: it is missing") && poor.says("apt-get install python3-venv"),
        "{poor}"
    );
}

#[tokio::test]
async fn shells_and_the_manual_know_every_verb() {
    let world = World::with(SHOP).await;
    for shell in ["bash", "zsh", "fish"] {
        let script = world.run(&format!("completions {shell}")).await.exits(0).out;
        for verb in ["plan", "up", "dev", "logs"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
    }
    let folder = world.path("man");
    world.run(&format!("man {}", folder.display())).await.exits(0);
    for page in ["deployer.1", "deployer-up.1", "deployer-local-open.1"] {
        assert!(world.read(&format!("man/{page}")).contains(".TH"), "{page}");
    }
    assert!(world.run("man").await.exits(0).out.contains("deployer"));
}
