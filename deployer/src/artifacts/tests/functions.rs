use std::io::{Cursor, Read as _};

use deployer_aws::Artifacts as _;

use super::super::{ArtifactError, BuildStep, Requests};
use super::world::{World, address, function, local};

/// The program in a zip.
fn bootstrap(zip: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut content = Vec::new();
    archive.by_name("bootstrap").unwrap().read_to_end(&mut content).unwrap();
    content
}

/// What a program prints.
fn run(world: &World, content: &[u8]) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let place = world.path("bin/bootstrap");
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(&place, content).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
    String::from_utf8(std::process::Command::new(place).output().unwrap().stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_built_and_what_did_not_is_not() {
    let world = World::new(&[]);
    let both = Requests { functions: vec![function("api", true), function("other", true)], sites: Vec::new() };
    assert!(world.inspect(&both).values().all(|each| each.built.is_none()));

    let first = world.build(&both).await.unwrap();
    let commands = world.commands();
    assert_eq!(commands.len(), 1, "all functions come from one run of cargo: {commands:?}");
    assert!(commands[0].starts_with("cargo build --locked --workspace"), "{commands:?}");
    assert_eq!(world.inspect(&both), first);
    let old = &first[&address("function.api")];
    let zip = world.store.zip(old.built.as_ref().unwrap()).unwrap();
    assert_eq!(run(&world, &bootstrap(&zip)), "one\n");

    assert_eq!(world.build(&both).await.unwrap(), first);
    assert_eq!(world.commands(), Vec::<String>::new(), "nothing changed, nothing runs");

    world.replace("functions/shared/src/lib.rs", "one", "two");
    let second = world.build(&both).await.unwrap();
    let new = &second[&address("function.api")];
    assert_eq!(run(&world, &bootstrap(&world.store.zip(new.built.as_ref().unwrap()).unwrap())), "two\n");
    assert_eq!(second[&address("function.other")], first[&address("function.other")]);
    let told = world.store.describe_change(&address("function.api"), &old.source_sha256, &new.source_sha256).unwrap();
    assert!(told.starts_with("1 file, ") && told.ends_with("kB"), "{told}");

    world.replace("functions/shared/src/lib.rs", "two", "one");
    assert_eq!(world.inspect(&both), first, "what was built before is found again");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_is_built() {
    let world = World::new(&[]);
    let both = Requests { functions: vec![function("api", true), function("other", true)], sites: Vec::new() };
    let found = world.store.build(&both, &[address("function.other")].into(), &|_| {}).await.unwrap();
    assert!(found[&address("function.other")].built.is_some());
    assert!(found[&address("function.api")].built.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_sees_no_credentials_and_its_program_no_symbols() {
    let world = World::new(&[("AWS_SECRET_ACCESS_KEY", "canary"), ("MY_TOKEN", "canary")]);
    let script = "fn main() {\n    assert!(!std::env::vars().any(|(_, value)| value.contains(\"canary\")));\n}\n";
    world.write("functions/other/build.rs", script);
    let built = world.build(&local("other")).await.unwrap();
    let zip = world.store.zip(built[&address("function.other")].built.as_ref().unwrap()).unwrap();
    let program = bootstrap(&zip);
    use object::Object as _;
    assert_eq!(object::File::parse(&*program).unwrap().symbols().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_build_shows_what_the_compiler_says() {
    let world = World::new(&[]);
    world.write("functions/other/src/main.rs", "fn main() {\n    let number: u8 = \"text\";\n}\n");
    let error = world.build(&local("other")).await.unwrap_err();
    let ArtifactError::Build { addresses, ended, output, .. } = &error else { panic!("{error:?}") };
    assert_eq!((addresses, ended.as_str()), (&vec![address("function.other")], "exit status: 101"));
    assert!(output.contains("error[E0308]: mismatched types") && output.contains("src/main.rs:2:22"), "{output}");
    assert!(!output.contains("Compiling"), "{output}");
    assert!(error.to_string().starts_with("building function.other failed: `cargo build"), "{error}");
    assert!(world.one(&local("other")).built.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_file_that_would_change_stops_the_build() {
    let world = World::new(&[]);
    let before = world.read("Cargo.lock");
    world.replace("functions/other/Cargo.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
    assert!(matches!(world.build(&local("other")).await, Err(ArtifactError::Build { .. })));
    assert_eq!(world.read("Cargo.lock"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_only_the_compiler_knew_of_is_told() {
    let world = World::new(&[]);
    world.write("words/list.txt", "one");
    world.write(
        "functions/other/build.rs",
        "fn main() {\n    println!(\"cargo:rerun-if-changed=../../words/list.txt\");\n}\n",
    );
    world.build(&local("other")).await.unwrap();
    let events = world.events.lock().unwrap();
    let notices: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.what {
            BuildStep::Notice(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        notices,
        [
            "function.other is compiled from `words/list.txt`, too, and a change of it would not be noticed: move it into the package's folder"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_that_is_gone_or_damaged_is_built_again() {
    let world = World::new(&[]);
    let built = world.build(&local("other")).await.unwrap();
    let digest = built[&address("function.other")].built.clone().unwrap();
    let zips = world.path(".deployer/cache/zips");
    let zip = std::fs::read_dir(&zips).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&zip, "damaged").unwrap();
    assert!(world.store.zip(&digest).is_err());
    std::fs::remove_file(&zip).unwrap();
    assert!(world.one(&local("other")).built.is_none());
    assert_eq!(world.build(&local("other")).await.unwrap(), built);
    assert!(world.store.zip(&digest).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_and_two_masks_make_the_same_zip() {
    let (one, other) = (World::new(&[("TZ", "Asia/Tokyo")]), World::new(&[("TZ", "America/Los_Angeles")]));
    let digest = |world: &World| world.one(&local("other")).built;
    one.build(&local("other")).await.unwrap();
    other.build(&local("other")).await.unwrap();
    assert_eq!(digest(&one), digest(&other));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_rust_is_told_so() {
    let world = World::new(&[("PATH", "/nowhere")]);
    let error = world.build(&local("other")).await.unwrap_err();
    assert!(matches!(&error, ArtifactError::Tool { tool: "cargo", .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("rustup"));
}
