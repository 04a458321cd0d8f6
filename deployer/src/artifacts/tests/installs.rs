use std::time::Duration;

use super::super::{ArtifactError, Requests};
use super::world::{World, only_site, site};

/// Counts its runs outside the site's folder, and leaves what npm leaves.
const INSTALL: &str = "echo run >> ../bin/installs && rm -rf node_modules && mkdir node_modules && cp package-lock.json node_modules/.package-lock.json";
const BUILD: &str = "test -d node_modules && mkdir -p dist && cp src/app.js dist/app.js";

fn world() -> World {
    let world = World::new(&[]);
    std::fs::create_dir(world.path("bin")).unwrap();
    world.write("site/package-lock.json", "1\n");
    world
}

fn installs(world: &World) -> usize {
    std::fs::read_to_string(world.path("bin/installs")).map_or(0, |text| text.lines().count())
}

fn requests(install: &str) -> Requests {
    let mut requests = only_site(Some(BUILD));
    requests.sites[0].install = Some(install.to_owned());
    requests
}

#[tokio::test]
async fn what_a_site_needs_is_installed_once_for_many_builds() {
    let world = world();
    for text in ["1\n", "2\n", "3\n"] {
        world.write("site/src/app.js", text);
        world.build(&requests(INSTALL)).await.unwrap();
        assert_eq!(world.read("site/dist/app.js"), text);
    }
    assert_eq!(installs(&world), 1);
}

#[tokio::test]
async fn it_is_installed_again_when_what_it_is_installed_from_or_what_is_installed_differs() {
    let world = world();
    world.build(&requests(INSTALL)).await.unwrap();
    let spoils: [fn(&World); 6] = [
        |world| world.write("site/package-lock.json", "2\n"),
        |world| world.write("site/package.json", "{ \"name\": \"web\" }\n"),
        |world| world.write("site/.npmrc", "engine-strict=true\n"),
        |world| std::fs::remove_dir_all(world.path("site/node_modules")).unwrap(),
        |world| world.write("site/node_modules/.package-lock.json", "by hand\n"),
        |world| std::fs::remove_dir_all(world.path(".deployer/cache/installs")).unwrap(),
    ];
    for (at, spoil) in spoils.into_iter().enumerate() {
        spoil(&world);
        world.write("site/src/app.js", &format!("{at}\n"));
        world.build(&requests(INSTALL)).await.unwrap();
        assert_eq!(installs(&world), at + 2, "{at}");
    }
    let other = format!("{INSTALL} && true");
    world.build(&requests(&other)).await.unwrap();
    assert_eq!(installs(&world), 8, "the command counts, too");
}

#[tokio::test]
async fn what_failed_to_install_is_installed_again() {
    let world = world();
    let error = world.build(&requests(&format!("{INSTALL} && exit 7"))).await.unwrap_err();
    assert!(matches!(error, ArtifactError::Build { ended, .. } if ended == "exit status: 7"));
    assert!(world.build(&requests(&format!("{INSTALL} && exit 7"))).await.is_err());
    assert_eq!(installs(&world), 2);
}

#[tokio::test]
async fn where_nothing_tells_what_is_installed_it_is_installed_each_time() {
    let world = world();
    for text in ["1\n", "2\n"] {
        world.write("site/src/app.js", text);
        world.build(&requests("echo run >> ../bin/installs && mkdir -p node_modules")).await.unwrap();
    }
    assert_eq!(installs(&world), 2);
}

#[tokio::test]
async fn a_server_starts_with_what_it_needs() {
    let world = world();
    let mut site = site(None);
    site.install = Some(INSTALL.to_owned());
    site.dev = Some("test -d node_modules && echo ready; sleep 600".to_owned());
    for _ in 0..2 {
        let mut server = world.store.dev_server(&site, 1, "http://localhost", &|_| {}).await.unwrap().unwrap();
        assert_eq!(server.line().await.unwrap().as_deref(), Some("ready"));
        server.stop(Duration::from_secs(10)).await;
    }
    assert_eq!(installs(&world), 1);
}
