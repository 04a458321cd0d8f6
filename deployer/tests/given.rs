//! Secrets that a person gives: set, left alone, and told where everybody may read them.

use serde_json::json;

use crate::secrets::{SAFE, line, safe};
use crate::world::World;

#[tokio::test]
async fn a_person_rotates_what_only_a_person_can_and_gives_the_value_on_stdin_or_in_a_file() {
    let world = safe().await;
    let refused = world.run("secrets rotate slack -e local -y").await.exits(12);
    assert!(refused.says("docs/rotate-slack.md") && refused.says("secrets set secret.slack"), "{refused}");
    world.run_with("secrets set slack -e local -y", "on-stdin\n").await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/secret/slack").await, "on-stdin");
    world.write("value.txt", "in a file\n");
    let file = world.path("value.txt");
    world.run(&format!("secrets set slack -e local -y --file {}", file.display())).await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/secret/slack").await, "in a file");
    let remembered = world.run("history -e local").await.exits(0);
    assert_eq!(remembered.out.matches("secrets set  shop  1 changed").count(), 2, "{remembered}");
    for refused in
        ["secrets set origin -e local -y", "secrets set nobody -e local -y", "secrets get slack -e local --reveal"]
    {
        world.run_with(refused, "value").await.exits(3);
    }
    world.run_with("secrets set slack -e local -y", "").await.exits(3);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

/// One that nothing stands in for on the local AWS.
const CHAT: &str = "\n[secret.chat]\nkind = \"external\"\noptional = true\n";

#[tokio::test]
async fn what_a_person_put_in_place_stays_when_nobody_declares_it_any_more() {
    let world = World::with(&format!("{SAFE}{CHAT}")).await;
    world.run("up -e local -y").await.exits(0);
    world.run_with("secrets set chat -e local -y", "given\n").await.exits(0);
    world.edit("stacks/shop.toml", CHAT, "");
    std::fs::remove_dir_all(world.path(".deployer/state")).expect("there is a state");
    world.run("state rebuild -e local -y").await.exits(0);
    world.run("up -e local -y").await.exits(0);
    world.run("down -e local -y").await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/secret/chat").await, "given");
}

#[tokio::test]
async fn a_value_that_everybody_may_read_is_told_and_not_written_over() {
    let world = World::with(&format!("{SAFE}{CHAT}")).await;
    world.run("up -e local -y").await.exits(0);
    world.aws().put_parameter("/shop/local/secret/chat", "in the clear").await;
    let told = world.run("secrets audit -e local --json").await.exits(2);
    let findings = &line(&told, "secret", "secret.chat")["findings"];
    assert!(findings.as_array().expect("a list").contains(&json!("plaintext")), "{told}");
    let refused = world.run_with("secrets set chat -e local -y", "another\n").await.exits(12);
    assert!(refused.says("delete-parameter --name /shop/local/secret/chat"), "{refused}");
    assert_eq!(world.aws().parameter("/shop/local/secret/chat").await, "in the clear");
}
