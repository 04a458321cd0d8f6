//! Signing in and people on tables of a local AWS, by many at once: what memory keeps apart by a lock, conditions
//! must keep apart there.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use axum::Router;
use axum::http::{Method, StatusCode};
use crew_api::app::{Shared, router};
use crew_api::challenges::DynamoChallenges;
use crew_api::cors::Origins;
use crew_api::errand::{Errand, run};
use crew_api::guard::Guard;
use crew_api::limits::{Budget, DynamoLimits, Limits as _, Verdict};
use deployer_testbed::Emulator;
use functions_shared::aws::Aws;
use functions_shared::parameters::RotatingSecret;
use functions_shared::people::{BY_NAME, Deed, DynamoPeople, Entry, People as _, SessionKey, Written};
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::testing::{Faults, FixedClock, MemoryParameters, MemoryTables, Outbox, person, ring_in};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::door::{
    Answer, Behind, LINK_SECRET, RING, SECRET, SECRET_NAME, SITE, SITE_URL, SignInTables, answered, app, json_request,
};

/// The API on tables of its own.
struct World {
    _emulator: Emulator,
    client: Client,
    people: Arc<DynamoPeople>,
    limits: Arc<DynamoLimits>,
    behind: Behind,
    clock: Arc<FixedClock>,
    app: Shared,
    router: Router,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start().await;
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&emulator.endpoint)
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .load()
            .await;
        let aws = Arc::new(Aws::of(config));
        let client = aws.dynamodb().await.clone();
        make(&client, "people", ["person_id", "item"], Some((BY_NAME, ["directory", "sort"]))).await;
        make(&client, "links", ["short_code", "created_at"], None).await;
        make(&client, "limits", ["limit_id", ""], None).await;
        let named = |name: &str| name.parse().expect("a name");
        let people = Arc::new(DynamoPeople::new(aws.clone(), named("people")));
        let limits = Arc::new(DynamoLimits::new(aws.clone(), named("limits")));
        let sign_in = SignInTables {
            people: people.clone(),
            challenges: Arc::new(DynamoChallenges::new(aws, named("links"))),
            limits: limits.clone(),
        };
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let parameters = Arc::new(MemoryParameters::with(SECRET_NAME, SECRET));
        ring_in(&parameters, RING, &["test"]);
        parameters.set(LINK_SECRET, "a-key-of-the-digests-of-links");
        parameters.set(SITE_URL, SITE);
        let secret = RotatingSecret::new(parameters.clone(), clock.clone(), SECRET_NAME.parse().expect("a name"));
        let faults = Arc::new(Faults::default());
        let tables = Arc::new(MemoryTables::with_sails([], faults.clone()));
        let behind = Behind {
            errands: Arc::default(),
            reports: Arc::default(),
            lines: Arc::default(),
            outbox: Arc::new(Outbox::new(faults)),
            origins: Origins::default(),
        };
        let app = app(sign_in, tables, &behind, clock.clone(), parameters, Guard::Header(secret));
        let router = router(app.clone());
        Self { _emulator: emulator, client, people, limits, behind, clock, app, router }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        answered(&self.router, json_request(Method::POST, path, body)).await
    }

    /// Somebody asks for a link: the challenge, the token and the code.
    async fn asked(&self, email: &str) -> (String, String, String) {
        let answer = self.post("/api/auth/links", &json!({ "email": email })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.json);
        let challenges = self.behind.errands.take();
        // Lambda may deliver an event twice, and at once.
        let errands = challenges.iter().chain(&challenges).map(|id| Errand::Mail { challenge: id.to_string() });
        let errands: Vec<Errand> = errands.collect();
        for done in join_all(errands.iter().map(|errand| run(&self.app, errand))).await {
            done.expect("an errand that works");
        }
        let mail = self.behind.outbox.sent().pop().expect("a mail");
        let after = |words: &str| mail.text.split_once(words).and_then(|(_, rest)| rest.lines().next()).expect("words");
        let challenge = answer.json["challenge"].as_str().expect("a challenge").to_owned();
        (challenge, after("#token=").to_owned(), after("asked for it: ").to_owned())
    }

    async fn invited(&self, name: &str) -> Person {
        let person = person(name, &[Grant::Crew]);
        assert_eq!(self.people.add(&person, &entry(Deed::Invited)).await, Ok(Written::Done));
        person
    }
}

fn entry(deed: Deed) -> Entry {
    Entry { at: Timestamp::UNIX_EPOCH, actor: None, deed, grants: [Grant::Crew].into() }
}

async fn make(client: &Client, name: &str, keys: [&str; 2], index: Option<(&str, [&str; 2])>) {
    let schema = |keys: [&str; 2]| -> Vec<KeySchemaElement> {
        let kinds = [KeyType::Hash, KeyType::Range];
        let named = keys.into_iter().zip(kinds).filter(|(name, _)| !name.is_empty());
        named
            .map(|(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key"))
            .collect()
    };
    let attributes =
        keys.into_iter().chain(index.into_iter().flat_map(|(_, keys)| keys)).filter(|name| !name.is_empty());
    let attribute = |name| AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    let projection = Projection::builder().projection_type(ProjectionType::All).build();
    let index = index.map(|(name, keys)| {
        let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(schema(keys)));
        index.projection(projection.clone()).build().expect("an index")
    });
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema(keys)))
        .set_attribute_definitions(Some(
            attributes.map(|name| attribute(name).build().expect("an attribute")).collect(),
        ))
        .set_global_secondary_indexes(index.map(|index| vec![index]))
        .send()
        .await
        .expect("a table");
}

#[tokio::test]
async fn of_fifty_wrong_codes_at_once_five_are_evaluated_and_of_fifty_redemptions_one_signs_in() {
    let world = World::start().await;
    world.invited("Robin").await;
    let (challenge, token, code) = world.asked("robin@example.com").await;
    assert_eq!(world.behind.outbox.sent().len(), 1, "one mail, however often the event arrives");
    let wrong = if code.starts_with('0') { "1111-1111" } else { "0000-0000" };
    let body = json!({ "code": wrong, "challenge": challenge });
    let answers = join_all((0..50).map(|_| world.post("/api/auth/codes/redemption", &body))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::BAD_REQUEST));
    let key = [("short_code", format!("challenge#{challenge}")), ("created_at", "challenge".to_owned())];
    let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    let item = world.client.get_item().table_name("links").set_key(Some(key.into())).send().await.expect("a table");
    let item = item.item.expect("a challenge");
    assert_eq!(item["tries"], AttributeValue::N("5".to_owned()));
    let kept = format!("{item:?}");
    assert!(!kept.contains(&code.replace('-', "")) && !kept.contains(&token), "code and token are kept nowhere");
    let right = world.post("/api/auth/codes/redemption", &json!({ "code": code, "challenge": challenge })).await;
    assert_eq!(right.status, StatusCode::BAD_REQUEST, "the code is dead");

    world.clock.advance(SignedDuration::from_secs(600));
    let body = json!({ "token": token });
    let answers = join_all((0..50).map(|_| world.post("/api/auth/links/redemption", &body))).await;
    let sessions = answers.iter().filter(|answer| answer.cookies().contains_key("__Host-session"));
    assert_eq!(sessions.count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn what_is_too_old_is_refused_though_it_is_still_in_the_table_and_a_right_code_signs_in() {
    let world = World::start().await;
    world.invited("Robin").await;
    let (challenge, token, code) = world.asked("robin@example.com").await;
    world.clock.advance(SignedDuration::from_hours(24));
    for (path, body) in [
        ("/api/auth/links/redemption", json!({ "token": token })),
        ("/api/auth/codes/redemption", json!({ "code": code, "challenge": challenge })),
    ] {
        world.post(path, &body).await.is_problem(400);
    }
    let (challenge, _, code) = world.asked("robin@example.com").await;
    let answer = world.post("/api/auth/codes/redemption", &json!({ "code": code, "challenge": challenge })).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json);
    let robin = json!({ "email": "robin@example.com" });
    let asks = join_all((0..20).map(|_| world.post("/api/auth/links", &robin))).await;
    let accepted = asks.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert!((1..=2).contains(&accepted), "{accepted} of 20 at once, after one within ten minutes");
    assert!(asks.iter().all(|answer| [202, 429].contains(&answer.status.as_u16())));
}

#[tokio::test]
async fn people_are_kept_whole_by_many_at_once() {
    let world = World::start().await;
    let same: Vec<Person> = (0..12).map(|_| person("Robin", &[Grant::Crew])).collect();
    let added = join_all(same.iter().map(async |person| world.people.add(person, &entry(Deed::Invited)).await)).await;
    assert_eq!(added.iter().filter(|added| **added == Ok(Written::Done)).count(), 1, "{added:?}");
    assert!(added.iter().all(Result::is_ok), "{added:?}");
    let robin = world.people.by_email(&"ROBIN@example.com".parse().expect("an address")).await.expect("a table");
    let robin = robin.expect("a person");

    let changed = Person { revision: 2, membership: Membership::Revoked, ..robin.clone() };
    let revoked = entry(Deed::Revoked);
    let changes = join_all((0..12).map(|_| world.people.change(&changed, &revoked))).await;
    assert_eq!(changes.iter().filter(|done| **done == Ok(Written::Done)).count(), 1, "{changes:?}");
    let deeds: Vec<Deed> =
        world.people.entries(&robin.person_id).await.expect("a table").iter().map(|e| e.deed).collect();
    assert_eq!(deeds.len(), 2, "as many lines as changes: {deeds:?}");

    let session = SessionKey { person_id: robin.person_id.clone(), session_id: "5".repeat(32) };
    assert_eq!(world.people.of_session(&session).await, Ok(Some(changed)));
    world.people.end(&session, Timestamp::UNIX_EPOCH).await.expect("a table");
    assert_eq!(world.people.of_session(&session).await, Ok(None));

    for name in ["Zoe", "Bo", "Al"] {
        world.invited(name).await;
    }
    let first = world.people.page(None, 3).await.expect("a table");
    let rest = world.people.page(first.people.last(), 3).await.expect("a table");
    let names: Vec<&str> = first.people.iter().chain(&rest.people).map(|person| person.name.as_str()).collect();
    assert_eq!((names, first.more, rest.more), (vec!["Al", "Bo", "Robin", "Zoe"], true, false));
}

#[tokio::test]
async fn a_budget_is_spent_once_by_many_at_once() {
    let world = World::start().await;
    let budget = Budget { class: "test", most: 10, window_seconds: 600 };
    let now = "2026-11-21T08:00:00Z".parse().expect("a moment");
    let verdicts = join_all((0..40).map(|_| world.limits.count(&budget, "somebody", now))).await;
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Ok(Verdict::Within)).count(), 10);
    assert!(verdicts.contains(&Ok(Verdict::Over { retry_after_seconds: 600 })), "{verdicts:?}");
    assert_eq!(world.limits.count(&budget, "another", now).await, Ok(Verdict::Within));
}
