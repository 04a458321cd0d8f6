//! Secrets: rotated in turns, resumed, and taken back.

use std::time::Duration;

use deployer_testbed::{Fault, Rule};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::world::{Ran, World};

/// Two secrets that rotate and one that a person rotates.
pub const SAFE: &str = r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"

[secret.origin]
kind = "random"
accept_previous = "1h"
rotate = { every = "30d" }

[secret.jwt]
kind = "rs256-ring"
rotate = { every = "90d", token_ttl = "12h", jwks_cache = "15m" }

# Where the crew talks.
[secret.slack]
kind = "external"
rotate = { every = "365d", how = "docs/rotate-slack.md" }
"#;
/// A day, in seconds.
const DAY: u64 = 86_400;

pub async fn safe() -> World {
    let world = World::with(SAFE).await;
    world.run("up -e local -y").await.exits(0);
    world.wire.clear();
    world
}

/// The ring's document.
pub async fn ring(world: &World) -> Value {
    let found =
        world.aws().json("ssm", "AmazonSSM.GetParameter", json!({ "Name": "/shop/local/secret/jwt/ring" })).await;
    serde_json::from_str(found["Parameter"]["Value"].as_str().expect("a value")).expect("JSON")
}

/// The phases of its keys, the newest first.
async fn phases(world: &World) -> Vec<String> {
    let ring = ring(world).await;
    let keys = ring["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["phase"].as_str().expect("a phase").to_owned()).collect()
}

/// The names of its private keys that exist, and of those that its document names.
async fn keys(world: &World) -> (Vec<String>, Vec<String>) {
    let body = json!({ "Path": "/shop/local/secret/jwt/keys", "Recursive": true });
    let found = world.aws().json("ssm", "AmazonSSM.GetParametersByPath", body).await;
    let name = |each: &Value| each["Name"].as_str().expect("a name").rsplit('/').next().expect("a name").to_owned();
    let mut there: Vec<_> = found["Parameters"].as_array().expect("a list").iter().map(name).collect();
    let ring = ring(world).await;
    let kid = |key: &Value| key["kid"].as_str().expect("a name").to_owned();
    let mut named: Vec<_> = ring["keys"].as_array().expect("keys").iter().map(kid).collect();
    there.sort();
    named.sort();
    (there, named)
}

/// Which version each label of the random secret stands on; without a label the latest.
pub async fn labels(world: &World) -> Vec<(String, i64)> {
    let name = "/shop/local/secret/origin";
    let names: Vec<_> = ["", ":current", ":next", ":previous"].iter().map(|label| format!("{name}{label}")).collect();
    let found = world.aws().json("ssm", "AmazonSSM.GetParameters", json!({ "Names": names })).await;
    let label = |each: &Value| {
        let selector = each["Selector"].as_str().unwrap_or("latest").trim_start_matches(':').to_owned();
        (selector, each["Version"].as_i64().expect("a version"))
    };
    let mut found: Vec<_> = found["Parameters"].as_array().expect("a list").iter().map(label).collect();
    found.sort();
    found
}

pub fn standing(labels: &[(&str, i64)]) -> Vec<(String, i64)> {
    labels.iter().map(|(label, version)| ((*label).to_owned(), *version)).collect()
}

/// The last line of JSON of that type about an address.
#[track_caller]
pub fn line(ran: &Ran, kind: &str, address: &str) -> Value {
    let found = ran.lines().into_iter().rfind(|line| line["type"] == kind && line["address"] == address);
    found.unwrap_or_else(|| panic!("no {kind} of {address}: {ran}"))
}

/// A time of a line, in epoch seconds.
fn epoch(text: &Value) -> u64 {
    let at: jiff::Timestamp = text.as_str().expect("a time").parse().expect("RFC 3339");
    u64::try_from(at.as_second()).expect("after 1970")
}

#[tokio::test]
async fn a_rotation_goes_in_turns_over_days_and_says_when_to_come_back() {
    let world = safe().await;
    let nothing = world.run("secrets rotate -e local -y --json").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), Vec::<String>::new(), "nothing is due: {nothing}");
    let due = epoch(&line(&nothing, "rotation_next", "secret.jwt")["at"]);

    // A quarter later it is due, and four weeks after that it is overdue.
    let overdue = world.run(&format!("secrets audit -e local --json --at {}", due + 28 * DAY)).await.exits(2);
    assert_eq!(line(&overdue, "secret", "secret.jwt")["findings"], json!(["overdue", "unread"]));
    let published = world.run(&format!("secrets rotate jwt -e local -y --json --at {due}")).await.exits(0);
    assert_eq!(line(&published, "rotation", "secret.jwt")["turns"], json!(["publish"]));
    assert_eq!(phases(&world).await, ["next", "active"]);
    let activates = epoch(&line(&published, "rotation_next", "secret.jwt")["at"]);
    assert_eq!(activates - due, 15 * 60 + 300 + 60, "public keys are kept so long, and functions keep them, too");

    // Too early nothing is done; `up` leaves it alone.
    world.wire.clear();
    world.run(&format!("secrets resume -e local -y --at {}", activates - 1)).await.exits(0);
    world.run("up -e local -y").await.exits(0);
    assert_eq!(world.wire.mutating_calls(), Vec::<String>::new());

    // Ten days later it goes on, and the overlap counts from then.
    let resumed_at = due + 10 * DAY;
    let activated = world.run(&format!("secrets resume -e local -y --json --at {resumed_at}")).await.exits(0);
    assert_eq!(line(&activated, "rotation", "secret.jwt")["turns"], json!(["activate"]));
    assert_eq!(phases(&world).await, ["active", "previous"]);
    let retires = epoch(&line(&activated, "rotation_next", "secret.jwt")["at"]);
    assert_eq!(retires - resumed_at, 12 * 3_600 + 300 + 60, "tokens live so long");
    world.run("secrets retire jwt -e local -y").await.exits(1);
    let retired = world.run(&format!("secrets resume -e local -y --json --at {retires}")).await.exits(0);
    assert_eq!(line(&retired, "rotation", "secret.jwt")["turns"], json!(["verify", "retire"]));
    assert_eq!(phases(&world).await, ["active"]);
    let (there, named) = keys(&world).await;
    assert_eq!((there.len(), &there), (1, &named));
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_random_secret_moves_its_labels_and_a_published_value_can_be_taken_back() {
    let world = safe().await;
    world.run("secrets rotate origin -e local -y --until publish").await.exits(0);
    assert_eq!(labels(&world).await, standing(&[("current", 1), ("latest", 2), ("next", 2), ("previous", 1)]));
    world.run("secrets abort origin -e local -y").await.exits(0);
    assert_eq!(labels(&world).await, standing(&[("current", 1), ("latest", 2), ("next", 1), ("previous", 1)]));
    // What was taken back is not taken up again.
    world.run("secrets rotate origin -e local -y").await.exits(0);
    assert_eq!(labels(&world).await, standing(&[("current", 1), ("latest", 3), ("next", 3), ("previous", 1)]));
    let later = jiff::Timestamp::now().as_second() + i64::try_from(DAY).expect("a day");
    world.run(&format!("secrets resume origin -e local -y --wait --at {later}")).await.exits(0);
    assert_eq!(labels(&world).await, standing(&[("current", 3), ("latest", 3), ("next", 3), ("previous", 3)]));
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    let shown = world.run("state show secret.origin -e local --json").await.exits(0);
    world.run("up -e local -y").await.exits(0);
    assert!(!shown.says("next"), "{shown}");
}

/// Whoever keeps public keys is given the whole wait, however long the command thought or was asked about.
#[tokio::test]
async fn a_wait_counts_from_the_turn_and_not_from_the_commands_beginning() {
    let world = safe().await;
    let now = || u64::try_from(jiff::Timestamp::now().as_second()).expect("after 1970");
    world.wire.script(Rule::once("ssm:GetParametersByPath", Fault::Hold("the look at the ring")));
    let later = async {
        world.wire.held("the look at the ring").await;
        let later = now() + 1;
        while now() < later {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        world.wire.release("the look at the ring");
        later
    };
    let (rotated, later) = tokio::join!(world.run("secrets rotate jwt -e local -y --until publish"), later);
    rotated.exits(0);
    let made = ring(&world).await["keys"][0]["created_at"].as_u64().expect("a time");
    assert!(made >= later, "{made} is before {later}");
}

#[tokio::test]
async fn two_rotations_at_once_make_one_new_key() {
    let world = safe().await;
    let (one, other) = tokio::join!(
        world.run("secrets rotate jwt -e local -y --until publish"),
        world.run("secrets rotate jwt -e local -y --until publish"),
    );
    let mut codes = [one.status.code(), other.status.code()];
    codes.sort();
    // The one that comes second finds the lock held, or the key published.
    assert!(codes == [Some(0), Some(0)] || codes == [Some(0), Some(6)], "{one}\n{other}");
    assert_eq!(phases(&world).await, ["next", "active"]);
    assert_eq!(keys(&world).await.0.len(), 2);
}

/// Whatever call it is killed at, before or after AWS did it, one plain rerun ends the rotation.
#[tokio::test]
async fn killed_at_any_call_of_a_rotation_one_rerun_ends_it() {
    let world = safe().await;
    let rotate = "secrets rotate jwt origin -e local -y --emergency";
    // The first one labels the value that is there.
    world.run(rotate).await.exits(0);
    world.run_anew(rotate).await.exits(0);
    let calls = world.wire.mutating_calls();
    assert!(calls.len() >= 10, "{calls:?}");
    let mut seen: Vec<String> = Vec::new();
    for operation in calls {
        let before = seen.iter().filter(|each| **each == operation).count();
        seen.push(operation.clone());
        for fault in [Fault::SignalBefore(Signal::KILL), Fault::SignalAfter(Signal::KILL)] {
            world.wire.clear();
            world.wire.script(Rule::once(&operation, fault).after(before));
            let killed = world.run_killed(rotate).await;
            let place = format!("{operation} after {before}, {fault:?}: {killed}");
            let phases_then = phases(&world).await;
            assert!(phases_then.contains(&"active".to_owned()), "the ring signs at every moment: {place}");
            world.wire.clear();
            world.run(rotate).await.exits(0);
            assert_eq!(phases(&world).await, ["active"], "{place}");
            let (there, named) = keys(&world).await;
            assert_eq!(there, named, "no key is left behind: {place}");
            let labels = labels(&world).await;
            assert!(labels.iter().all(|(_, version)| *version == labels[0].1), "{labels:?} {place}");
        }
    }
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

/// The key that leaked may be the one that came into use just now.
#[tokio::test]
async fn in_an_emergency_what_is_in_use_is_replaced_amid_an_overlap_too() {
    let world = safe().await;
    world.run("secrets rotate jwt origin -e local -y --emergency --until activate").await.exits(0);
    assert_eq!(phases(&world).await, ["active", "previous"]);
    let leaked = keys(&world).await.1;
    world.run("secrets rotate jwt origin -e local -y --emergency").await.exits(0);
    let (there, named) = keys(&world).await;
    assert_eq!((there.len(), &there), (1, &named));
    assert!(!leaked.contains(&named[0]), "neither key is trusted any more");
    assert_eq!(labels(&world).await, standing(&[("current", 3), ("latest", 3), ("next", 3), ("previous", 3)]));
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

/// A publication that is cut off between a new value and its label is ended by a rerun; only then it is known to anybody.
#[tokio::test]
async fn a_publication_that_was_cut_off_is_waited_for_from_its_end() {
    let world = safe().await;
    let rotate = "secrets rotate origin -e local -y --json --until publish";
    world.wire.script(Rule::once("ssm:PutParameter", Fault::SignalAfter(Signal::KILL)));
    world.run_killed(rotate).await;
    world.wire.clear();
    let later = u64::try_from(jiff::Timestamp::now().as_second()).expect("after 1970") + DAY;
    let ended = world.run(&format!("{rotate} --at {later}")).await.exits(0);
    assert_eq!(line(&ended, "rotation", "secret.origin")["turns"], json!(["publish"]));
    assert_eq!(labels(&world).await, standing(&[("current", 1), ("latest", 2), ("next", 2), ("previous", 1)]));
    let early = world.run(&format!("secrets resume origin -e local -y --json --at {}", later + 359)).await.exits(0);
    assert_eq!(epoch(&line(&early, "rotation_next", "secret.origin")["at"]), later + 300 + 60);
    world.run(&format!("secrets resume origin -e local -y --at {}", later + 360)).await.exits(0);
    assert_eq!(labels(&world).await, standing(&[("current", 2), ("latest", 2), ("next", 2), ("previous", 1)]));
}

/// Tokens that were signed while they lived longer are accepted as long as they live.
#[tokio::test]
async fn an_overlap_keeps_what_longer_tokens_were_promised() {
    let world = safe().await;
    world.edit("stacks/shop.toml", "token_ttl = \"12h\"", "token_ttl = \"1h\"");
    let before = u64::try_from(jiff::Timestamp::now().as_second()).expect("after 1970");
    world.run("up -e local -y").await.exits(0);
    assert_eq!(ring(&world).await["token_ttl_seconds"], 3_600);
    let rotate = "secrets rotate jwt -e local -y --json --emergency --until activate";
    let activated = world.run(rotate).await.exits(0);
    let retires = epoch(&line(&activated, "rotation_next", "secret.jwt")["at"]);
    assert!(retires >= before + 12 * 3_600, "{} s", retires - before);
    world.run(&format!("secrets resume -e local -y --at {}", retires - 1)).await.exits(0);
    assert_eq!(phases(&world).await, ["active", "previous"]);
    world.run(&format!("secrets resume -e local -y --at {retires}")).await.exits(0);
    assert_eq!(phases(&world).await, ["active"]);
}
