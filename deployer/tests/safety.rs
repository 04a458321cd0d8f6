//! What the deployer refuses, and that nothing was changed when it did.

use serde_json::json;

use crate::world::{SHOP, World};

#[tokio::test]
async fn without_a_yes_and_nobody_to_ask_nothing_is_changed() {
    let world = World::with(SHOP).await;
    let ran = world.run("up -e local").await.exits(3);
    assert!(ran.says("say `-y`"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    world.run("up -e local -y").await.exits(0);
    world.run_anew("down -e local").await.exits(3);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn what_has_our_name_and_is_not_ours_is_refused() {
    let world = World::with(SHOP).await;
    world.aws().put_parameter("/shop/local/greeting", "somebody else's").await;
    let key = json!([{ "AttributeName": "order_id", "KeyType": "HASH" }]);
    let attributes = json!([{ "AttributeName": "order_id", "AttributeType": "S" }]);
    let table = json!({ "TableName": "shop-local-orders", "KeySchema": key, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST" });
    world.aws().json("dynamodb", "DynamoDB_20120810.CreateTable", table).await;
    let before = world.inventory().await.masked();
    for line in ["plan -e local", "up -e local -y", "up -e local -y --json"] {
        let ran = world.run(line).await.exits(5);
        for name in ["/shop/local/greeting", "shop-local-orders"] {
            assert!(ran.says(&format!("{name} exists already and is not of this stack")), "{ran}");
        }
    }
    world.run("down -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert_eq!(world.inventory().await.masked(), before);
}

#[tokio::test]
async fn what_holds_data_is_deleted_only_with_its_flag() {
    let world = World::with(SHOP).await;
    // The local AWS forgets the body limit that a web ACL has elsewhere: an `up` would set it again.
    world.edit("stacks/shop.toml", "[waf.edge]\nmanaged = [{ set = \"core\" }]\n", "");
    world.run("up -e account -y").await.exits(0);
    let there = world.inventory().await.masked();
    world.wire.clear();
    let ran = world.run("down -e account -y").await.exits(11);
    assert!(ran.says("table.orders/table (shop-account-orders) holds data"), "{ran}");
    world.edit("stacks/shop.toml", "[table.orders]\nkey = { hash = \"order_id:S\" }\n", "");
    world.edit("stacks/shop.toml", "[output]\norders = \"${table.orders.name}\"\n", "");
    let ran = world.run("up -e account -y").await.exits(11);
    assert!(ran.says("--delete-data"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert_eq!(world.inventory().await.masked(), there);
    world.run("up -e account -y --delete-data").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["dynamodb:DeleteTable"]);
    world.run("down -e account -y").await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "account"), [""; 0]);
}

#[tokio::test]
async fn what_is_protected_is_neither_deleted_nor_replaced_whatever_the_flag() {
    let world = World::with(SHOP).await;
    world.edit("stacks/shop.toml", "value = \"ahoy\"\n", "value = \"ahoy\"\nprotect = true\n");
    world.run("up -e local -y").await.exits(0);
    world.wire.clear();
    let ran = world.run("down -e local -y --delete-data").await.exits(11);
    assert!(ran.says("param.greeting/param (/shop/local/greeting) is protected"), "{ran}");
    world.edit("stacks/shop.toml", "order_id:S", "number:N");
    let ran = world.run("up -e local -y --delete-data").await.exits(11);
    assert!(ran.says("stacks/shop.toml:"), "a refusal has its place: {ran}");
    assert!(ran.says("would have to be replaced to change `key`"), "and its field: {ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn a_protected_environment_keeps_its_data() {
    let world = World::with(SHOP).await;
    world.edit("stacks/shop.toml", "account = \"000000000000\"\n", "account = \"000000000000\"\nprotect = true\n");
    world.run("up -e account -y").await.exits(0);
    world.run_anew("down -e account -y --delete-data").await.exits(11);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    world.edit("stacks/shop.toml", "protect = true\n", "protect = false\n");
    world.run("up -e account -y").await.exits(0);
    world.run("down -e account -y --delete-data").await.exits(0);
    assert_eq!(world.inventory().await.tagged("shop", "account"), [""; 0]);
}

#[tokio::test]
async fn credentials_of_another_account_are_refused_before_anything_is_read() {
    let mut world = World::with(SHOP).await;
    // The emulator takes an account for a key.
    world.keys.0 = "444455556666".to_owned();
    for line in ["plan -e account", "up -e account -y", "down -e account -y", "status -e account"] {
        let ran = world.run_anew(line).await.exits(4);
        assert!(ran.says("belong to account 444455556666"), "{ran}");
        let calls: Vec<_> = world.wire.calls().into_iter().map(|call| call.operation).collect();
        assert_eq!(calls, ["sts:GetCallerIdentity"], "{line}");
    }
}

#[tokio::test]
async fn a_state_of_another_scope_or_a_newer_deployer_is_refused() {
    let world = World::with(SHOP).await;
    world.run("up -e local -y").await.exits(0);
    let path = ".deployer/state/shop/local/state.json";
    let whole = world.read(path);
    std::fs::create_dir_all(world.path(".deployer/state/shop/account")).expect("a folder");
    std::fs::copy(world.path(path), world.path(".deployer/state/shop/account/state.json")).expect("a copy");
    world.wire.clear();
    let ran = world.run("up -e account -y").await.exits(1);
    assert!(ran.says("belongs to stack shop in local"), "{ran}");
    world.write(path, &whole.replace("\"format\": 1", "\"format\": 2"));
    let ran = world.run("up -e local -y").await.exits(1);
    assert!(ran.says("use the newer deployer"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn a_damaged_state_is_replaced_by_its_previous_generation_and_nothing_is_made_twice() {
    let world = World::with(SHOP).await;
    world.run("up -e local -y").await.exits(0);
    world.edit("stacks/shop.toml", "ahoy", "land ho");
    world.run("up -e local -y").await.exits(0);
    let there = world.inventory().await.masked();
    let path = ".deployer/state/shop/local/state.json";
    let half = world.read(path);
    world.write(path, &half[..half.len() / 2]);
    world.wire.clear();
    let ran = world.run("up -e local -y").await.exits(0);
    assert!(ran.says("its previous generation is used instead"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    assert_eq!(world.inventory().await.masked(), there);
}

#[tokio::test]
async fn an_endpoint_is_on_this_machine_or_behind_tls() {
    let world = World::with(SHOP).await;
    for endpoint in
        ["http://example.com", "http://127.0.0.1.example.com:80", "http://localhost.example.com:1", "ftp://x"]
    {
        let mut command = world.command(["plan", "-e", "local"]);
        let ran = crate::world::ran(command.env("DEPLOYER_ENDPOINT", endpoint)).await.exits(3);
        assert!(ran.says("an endpoint is on this machine"), "{ran}");
    }
}

#[tokio::test]
async fn what_other_tools_are_told_of_the_local_aws_leads_nowhere_else() {
    let world = World::with(SHOP).await;
    world.edit("stacks/shop.toml", "account = \"000000000000\"", "account = \"444455556666\"");
    let told = |line: &[&str]| {
        let mut command = world.command(line);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1");
        command
    };
    let ran = crate::world::ran(&mut told(&["up", "-e", "local", "-y", "--profile", "nobody"])).await.exits(0);
    assert!(ran.says("no profile is used"), "{ran}");
    world.wire.clear();
    let mut command = told(&["up", "-e", "account", "-y"]);
    let ran = crate::world::ran(command.env_remove("DEPLOYER_ENDPOINT")).await.exits(3);
    assert!(ran.says("AWS_ENDPOINT_URL is `http://127.0.0.1:1`") || ran.says("AWS_ENDPOINT_URL_SSM is"), "{ran}");
    let ran = world.run("up -e account -y").await.exits(3);
    assert!(ran.says("this is an AWS on this machine: unset DEPLOYER_ENDPOINT"), "{ran}");
    assert!(world.wire.calls().is_empty(), "nobody was asked");
}
