//! What looks like a key is refused where it should not be, and found where it is.

use serde_json::json;

use crate::secrets::SAFE;
use crate::world::{World, ran};

#[tokio::test]
async fn a_key_in_a_stack_file_or_a_site_is_refused_with_its_place_and_a_way_out() {
    let world = World::with(SAFE).await;
    let key = format!("AK{}Q7ZKMX3PLVBN4RTY", "IA");
    world.write("stacks/shop.toml", &format!("{SAFE}\n[param.key]\nvalue = \"{key}\"\n"));
    for line in ["validate", "plan -e local", "up -e local -y"] {
        let refused = world.run(line).await.exits(3);
        assert!(refused.says("stacks/shop.toml:20") && refused.says("secrets set") && !refused.says(&key), "{refused}");
    }
    world.write("leaks.toml", "[[allow]]\npath = \"stacks/shop.toml\"\nrule = \"aws-key\"\nwhy = \"made up\"\nby = \"tests\"\nreviewed = \"2999-01-01\"\n");
    world.run("validate").await.exits(3);
    let today = jiff::Zoned::now().date();
    world.write("leaks.toml", &world.read("leaks.toml").replace("2999-01-01", &today.to_string()));
    world.run("validate").await.exits(0);

    world.write("stacks/shop.toml", &format!("{SAFE}\n[site.web]\ndir = \"dist\"\n"));
    world.write("dist/index.html", "<!doctype html>");
    world.write("dist/app.js", &format!("const a = 1;\nconst key = '{key}';\n"));
    let refused = world.run("plan -e local").await.exits(3);
    assert!(refused.says("dist/app.js:2") && !refused.says(&key), "{refused}");
    let audit = world.run("audit --secrets --json").await.exits(2);
    let found: Vec<_> = audit.lines().into_iter().filter(|line| line["type"] == "finding").collect();
    assert_eq!(found.len(), 1, "{audit}");
    assert_eq!((&found[0]["path"], &found[0]["line"]), (&json!("dist/app.js"), &json!(2)));
    assert!(!audit.says(&key));
}

#[tokio::test]
async fn this_repository_holds_no_key() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_deployer"));
    command.args(["audit", "--secrets", "-C", concat!(env!("CARGO_MANIFEST_DIR"), "/..")]);
    ran(&mut command).await.exits(0);
}
