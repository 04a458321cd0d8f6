//! Calls that go wrong: told apart, and survived by looking again.

use deployer_engine::resource::{ErrorClass, LiveValue};
use deployer_testbed::{Fault, Rule, inventory};

use crate::examples::{self, Example, PUT_BY_A_PERSON};
use crate::world::{REGION, World};

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

#[tokio::test]
async fn what_a_making_that_was_cut_off_leaves_is_found_and_can_be_taken_away() {
    let mut world = World::start().await;
    examples::put_by_a_person(&world).await;
    let mut left = Vec::new();
    for example in examples::all() {
        let began = world.wire.mutating_calls().len();
        let mut made = world.reconcile(&example, &example.inputs, None, None).await.expect("it is made");
        let calls = world.wire.mutating_calls().len() - began;
        if example.type_name == PUT_BY_A_PERSON || world.registry.facts(example.type_name).effect {
            continue;
        }
        for cut in 1..calls {
            world.delete(&example, made).await.expect("it goes");
            cut_off(&mut world, &example, cut).await;
            let names = inventory(&world.endpoint, REGION).await.addressed("contract", "test");
            let of_it = names.into_iter().filter(|(_, address)| *address == example.address.to_string());
            left.extend(of_it.map(|(name, address)| format!("{name} of {address} after {cut} of {calls} calls")));
            made = again(&mut world, &example).await;
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// Makes an example, of which all calls but the first so many are refused, and takes away what is found of it.
async fn cut_off(world: &mut World, example: &Example, calls: usize) {
    world.wire.clear();
    world.wire.script(Rule::always("*", Fault::Answer(400, "AccessDeniedException")).after(calls));
    // A call that does without may have ended it well.
    let _ = world.reconcile(example, &example.inputs, None, None).await;
    world.wire.clear();
    if let Some(live) = world.read(example, None).await.expect("it is read") {
        world.delete(example, live).await.expect("what is there goes");
    }
}

async fn again(world: &mut World, example: &Example) -> LiveValue {
    world.reconcile(example, &example.inputs, None, None).await.expect("it is made again")
}
