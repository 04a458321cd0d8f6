//! A product of every kind of resource, small enough to be brought up hundreds of times.

use std::collections::{BTreeMap, BTreeSet};

use deployer_testbed::{Emulator, Inventory};
use serde_json::Value;

use super::{Running, World, new_folder};

const STACK: &str = r#"stack = { name = "fleet", region = "us-west-2" }
[env.local]
endpoint = "local"
[table.sails]
key     = { hash = "sail_id:S" }
indexes = { by-day = { hash = "day:S" } }
ttl     = "expires_at"
recovery = true
[param.greeting]
value = "ahoy"
[param.url]
value = "${cdn.main.url}"
[secret.origin]
kind = "random"
[mail.main]
from = "crew@example.com"
[function.hello]
build  = { package = "hello" }
url    = { auth = "cdn", secret = "secret.origin" }
env    = { SAILS = "${table.sails.name}" }
grants = ["rw table.sails", "send mail.main"]
[schedule.hourly]
rate   = "1 hour"
target = "function.hello"
[site.web]
dir = "web"
[waf.edge]
managed = [{ set = "core" }]
[cdn.main]
waf   = "waf.edge"
route = [{ path = "/api/*", to = "function.hello" }, { path = "/*", to = "site.web", spa = "index.html" }]
[output]
url = "${cdn.main.url}"
"#;

impl World {
    /// The fleet's project, not yet up. It builds in a target directory of its own.
    pub async fn fleet() -> Self {
        let mut world = Self::before(new_folder(), Emulator::start().await);
        world.target = world.path("target");
        world.write("stacks/fleet.toml", STACK);
        world.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"hello\"]\n");
        world.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n");
        world.write("hello/Cargo.toml", "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        world.write("hello/src/main.rs", "fn main() {\n    println!(\"ahoy\");\n}\n");
        world.write(
            "web/index.html",
            "<!doctype html><title>Fleet</title><script src=/assets/app-Bk3x9QzT.js></script>\n",
        );
        world.write("web/assets/app-Bk3x9QzT.js", "console.log('ahoy')\n");
        world
    }

    /// Forgets what is up, on both sides: the fleet was never shipped. What is built stays.
    pub async fn forget(&self) {
        let Running::Emulator(emulator) = &self.aws else { panic!("a local AWS keeps what it has") };
        emulator.reset().await;
        self.wire.clear();
        match std::fs::remove_dir_all(self.path(".deployer/state")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
}

/// What of an inventory must be the same in two worlds that were made alike: sets in one order, nothing that is
/// passing (`Pending`), and no digest of ids that AWS minted.
pub fn settled(inventory: &Inventory) -> BTreeMap<String, Value> {
    inventory.masked().into_iter().map(|(name, value)| (name, steady(value))).collect()
}

fn steady(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            // `versions`: what may not have arrived is sent again, and a bucket keeps both.
            let passing = |key: &str| {
                key == "versions"
                    || key.starts_with("State") && key != "Statement"
                    || key.starts_with("LastUpdateStatus")
            };
            // Written or not, it is off.
            let off = |key: &str, value: &Value| key == "BucketKeyEnabled" && value == "false";
            let kept = fields.into_iter().filter(|(key, value)| !passing(key) && !is_digest(value) && !off(key, value));
            kept.map(|(key, value)| (key, steady(value))).collect()
        }
        Value::Array(values) => {
            let mut values: Vec<_> = values.into_iter().map(steady).collect();
            values.sort_by_key(Value::to_string);
            Value::Array(values)
        }
        other => other,
    }
}

fn is_digest(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Asserts that two worlds are the same, and shows where they are not.
#[track_caller]
pub fn assert_same(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>, what: &str) {
    let whole =
        |world: &BTreeMap<String, Value>| world.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut differ = Vec::new();
    compare("", &whole(found), &whole(wanted), &mut differ);
    assert!(differ.is_empty(), "{what}:\n{}", differ.join("\n"));
}

fn compare(at: &str, found: &Value, wanted: &Value, differ: &mut Vec<String>) {
    match (found, wanted) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                compare(&format!("{at}/{key}"), &found[key], &wanted[key], differ);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| compare(&format!("{at}/*"), one, other, differ));
        }
        _ if found == wanted => {}
        _ => differ.push(format!("{at}: {found}, not {wanted}")),
    }
}
