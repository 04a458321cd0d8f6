//! The crew's tables on a local AWS: what memory does there as here, and two hundred at once.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use deployer_testbed::{Emulator, Fault, Rule, Wire};
use functions_shared::aws::Aws;
use functions_shared::clock::SystemClock;
use functions_shared::person::Grant;
use functions_shared::request::Request;
use functions_shared::roster::{self, Authority, Change, Kind, Member, RosterRefused};
use functions_shared::sail::{Role, Slot};
use functions_shared::tables::{
    Condition, DynamoTables, Index, Item, Query, Range, Table, TableNames, Tables, Verdict, Written,
};
use functions_shared::testing::{Faults, MemoryTables, person};
use functions_shared::waiver::{self, WaiverId};
use functions_shared::{random, sails};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::crew::evening;

async fn aws(endpoint: &str) -> Arc<Aws> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-west-2"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await;
    Arc::new(Aws::of(config))
}

/// All tables with their indexes, and the port that uses them.
async fn tables(emulator: &Emulator, endpoint: &str) -> DynamoTables {
    let client = aws(&emulator.endpoint).await.dynamodb().await.clone();
    for table in Table::ALL {
        make(&client, table).await;
    }
    let names: TableNames = Table::ALL.map(|table| (table, table.name().parse().expect("a name"))).into();
    DynamoTables::new(aws(endpoint).await, names)
}

async fn make(client: &Client, table: Table) {
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key");
    let attribute = |name: &str, kind| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().expect("an attribute")
    };
    let (hash, range) = table.keys();
    let mut request = client.create_table().table_name(table.name()).billing_mode(BillingMode::PayPerRequest);
    request =
        request.key_schema(key(hash, KeyType::Hash)).attribute_definitions(attribute(hash, ScalarAttributeType::S));
    if let Some(range) = range {
        request = request.key_schema(key(range, KeyType::Range));
        request = request.attribute_definitions(attribute(range, ScalarAttributeType::S));
    }
    for (_, name, hash, range) in Index::ALL.map(Index::parts).into_iter().filter(|parts| parts.0 == table) {
        let index = GlobalSecondaryIndex::builder().index_name(name);
        let index = index.key_schema(key(hash, KeyType::Hash)).key_schema(key(range, KeyType::Range));
        let index = index.projection(Projection::builder().projection_type(ProjectionType::All).build());
        request = request.global_secondary_indexes(index.build().expect("an index"));
        request = request.attribute_definitions(attribute(hash, ScalarAttributeType::S));
        request = request.attribute_definitions(attribute(range, ScalarAttributeType::N));
    }
    request.send().await.expect("a table");
}

fn item(value: serde_json::Value) -> Item {
    value.as_object().expect("an object").clone()
}

/// What is asked of an item whose `n` is 3.
fn conditions() -> [Condition; 8] {
    [
        Condition::Absent,
        Condition::is("n", 3),
        Condition::is("n", 4),
        Condition::IsOneOf("n".to_owned(), vec![1.into(), 3.into()]),
        Condition::AtLeast("deep.er".to_owned(), 3),
        Condition::AtMost("deep.er".to_owned(), 2),
        Condition::Without("m".to_owned()),
        Condition::All(vec![
            Condition::is("n", 3),
            Condition::Any(vec![Condition::Absent, Condition::is("hold", "x")]),
        ]),
    ]
}

/// What is asked of all items together.
fn queries() -> [Query; 9] {
    let key = |range: &str| Table::Waivers.key("evening", range);
    let all = || Query::all(Table::Waivers, "evening");
    [
        all(),
        all().backwards(),
        all().range(Range::Below("paper#".to_owned())),
        all().range(Range::Prefix("paper".to_owned())),
        all().page(Some(key("a").attributes()), 1),
        Query::index(Index::OnHold, "open"),
        Query::index(Index::OnHold, "open").range(Range::Numbers(2, Some(3))),
        Query::index(Index::OnHold, "open")
            .page(Some(item(json!({ "event_id": "evening", "waiver_id": "b", "hold": "open", "held_at": 1 }))), 2),
        Query::index(Index::OnHold, "none"),
    ]
}

/// The same questions and changes, and everything that was answered.
async fn answers(tables: &dyn Tables) -> Vec<String> {
    let key = |range: &str| Table::Waivers.key("evening", range);
    let hold = |at: i64| item(json!({ "hold": "open", "held_at": at, "n": at, "deep": { "er": at } }));
    let mut told = Vec::new();
    for (name, at) in [("a", 3), ("b", 1), ("c", 2), ("paper#a", 9)] {
        told.push(format!("{:?}", tables.write(&[key(name).put(hold(at), Condition::Absent)]).await));
    }
    for condition in conditions() {
        let written = tables.write(&[key("a").check(condition.clone()), key("z").check(Condition::Absent)]).await;
        let written = written.expect("an answer");
        // An item that is told has its attributes in any order.
        let shown = match &written {
            Written::Refused(verdicts) => {
                verdicts.iter().map(|verdict| matches!(verdict, Verdict::Failed(Some(_)))).collect()
            }
            Written::Done | Written::Conflict => vec![],
        };
        told.push(format!("{condition:?}: {} {shown:?}", matches!(written, Written::Done)));
    }
    for query in queries() {
        let found = tables.query(&query).await.expect("items");
        let names: Vec<&str> = found.iter().filter_map(|item| item["waiver_id"].as_str()).collect();
        told.push(format!("{query:?}: {names:?}"));
    }
    let mut found = tables.get_all(&[key("a"), key("y"), key("b"), key("a")]).await.expect("items").len();
    found += usize::from(tables.get(&key("y")).await.expect("an answer").is_some());
    told.push(format!("{found}"));
    // All or nothing.
    let writes = [key("d").put(hold(7), Condition::Absent), key("a").delete(Condition::is("n", 99))];
    told.push(format!("{}", matches!(tables.write(&writes).await, Ok(Written::Refused(_)))));
    told.push(format!("{:?}", tables.get(&key("d")).await));
    told
}

#[tokio::test]
async fn memory_does_what_dynamodb_does() {
    let emulator = Emulator::start().await;
    let there = answers(&tables(&emulator, &emulator.endpoint).await).await;
    let mut here = answers(&MemoryTables::new(Arc::new(Faults::default()))).await;
    // Memory is asked for a key twice and tells it twice; the adapter asks once.
    let twice = here.iter().position(|told| told == "3").expect("a count");
    here[twice] = "2".to_owned();
    assert_eq!(here, there);
}

/// R32 on DynamoDB's own conditions: four of ten transactions meet another one.
#[tokio::test]
async fn of_two_hundred_claims_at_once_on_dynamodb_one_wins_and_nobody_gets_an_error() {
    let emulator = Emulator::start().await;
    let wire = Wire::start(&emulator.endpoint);
    let tables = tables(&emulator, &wire.endpoint).await;
    let now = Timestamp::now();
    let (departs_at, returns_at) = (now + SignedDuration::from_hours(5), now + SignedDuration::from_hours(7));
    let sail = functions_shared::sail::Sail { departs_at, returns_at, ..evening() };
    let mut writes = vec![sails::put(&sail, None).expect("an item")];
    let members: Vec<Member> = (0..200)
        .map(|number| Member::of(person(&format!("Crew{number}"), &[Grant::Crew])).expect("somebody active"))
        .collect();
    let signed = |member: &Member| {
        let key = waiver::key(&sail.event_id, &WaiverId::of_crew(&member.person_id));
        key.put(item(json!({ "state": "signed" })), None)
    };
    writes.extend(members.iter().map(signed));
    for some in writes.chunks(100) {
        assert_eq!(tables.write(some).await, Ok(Written::Done));
    }
    wire.script(Rule::always("dynamodb:TransactWriteItems", Fault::TransactionConflict).odds(40, 1));
    let slot = Slot { role: Role::Deckhand, number: 1 };
    let claims = members.into_iter().map(|member| {
        let (tables, event_id) = (&tables, sail.event_id.clone());
        async move {
            let key = random::id().expect("random bytes");
            let request = Request::new(member.person_id.clone(), key.parse().expect("a key"), &[key.as_bytes()]);
            let kind = Kind::Fill(member.clone());
            let change = Change { event_id, slot, kind, actor: member, authority: Authority::Own };
            change.make(tables, &SystemClock, &request).await
        }
    });
    let answers = join_all(claims).await;
    let won = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
    let lost = answers.iter().filter(|answer| matches!(answer, Ok(Err(RosterRefused::OtherHolder)))).count();
    assert_eq!((won, lost), (1, 199), "{answers:?}");
    assert_eq!(roster::of_sail(&tables, &sail.event_id).await.expect("a roster").len(), 1);
}
