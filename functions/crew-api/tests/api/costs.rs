//! What each request costs in calls: the table at the head of the crate is measured, and holds for few and for many.

use std::collections::BTreeMap;

use functions_shared::sail::Sail;
use functions_shared::sails;
use functions_shared::testing::person;
use jiff::SignedDuration;

use super::crew::evening;
use super::door::World;
use super::matrix::rows::{CALLERS, ROWS, Row};
use super::matrix::scene::{Scene, operations};

/// How the table counts one call and several, in its own order.
const WORDS: [[&str; 2]; 7] = [
    ["get", "gets"],
    ["batch", "batches"],
    ["query", "queries"],
    ["transaction", "transactions"],
    ["of people", "of people"],
    ["of links", "of links"],
    ["of limits", "of limits"],
];
/// Who is asked for, the first who may.
const WANTED: [&str; 3] = ["admin", "crew", "guest"];
/// More than a page of each.
const MANY: usize = 120;

/// The table: an operation's calls in words.
fn told() -> BTreeMap<String, String> {
    let rows = include_str!("../../src/lib.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let mut table = BTreeMap::new();
    for row in rows {
        let (names, calls) = row.split_once(" | ").expect("two columns");
        for name in names.split(", ") {
            let earlier = table.insert(name.trim_matches('`').to_owned(), calls.trim_end_matches(" |").to_owned());
            assert_eq!(earlier, None, "{name} is there twice");
        }
    }
    table
}

/// Every call so far, in the order of [`WORDS`].
fn calls(world: &World) -> [u32; 7] {
    let tables = world.tables.calls();
    let others = [world.people.calls(), world.challenges.calls(), world.limits.calls()];
    let [people, links, limits] = others;
    [tables.gets, tables.batches, tables.queries, tables.transactions, people, links, limits]
}

/// What a request of the row costs beside what every request does: who asks, and the limit of writes.
async fn cost(row: &Row, who: &str, many: bool) -> [u32; 7] {
    let scene = Scene::of(who).await;
    if many {
        fill(&scene.world);
    }
    let operation = &operations()[row.operation];
    let before = calls(&scene.world);
    let answer = scene.answer(row, who, operation).await;
    assert!(answer.status.is_success(), "{} of {} by {who}: {:?}", row.operation, row.object, answer.json);
    let after = calls(&scene.world);
    let mut cost: [u32; 7] = std::array::from_fn(|at| after[at] - before[at]);
    let is_public = row.statuses[0] == row.statuses[4];
    cost[4] -= u32::from(scene.token.is_some() && !is_public);
    cost[6] -= u32::from(!operation.0.is_safe());
    cost
}

fn fill(world: &World) {
    for number in 0..MANY {
        let event_id = format!("many-{number}").parse().expect("a key");
        let departs_at = evening().departs_at + SignedDuration::from_mins(i64::try_from(number).expect("small"));
        let sail = Sail { event_id, departs_at, ..evening() };
        world.tables.set(sails::key(&sail.event_id), sails::event(&sail).expect("an item"));
        world.people.put(&person(&format!("Many{number}"), &[]));
    }
}

fn words(cost: [u32; 7]) -> String {
    let parts = cost.into_iter().zip(WORDS).filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, [one, several])| format!("{count} {}", if count == 1 { one } else { several }));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// The first row of an operation that the caller may.
fn row(operation: &str, who: &str) -> Option<&'static Row> {
    let column = CALLERS.iter().position(|each| *each == who).expect("a caller");
    ROWS.iter().find(|row| row.operation == operation && (200..300).contains(&row.statuses[column]))
}

#[tokio::test]
async fn each_request_costs_what_the_crate_says_with_few_and_with_many_people_and_sails() {
    let told = told();
    let mut wrong = Vec::new();
    for operation in operations().keys() {
        let found = WANTED.iter().find_map(|who| Some((row(operation, who)?, *who)));
        let (row, who) = found.expect("somebody may");
        let says = told.get(operation).map_or("nothing", String::as_str);
        for many in [false, true] {
            let cost = words(cost(row, who, many).await);
            if cost != says {
                wrong.push(format!("{operation} costs {cost}, and the table says {says} (many: {many})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(told.len(), operations().len(), "no row is of nothing");
}

/// A captain is asked for the own slot, and an administrator is not.
#[tokio::test]
async fn whoever_commands_a_sail_without_running_the_place_costs_one_get_more() {
    let mut commanded = 0;
    for row in ROWS.iter().filter(|row| row.statuses == [401, 401, 403, 200, 200, 401]) {
        let (captain, mut admin) = (cost(row, "captain", false).await, cost(row, "admin", false).await);
        admin[0] += 1;
        assert_eq!(words(captain), words(admin), "{} of {}", row.operation, row.object);
        commanded += 1;
    }
    assert!(commanded > 5);
}
