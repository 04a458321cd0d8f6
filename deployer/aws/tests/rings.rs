//! Rings of keys of which a part is missing, or not what it should be.

use deployer_engine::resource::ErrorClass;
use deployer_testbed::{Fault, Rule};

use crate::examples::{self, Example};
use crate::world::World;

const RING: &str = "/contract/test/secret/jwt";

fn example() -> Example {
    examples::all().into_iter().find(|each| each.type_name == "rs256_ring").expect("there is such an example")
}

/// The parameters below the ring's name, without it.
async fn parts(world: &World) -> Vec<String> {
    let found = world.cloud.ssm().get_parameters_by_path().path(RING).recursive(true).send().await.expect("a list");
    let name = |each: &aws_sdk_ssm::types::Parameter| each.name()?.strip_prefix(RING).map(str::to_owned);
    found.parameters().iter().filter_map(name).collect()
}

/// A ring whose making was cut off after its first key.
async fn half_made(world: &mut World) -> Example {
    let example = example();
    world.wire.script(Rule::once("ssm:PutParameter", Fault::Answer(400, "AccessDeniedException")).after(1));
    world.reconcile(&example, &example.inputs, None, None).await.expect_err("its document is refused");
    world.wire.clear();
    assert!(matches!(&*parts(world).await, [key] if key.starts_with("/keys/")), "{:?}", parts(world).await);
    example
}

#[tokio::test]
async fn a_ring_without_a_document_does_not_sign_and_is_made_anew() {
    let mut world = World::start().await;
    let example = half_made(&mut world).await;
    let live = world.read(&example, None).await.expect("read").expect("it lives");
    assert_eq!((&live.inputs["signs"], &live.inputs["tags"]), (&false.into(), &example.inputs["tags"]));
    let [left] = &*parts(&world).await else { panic!("a key") };
    let made = world.reconcile(&example, &example.inputs, None, Some(live)).await.expect("it is made");
    assert_eq!(made.inputs, example.inputs);
    let now = parts(&world).await;
    assert!(now.len() == 2 && now.contains(&"/ring".to_owned()) && !now.contains(left), "{now:?}, {left} before");
}

#[tokio::test]
async fn a_ring_without_a_document_is_taken_away_with_its_key() {
    let mut world = World::start().await;
    let example = half_made(&mut world).await;
    let live = world.read(&example, None).await.expect("read").expect("it lives");
    world.delete(&example, live).await.expect("it goes");
    assert_eq!(parts(&world).await, Vec::<String>::new());
    assert_eq!(world.read(&example, None).await.expect("read"), None);
}

#[tokio::test]
async fn a_document_that_nobody_knows_is_refused_and_its_keys_stay() {
    let mut world = World::start().await;
    let example = example();
    world.reconcile(&example, &example.inputs, None, None).await.expect("it is made");
    let document = world.cloud.ssm().put_parameter().name(format!("{RING}/ring")).overwrite(true);
    document.value("{\"form\": \"of tomorrow\"}").send().await.expect("a person writes it");
    let before = parts(&world).await;
    for error in [
        world.read(&example, None).await.expect_err("it cannot be read"),
        world.reconcile(&example, &example.inputs, None, None).await.expect_err("it cannot be made"),
    ] {
        assert_eq!((error.class, error.code.as_str()), (ErrorClass::Refused, "unreadable-ring"), "{error}");
    }
    assert_eq!(parts(&world).await, before);
}
