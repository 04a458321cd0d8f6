//! The generated policy is enough: every example lives its life under it, where IAM is enforced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deployer_aws::permissions::{Role, role_policy};
use deployer_aws::{Cloud, resources};
use deployer_engine::address::Address;
use deployer_engine::diagnostic::{Source, Span};
use deployer_engine::kind::Desired;
use deployer_engine::resolve::Environment;
use deployer_engine::resource::ErrorClass;
use deployer_testbed::Emulator;
use deployer_testbed::iam::for_the_emulator;
use serde_json::Value;

use crate::examples::{self, Example, PUT_BY_A_PERSON};
use crate::world::{ACCOUNT, REGION, Shipped, World, open};

fn desired(examples: &[Example]) -> BTreeMap<Address, Desired> {
    let location = Source::new("stack.toml", "").locate(Span::default());
    let one = |each: &Example| {
        let desired = Desired {
            address: each.address.clone(),
            type_name: each.type_name,
            inputs: each.inputs.clone(),
            after: BTreeSet::new(),
            protect: false,
            location: location.clone(),
        };
        (each.address.clone(), desired)
    };
    examples.iter().map(one).collect()
}

/// A policy for the stack of the examples, or for another of this account.
fn policy(stack: &str, examples: &[Example]) -> Value {
    let environment = Environment {
        stack: stack.to_owned(),
        name: "test".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        local: true,
        protect: false,
        state: None,
        tags: BTreeMap::new(),
    };
    role_policy(Role::Deploy, &resources::all(), &environment, &desired(examples), &[])
}

/// Somebody who may do what a policy says, and nothing else.
async fn somebody(admin: &Cloud, name: &str, policy: &Value) -> (String, String) {
    let iam = admin.iam();
    iam.create_user().user_name(name).send().await.expect("a user");
    iam.put_user_policy()
        .user_name(name)
        .policy_name("deploy")
        .policy_document(policy.to_string())
        .send()
        .await
        .expect("a policy");
    let key = iam.create_access_key().user_name(name).send().await.expect("a key").access_key.expect("a key");
    (key.access_key_id, key.secret_access_key)
}

#[tokio::test]
async fn a_stack_lives_its_whole_life_under_the_policy_that_is_printed_for_it() {
    let emulator = Emulator::start_with_auth().await;
    let admin = open(&emulator.endpoint, Arc::new(Shipped::default())).await;
    let examples = examples::all();
    let key = somebody(&admin, "deployer", &for_the_emulator(policy("contract", &examples))).await;
    let mut world = World::of(emulator, key).await;
    examples::put_by_a_person(&world).await;
    let mut refused = Vec::new();
    let mut note = |example: &Example, what: &str, outcome: Result<(), String>| {
        refused.extend(outcome.err().map(|error| format!("{} {what}: {error}", example.address)));
    };
    for example in &examples {
        let made = world.reconcile(example, &example.inputs, None, None).await;
        note(example, "make", made.as_ref().map(drop).map_err(ToString::to_string));
        let Ok(mut live) = made else { continue };
        for changed in example.changes() {
            for (wanted, prior) in [(&changed, &example.inputs), (&example.inputs, &changed)] {
                let told = world.reconcile(example, wanted, Some(prior), Some(live.clone())).await;
                note(example, "change", told.map(drop).map_err(|error| error.to_string()));
                // As a plan would find it.
                if let Ok(Some(found)) = world.read(example, Some(live.id.clone())).await {
                    live = found;
                }
            }
        }
    }
    for example in examples.iter().rev() {
        match world.read(example, None).await {
            Ok(Some(live)) => {
                note(example, "delete", world.delete(example, live).await.map_err(|error| error.to_string()));
            }
            Ok(None) => {}
            Err(error) => note(example, "read", Err(error.to_string())),
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[tokio::test]
async fn the_policy_of_another_stack_allows_none_of_it() {
    let emulator = Emulator::start_with_auth().await;
    let admin = open(&emulator.endpoint, Arc::new(Shipped::default())).await;
    let named = |each: &Example| each.inputs.get("name").is_some() && each.type_name != PUT_BY_A_PERSON;
    let examples: Vec<_> = examples::all().into_iter().filter(named).collect();
    let text = serde_json::to_string(&policy("contract", &examples)).expect("plain data");
    let theirs: Value =
        serde_json::from_str(&text.replace("contract-test-", "other-test-").replace("/contract/", "/other/"))
            .expect("plain data");
    let key = somebody(&admin, "other", &theirs).await;
    let mut world = World::of(emulator, key).await;
    for example in &examples {
        let told = world.reconcile(example, &example.inputs, None, None).await;
        let class = told.map(drop).map_err(|error| error.class);
        assert_eq!(class, Err(ErrorClass::Denied), "{}", example.address);
    }
}
