//! What only another AWS than the local one can show: figures made of others, certificates that wait, names of others.

use std::collections::BTreeSet;

use deployer_engine::resource::ErrorClass;
use deployer_testbed::{Fault, Rule};
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

#[tokio::test]
async fn a_key_that_is_taken_back_renews_itself_as_it_is_wanted_now() {
    let mut world = World::start().await;
    let key = example("key.private/key");
    let made = world.reconcile(&key, &key.inputs, None, None).await.expect("it is made");
    assert_eq!(key.inputs["rotates"], true);
    world.delete(&key, made).await.expect("it is deleted");
    let mut inputs = key.inputs.clone();
    inputs["rotates"] = json!(false);
    let back = world.reconcile(&key, &inputs, None, None).await.expect("it is taken back");
    let read = world.read(&key, Some(back.id)).await.expect("it is read").expect("it is there");
    assert_eq!(world.changes(&inputs, Some(&inputs), &read), []);
}

#[tokio::test]
async fn a_key_that_is_gone_is_not_the_one_that_has_its_alias_now() {
    let mut world = World::start().await;
    let key = example("key.private/key");
    world.reconcile(&key, &key.inputs, None, None).await.expect("it is made");
    let gone = "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned();
    assert_eq!(world.read(&key, Some(gone)).await.expect("it is read").map(|live| live.id), None);
    assert!(world.read(&key, None).await.expect("it is read").is_some());
}

#[tokio::test]
async fn a_certificate_that_cloudfront_still_holds_is_deleted_when_it_lets_it_go() {
    let mut world = World::start().await;
    let certificate = example("cdn.main/certificate");
    let made = world.reconcile(&certificate, &certificate.inputs, None, None).await.expect("it is made");
    world.wire.script(Rule::once("acm:DeleteCertificate", Fault::Answer(400, "ResourceInUseException")));
    world.delete(&certificate, made.clone()).await.expect("it is deleted");
    assert_eq!(world.wire.spoilt(), 1);
    assert_eq!(world.read(&certificate, Some(made.id)).await.expect("it is read"), None);
}

#[tokio::test]
async fn ses_may_not_see_the_policy_of_a_new_topic_yet() {
    let mut world = World::start().await;
    for address in ["mail.main/mail", "topic.feedback/topic"] {
        let made = example(address);
        world.reconcile(&made, &made.inputs, None, None).await.expect("it is made");
    }
    let events = example("mail.main/events");
    let refusal = Fault::Answer(400, "BadRequestException");
    world.wire.script(Rule::once("ses:CreateConfigurationSetEventDestination", refusal));
    let refused = world.reconcile(&events, &events.inputs, None, None).await.expect_err("it may not publish");
    assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Missing, "BadRequestException"));
}
