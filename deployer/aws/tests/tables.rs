//! Tables: one change a call, and nothing that loses an item.

use aws_sdk_dynamodb::types::AttributeValue;
use deployer_engine::diff::touches;
use deployer_engine::resource::{ErrorClass, Holds};
use deployer_testbed::{Fault, Rule};
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

#[tokio::test]
async fn backups_that_are_not_ready_yet_are_waited_for_and_the_table_is_not_made_twice() {
    let (mut world, example) = (World::start().await, example());
    let not_ready = Fault::Answer(400, "ContinuousBackupsUnavailableException");
    world.wire.script(Rule::once("dynamodb:UpdateContinuousBackups", not_ready));
    let told = world.reconcile(&example, &example.inputs, None, None).await.expect_err("they are not ready");
    assert_eq!(told.class, ErrorClass::NotYet);
    // The engine tries again with what it knew: that there was no table.
    world.reconcile(&example, &example.inputs, None, None).await.expect("they are ready");
    let live = world.read(&example, None).await.expect("it is read").expect("it is there");
    assert_eq!(world.changes(&example.inputs, None, &live), []);
    let made = world.wire.calls().into_iter().filter(|call| call.operation == "dynamodb:CreateTable");
    assert_eq!(made.map(|call| call.status).collect::<Vec<_>>(), [Some(200), Some(400)]);
}

#[tokio::test]
async fn a_time_to_live_that_changed_within_the_hour_says_so() {
    let (mut world, example) = (World::start().await, example());
    made(&mut world, &example).await;
    let live = world.read(&example, None).await.expect("it is read");
    let mut wanted = example.inputs.clone();
    wanted["ttl"] = json!("gone_at");
    world.wire.script(Rule::once("dynamodb:UpdateTimeToLive", Fault::Answer(400, "ValidationException")));
    let told = world.reconcile(&example, &wanted, Some(&example.inputs), live).await.expect_err("it is too early");
    assert_eq!(told.class, ErrorClass::Refused);
    assert!(told.message.contains("once an hour"), "{told}");
}
