//! What only another AWS than the local one can show: figures made of others, certificates that wait, names of others.

use std::collections::BTreeSet;

use deployer_engine::resource::ErrorClass;
use serde_json::{Value, json};

use crate::examples::{self, Example};
use crate::world::World;

fn example(address: &str) -> Example {
    examples::all().into_iter().find(|each| each.address.to_string() == address).expect("there is such an example")
}

#[tokio::test]
async fn a_figure_that_is_made_of_others_reads_as_it_was_written() {
    let mut world = World::of_moto().await;
    let alarm = example("alarm.errors/alarm");
    let metric = |name: &str| json!({ "namespace": "AWS/Lambda", "name": name, "dimensions": { "FunctionName": "api" }, "statistic": "Sum", "period_seconds": 300 });
    let mut inputs = alarm.inputs.clone();
    inputs["tells"] = json!(["arn:aws:sns:us-west-2:000000000000:alerts"]);
    inputs["watches"] = json!({
        "expression": "IF(whole >= 50, 100 * part / whole, 0)",
        "of": { "part": metric("Url5xxCount"), "whole": metric("UrlRequestCount") },
    });
    let made = world.reconcile(&alarm, &inputs, None, None).await.expect("it is made");
    let read = world.read(&alarm, Some(made.id)).await.expect("it is read").expect("it is there");
    assert_eq!(world.changes(&inputs, Some(&inputs), &read), []);
}

#[tokio::test]
async fn a_certificate_waits_for_a_person_who_is_told_the_record_and_is_asked_for_once() {
    let mut world = World::of_moto().await;
    let certificate = example("cdn.main/certificate");
    for _ in 0..2 {
        let live = world.read(&certificate, None).await.expect("it is read");
        let waits =
            world.reconcile(&certificate, &certificate.inputs, None, live).await.expect_err("nobody has set it");
        assert_eq!((waits.class, waits.code.as_str()), (ErrorClass::NeedsPerson, "certificate-pending"));
        assert!(waits.message.contains(".crew.example.com. CNAME _"), "{waits}");
    }
    let asked = world.wire.calls().into_iter().filter(|call| call.operation == "acm:RequestCertificate");
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn a_record_of_somebody_else_is_left_alone() {
    let mut world = World::start().await;
    let alias = example("cdn.main/ipv4");
    world.reconcile(&alias, &alias.inputs, None, None).await.expect("it is made");
    let mut ours = alias.inputs.clone();
    ours["to"] = json!("d9.cloudfront.net");
    let live = world.read(&alias, None).await.expect("it is read");
    for live in [live, None] {
        let refused = world.reconcile(&alias, &ours, None, live).await.expect_err("it says something else");
        assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Refused, "taken"));
    }
    let still = world.read(&alias, None).await.expect("it is read").expect("it is there");
    assert_eq!(still.inputs["to"], alias.inputs["to"]);
}

#[tokio::test]
async fn a_key_that_is_wanted_again_is_the_same_key() {
    let mut world = World::start().await;
    let key = example("key.private/key");
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let made = world.reconcile(&key, &key.inputs, None, None).await.expect("it is made");
        ids.insert(made.id.clone());
        world.delete(&key, made).await.expect("it is deleted");
        assert_eq!(world.read(&key, None).await.expect("it is read").map(|live| live.inputs), None::<Value>);
    }
    assert_eq!(ids.len(), 1, "what it encrypted can be read again");
}
