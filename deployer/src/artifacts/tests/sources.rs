use deployer_engine::kind::Artifact;

use super::super::Requests;
use super::world::{World, function, is_bare, local};

/// Says whether a change of the project changes what `api` is made of.
fn changes(change: impl FnOnce(&World)) -> bool {
    changes_of(&local("api"), |_| {}, change)
}

fn changes_of(requests: &Requests, prepare: impl FnOnce(&World), change: impl FnOnce(&World)) -> bool {
    let world = World::new(&[]);
    prepare(&world);
    let before = world.one(requests);
    assert_eq!(world.one(requests), before, "looking twice tells the same");
    change(&world);
    world.one(requests).source_sha256 != before.source_sha256
}

type Change = (&'static str, fn(&World));

fn move_main(world: &World) {
    std::fs::create_dir(world.path("functions/api/src/bin")).unwrap();
    std::fs::rename(world.path("functions/api/src/main.rs"), world.path("functions/api/src/bin/api.rs")).unwrap();
}

#[test]
fn what_reaches_the_binary_counts() {
    let changes: &[Change] = &[
        ("a source", |world| world.write("functions/api/src/main.rs", "fn main() {}\n")),
        ("a new source", |world| world.write("functions/api/src/more.rs", "")),
        ("a moved source", move_main),
        ("a build script", |world| world.write("functions/api/build.rs", "fn main() {}\n")),
        ("a template", |world| world.write("functions/api/templates/mail.html", "x")),
        ("its manifest", |world| world.replace("functions/api/Cargo.toml", "2021", "2024")),
        ("a package it depends on", |world| world.replace("functions/shared/src/lib.rs", "one", "two")),
        ("an inherited version", |world| world.replace("Cargo.toml", "version = \"0.1.0\"", "version = \"0.2.0\"")),
        ("an inherited dependency", |world| {
            world.replace("Cargo.toml", "functions/shared\" }", "functions/shared\", default-features = false }");
        }),
        ("its profile", |world| world.replace("Cargo.toml", "debug = false", "debug = true")),
        ("the resolver", |world| world.replace("Cargo.toml", "resolver = \"3\"", "resolver = \"2\"")),
        ("the toolchain", |world| world.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95\"\n")),
        ("cargo's configuration", |world| world.write(".cargo/config.toml", "[build]\nrustflags = []\n")),
    ];
    for (what, change) in changes {
        assert!(self::changes(change), "{what}");
    }
}

#[test]
fn what_does_not_reach_the_binary_does_not_count() {
    let changes: &[Change] = &[
        ("its prose", |world| world.write("functions/api/README.md", "# other\n")),
        ("its tests", |world| world.write("functions/api/tests/runner.rs", "")),
        ("its examples", |world| world.write("functions/api/examples/x.rs", "")),
        ("its benchmarks", |world| world.write("functions/api/benches/x.rs", "")),
        ("another package", |world| world.write("functions/other/src/main.rs", "fn main() { todo!() }\n")),
        ("an unused dependency", |world| world.replace("Cargo.toml", "spare = \"1\"", "spare = \"2\"")),
        ("another profile", |world| {
            world.replace("Cargo.toml", "[profile.dev]", "[profile.release]\nlto = true\n[profile.dev]");
        }),
        ("a stack file", |world| world.write("stacks/crew.toml", "")),
        ("what git ignores", |world| world.write("functions/api/src/notes.tmp", "x")),
        ("what was built", |world| world.write("target/debug/api", "x")),
        ("the site", |world| world.write("site/src/app.js", "2\n")),
    ];
    for (what, change) in changes {
        assert!(!self::changes(change), "{what}");
    }
}

#[test]
fn a_locked_dependency_counts_where_it_is_used() {
    let lock = |world: &World| {
        world.replace(
            "Cargo.lock",
            "dependencies = [\n \"shared\",\n]",
            "dependencies = [\n \"proptest\",\n \"serde\",\n \"shared\",\n]",
        );
        let entry = |name: &str| {
            format!(
                "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.org/index\"\nchecksum = \"{name}-1\"\n"
            )
        };
        let text = world.read("Cargo.lock") + &entry("proptest") + &entry("serde") + &entry("unrelated");
        world.write("Cargo.lock", &text);
        let manifest = world.read("functions/api/Cargo.toml") + "serde = \"1\"\n[dev-dependencies]\nproptest = \"1\"\n";
        world.write("functions/api/Cargo.toml", &manifest);
    };
    let changes = |change: fn(&World)| changes_of(&local("api"), lock, change);
    assert!(changes(|world| world.replace("Cargo.lock", "serde-1", "serde-2")));
    assert!(!changes(|world| world.replace("Cargo.lock", "unrelated-1", "unrelated-2")));
    assert!(!changes(|world| world.replace("Cargo.lock", "proptest-1", "proptest-2")), "of tests alone");
}

#[test]
fn a_file_that_a_source_takes_in_counts_wherever_it_is() {
    let includes = |world: &World| {
        world.write("docs/terms.md", "terms");
        world.write("functions/api/src/main.rs", "fn main() { println!(\"{}{}{}\", include_str!(\"../README.md\"), include_str!(\"../../../docs/terms.md\"), include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/tests/x.txt\"))) }");
        world.write("functions/api/tests/x.txt", "x");
    };
    let changes = |change: fn(&World)| changes_of(&local("api"), includes, change);
    assert!(changes(|world| world.write("functions/api/README.md", "# other\n")));
    assert!(changes(|world| world.write("docs/terms.md", "other terms")));
    assert!(changes(|world| world.write("functions/api/tests/x.txt", "y")));
    assert!(!changes(|world| world.write("docs/other.md", "x")));
}

#[test]
fn variables_of_the_compiler_count_and_others_do_not() {
    let hash = |more: &[(&'static str, &str)]| World::new(more).one(&local("api")).source_sha256;
    let plain = hash(&[("RUSTFLAGS", "")]);
    assert_eq!(hash(&[("RUSTFLAGS", ""), ("EDITOR", "vi")]), plain);
    assert_ne!(hash(&[("RUSTFLAGS", "-C target-cpu=native")]), plain);
}

#[test]
fn another_machine_is_another_artifact_and_another_folder_is_not() {
    let aws = Requests { functions: vec![function("api", false)], sites: Vec::new() };
    let world = World::new(&[]);
    let (local, aws) = (world.one(&local("api")), world.one(&aws));
    assert_ne!(local.source_sha256, aws.source_sha256);
    assert_eq!(World::new(&[]).one(&super::world::local("api")).source_sha256, local.source_sha256);
}

#[test]
fn inspecting_starts_no_process_and_needs_no_writable_project() {
    // With an empty PATH nothing could be started.
    let world = World::new(&[("PATH", "")]);
    std::fs::write(world.path(".deployer"), "in the way").unwrap();
    assert!(matches!(world.one(&local("api")), Artifact { built: None, .. }));
    let world = World::new(&[]);
    assert!(world.inspect(&Requests::default()).is_empty());
    assert!(is_bare(&world.path(".deployer")));
}

#[test]
fn a_package_that_is_missing_is_told_with_its_place_and_the_packages() {
    let world = World::new(&[]);
    let faults = world.store.inspect(&local("apii")).unwrap_err();
    assert_eq!(faults.len(), 1);
    let shown = faults[0].to_string();
    assert_eq!(
        shown,
        "stacks/crew.toml:2:21: `build.package` of function.apii is `apii`, which is no package of the workspace (did you mean `api`? the packages are `api`, `other`, `shared`)"
    );
}

#[test]
fn every_fault_of_every_request_is_told_at_once() {
    let world = World::new(&[]);
    std::os::unix::fs::symlink("/etc/hostname", world.path("functions/api/src/host.txt")).unwrap();
    let mut requests = Requests {
        functions: vec![function("api", true), function("shared", true), function("gone", true)],
        sites: vec![super::world::site(None)],
    };
    requests.sites[0].dir = "../elsewhere".to_owned();
    let faults = world.store.inspect(&requests).unwrap_err();
    let codes: Vec<_> = faults.iter().map(|each| each.code).collect();
    assert_eq!(codes, ["link-leaves-project", "no-program", "unknown-package", "bad-folder"]);
    assert!(faults.iter().all(|each| each.location.is_some()), "{faults:?}");
}

#[test]
fn a_dependency_outside_the_project_is_refused() {
    for path in ["../../../elsewhere", "/etc"] {
        let world = World::new(&[]);
        let manifest = world.read("functions/api/Cargo.toml") + &format!("gone = {{ path = \"{path}\" }}\n");
        world.write("functions/api/Cargo.toml", &manifest);
        let faults = world.store.inspect(&local("api")).unwrap_err();
        assert_eq!(faults[0].code, "dependency-leaves-project");
    }
}

#[test]
fn a_project_without_a_manifest_or_a_lock_file_is_told_what_to_do() {
    let world = World::new(&[]);
    std::fs::remove_file(world.path("Cargo.lock")).unwrap();
    assert!(
        world.store.inspect(&local("api")).unwrap_err()[0].hint.as_deref().unwrap().contains("cargo generate-lockfile")
    );
    std::fs::remove_file(world.path("Cargo.toml")).unwrap();
    assert!(world.store.inspect(&local("api")).unwrap_err()[0].hint.as_deref().unwrap().contains("workspace"));
}

#[test]
fn what_changed_is_said_in_words() {
    let world = World::new(&[]);
    let old = world.one(&local("api")).source_sha256;
    world.write("functions/api/src/main.rs", "fn main() {}\n");
    world.replace("functions/shared/src/lib.rs", "one", "two");
    let new = world.one(&local("api")).source_sha256;
    let address = super::world::address("function.api");
    assert_eq!(world.store.describe_change(&address, &old, &new).as_deref(), Some("2 files"));
    assert_eq!(world.store.describe_change(&address, &"0".repeat(64), &new), None);
}
