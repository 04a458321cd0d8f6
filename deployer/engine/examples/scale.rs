//! How long a plan of many resources takes on the fake cloud, and the memory that it needs.
//!
//! `cargo run --release --example scale -p deployer-engine` prints a line for each size and situation.

#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "it prints what it measures")]

use std::sync::Arc;
use std::time::Instant;

use deployer_engine::graph::Graph;
use deployer_engine::kind::Wanted;
use deployer_engine::plan::{Allow, Planned, plan};
use deployer_engine::refresh::refresh;
use deployer_engine::state::{Record, Standing, State};
use deployer_engine::step::Plan;
use deployer_engine::testing::{FakeCloud, Thing, context, registry, scope, tags, wanted_one};
use deployer_engine::value::{finish, references, resolve, sha256_hex};
use serde_json::json;

/// Resources in which the next waits for the first of its ten.
fn wanted(count: usize, size: u32) -> Wanted {
    let one = |at: usize| {
        let address = format!("thing.x{at}/named");
        let links =
            if at.is_multiple_of(10) { json!([]) } else { json!([format!("${{thing.x{}/named#id}}", at - at % 10)]) };
        let inputs = json!({ "name": format!("x{at}"), "size": size, "links": links, "tags": tags(&address) });
        wanted_one(&address, "named", inputs)
    };
    Wanted { desired: (0..count).map(one).collect(), ..Wanted::default() }
}

async fn planned(cloud: &Arc<FakeCloud>, wanted: &Wanted, state: &State) -> Plan {
    let (registry, cx) = (registry(), context(cloud));
    let graph = Graph::new(&wanted.desired).expect("no cycle");
    let world = refresh(&registry, &cx, &wanted.desired, state).await.expect("it answers");
    let allow = Allow { delete_data: true, ..Allow::default() };
    match plan(&registry, wanted, &graph, state, &world, &allow).expect("nothing is refused") {
        Planned::Plan(plan) => *plan,
        Planned::Rename(names) => panic!("nothing is replaced: {names:?}"),
    }
}

/// The world and the state after all of it was made.
fn made(cloud: &FakeCloud, wanted: Wanted, mut state: State) -> State {
    for (address, desired) in wanted.desired {
        let id = format!("named:{}", desired.inputs["name"].as_str().unwrap_or_default());
        let known = resolve(&desired.inputs, &|found| {
            let name = found.address.declaration().to_string();
            Some(json!(format!("named:{}", name.trim_start_matches("thing."))))
        });
        let inputs = finish(&known);
        let thing = Thing { type_name: "named", id: id.clone(), inputs: inputs.clone() };
        let outputs = json!({ "id": id, "revision": sha256_hex(&inputs) });
        let depends = references(&desired.inputs);
        let record = Record {
            address,
            id,
            type_name: "named".to_owned(),
            region: "us-west-2".to_owned(),
            schema: 1,
            standing: Standing::Current,
            ordinal: 0,
            inputs,
            outputs,
            depends: depends.into_iter().map(|found| found.address).collect(),
        };
        cloud.by_hand(|things| things.push(thing));
        state.put(record, Standing::Deposed);
    }
    state
}

async fn measured(what: &str, cloud: &Arc<FakeCloud>, wanted: &Wanted, state: &State) -> Plan {
    let began = Instant::now();
    let plan = planned(cloud, wanted, state).await;
    let took = began.elapsed();
    println!("{what:<16}{:>8} steps{:>10.1} ms{:>8} MB", plan.steps.len(), took.as_secs_f64() * 1e3, peak_megabytes());
    plan
}

/// The most memory that this process has held so far; 0 where the system does not tell.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    peak.unwrap_or(0_u64) / 1024
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for count in [1_000, 10_000] {
        println!("{count} resources");
        let cloud = Arc::new(FakeCloud::default());
        let empty = State::empty(scope(), "lineage".into());
        measured("  first", &cloud, &wanted(count, 1), &empty).await;
        let state = made(&cloud, wanted(count, 1), empty);
        measured("  unchanged", &cloud, &wanted(count, 1), &state).await;
        measured("  all change", &cloud, &wanted(count, 2), &state).await;
        measured("  all end", &cloud, &Wanted::default(), &state).await;
    }
}
