//! Tables: one change a call, and nothing that loses an item.

use aws_sdk_dynamodb::types::AttributeValue;
use deployer_engine::diff::touches;
use deployer_engine::resource::{ErrorClass, Holds};
use serde_json::json;

use crate::examples::{self, Example};
use crate::world::World;

const TABLE: &str = "contract-test-roles";

fn example() -> Example {
    examples::all().into_iter().find(|each| each.type_name == "dynamodb_table").expect("there is such an example")
}

async fn made(world: &mut World, example: &Example) {
    world.reconcile(example, &example.inputs, None, None).await.expect("it is made");
    let item = world.cloud.dynamodb().put_item().table_name(TABLE);
    let item = item.item("event_id", AttributeValue::S("e1".into())).item("slot", AttributeValue::S("captain".into()));
    item.send().await.expect("it takes an item");
}

async fn items(world: &World) -> i32 {
    world.cloud.dynamodb().scan().table_name(TABLE).send().await.expect("it is there").count
}

#[tokio::test]
async fn indexes_change_one_a_call_and_items_stay() {
    let (mut world, example) = (World::start().await, example());
    made(&mut world, &example).await;
    let live = world.read(&example, None).await.expect("it is read");
    let mut wanted = example.inputs.clone();
    let other = json!({ "hash": "calendar:S", "range": "created_at:N" });
    wanted["indexes"] =
        json!({ "by-departure": other, "by-kind": { "hash": "kind:S" }, "by-place": { "hash": "place:S" } });
    world.wire.clear();
    world.reconcile(&example, &wanted, Some(&example.inputs), live).await.expect("it is changed");
    // by-departure goes and comes, by-role goes, two come.
    assert_eq!(world.wire.mutating_calls(), ["dynamodb:UpdateTable"; 5]);
    assert_eq!(items(&world).await, 1);
}

#[tokio::test]
async fn another_key_is_told_to_be_a_replacement_of_data() {
    let (mut world, example) = (World::start().await, example());
    made(&mut world, &example).await;
    let live = world.read(&example, None).await.expect("it is read").expect("it is there");
    let mut wanted = example.inputs.clone();
    wanted["key"]["range"] = json!("slot:N");
    let facts = *world.registry.facts(example.type_name);
    assert!(touches(&world.changes(&wanted, Some(&example.inputs), &live), facts.replace_on));
    assert_eq!(facts.holds, Holds::Data);
}

#[tokio::test]
async fn a_protected_table_is_not_deleted_and_no_call_is_made() {
    let (mut world, example) = (World::start().await, example());
    let mut protected = example.inputs.clone();
    protected["protection"] = json!(true);
    let live = world.reconcile(&example, &protected, None, None).await.expect("it is made");
    world.wire.clear();
    let refused = world.delete(&example, live).await.expect_err("it is protected");
    assert_eq!((refused.class, refused.code.as_str(), world.wire.calls().len()), (ErrorClass::Refused, "protected", 0));
}

#[tokio::test]
async fn an_index_that_somebody_added_stays_where_indexes_are_not_managed() {
    let (mut world, example) = (World::start().await, example());
    made(&mut world, &example).await;
    let live = world.read(&example, None).await.expect("it is read");
    let mut ours = example.inputs.clone();
    ours["indexes"] = json!({ "by-departure": example.inputs["indexes"]["by-departure"] });
    let mut unmanaged = example.inputs.clone();
    unmanaged.as_object_mut().expect("a table").shift_remove("indexes");
    world.reconcile(&example, &unmanaged, Some(&ours), live).await.expect("it is changed");
    let after = world.read(&example, None).await.expect("it is read").expect("it is there");
    assert_eq!(after.inputs["indexes"], json!({ "by-role": { "hash": "role:S" } }));
}

#[tokio::test]
async fn a_table_of_somebody_else_is_left_alone() {
    let (mut world, example) = (World::start().await, example());
    let mut theirs = example.inputs.clone();
    theirs["tags"]["deployer:stack"] = json!("theirs");
    world.reconcile(&example, &theirs, None, None).await.expect("it is made");
    let refused = world.reconcile(&example, &example.inputs, None, None).await.expect_err("it is theirs");
    assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Refused, "taken"));
    let kept = world.read(&example, None).await.expect("it is read").expect("it is there");
    assert_eq!(world.changes(&theirs, None, &kept), []);
}
