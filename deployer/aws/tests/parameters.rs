//! Parameters and secrets: many in few calls, and values that stay where they are.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sdk_ssm::primitives::{DateTime, DateTimeFormat};
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging};
use deployer_engine::resource::{AnyKey, Cx, ErrorClass, LiveValue};
use serde_json::{Value, json};

use crate::examples::{self, Example};
use crate::world::World;

/// More than are asked for one by one, in more than one bulk question.
const MANY: usize = 60;

fn example(address: &str) -> Example {
    examples::all().into_iter().find(|each| each.address.to_string() == address).expect("there is such an example")
}

fn parameter(number: usize) -> (AnyKey, Value) {
    let address = format!("param.p{number}/param");
    let tags = json!({ "deployer:stack": "contract", "deployer:env": "test", "deployer:address": address, "owner": "platform" });
    let inputs = json!({ "name": format!("/contract/test/p{number}"), "type": "String", "value": format!("v{number}"), "tags": tags });
    (
        AnyKey {
            address: address.parse().expect("an address"),
            id: Some(format!("/contract/test/p{number}")),
            inputs: inputs.clone(),
        },
        inputs,
    )
}

async fn read(world: &World, keys: &[AnyKey]) -> Vec<Option<LiveValue>> {
    let parameters = world.registry.get("ssm_parameter").expect("it is registered");
    parameters.read_many(Cx::new(world.cloud.clone()), keys.to_vec()).await.expect("they are read")
}

fn counts(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    world.wire.calls().into_iter().for_each(|call| *counts.entry(call.operation).or_default() += 1);
    counts
}

fn counted(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs.iter().map(|(operation, times)| ((*operation).to_owned(), *times)).collect()
}

#[tokio::test]
async fn many_recorded_parameters_are_read_in_few_calls_and_others_one_by_one_when_they_exist() {
    let world = World::start().await;
    let (keys, wanted): (Vec<_>, Vec<_>) = (0..MANY).map(parameter).unzip();
    let parameters = world.registry.get("ssm_parameter").expect("it is registered");
    for inputs in &wanted {
        parameters.reconcile(Cx::new(world.cloud.clone()), inputs.clone(), None, None).await.expect("it is made");
    }
    world.wire.clear();
    let found = read(&world, &keys).await;
    assert_eq!(
        found.into_iter().map(|live| live.map(|live| live.inputs)).collect::<Vec<_>>(),
        wanted.iter().cloned().map(Some).collect::<Vec<_>>()
    );
    assert_eq!(counts(&world), counted(&[("ssm:DescribeParameters", 2), ("ssm:GetParameters", 6)]));

    let unrecorded: Vec<_> = keys.iter().map(|key| AnyKey { id: None, ..key.clone() }).collect();
    let ssm = world.cloud.ssm();
    let request = ssm.remove_tags_from_resource().resource_type(ResourceTypeForTagging::Parameter);
    request.resource_id("/contract/test/p7").tag_keys("owner").send().await.expect("the tag goes");
    ssm.delete_parameter().name("/contract/test/p8").send().await.expect("the parameter goes");
    world.wire.clear();
    let found = read(&world, &unrecorded).await;
    assert_eq!(found[7].as_ref().expect("it is there").inputs["tags"].get("owner"), None);
    assert_eq!((&found[8], found[9].as_ref().map(|live| &live.inputs)), (&None, Some(&wanted[9])));
    assert_eq!(counts(&world), counted(&[("ssm:GetParameters", 6), ("ssm:ListTagsForResource", MANY - 1)]));
}

/// A creation that was cut off is asked for twice: it is wanted, and it was begun.
#[tokio::test]
async fn what_is_asked_for_twice_is_asked_of_aws_once_and_answered_twice() {
    let mut world = World::start().await;
    for (address, calls) in [("param.lake/param", 1), ("secret.origin/secret", 2)] {
        let example = example(address);
        world.reconcile(&example, &example.inputs, None, None).await.expect("it is made");
        world.wire.clear();
        let resource = world.registry.get(example.type_name).expect("it is registered");
        let key = || AnyKey { address: example.address.clone(), id: None, inputs: example.inputs.clone() };
        let keys = std::iter::repeat_with(key).take(11).collect();
        let found = resource.read_many(Cx::new(world.cloud.clone()), keys).await.expect("they are read");
        let inputs = found.iter().map(|live| live.as_ref().map(|live| &live.inputs));
        assert_eq!(inputs.collect::<Vec<_>>(), [Some(&example.inputs); 11], "{address}");
        assert_eq!(counts(&world)["ssm:GetParameters"], calls, "{address}");
    }
}

#[tokio::test]
async fn a_secret_is_made_once_and_never_again() {
    let mut world = World::start().await;
    let example = example("secret.origin/secret");
    let value = async |world: &World| {
        let request = world.cloud.ssm().get_parameter().name("/contract/test/secret/origin").with_decryption(true);
        request.send().await.expect("it is there").parameter.and_then(|each| each.value).expect("it has a value")
    };
    let made = world.reconcile(&example, &example.inputs, None, None).await.expect("it is made");
    let first = value(&world).await;
    assert_eq!((first.len(), &made.outputs["generation"]), (43, &json!("1")));
    let created = made.outputs["created_at"].as_str().expect("a time");
    let created = DateTime::from_str(created, DateTimeFormat::DateTime).expect("RFC 3339");
    assert!(created <= DateTime::from(SystemTime::now()), "{created:?}");
    for (prior, live) in [(None, None), (Some(&example.inputs), world.read(&example, None).await.expect("it is read"))]
    {
        let again = world.reconcile(&example, &example.inputs, prior, live).await.expect("it is there");
        assert_eq!(again.outputs, made.outputs);
    }
    assert!(value(&world).await == first, "the value changed");
    let told = serde_json::to_string(&world.read(&example, None).await.expect("it is read")).expect("plain data");
    assert!(!told.contains(&first), "the value is told");
}

#[tokio::test]
async fn a_plain_parameter_is_not_taken_for_a_secret() {
    let mut world = World::start().await;
    let example = example("secret.origin/secret");
    let request = world
        .cloud
        .ssm()
        .put_parameter()
        .name("/contract/test/secret/origin")
        .value("plain")
        .r#type(ParameterType::String);
    request.send().await.expect("it is put");
    assert_eq!(world.read(&example, None).await, Ok(None));
    let refused = world.reconcile(&example, &example.inputs, None, None).await.expect_err("its value is readable");
    assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Refused, "not-secure"));
}

#[tokio::test]
async fn what_carries_no_tag_of_ours_is_not_overwritten() {
    let mut world = World::start().await;
    let example = example("param.lake/param");
    let theirs =
        world.cloud.ssm().put_parameter().name("/contract/test/lake").value("theirs").r#type(ParameterType::String);
    theirs.send().await.expect("it is put");
    world.wire.clear();
    let refused = world.reconcile(&example, &example.inputs, None, None).await.expect_err("it is somebody else's");
    assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Refused, "taken"));
    assert_eq!(world.wire.mutating_calls(), ["ssm:PutParameter"]);
    let kept = world.read(&example, None).await.expect("it is read").expect("it is there");
    assert_eq!(kept.inputs["value"], "theirs");
}

#[tokio::test]
async fn an_optional_secret_is_there_before_and_after_a_person_puts_it_in_place_and_nothing_is_written() {
    let world = World::start().await;
    let secrets = world.registry.get("external_secret").expect("it is registered");
    let inputs = json!({ "name": "/contract/test/secret/chat", "optional": true });
    let generation = async || {
        let cx = || Cx::new(world.cloud.clone());
        let address = "secret.chat/secret".parse().expect("an address");
        let key = AnyKey { address, id: None, inputs: inputs.clone() };
        let read = secrets.read_many(cx(), vec![key]).await.expect("it is read").remove(0).expect("it is there");
        let live = secrets.reconcile(cx(), inputs.clone(), None, Some(read.clone())).await.expect("nothing to do");
        assert_eq!((&read.inputs, &live.inputs), (&inputs, &inputs));
        live.outputs["generation"].clone()
    };
    assert_eq!(generation().await, "0");
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
    let put = world.cloud.ssm().put_parameter().name("/contract/test/secret/chat").value("somebody's");
    put.r#type(ParameterType::SecureString).send().await.expect("it is put there");
    assert_eq!(generation().await, "1");
}
