//! Secrets: rotated in turns, resumed, taken back, set, imported, told of, and never told.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use deployer_testbed::{Fault, Rule};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::world::{Ran, World, ran};

/// Two secrets that rotate and one that a person rotates.
const SAFE: &str = r#"stack = { name = "shop", region = "us-west-2" }
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

async fn safe() -> World {
    let world = World::with(SAFE).await;
    world.run("up -e local -y").await.exits(0);
    world.wire.clear();
    world
}

/// The ring's document.
async fn ring(world: &World) -> Value {
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
async fn labels(world: &World) -> Vec<(String, i64)> {
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

fn standing(labels: &[(&str, i64)]) -> Vec<(String, i64)> {
    labels.iter().map(|(label, version)| ((*label).to_owned(), *version)).collect()
}

/// The last line of JSON of that type about an address.
#[track_caller]
fn line(ran: &Ran, kind: &str, address: &str) -> Value {
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

/// R2 and R30: whatever call it is killed at, before or after AWS did it, one plain rerun ends the rotation.
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

impl World {
    /// Runs a command that may be killed by what the wire does to it.
    async fn run_killed(&self, line: &str) -> Ran {
        let mut child = self.command(line.split_whitespace());
        let child = child.spawn().expect("the deployer starts");
        self.wire.is_process("A", child.id().expect("it was not waited for"));
        Ran::of(child.wait_with_output().await.expect("it ends"))
    }

    /// Runs a command with something on its stdin.
    async fn run_with(&self, line: &str, input: &str) -> Ran {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(input.as_bytes()).expect("written");
        std::io::Seek::rewind(&mut file).expect("rewound");
        ran(self.command(line.split_whitespace()).stdin(Stdio::from(file))).await
    }
}

#[tokio::test]
async fn a_person_rotates_what_only_a_person_can_and_gives_the_value_on_stdin_or_in_a_file() {
    let world = safe().await;
    let refused = world.run("secrets rotate slack -e local -y").await.exits(12);
    assert!(refused.says("docs/rotate-slack.md") && refused.says("secrets set secret.slack"), "{refused}");
    world.run_with("secrets set slack -e local -y", "on-stdin\n").await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/secret/slack").await, "on-stdin");
    world.write("value.txt", "in a file\n");
    let file = world.path("value.txt");
    world.run(&format!("secrets set slack -e local -y --file {}", file.display())).await.exits(0);
    assert_eq!(world.aws().parameter("/shop/local/secret/slack").await, "in a file");
    for refused in
        ["secrets set origin -e local -y", "secrets set nobody -e local -y", "secrets get slack -e local --reveal"]
    {
        world.run_with(refused, "value").await.exits(3);
    }
    world.run_with("secrets set slack -e local -y", "").await.exits(3);
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

/// A plaintext file of twenty entries, as such files are.
fn env_file(canaries: &[String]) -> String {
    let secrets = canaries.iter().enumerate().map(|(at, value)| format!("SERVICE_{at}_TOKEN={value}\n"));
    let plain = (0..20 - canaries.len()).map(|at| format!("SETTING_{at}=\"plain {at}\" # as it was\n"));
    format!(
        "# what the crew's tools need\n{}export REGION_HINT=us-west-2\n",
        secrets.chain(plain.skip(1)).collect::<String>()
    )
}

#[tokio::test]
async fn a_plaintext_file_is_moved_into_parameter_store_and_nothing_of_it_is_told() {
    let world = safe().await;
    let canaries: Vec<String> = (0..8).map(|at| format!("canary-{at}-Zq7{}", "x9K2mB".repeat(3))).collect();
    world.write("repos.env", &env_file(&canaries));
    let file = world.path("repos.env").display().to_string();
    let mut said = vec![world.run(&format!("secrets import {file} -e local --dry-run")).await.exits(0)];
    assert!(!world.read("stacks/shop.toml").contains("service-0-token"));
    for _ in ["once", "twice"] {
        said.push(world.run(&format!("secrets import {file} -e local -y")).await.exits(0));
    }
    let stack = world.read("stacks/shop.toml");
    assert!(
        stack.contains("# Where the crew talks.") && stack.contains("[secret.service-7-token]\nkind = \"external\""),
        "{stack}"
    );
    assert!(stack.contains("value = \"plain 3\""), "{stack}");
    for line in ["up -e local -y -vv", "plan -e local -vv", "secrets list -e local", "secrets list -e local --json"] {
        said.push(world.run(line).await.exits(0));
    }
    for (at, canary) in canaries.iter().enumerate() {
        let name = format!("/shop/local/secret/service-{at}-token");
        assert_eq!(world.aws().parameter(&name).await, *canary);
        assert!(!said.iter().any(|ran| ran.says(canary)), "an output holds {canary}");
        assert!(!stack.contains(canary.as_str()));
    }
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_key_in_a_stack_file_or_a_site_is_refused_with_its_place_and_a_way_out() {
    let world = World::with(SAFE).await;
    let key = format!("AK{}Q7ZKMX3PLVBN4RTY", "IA");
    world.write("stacks/shop.toml", &format!("{SAFE}\n[param.key]\nvalue = \"{key}\"\n"));
    for line in ["validate", "plan -e local", "up -e local -y"] {
        let refused = world.run(line).await.exits(3);
        assert!(refused.says("stacks/shop.toml:20") && refused.says("secrets set") && !refused.says(&key), "{refused}");
    }
    world.write("leaks.toml", "[[allow]]\npath = \"stacks/shop.toml\"\nrule = \"aws-key\"\nwhy = \"made up\"\nby = \"tests\"\nreviewed = \"2999-01-01\"\n");
    world.run("validate").await.exits(3);
    let today = jiff::Zoned::now().date();
    world.write("leaks.toml", &world.read("leaks.toml").replace("2999-01-01", &today.to_string()));
    world.run("validate").await.exits(0);

    world.write("stacks/shop.toml", &format!("{SAFE}\n[site.web]\ndir = \"dist\"\n"));
    world.write("dist/index.html", "<!doctype html>");
    world.write("dist/app.js", &format!("const a = 1;\nconst key = '{key}';\n"));
    let refused = world.run("plan -e local").await.exits(3);
    assert!(refused.says("dist/app.js:2") && !refused.says(&key), "{refused}");
    let audit = world.run("audit --secrets --json").await.exits(2);
    let found: Vec<_> = audit.lines().into_iter().filter(|line| line["type"] == "finding").collect();
    assert_eq!(found.len(), 1, "{audit}");
    assert_eq!((&found[0]["path"], &found[0]["line"]), (&json!("dist/app.js"), &json!(2)));
    assert!(!audit.says(&key));
}

#[tokio::test]
async fn this_repository_holds_no_key() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_deployer"));
    command.args(["audit", "--secrets", "-C", concat!(env!("CARGO_MANIFEST_DIR"), "/..")]);
    ran(&mut command).await.exits(0);
}

/// A function behind a CDN that proves itself by a header.
const DOOR: &str = r#"stack = { name = "shop", region = "us-west-2" }
[env.local]
endpoint = "local"

[secret.origin]
kind = "random"

[function.api]
build = { package = "api" }
url   = { auth = "cdn", secret = "secret.origin" }

[cdn.main]
route = [{ path = "/*", to = "function.api" }]
"#;

/// The generation of the secret in the CDN's header, as AWS has it.
async fn carried(world: &World) -> i64 {
    let answer = world.aws().rest(hyper::Method::GET, "cloudfront", "/2020-05-31/distribution", "").await;
    let (_, id) = answer.body.split_once("<Id>").expect("a distribution");
    let id = id.split('<').next().expect("its id");
    let path = format!("/2020-05-31/distribution/{id}/config");
    let config = world.aws().rest(hyper::Method::GET, "cloudfront", &path, "").await.body;
    let (_, header) = config.split_once("x-origin-generation").expect("the header");
    let (_, value) = header.split_once("<HeaderValue>").expect("its value");
    value.split('<').next().and_then(|value| value.parse().ok()).expect("a generation")
}

#[tokio::test]
async fn the_cdns_header_follows_while_both_values_are_accepted() {
    let world = World::with(DOOR).await;
    world.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"api\"]\n");
    world.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"api\"\nversion = \"0.1.0\"\n");
    world.write("api/Cargo.toml", "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    world.write("api/src/main.rs", "fn main() {}\n");
    world.run("up -e local -y").await.exits(0);
    assert_eq!(carried(&world).await, 1);
    world.run("secrets rotate origin -e local -y").await.exits(0);
    assert_eq!(carried(&world).await, 1, "nobody sends what is only published");
    let later = jiff::Timestamp::now().as_second() + 3_600;
    world.run(&format!("secrets resume -e local -y --at {later}")).await.exits(0);
    assert_eq!(carried(&world).await, 2);
    assert_eq!(labels(&world).await, standing(&[("current", 2), ("latest", 2), ("next", 2), ("previous", 1)]));
    world.run("plan -e local --detailed-exitcode").await.exits(0);
    // In an emergency the header goes first all the same.
    world.run("secrets retire origin -e local -y --emergency").await.exits(0);
    world.wire.clear();
    world.run("secrets rotate origin -e local -y --emergency").await.exits(0);
    assert_eq!(carried(&world).await, 3);
    let calls = world.wire.mutating_calls();
    let at = |operation: &str| calls.iter().rposition(|call| call == operation).expect("it was called");
    assert!(at("cloudfront:UpdateDistribution") < at("ssm:LabelParameterVersion"), "{calls:?}");
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

/// The forms in which a value could be written down.
fn forms(value: &str) -> Vec<String> {
    let escaped = |each: u8| match each {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(each).to_string(),
        other => format!("%{other:02X}"),
    };
    let url = value.bytes().map(escaped).collect::<String>();
    let quoted = json!(value).to_string();
    let raw = [value.to_owned(), STANDARD.encode(value), URL_SAFE_NO_PAD.encode(value), hex::encode(value), url];
    let forms = raw.into_iter().chain([quoted.trim_matches('"').to_owned()]);
    forms.map(|form| form.trim_end_matches('=').to_owned()).collect()
}

/// The text of every file below a folder, by its path; inputs of the test are left out.
fn texts(folder: &Path, inputs: &[&str]) -> Vec<(PathBuf, String)> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if !inputs.iter().any(|input| path.ends_with(input)) {
            found.push((path.clone(), String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned()));
        }
    }
    found
}

/// What the kernel tells everybody of a process and of its children.
fn told_by_the_kernel(pid: u32) -> String {
    let of = |pid: &str| {
        let file = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        String::from_utf8_lossy(&[file("cmdline"), file("environ")].concat()).into_owned()
    };
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    std::iter::once(pid.to_string().as_str()).chain(children.split_whitespace()).map(of).collect()
}

/// Eight canaries through every input; every command about secrets, a rotation killed in the middle, and what the kernel
/// tells of a process that has one in its hands: found nowhere.
#[tokio::test]
async fn canaries_through_every_input_are_found_in_no_output_file_argument_or_environment() {
    let world = safe().await;
    let canary = |at: usize| format!("canary{at}/+\"q{}", "7Kd9mZ".repeat(3));
    let canaries: Vec<String> = (0..8).map(canary).collect();
    let escaped = |value: &String| value.replace('\\', "\\\\").replace('"', "\\\"");
    let quoted = |at: usize, name: &str| format!("# of a tool\n{name}=\"{}\"\n", escaped(&canaries[at]));
    let env = format!(
        "{}export TWO_TOKEN='{}'\nTHREE_PASSWORD={}\nFOUR_PEM=\"head\n{}\ntail\"\nFIVE=postgres://a:{}@b.example/c\n",
        quoted(1, "ONE_SECRET"),
        canaries[2],
        canaries[3],
        escaped(&canaries[4]),
        canaries[5],
    );
    world.write("repos.env", &env);
    world.write("value.txt", &canaries[6]);
    let inputs = ["repos.env", "value.txt", "stdin.txt"];
    let (file, value) = (world.path("repos.env"), world.path("value.txt"));
    let mut said = vec![
        world.run(&format!("secrets import {} -e local -y --json", file.display())).await.exits(0),
        world.run(&format!("secrets set slack -e local -y -vv --file {}", value.display())).await.exits(0),
    ];

    // One that is on its way, from stdin, while the call that takes it hangs.
    world.write("stdin.txt", &canaries[7]);
    world.wire.script(Rule::once("ssm:PutParameter", Fault::Hold("put")));
    let input = std::fs::File::open(world.path("stdin.txt")).expect("a file");
    let child = world.command("secrets set slack -e local -y --json".split(' ')).stdin(Stdio::from(input)).spawn();
    let child = child.expect("the deployer starts");
    let pid = child.id().expect("it was not waited for");
    world.wire.held("put").await;
    let mut told = told_by_the_kernel(pid);
    assert!(told.contains("secrets"), "the kernel tells its arguments");
    world.wire.release("put");
    said.push(Ran::of(child.wait_with_output().await.expect("it ends")).exits(0));
    assert_eq!(world.aws().parameter("/shop/local/secret/slack").await, canaries[7]);

    for line in [
        "up -e local -y -vv",
        "up -e local -y --json",
        "plan -e local -vv",
        "secrets list -e local",
        "secrets list -e local --json",
        "secrets get slack -e local --json",
        "secrets rotate jwt origin -e local -y --json --until publish",
        "secrets rotate origin -e local -y -vv",
        "state export -e local",
        "state list -e local",
        "outputs -e local",
        "status -e local",
        "permissions -e local --role rotate",
    ] {
        said.push(world.run(line).await.exits(0));
    }
    world.wire.script(Rule::once("ssm:PutParameter", Fault::SignalAfter(Signal::KILL)));
    said.push(world.run_killed("secrets rotate jwt origin -e local -y --emergency").await);
    world.wire.clear();
    said.push(world.run("secrets rotate jwt origin -e local -y --emergency").await.exits(0));

    let mut secrets = canaries.clone();
    secrets.push(world.aws().parameter("/shop/local/secret/origin").await);
    let key = format!("/shop/local/secret/jwt/keys/{}", ring(&world).await["active"].as_str().expect("a name"));
    let pem = world.aws().parameter(&key).await;
    secrets.push(pem.lines().nth(1).expect("a body")[..64].to_owned());
    let files = texts(world.folder.path(), &inputs);
    assert!(files.iter().any(|(path, _)| path.ends_with("state.json")));
    said.iter().for_each(|ran| told.extend([ran.out.as_str(), ran.err.as_str()]));
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        assert!(!told.contains(&form), "an output, an argument or an environment holds {form}");
        let holds = files.iter().find(|(_, text)| text.contains(&form));
        assert!(holds.is_none(), "{} holds {form}", holds.expect("there is one").0.display());
    }
}
