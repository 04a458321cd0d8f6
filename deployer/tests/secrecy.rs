//! What never leaves: secret values, and text that would steer a terminal or a CI system.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use deployer_testbed::forms;

use crate::world::{Ran, SHOP, World, ran};

/// Every file and folder below one, itself included.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut at = 0;
    while let Some(path) = found.get(at).cloned() {
        at += 1;
        if path.is_dir() {
            found.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        }
    }
    found
}

#[tokio::test]
async fn a_secret_value_is_in_no_file_and_no_output() {
    let world = World::with(SHOP).await;
    let mut said = Vec::new();
    for line in [
        "up -e local -y -vv",
        "up -e local -y --json",
        "plan -e local -vv",
        "status -e local",
        "state list -e local",
        "state show secret.token -e local",
        "state show secret.token -e local --json",
        "outputs -e local",
    ] {
        said.push(world.run(line).await.exits(0));
    }
    let secret = world.aws().parameter("/shop/local/secret/token").await;
    assert!(secret.len() >= 43, "32 bytes are 43 characters");
    // Drift of it, and its loss, are told without it.
    said.push(world.run("plan -e local -vv --json").await.exits(0));
    world.edit("stacks/shop.toml", "[secret.token]\nkind = \"random\"\n", "");
    said.push(world.run("plan -e local -vv").await.exits(0));
    let files: Vec<_> = below(&world.path(".deployer")).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.iter().any(|path| path.ends_with("state.json")), "{files:?}");
    for form in forms(&secret) {
        assert!(!said.iter().any(|ran: &Ran| ran.says(&form)), "an output holds the secret");
        for path in &files {
            let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
            assert!(!text.contains(&form), "{} holds the secret", path.display());
        }
    }
}

#[tokio::test]
async fn only_the_owner_may_read_what_is_kept_whatever_the_umask() {
    let world = World::with(SHOP).await;
    let mut shell = tokio::process::Command::new("sh");
    let deployer = world.command(["up", "-e", "local", "-y"]);
    let deployer = deployer.as_std();
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(deployer.get_program()).args(deployer.get_args());
    shell.env_clear().envs(deployer.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    ran(&mut shell).await.exits(0);
    world.run("plan -e local").await.exits(0);
    let found = below(&world.path(".deployer"));
    assert!(found.len() > 4, "{found:?}");
    for path in found {
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{} has mode {mode:o}", path.display());
    }
}

#[tokio::test]
async fn nothing_but_text_goes_down_a_pipe() {
    let world = World::with(SHOP).await;
    for line in ["plan -e local", "up -e local -y", "plan -e nowhere", "--help", "upp"] {
        let piped = world.run(line).await;
        assert!(!piped.says("\u{1b}"), "{piped}");
        let mut forced = world.command(line.split_whitespace());
        let plain = ran(forced.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1")).await;
        assert!(!plain.says("\u{1b}"), "NO_COLOR: {plain}");
    }
}

/// Characters that steer a terminal or turn text around.
fn steers(text: &str) -> Vec<char> {
    let turns =
        |each: char| matches!(each, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars().filter(|each| (each.is_control() && *each != '\n') || turns(*each)).collect()
}

#[tokio::test]
async fn hostile_text_of_a_stack_file_is_shown_as_text() {
    let hostile = "\\u001b[31mred\\u202etxt\\n::set-output name=a::b\\n##[error]c";
    let stack = |broken: &str| {
        format!(
            r#"stack = {{ name = "shop", region = "us-west-2" }}
[env.local]
endpoint = "local"
[param.greeting]
value = "{hostile}"
description = "{hostile}"{broken}
[output]
greeting = "{hostile}"
"#
        )
    };
    let world = World::with(&stack("")).await;
    let lines = [
        "plan -e local -vv",
        "up -e local -y -vv",
        "outputs -e local",
        "outputs -e local greeting",
        "status -e local",
        "state show param.greeting -e local",
        "plan -e local --output markdown",
    ];
    for line in lines {
        assert_harmless(line, &world.run(line).await.exits(0));
    }
    world.aws().put_parameter("/shop/local/greeting", "\u{1b}[2Jgone\u{202e}\n::warning::x").await;
    for line in ["plan -e local", "plan -e local -vv", "plan -e local --output markdown", "up -e local -y"] {
        assert_harmless(line, &world.run(line).await.exits(0));
    }
    world.write("stacks/shop.toml", &stack(&format!("\n\"{hostile}\" = 1")));
    for line in ["validate", "plan -e local"] {
        assert_harmless(line, &world.run(line).await.exits(3));
    }
    // Raw in the file, too: TOML refuses control characters, and the fault quotes the line.
    for raw in ["\u{1b}[31m", "\u{202e}", "\u{9b}31m", "\u{7f}"] {
        world.write("stacks/shop.toml", &stack(&format!("\nmemry = \"{raw}\" # {raw}")));
        for line in ["validate", "plan -e local", "validate --json"] {
            assert_harmless(line, &world.run(line).await.exits(3));
        }
    }
}

#[track_caller]
fn assert_harmless(line: &str, ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert_eq!(steers(text), ['\0'; 0], "{line}: {ran}");
        let orders = text.lines().filter(|line| line.starts_with("::") || line.starts_with("##["));
        assert_eq!(orders.collect::<Vec<_>>(), [""; 0], "{line}");
    }
}
