//! The bucket that keeps states, and the first files of a project.

use hyper::Method;

use crate::world::{SHOP, World};

const INIT: &str = "init -e local -y";
const BUCKET: &str = "shop-states";

/// The shop with its state in a bucket.
async fn shop() -> World {
    let state = format!("endpoint = \"local\"\nstate = {{ bucket = \"{BUCKET}\" }}\n");
    World::with(&SHOP.replace("endpoint = \"local\"\n", &state)).await
}

#[tokio::test]
async fn the_bucket_is_made_once_as_a_state_needs_it_and_is_then_as_it_should_be() {
    let world = shop().await;
    let ran = world.run("init -e local").await.exits(3);
    assert!(ran.says(BUCKET) || ran.says("state.bucket"), "it shows what it would do: {ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    world.run(INIT).await.exits(0);
    let aws = world.aws();
    for (setting, parts) in [
        ("versioning", &["<Status>Enabled</Status>"][..]),
        (
            "publicAccessBlock",
            &[
                "<BlockPublicAcls>true<",
                "<IgnorePublicAcls>true<",
                "<BlockPublicPolicy>true<",
                "<RestrictPublicBuckets>true<",
            ],
        ),
        ("ownershipControls", &["BucketOwnerEnforced"]),
        ("encryption", &["AES256"]),
        ("lifecycle", &["<NoncurrentDays>90<", "<NewerNoncurrentVersions>20<"]),
        ("policy", &["TlsOnly", "aws:SecureTransport"]),
        ("tagging", &["deployer:stack"]),
    ] {
        let body = aws.rest(Method::GET, "s3", &format!("/{BUCKET}?{setting}"), "").await.body;
        parts.iter().for_each(|part| assert!(body.contains(part), "{setting}: {body}"));
    }
    let ran = world.run_anew(INIT).await.exits(0);
    assert!(ran.says("is as it should be"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    // The other stack's states go there, too: nothing of it is the shop's.
    world.run("up -e local -y").await.exits(0);
    world.run("down -e local -y").await.exits(0);
    world.run_anew(INIT).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn what_somebody_changed_about_the_bucket_is_shown_and_put_right() {
    let world = shop().await;
    world.run(INIT).await.exits(0);
    world.aws().rest(Method::DELETE, "s3", &format!("/{BUCKET}?publicAccessBlock"), "").await;
    let ran = world.run_anew("init -e local").await.exits(3);
    assert!(ran.says("public_access_blocked"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    world.run_anew(INIT).await.exits(0);
    assert_eq!(world.wire.mutating_calls(), ["s3:PutPublicAccessBlock"]);
}

#[tokio::test]
async fn a_bucket_that_it_did_not_make_is_left_alone() {
    let world = shop().await;
    let here =
        "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    world.aws().rest(Method::PUT, "s3", &format!("/{BUCKET}"), here).await;
    let ran = world.run_anew(INIT).await.exits(5);
    assert!(ran.says("was not made by `deployer init`"), "{ran}");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}

#[tokio::test]
async fn without_a_bucket_there_is_nothing_to_make() {
    let world = World::with(SHOP).await;
    let ran = world.run(INIT).await.exits(0);
    assert!(ran.says("keeps the state of local in this folder"), "{ran}");
    assert_eq!(world.wire.calls().len(), 0);
}

#[tokio::test]
async fn an_empty_folder_gets_a_stack_that_can_be_brought_up() {
    let world = World::with(SHOP).await;
    std::fs::remove_dir_all(world.path("stacks")).expect("it was there");
    let ran = world.run("init").await.exits(0);
    assert!(ran.says("stacks/deployer-project-"), "{ran}");
    world.run("validate").await.exits(0);
    world.run("up -e local -y").await.exits(0);
    let stack = std::fs::read_dir(world.path("stacks")).expect("a folder").next().expect("a file").expect("a file");
    let text = std::fs::read_to_string(stack.path()).expect("a file");
    assert!(text.starts_with("#:schema ../schema/stack.json\n") && world.path("schema/stack.json").exists());
}
