use deployer_aws::Artifacts as _;
use deployer_aws::site_manifest::Manifest;

use super::super::{ArtifactError, Requests};
use super::world::{World, only_site, site};

/// Copies the source, and counts its runs outside the site's folder.
const BUILD: &str = "echo run >> ../bin/runs && mkdir -p dist/assets && cp src/app.js dist/assets/app.js && echo page > dist/index.html";

fn world() -> World {
    let world = World::new(&[]);
    std::fs::create_dir(world.path("bin")).unwrap();
    world
}

fn runs(world: &World) -> usize {
    std::fs::read_to_string(world.path("bin/runs")).map_or(0, |text| text.lines().count())
}

#[tokio::test]
async fn a_site_is_built_when_its_inputs_changed_and_not_otherwise() {
    let world = world();
    let requests = only_site(Some(BUILD));
    assert!(world.one(&requests).built.is_none());
    let first = world.build(&requests).await.unwrap();
    assert_eq!(runs(&world), 1);
    assert_eq!(world.inspect(&requests), first);
    assert_eq!(world.build(&requests).await.unwrap(), first);
    assert_eq!(runs(&world), 1, "nothing changed");

    world.write("site/node_modules/x/index.js", "1");
    world.write("functions/api/src/main.rs", "fn main() {}\n");
    assert_eq!(world.build(&requests).await.unwrap(), first);
    assert_eq!(runs(&world), 1, "what is no input changed");

    world.write("site/src/app.js", "2\n");
    assert!(world.one(&requests).built.is_none());
    let second = world.build(&requests).await.unwrap();
    assert_ne!(second, first);
    assert_eq!(runs(&world), 2);

    let other = only_site(Some(&format!("{BUILD} && true")));
    world.build(&other).await.unwrap();
    assert_eq!(runs(&world), 3, "the command is an input");
}

#[tokio::test]
async fn a_site_whose_files_are_gone_or_changed_by_hand_is_built_again() {
    let world = world();
    let requests = only_site(Some(BUILD));
    let built = world.build(&requests).await.unwrap();
    for spoil in [
        |world: &World| std::fs::remove_dir_all(world.path("site/dist")).unwrap(),
        |world: &World| world.write("site/dist/index.html", "by hand"),
        |world: &World| world.write("site/dist/.env", "secret"),
    ] {
        spoil(&world);
        assert!(world.one(&requests).built.is_none());
        let _ = std::fs::remove_file(world.path("site/dist/.env"));
        assert_eq!(world.build(&requests).await.unwrap(), built);
    }
    assert_eq!(runs(&world), 4 - 1, "without the stray file the last build still stands");
}

#[tokio::test]
async fn the_manifest_says_what_each_file_is_and_its_content_is_given() {
    let world = world();
    let requests = only_site(Some(BUILD));
    let built = world.build(&requests).await.unwrap();
    let digest = built.values().next().unwrap().built.clone().unwrap();
    let manifest = Manifest::parse(&world.store.manifest(&digest).unwrap()).unwrap();
    let rows: Vec<_> = manifest
        .files()
        .iter()
        .map(|file| (file.path.as_str(), file.content_type.as_str(), file.cache_control.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("assets/app.js", "text/javascript; charset=utf-8", "immutable"),
            ("index.html", "text/html; charset=utf-8", "no-cache")
        ]
    );
    let file = &manifest.files()[0];
    assert_eq!(&world.store.file(&file.sha256).unwrap()[..], b"1\n");

    world.write("site/dist/assets/app.js", "9\n");
    assert_eq!(world.store.file(&file.sha256).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    assert_eq!(world.store.file(&"0".repeat(64)).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn new_headers_are_a_new_release_without_a_build() {
    let world = world();
    let requests = only_site(Some(BUILD));
    let first = world.build(&requests).await.unwrap();
    let mut other = requests.clone();
    other.sites[0].cache[0].1 = "a day".to_owned();
    let second = world.build(&other).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(runs(&world), 1);
}

#[tokio::test]
async fn a_site_without_a_build_is_what_is_there() {
    let world = world();
    let requests = only_site(None);
    assert_eq!(world.store.inspect(&requests).unwrap_err()[0].code, "unreadable");
    world.write("site/dist/index.html", "page");
    let first = world.one(&requests);
    assert!(first.built.is_some());
    world.write("site/dist/about.html", "page");
    assert_ne!(world.one(&requests), first);
    world.write("site/dist/.env", "secret");
    assert_eq!(world.store.inspect(&requests).unwrap_err()[0].code, "secret-in-site");
}

#[tokio::test]
async fn a_build_that_leaves_what_must_not_be_published_is_refused() {
    let world = world();
    let error = world
        .build(&only_site(Some(
            "mkdir -p dist && echo x > dist/.env && ln -s /etc/passwd dist/p && echo x > dist/index.html",
        )))
        .await
        .unwrap_err();
    let ArtifactError::Faults(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults.iter().map(|each| each.code).collect::<Vec<_>>(), ["secret-in-site", "link-leaves-site"]);
    assert!(faults.iter().all(|each| each.location.is_some()));
}

#[tokio::test]
async fn a_failed_build_shows_what_it_said() {
    let world = world();
    let error = world.build(&only_site(Some("echo 'vite: no such file' >&2; exit 7"))).await.unwrap_err();
    let ArtifactError::Build { ended, output, .. } = error else { panic!("{error:?}") };
    assert_eq!((ended.as_str(), output.as_str()), ("exit status: 7", "vite: no such file"));
}

#[tokio::test]
async fn a_build_that_writes_into_its_own_sources_settles_or_is_stopped() {
    let settling = world();
    let once = format!("{BUILD} && echo generated > src/generated.js");
    assert!(settling.build(&only_site(Some(&once))).await.is_ok());
    assert_eq!(runs(&settling), 2, "once for the sources as they were, once for what it made of them");
    let restless = world();
    let ever = format!("{BUILD} && echo more >> src/generated.js");
    assert!(matches!(restless.build(&only_site(Some(&ever))).await, Err(ArtifactError::Unsteady { .. })));
}

#[tokio::test]
async fn a_build_of_a_site_sees_no_credentials() {
    let world = World::new(&[
        ("AWS_SESSION_TOKEN", "canary"),
        ("GITHUB_TOKEN", "canary"),
        ("npm_config_registry", "https://example.org"),
    ]);
    world.build(&only_site(Some("mkdir -p dist && env > dist/environment.txt"))).await.unwrap();
    let seen = world.read("site/dist/environment.txt");
    assert!(!seen.contains("canary"), "{seen}");
    assert!(seen.contains("npm_config_registry=https://example.org"), "{seen}");
}

#[test]
fn a_pattern_that_is_none_is_told_with_its_place() {
    let world = world();
    let mut request = site(Some(BUILD));
    request.cache.push(("assets/[".to_owned(), "x".to_owned()));
    let faults = world.store.inspect(&Requests { functions: Vec::new(), sites: vec![request] }).unwrap_err();
    assert_eq!((faults[0].code, faults[0].location.is_some()), ("bad-pattern", true));
}

#[test]
fn a_fetched_manifest_is_kept_when_it_is_the_right_one() {
    let world = world();
    let manifest = Manifest::new(Vec::new()).unwrap();
    world.store.keep_manifest(&manifest.sha256(), &manifest.to_bytes()).unwrap();
    assert_eq!(&world.store.manifest(&manifest.sha256()).unwrap()[..], manifest.to_bytes());
    assert!(world.store.keep_manifest(&manifest.sha256(), b"other").is_err());
    assert!(world.store.keep_manifest("../../x", b"other").is_err());
}
