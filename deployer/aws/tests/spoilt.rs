//! Calls that go wrong: told apart, and survived by looking again.

use deployer_engine::resource::ErrorClass;
use deployer_testbed::{Fault, Rule};

use crate::examples::{self, Example, PUT_BY_A_PERSON};
use crate::world::World;

/// What happens to the first call that changes something, and what the engine must be told of it.
const SPOILT: [(Fault, ErrorClass); 4] = [
    (Fault::Answer(429, "ThrottlingException"), ErrorClass::Throttled),
    (Fault::Answer(503, "ServiceUnavailable"), ErrorClass::Unknown),
    (Fault::CutBefore, ErrorClass::Unknown),
    (Fault::CutAfter, ErrorClass::Unknown),
];

#[tokio::test]
async fn a_throttle_and_a_lost_answer_are_told_apart_and_the_next_try_ends_well() {
    let mut world = World::start().await;
    examples::put_by_a_person(&world).await;
    let mut broken = Vec::new();
    for example in examples::all() {
        for (fault, class) in SPOILT {
            if let Err(what) = spoil(&mut world, &example, fault, class).await {
                broken.push(format!("{} {fault:?}: {what}", example.address));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Spoils the first change, then looks and tries again as the engine does; deletes it for the next fault but the last.
async fn spoil(world: &mut World, example: &Example, fault: Fault, class: ErrorClass) -> Result<(), String> {
    world.wire.clear();
    world.wire.script(Rule::once("*", fault));
    let spoilt = world.reconcile(example, &example.inputs, None, None).await;
    if example.type_name == PUT_BY_A_PERSON {
        return spoilt.map(drop).map_err(|error| error.to_string());
    }
    let effect = world.registry.facts(example.type_name).effect;
    let Some(error) = spoilt.err() else {
        // What is done and stays done has no call that can be spoilt a second time.
        return if effect && world.wire.mutating_calls().is_empty() {
            Ok(())
        } else {
            Err("nobody noticed".to_owned())
        };
    };
    if error.class != class {
        return Err(format!("it is {:?}: {error}", error.class));
    }
    world.wire.clear();
    let found = world.read(example, None).await.map_err(|error| error.to_string())?;
    let live = world
        .reconcile(example, &example.inputs, None, found)
        .await
        .map_err(|error| format!("the next try: {error}"))?;
    if effect {
        return Ok(());
    }
    let read = world
        .read(example, Some(live.id.clone()))
        .await
        .map_err(|error| error.to_string())?
        .ok_or("it is not there after the next try")?;
    let changes = world.changes(&example.inputs, None, &read);
    if !changes.is_empty() {
        return Err(format!("it reads otherwise than wanted: {changes:?}"));
    }
    if fault != SPOILT[SPOILT.len() - 1].0 {
        world.delete(example, read).await.map_err(|error| format!("it is not deleted: {error}"))?;
    }
    Ok(())
}
