//! Secrets that something of the deployer's carries: a CDN's header follows a rotation.

use crate::secrets::{labels, standing};
use crate::world::World;

/// A function behind a CDN that proves itself by a header.
const DOOR: &str = r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"

[secret.origin]
kind = "random"

[function.api]
build = { package = "api" }
url   = { auth = "cdn", secret = "secret.origin" }

[cdn.main]
route = [{ path = "/*", to = "function.api" }]
"#;

/// The generation of the secret in the CDN's header, as AWS has it.
async fn carried(world: &World) -> i64 {
    let answer = world.aws().rest(hyper::Method::GET, "cloudfront", "/2020-05-31/distribution", "").await;
    let (_, id) = answer.body.split_once("<Id>").expect("a distribution");
    let id = id.split('<').next().expect("its id");
    let path = format!("/2020-05-31/distribution/{id}/config");
    let config = world.aws().rest(hyper::Method::GET, "cloudfront", &path, "").await.body;
    let (_, header) = config.split_once("x-origin-generation").expect("the header");
    let (_, value) = header.split_once("<HeaderValue>").expect("its value");
    value.split('<').next().and_then(|value| value.parse().ok()).expect("a generation")
}

#[tokio::test]
async fn the_cdns_header_follows_while_both_values_are_accepted() {
    let world = World::with(DOOR).await;
    world.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"api\"]\n");
    world.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"api\"\nversion = \"0.1.0\"\n");
    world.write("api/Cargo.toml", "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    world.write("api/src/main.rs", "fn main() {}\n");
    world.run("up -e local -y").await.exits(0);
    assert_eq!(carried(&world).await, 1);
    world.run("secrets rotate origin -e local -y").await.exits(0);
    assert_eq!(carried(&world).await, 1, "nobody sends what is only published");
    let later = jiff::Timestamp::now().as_second() + 3_600;
    world.run(&format!("secrets resume -e local -y --at {later}")).await.exits(0);
    assert_eq!(carried(&world).await, 2);
    assert_eq!(labels(&world).await, standing(&[("current", 2), ("latest", 2), ("next", 2), ("previous", 1)]));
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    // In an emergency the header goes first all the same.
    world.run("secrets retire origin -e local -y --emergency").await.exits(0);
    world.wire.clear();
    world.run("secrets rotate origin -e local -y --emergency").await.exits(0);
    assert_eq!(carried(&world).await, 3);
    let calls = world.wire.mutating_calls();
    let at = |operation: &str| calls.iter().rposition(|call| call == operation).expect("it was called");
    assert!(at("cloudfront:UpdateDistribution") < at("ssm:LabelParameterVersion"), "{calls:?}");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}
