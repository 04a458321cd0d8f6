//! What every resource promises, checked over the whole registry on the local AWS.

use std::collections::BTreeSet;

use deployer_aws::actions::iam_action;
use deployer_aws::{Cloud, resources};
use deployer_engine::resource::{ErrorClass, Facts, Identity, LiveValue, OnRemove, Registry};
use serde_json::Value;

use crate::examples::{self, Example, PUT_BY_A_PERSON};
use crate::world::World;

#[test]
fn every_type_has_an_example_and_every_example_a_type() {
    let registry: Registry<Cloud> = resources::all();
    let registered: BTreeSet<_> = registry.all().map(|facts| facts.type_name).collect();
    let shown: BTreeSet<_> = examples::all().iter().map(|each| each.type_name).collect();
    assert_eq!(shown, registered);
}

#[test]
fn what_says_that_it_carries_ownership_tags_has_them_in_its_example() {
    let registry: Registry<Cloud> = resources::all();
    let tagged =
        |example: &Example| example.inputs.get("tags").is_some_and(|tags| tags.get("deployer:address").is_some());
    let wrong: Vec<_> = examples::all()
        .iter()
        .filter(|each| tagged(each) != registry.facts(each.type_name).tagged)
        .map(|each| each.type_name)
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
}

#[test]
fn fields_that_the_constants_name_are_fields() {
    let registry: Registry<Cloud> = resources::all();
    let missing = examples::all().into_iter().flat_map(|example| {
        let facts = *registry.facts(example.type_name);
        let fields = facts.replace_on.iter().chain(facts.name_field.iter()).map(|field| (*field).to_owned());
        fields
            .filter(|field| example.inputs.get(field).is_none())
            .map(|field| format!("{}: {field}", example.type_name))
            .collect::<Vec<_>>()
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

/// What is wrong with the identity that a type claims to have, by its other constants.
fn identity_faults(facts: &Facts) -> Option<String> {
    let wrong = match facts.identity {
        _ if facts.effect || facts.on_remove == OnRemove::Forget => None,
        Identity::Name if facts.name_field.is_none() && facts.replace_on.is_empty() => Some("no field names it"),
        Identity::Token if facts.replace_on.is_empty() && !facts.tagged => Some("no field is its token"),
        Identity::Tag if !facts.tagged => Some("it carries no tags"),
        Identity::Parent if facts.replace_on.is_empty() => Some("no field names its parent"),
        Identity::Parent if facts.name_field.is_some() => Some("it has a name of its own"),
        _ => None,
    };
    wrong.map(|what| format!("{}: found by its {:?}, but {what}", facts.type_name, facts.identity))
}

#[test]
fn every_type_can_be_found_by_the_identity_that_it_claims() {
    let registry: Registry<Cloud> = resources::all();
    assert_eq!(registry.all().filter_map(identity_faults).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn an_identity_that_finds_nothing_is_noticed() {
    let registry: Registry<Cloud> = resources::all();
    let queue = *registry.facts("sqs_queue");
    let bare = Facts { name_field: None, replace_on: &[], tagged: false, ..queue };
    for identity in [Identity::Name, Identity::Token, Identity::Tag, Identity::Parent] {
        assert!(identity_faults(&Facts { identity, ..bare }).is_some(), "{identity:?}");
    }
}

#[tokio::test]
async fn every_resource_keeps_the_contract() {
    let mut world = World::start().await;
    keeps_the_contract(&mut world, examples::all()).await;
}

/// What moto can hold. It has no `RevisionId` and `LastUpdateStatus` of functions, no ETags of CloudFront's, no
/// configuration sets that can be read back and no capacity of web ACLs; it forgets the policy of a queue, and
/// answers `GetBucketVersioning` of a new bucket with XML that AWS does not send.
const HELD_BY_MOTO: &[&str] = &[
    "dynamodb_table",
    "event_rule",
    "external_secret",
    "iam_role",
    "kms_key",
    "log_group",
    "route53_alias",
    "rs256_ring",
    "ssm_parameter",
    "ssm_secret",
];

#[tokio::test]
async fn resources_keep_the_contract_on_an_aws_of_other_people_too() {
    let mut world = World::of_moto().await;
    let held: Vec<_> = examples::all().into_iter().filter(|each| HELD_BY_MOTO.contains(&each.type_name)).collect();
    let types: BTreeSet<_> = held.iter().map(|each| each.type_name).collect();
    assert_eq!(types.into_iter().collect::<Vec<_>>(), HELD_BY_MOTO);
    keeps_the_contract(&mut world, held).await;
}

/// Makes, reads, changes and deletes each example.
async fn keeps_the_contract(world: &mut World, examples: Vec<Example>) {
    let mut broken = Broken::default();
    let mut made = Vec::new();
    for example in examples {
        let began = world.wire.calls().len();
        if let Some(live) = make(world, &example, &mut broken).await {
            change_and_back(world, &example, live, &mut broken).await;
            declares_its_actions(world, &example, began, &mut broken);
            made.push(example);
        }
    }
    for example in made.iter().rev() {
        let began = world.wire.calls().len();
        remove(world, example, &mut broken).await;
        declares_its_actions(world, example, began, &mut broken);
    }
    assert!(broken.0.is_empty(), "{}", broken.0.join("\n"));
}

/// Whether the actions of its calls since then are among those that the type declares.
fn declares_its_actions(world: &World, example: &Example, began: usize, broken: &mut Broken) {
    let declared = world.registry.facts(example.type_name).actions;
    let called: BTreeSet<_> = world.wire.calls().split_off(began).into_iter().map(|call| call.operation).collect();
    let missing: Vec<_> =
        called.iter().map(|operation| iam_action(operation)).filter(|action| !declared.contains(action)).collect();
    broken.unless(missing.is_empty(), example, || format!("calls what its ACTIONS do not allow: {missing:?}"));
}

/// The promises that were not kept.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn unless(&mut self, kept: bool, example: &Example, what: impl FnOnce() -> String) {
        if !kept {
            self.0.push(format!("{} {}", example.address, what()));
        }
    }
}

/// Whether it is a value's own business when it goes.
fn stays(facts: &Facts) -> bool {
    facts.on_remove == OnRemove::Forget
}

async fn make(world: &mut World, example: &Example, broken: &mut Broken) -> Option<LiveValue> {
    let facts = *world.registry.facts(example.type_name);
    if example.type_name == PUT_BY_A_PERSON {
        let refused = world.reconcile(example, &example.inputs, None, None).await.expect_err("nobody has put it there");
        broken.unless(refused.class == ErrorClass::NeedsPerson, example, || {
            format!("does not wait for a person: {refused}")
        });
        examples::put_by_a_person(world).await;
    } else {
        let before = world.read(example, None).await;
        broken.unless(matches!(before, Ok(None)), example, || format!("is read before it is made: {before:?}"));
    }
    let made = match world.reconcile(example, &example.inputs, None, None).await {
        Ok(made) => made,
        Err(error) => {
            broken.unless(false, example, || format!("is not made: {error}"));
            return None;
        }
    };
    if facts.effect {
        let again = world.reconcile(example, &example.inputs, Some(&example.inputs), None).await;
        broken.unless(again.is_ok(), example, || format!("cannot be done again: {again:?}"));
        return None;
    }
    let live = reads_as_wanted(world, example, &example.inputs, &made, broken).await?;
    is_idempotent(world, example, &live, broken).await;
    Some(live)
}

/// Reads it by its id and by its identity rule; both must show what is wanted and what was told of it.
async fn reads_as_wanted(
    world: &World,
    example: &Example,
    inputs: &Value,
    told: &LiveValue,
    broken: &mut Broken,
) -> Option<LiveValue> {
    let by_id = world.read(example, Some(told.id.clone())).await;
    let by_rule = world.read(example, None).await;
    broken.unless(by_id == by_rule, example, || {
        format!("is found by its id as {by_id:?} and by its rule as {by_rule:?}")
    });
    let Ok(Some(live)) = by_id else {
        broken.unless(false, example, || format!("is not found: {by_id:?}"));
        return None;
    };
    let changes = world.changes(inputs, Some(inputs), &live);
    broken.unless(changes.is_empty(), example, || format!("reads otherwise than wanted: {changes:?}"));
    broken.unless((&live.id, &live.outputs) == (&told.id, &told.outputs), example, || {
        format!("is told as {told:?} and read as {live:?}")
    });
    Some(live)
}

async fn is_idempotent(world: &mut World, example: &Example, live: &LiveValue, broken: &mut Broken) {
    let began = world.wire.calls().len();
    let again = world.reconcile(example, &example.inputs, Some(&example.inputs), Some(live.clone())).await;
    let calls = world.wire.calls().split_off(began);
    let written: Vec<_> = calls.iter().filter(|call| call.mutating).map(|call| &call.operation).collect();
    broken.unless(
        again.as_ref().is_ok_and(|again| (&again.id, &again.outputs) == (&live.id, &live.outputs)),
        example,
        || format!("is another the second time: {again:?}"),
    );
    broken.unless(written.is_empty(), example, || format!("writes without a difference: {written:?}"));
    // As after a lost answer, when a read does not show it yet.
    if example.type_name != PUT_BY_A_PERSON {
        let repeated = world.reconcile(example, &example.inputs, None, None).await;
        broken.unless(repeated.as_ref().is_ok_and(|repeated| repeated.id == live.id), example, || {
            format!("does not meet itself when it is made twice: {repeated:?}")
        });
        if let Ok(repeated) = repeated {
            reads_as_wanted(world, example, &example.inputs, &repeated, broken).await;
        }
    }
}

/// Every change of the example is made and undone; a field that it leaves out again is reset.
async fn change_and_back(world: &mut World, example: &Example, live: LiveValue, broken: &mut Broken) {
    let mut live = live;
    for changed in example.changes() {
        for (wanted, prior) in [(&changed, &example.inputs), (&example.inputs, &changed)] {
            let told = match world.reconcile(example, wanted, Some(prior), Some(live.clone())).await {
                Ok(told) => told,
                Err(error) => return broken.unless(false, example, || format!("is not changed to {wanted}: {error}")),
            };
            let Some(found) = reads_as_wanted(world, example, wanted, &told, broken).await else { return };
            let dropped = prior.as_object().into_iter().flatten().filter(|(field, _)| wanted.get(field).is_none());
            let kept: Vec<_> = dropped
                .filter(|(field, set)| found.inputs.get(field) == Some(&world.known(set)))
                .map(|(field, _)| field)
                .collect();
            broken.unless(kept.is_empty(), example, || format!("keeps {kept:?}, which is wanted no more"));
            live = found;
        }
    }
}

async fn remove(world: &World, example: &Example, broken: &mut Broken) {
    let facts = *world.registry.facts(example.type_name);
    let Ok(Some(live)) = world.read(example, None).await else {
        return broken.unless(false, example, || "is not there to be deleted".to_owned());
    };
    for time in ["once", "twice"] {
        let deleted = world.delete(example, live.clone()).await;
        broken.unless(deleted.is_ok(), example, || format!("is not deleted {time}: {deleted:?}"));
        let after = world.read(example, Some(live.id.clone())).await;
        broken.unless(after.as_ref().is_ok_and(|after| after.is_some() == stays(&facts)), example, || {
            format!("after it was deleted {time}: {after:?}")
        });
    }
}
