//! The API on tables of a local AWS.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use axum::Router;
use axum::http::{Method, StatusCode};
use crew_api::app::{Shared, router};
use crew_api::challenges::{DynamoChallenges, UNSETTLED_INDEX};
use crew_api::cors::Origins;
use crew_api::errand::{Errand, run};
use crew_api::guard::Guard;
use crew_api::limits::DynamoLimits;
use deployer_testbed::{Emulator, Wire};
use functions_shared::aws::Aws;
use functions_shared::parameters::RotatingSecret;
use functions_shared::people::{BY_NAME, Deed, DynamoPeople, Entry, People as _, Written};
use functions_shared::person::{Grant, Person};
use functions_shared::testing::{Faults, FixedClock, MemoryParameters, MemoryTables, Outbox, person, ring_in};
use futures::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::door::{
    Answer, Behind, LINK_SECRET, RING, SECRET, SECRET_NAME, SITE, SITE_URL, SignInTables, answered, app, json_request,
};

/// The API on tables of its own, behind a wire.
pub struct World {
    _emulator: Emulator,
    pub wire: Wire,
    pub client: Client,
    pub people: Arc<DynamoPeople>,
    pub challenges: Arc<DynamoChallenges>,
    pub limits: Arc<DynamoLimits>,
    pub behind: Behind,
    pub clock: Arc<FixedClock>,
    app: Shared,
    router: Router,
}

impl World {
    pub async fn start() -> Self {
        let emulator = Emulator::start().await;
        let wire = Wire::start(&emulator.endpoint);
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&wire.endpoint)
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .load()
            .await;
        let aws = Arc::new(Aws::of(config));
        let client = aws.dynamodb().await.clone();
        make(&client, "people", ["person_id", "item"], Some((BY_NAME, ["directory", "sort"]))).await;
        make(&client, "links", ["short_code", "created_at"], Some((UNSETTLED_INDEX, ["unsettled", "taken_at"]))).await;
        make(&client, "limits", ["limit_id", ""], None).await;
        let named = |name: &str| name.parse().expect("a name");
        let people = Arc::new(DynamoPeople::new(aws.clone(), named("people")));
        let limits = Arc::new(DynamoLimits::new(aws.clone(), named("limits")));
        let challenges = Arc::new(DynamoChallenges::new(aws, named("links")));
        let sign_in = SignInTables { people: people.clone(), challenges: challenges.clone(), limits: limits.clone() };
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
        Self { _emulator: emulator, wire, client, people, challenges, limits, behind, clock, app, router }
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answered(&self.router, json_request(Method::POST, path, body)).await
    }

    /// Somebody asks for a link: the challenge, the token and the code.
    pub async fn asked(&self, email: &str) -> (String, String, String) {
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

    pub async fn invited(&self, name: &str) -> Person {
        let person = person(name, &[Grant::Crew]);
        assert_eq!(self.people.add(&person, &entry(Deed::Invited)).await, Ok(Written::Done));
        person
    }
}

/// A line of a history.
pub fn entry(deed: Deed) -> Entry {
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
    let kind = |name| if name == "taken_at" { ScalarAttributeType::N } else { ScalarAttributeType::S };
    let attribute = |name| AttributeDefinition::builder().attribute_name(name).attribute_type(kind(name));
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
