//! This very workspace: what people build, test and ship from it shares its compiled crates.

use std::collections::BTreeSet;
use std::process::Command;

/// Our crates that use the AWS SDK, in themselves or in their tests.
const OURS: &[&str] = &[
    "deployer",
    "deployer-aws",
    "deployer-local",
    "deployer-testbed",
    "functions-shared",
    "crew-api",
    "ptb-nudge",
    "report-mailer",
];

/// Crates of others, each with the features that it is compiled with when `chosen` is.
fn crates(chosen: &[&str], edges: &str) -> BTreeSet<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p} [{f}]", "--edges", edges];
    let ended = Command::new(cargo).args(arguments).args(chosen).current_dir(root).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let text = String::from_utf8(ended.stdout).unwrap();
    let ours = format!("({}", std::path::Path::new(root).canonicalize().unwrap().display());
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.filter(|line| !line.is_empty() && !line.contains(&ours)).map(str::to_owned).collect()
}

/// Cargo compiles a crate once for each set of features. A feature that a test alone asks for would
/// have the AWS SDK compiled twice: for `cargo test`, and again for `up -e local`.
#[test]
fn builds_and_tests_share_every_crate() {
    let (builds, tests) = (crates(&["--workspace"], "normal,build"), crates(&["--workspace"], "normal,build,dev"));
    let alone: Vec<_> = builds.difference(&tests).collect();
    assert!(alone.is_empty(), "name the features that tests ask for in deployer/testbed/Cargo.toml: {alone:#?}");
}

/// So that who works on one crate does not wait for the AWS SDK to be compiled in its features alone.
#[test]
fn the_tests_of_one_crate_share_every_crate_with_those_of_all() {
    // What procedural macros are built with has features of its own.
    for edges in ["normal,dev,no-proc-macro", "normal,build,dev"] {
        let all = crates(&["--workspace"], edges);
        for one in OURS {
            let alone: Vec<_> = crates(&["-p", one], edges).difference(&all).cloned().collect();
            assert!(alone.is_empty(), "{one}: name the features in deployer/testbed/features/Cargo.toml: {alone:#?}");
        }
    }
}
