//! Builds for AWS, with programs that stand in for the compilers.

use deployer_aws::kinds::function::Architecture;

use super::super::elf::{self, LAMBDA_GLIBC};
use super::super::{ArtifactError, BuildStep, Requests};
use super::world::{World, address, function};

/// A world whose `PATH` has stand-ins only: cargo "compiles" by copying `program`.
fn world(program: &[u8]) -> World {
    let world = World::with(|folder| {
        let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
        vec![("PATH", path), ("AWS_SECRET_ACCESS_KEY", "canary".to_owned())]
    });
    world.write("bin/program", "");
    std::fs::write(world.path("bin/program"), program).unwrap();
    let root = world.folder.path().display().to_string();
    world.program("bin/cargo-lambda", "exit 9");
    world.program("bin/zig", "exit 9");
    world.program("bin/rustc", &format!("echo {root}/bin/sysroot"));
    world.program("bin/rustup", &format!("mkdir -p {root}/bin/sysroot/lib/rustlib/$3/lib"));
    let message = format!(
        r#"{{"reason":"compiler-artifact","manifest_path":"{root}/functions/api/Cargo.toml","target":{{"kind":["bin"],"name":"api"}},"executable":"{root}/target/t/release/api"}}"#
    );
    let script = format!(
        "echo \"$@\" > {root}/bin/arguments\nenv > {root}/bin/environment\nwhile [ \"$1\" != --lambda-dir ]; do shift; done\nmkdir -p $2/api && cp {root}/bin/program $2/api/bootstrap\necho '{message}'"
    );
    world.program("bin/cargo", &script);
    world
}

fn request(architecture: Architecture) -> Requests {
    let mut function = function("api", false);
    function.architecture = architecture;
    Requests { functions: vec![function], sites: Vec::new() }
}

fn some_program() -> Vec<u8> {
    let content = std::fs::read("/bin/sh").unwrap();
    // As if linked for Lambda, whatever this machine has.
    with_glibc(&content, "2.17")
}

/// The same program, asking for another version of the C library than it really needs.
fn with_glibc(program: &[u8], version: &str) -> Vec<u8> {
    let mut changed = program.to_vec();
    for at in 0..changed.len().saturating_sub(10) {
        if changed[at..].starts_with(b"GLIBC_2.")
            && changed[at + 8].is_ascii_digit()
            && changed[at + 9].is_ascii_digit()
            && changed[at + 10] == 0
        {
            changed[at + 6..at + 10].copy_from_slice(version.as_bytes());
        }
    }
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn cargo_lambda_builds_for_aws_without_touching_more_than_it_says() {
    let world = world(&some_program());
    let request = request(Architecture::of_this_machine());
    let built = world.build(&request).await.unwrap();
    assert!(built[&address("function.api")].built.is_some());
    let arguments = world.read("bin/arguments");
    for expected in ["lambda build", "--locked", "--skip-target-check", "--release", "-p api --bin api"] {
        assert!(arguments.contains(expected), "{expected}: {arguments}");
    }
    assert!(!world.read("bin/environment").contains("canary"));
    let events = std::mem::take(&mut *world.events.lock().unwrap());
    let notices: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.what {
            BuildStep::Notice(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].starts_with("adding Rust's library for ") && notices[0].contains("rustup target add"),
        "{notices:?}"
    );
    world.build(&request).await.unwrap();
    assert_eq!(world.commands(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_for_a_newer_system_or_another_processor_is_refused_with_the_reason() {
    let program = with_glibc(&some_program(), "2.39");
    assert!(elf::read(&program).unwrap().glibc > Some(LAMBDA_GLIBC));
    let newer = world(&program);
    let error = newer.build(&request(Architecture::of_this_machine())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "function.api: it needs glibc 2.39, and Lambda (Amazon Linux 2023) has 2.34: it would not start"
    );
    assert!(newer.one(&request(Architecture::of_this_machine())).built.is_none());

    let other =
        if Architecture::of_this_machine() == Architecture::Arm64 { Architecture::X86_64 } else { Architecture::Arm64 };
    let error = world(&some_program()).build(&request(other)).await.unwrap_err();
    assert!(matches!(&error, ArtifactError::Unfit { message, .. } if message.contains("it is built for")), "{error:?}");
}

#[test]
fn each_processor_and_profile_is_an_artifact_of_its_own() {
    let world = World::new(&[]);
    let mut requests = [request(Architecture::Arm64), request(Architecture::X86_64), request(Architecture::Arm64)];
    requests[2].functions[0].profile = "small".to_owned();
    let mut digests: Vec<_> = requests.iter().map(|each| world.one(each).source_sha256).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 3);
}

#[test]
fn a_profile_counts_with_those_that_it_inherits_from() {
    let world = World::new(&[]);
    world.write(
        "Cargo.toml",
        &(world.read("Cargo.toml")
            + "[profile.release]\nlto = true\n[profile.small]\ninherits = \"release\"\nopt-level = \"z\"\n"),
    );
    let mut small = request(Architecture::Arm64);
    small.functions[0].profile = "small".to_owned();
    let before = world.one(&small);
    world.replace("Cargo.toml", "lto = true", "lto = false");
    assert_ne!(world.one(&small), before);
}
