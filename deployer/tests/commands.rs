//! What each verb does to the world and says of it.

use serde_json::json;

use crate::world::{SHOP, World};

const PLAN: &str = "plan -e local";

#[tokio::test]
async fn validate_shows_every_fault_at_once_with_its_place_and_what_to_do() {
    let world = World::with(
        r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"
[table.orders]
key = { hash = "order_id" }
tll = "expires_at"
[param.greeting]
valu = "ahoy"
[function.api]
build  = { package = "api" }
memory = 64
grants = ["read table.orders", "eat table.orders"]
[schedule.nightly]
rate   = "1 hours"
target = "function.apo"
"#,
    )
    .await;
    let ran = world.run("validate").await.exits(3);
    assert_eq!((ran.out.as_str(), world.wire.calls().len()), ("", 0));
    insta::assert_snapshot!(ran.err, @r#"
    error: key.hash cannot be `order_id`
     --> stacks/shop.toml:5:16
      |
    5 | key = { hash = "order_id" }
      |                ^^^^^^^^^^
      |
      = help: An attribute and its type: `event_id:S`. `S` is a string, `N` a number, `B` bytes

    error: unknown key `tll` in table.orders
     --> stacks/shop.toml:6:1
      |
    6 | tll = "expires_at"
      | ^^^
      |
      = help: did you mean `ttl`?

    error: missing key `value` in param.greeting
     --> stacks/shop.toml:7:1
      |
    7 | [param.greeting]
      | ^^^^^^^^^^^^^^^^
      |
      = help: `value` is a string or a list

    error: unknown key `valu` in param.greeting
     --> stacks/shop.toml:8:1
      |
    8 | valu = "ahoy"
      | ^^^^
      |
      = help: did you mean `value`?

    error: memory is an integer (128 to 10240), not 64
      --> stacks/shop.toml:11:10
       |
    11 | memory = 64
       |          ^^
    "#);
}

#[tokio::test]
async fn a_package_that_is_not_there_hides_no_other_fault() {
    let world = World::with(
        r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"
[schedule.nightly]
rate   = "1 hours"
target = "function.apo"
[function.api]
build = { package = "nobody" }
env   = { ORDERS = "${table.order.name}" }
[table.orders]
key = { hash = "order_id:S" }
"#,
    )
    .await;
    let ran = world.run("validate").await.exits(3);
    let places: Vec<&str> =
        ran.err.lines().filter_map(|line| line.trim().strip_prefix("--> stacks/shop.toml:")).collect();
    assert_eq!(places, ["5:10", "6:10", "8:21", "9:20"], "{ran}");
}

#[tokio::test]
async fn a_name_that_two_would_own_is_refused_before_anybody_is_asked() {
    let pin = "override = { \"table.orders.name\" = \"orders\" }\n";
    let world =
        World::with(&SHOP.replace("account = \"000000000000\"\n", &format!("account = \"000000000000\"\n{pin}"))).await;
    world.run("validate").await.exits(0);
    let other = format!(
        "stack = {{ name = \"office\", region = \"us-west-2\" }}\n[env.account]\naccount = \"000000000000\"\n{pin}[table.orders]\nkey = {{ hash = \"id:S\" }}\n"
    );
    world.write("stacks/office.toml", &other);
    let ran = world.run("validate").await.exits(3);
    assert!(ran.says("table.orders of office in account and table.orders of shop in account would own the same dynamodb table `orders`"), "{ran}");
    std::fs::remove_file(world.path("stacks/office.toml")).expect("it was written");
    world.edit("stacks/shop.toml", "[output]", "[table.Orders]\nkey = { hash = \"id:S\" }\n[output]");
    world.edit(
        "stacks/shop.toml",
        pin,
        "override = { \"table.orders.name\" = \"orders\", \"table.Orders.name\" = \"orders\" }\n",
    );
    let ran = world.run("plan -e account").await.exits(3);
    assert!(ran.says("would own the same dynamodb table `orders`"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn references_that_lead_nowhere_are_shown_at_once() {
    let world = World::with(
        r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"
[table.orders]
key = { hash = "order_id:S" }
[param.greeting]
value = "${table.order.name} ${env.nobody}"
[param.other]
value = "${stack.office.url} ${nonsense}"
"#,
    )
    .await;
    let ran = world.run("validate").await.exits(3);
    insta::assert_snapshot!(ran.err, @r#"
    error: no environment has a value `nobody`
     --> stacks/shop.toml:7:30
      |
    7 | value = "${table.order.name} ${env.nobody}"
      |                              ^^^^^^^^^^^^^
      |
      = help: set `nobody` below the environments that have it

    error: `${stack.office.url}` is not there: the project has no stack `office`
     --> stacks/shop.toml:9:10
      |
    9 | value = "${stack.office.url} ${nonsense}"
      |          ^^^^^^^^^^^^^^^^^^^
      |
      = help: bring that stack up first: `deployer up -s office -e local`, or all of them with `--all`

    error: `${nonsense}` is no expression
     --> stacks/shop.toml:9:30
      |
    9 | value = "${stack.office.url} ${nonsense}"
      |                              ^^^^^^^^^^^
      |
      = help: expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`
    "#);
}

#[tokio::test]
async fn a_valid_stack_is_valid_in_each_environment_and_nobody_is_asked() {
    let world = World::with(SHOP).await;
    let ran = world.run("validate").await.exits(0);
    assert_eq!(ran.out, "valid: shop in local, shop in account\n");
    assert_eq!((ran.err.as_str(), world.wire.calls().len()), ("", 0));
}

#[tokio::test]
async fn a_plan_is_the_same_byte_for_byte_and_changes_nothing() {
    let world = World::with(SHOP).await;
    let first = world.run(PLAN).await.exits(0);
    insta::assert_snapshot!(first.out, @r"
    shop · local · 000000000000 us-west-2

      configuration
      + param.greeting  param
      + secret.token    secret
      + table.orders    table
      + waf.edge        waf

    Plan: 4 to create; 0 unchanged.
    ");
    let second = world.run(PLAN).await.exits(0);
    assert_eq!((&first.out, &first.err), (&second.out, &second.err));
    let (one, other) = (world.run("plan -e local --json").await, world.run("plan -e local --json").await);
    assert_eq!(one.out, other.out);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert!(!world.path(".deployer/state").exists(), "a plan takes no lock and records nothing");
    world.run("plan -e local --detailed-exitcode").await.exits(2);
}

#[tokio::test]
async fn a_plan_for_a_pull_request_is_markdown() {
    let world = World::with(SHOP).await;
    let file = world.path("plan.md");
    world.run(&format!("plan -e local --md {}", file.display())).await.exits(0);
    let ran = world.run("plan -e local --output markdown").await.exits(0);
    assert_eq!(world.read("plan.md").trim_end(), ran.out.trim_end());
    insta::assert_snapshot!(ran.out, @r"
    ### shop · local · 000000000000 us-west-2

    Plan: 4 to create; 0 unchanged.

    #### configuration

    | | what | |
    |---|---|---|
    | `+` | `param.greeting` | param |
    | `+` | `secret.token` | secret |
    | `+` | `table.orders` | table |
    | `+` | `waf.edge` | waf |
    ");
}

#[tokio::test]
async fn every_line_for_programs_is_json_and_the_first_tells_the_version() {
    let world = World::with(SHOP).await;
    for (line, code) in [
        ("validate --json", 0),
        ("plan -e local --json", 0),
        ("up -e local --json", 3),
        ("up -e local -y --json", 0),
        ("status -e local --json", 0),
        ("outputs -e local --json", 0),
        ("outputs -e local orders --json", 0),
        ("state list -e local --json", 0),
        ("state show table.orders -e local --json", 0),
        ("permissions -e local --json", 0),
        ("plan -e nowhere --json", 3),
        ("down -e local -y --json", 0),
    ] {
        let lines = world.run(line).await.exits(code).lines();
        assert_eq!(lines.first().map(|first| &first["type"]), Some(&json!("version")), "{line}");
        assert_eq!(lines.iter().any(|each| each["type"] == "diagnostic"), code != 0, "{line}: {lines:?}");
    }
}

#[tokio::test]
async fn the_events_of_a_run_have_the_names_that_readers_know() {
    let world = World::with(SHOP).await;
    let lines = world.run("up -e local -y --json").await.exits(0).lines();
    let types = |wanted: &str| lines.iter().filter(|line| line["type"] == wanted).count();
    assert_eq!(["planned_change", "apply_start", "apply_complete", "outputs"].map(types), [4, 4, 4, 1]);
    let last = lines.iter().rfind(|line| line["type"] == "change_summary").expect("a summary");
    assert_eq!(last["result"], json!({ "done": 4, "failed": 0, "skipped": 0, "stopped": false }));
}

#[tokio::test]
async fn a_value_is_told_bare_for_scripts() {
    let world = World::brought_up().await;
    assert_eq!(world.run("outputs -e local orders").await.exits(0).out, "shop-local-orders\n");
    let ran = world.run("outputs -e local oders").await.exits(3);
    assert!(ran.out.is_empty() && ran.says("it tells orders"), "{ran}");
    assert_eq!(world.wire.calls().len(), 0);
}

#[tokio::test]
async fn a_wrong_command_line_ends_with_3_and_help_with_0() {
    let world = World::with(SHOP).await;
    for line in
        ["", "upp", "up --no-such", "plan -e", "up -e local --lock-wait soon", "plan -s nobody -e local", "plan"]
    {
        let ran = world.run(line).await.exits(3);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "`{line}`: {ran}");
    }
    for line in ["--help", "--version", "up --help"] {
        assert!(world.run(line).await.exits(0).err.is_empty(), "{line}");
    }
    assert_eq!(world.wire.calls().len(), 0);
}

#[tokio::test]
async fn a_stack_that_lives_nowhere_is_not_valid() {
    let world =
        World::with("stack = { name = \"shop\", region = \"us-west-2\" }\n[param.greeting]\nvalue = \"ahoy\"\n").await;
    let ran = world.run("validate").await.exits(3);
    assert!(ran.says("declares no environment") && ran.says("[env.local]"), "{ran}");
}

#[tokio::test]
async fn a_folder_of_stacks_that_is_empty_is_begun() {
    let world = World::with(SHOP).await;
    std::fs::remove_file(world.path("stacks/shop.toml")).expect("it was written");
    let ran = world.run("validate").await.exits(3);
    assert!(ran.says("`deployer init` writes a first one"), "{ran}");
    world.run("init").await.exits(0);
    world.run("validate").await.exits(0);
}

#[tokio::test]
async fn an_address_of_another_kind_is_told_what_is_meant() {
    let world = World::with(SHOP).await;
    let ran = world.run("explain bucket.orders -e local").await.exits(3);
    assert!(ran.says("did you mean `table.orders`?"), "{ran}");
    let ran = world.run("invoke table.orders -e local").await.exits(3);
    assert!(ran.says("only functions are called"), "{ran}");
}
