//! Canaries: values that go in through every input, looked for wherever something could have been written down.

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deployer_testbed::{Exchange, Fault, Rule, forms};
use rustix::process::Signal;
use serde_json::Value;

use crate::secrets::{SAFE, ring, safe};
use crate::world::running::told_by_the_kernel;
use crate::world::{Ran, World};

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

/// An entry that is called like a secret of the deployer's own would take the place of what is in use.
#[tokio::test]
async fn an_entry_is_never_put_over_what_the_deployer_makes() {
    let world = safe().await;
    let before = (world.aws().parameter("/shop/local/secret/origin").await, world.read("stacks/shop.toml"));
    for name in ["ORIGIN", "JWT"] {
        world.write("repos.env", &format!("SERVICE_TOKEN=made-up\n{name}=made-up\n"));
        let file = world.path("repos.env").display().to_string();
        world.wire.clear();
        let refused = world.run(&format!("secrets import {file} --secret {name} -e local -y")).await.exits(3);
        assert!(refused.says("the deployer makes the values of") && !refused.says("made-up"), "{refused}");
        assert_eq!(world.wire.mutating_calls(), [""; 0]);
    }
    assert_eq!((world.aws().parameter("/shop/local/secret/origin").await, world.read("stacks/shop.toml")), before);
    world.write("repos.env", "A_TOKEN=made-up\na_token=made-up-too\n");
    let file = world.path("repos.env").display().to_string();
    let refused = world.run(&format!("secrets import {file} -e local -y")).await.exits(3);
    assert!(refused.says("both be secret.a-token"), "{refused}");
}

/// What is built and shipped beside the secrets: a program that reads them, and a site whose build tells its environment.
const SHIPPED: &str = r#"
[function.tools]
build  = { package = "tools" }
env    = { SLACK = "${secret.slack.ref}", ORIGIN = "${secret.origin.ref}" }
grants = ["read secret.slack", "read secret.origin", "read secret.jwt"]

[site.web]
dir   = "web/dist"
build = "sh build.sh"
"#;
/// Inputs of the test, which hold canaries by its own hand.
const INPUTS: [&str; 3] = ["repos.env", "value.txt", "stdin.txt"];
/// The commands that say something about secrets, or could.
const COMMANDS: &[&str] = &[
    "up -e local -y -vv",
    "up -e local -y --json",
    "plan -e local -vv",
    "secrets list -e local",
    "secrets list -e local --json",
    "secrets audit -e local",
    "secrets get slack -e local --json",
    "secrets rotate jwt origin -e local -y --json --until publish",
    "secrets abort origin -e local -y",
    "secrets rotate origin -e local -y -vv",
    "secrets resume -e local -y",
    "state export -e local",
    "state show secret.origin -e local --json",
    "outputs -e local",
    "status -e local",
    "audit --secrets --json",
    "permissions -e local --role rotate",
];

/// The values that were put in, and everything that was told meanwhile, by where.
struct Told {
    world: World,
    canaries: Vec<String>,
    told: Vec<(String, String)>,
}

impl Told {
    async fn new() -> Self {
        let world = World::with(&format!("{SAFE}{SHIPPED}")).await;
        world.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"tools\"]\n");
        world.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"tools\"\nversion = \"0.1.0\"\n");
        world.write("tools/Cargo.toml", "[package]\nname = \"tools\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        world.write("tools/src/main.rs", "fn main() {}\n");
        world.write("web/index.html", "<!doctype html><title>Tools</title>\n");
        world.write("web/build.sh", "mkdir -p dist && cp index.html dist && env >built-with.txt\n");
        world.wire.keep_exchanges();
        let canaries = (0..8).map(|at| format!("canary{at}/+\"q{}", "7Kd9mZ".repeat(3))).collect();
        Self { world, canaries, told: Vec::new() }
    }

    /// Runs a command and keeps what it said, and what the kernel told of it.
    async fn run(&mut self, line: &str) -> Ran {
        let (ran, kernel) = self.world.run_watched(line).await;
        self.told.push((format!("an argument or the environment of `{line}`"), kernel));
        self.said(line, &ran);
        ran
    }

    fn said(&mut self, line: &str, ran: &Ran) {
        self.told.push((format!("what `{line}` said"), format!("{}\n{}", ran.out, ran.err)));
    }

    /// A `.env` file with five of them, each written in another way.
    fn write_env_file(&self) -> String {
        let escaped = |at: usize| self.canaries[at].replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!(
            "# of a tool\nONE_SECRET=\"{}\"\nexport TWO_TOKEN='{}'\nTHREE_PASSWORD={}\nFOUR_PEM=\"head\n{}\ntail\"\nFIVE=postgres://a:{}@b.example/c\n",
            escaped(1),
            self.canaries[2],
            self.canaries[3],
            escaped(4),
            self.canaries[5],
        );
        self.world.write("repos.env", &text);
        self.world.path("repos.env").display().to_string()
    }

    /// All eight go in: five in a file of many, one in a file, one on stdin, one typed on a terminal.
    async fn put_in(&mut self) {
        let file = self.write_env_file();
        self.run(&format!("secrets import {file} --reader function.tools -e local -y --json")).await.exits(0);
        self.world.write("value.txt", &self.canaries[6]);
        let value = self.world.path("value.txt").display().to_string();
        self.run(&format!("secrets set slack -e local -y -vv --file {value}")).await.exits(0);
        self.on_its_way().await;
        let shown = self.world.run_typed("secrets set slack -e local", "The value of", &self.canaries[0]).await;
        self.told.push(("the terminal on which it was typed".to_owned(), shown));
        assert_eq!(self.world.aws().parameter("/shop/local/secret/slack").await, self.canaries[0]);
    }

    /// One from stdin, while the call that takes it hangs.
    async fn on_its_way(&mut self) {
        let line = "secrets set slack -e local -y --json";
        self.world.write("stdin.txt", &self.canaries[7]);
        self.world.wire.script(Rule::once("ssm:PutParameter", Fault::Hold("put")));
        let input = std::fs::File::open(self.world.path("stdin.txt")).expect("a file");
        let child = self.world.command(line.split(' ')).stdin(Stdio::from(input)).spawn();
        let child = child.expect("the deployer starts");
        self.world.wire.held("put").await;
        let kernel = told_by_the_kernel(child.id().expect("it was not waited for"));
        assert!(kernel.contains("secrets"), "the kernel tells its arguments");
        self.told.push((format!("an argument or the environment of `{line}`"), kernel));
        self.world.wire.release("put");
        let ran = Ran::of(child.wait_with_output().await.expect("it ends")).exits(0);
        self.said(line, &ran);
    }

    /// The canaries, and what the deployer made by itself.
    async fn secrets(&self) -> Vec<String> {
        let aws = self.world.aws();
        let key =
            format!("/shop/local/secret/jwt/keys/{}", ring(&self.world).await["active"].as_str().expect("a name"));
        let pem = aws.parameter(&key).await;
        let body = pem.lines().nth(1).expect("a body")[..64].to_owned();
        let made = [aws.parameter("/shop/local/secret/origin").await, body];
        self.canaries.iter().cloned().chain(made).collect()
    }

    /// Everything that was said, written or sent, less the one call each that stores a value.
    fn everything(&self) -> Vec<(String, String)> {
        let files = texts(self.world.folder.path());
        assert!(files.iter().any(|(path, _)| path.ends_with("state.json")), "the state is looked at");
        assert!(files.iter().any(|(path, _)| path.ends_with("built-with.txt")), "the site was built");
        let files = files.into_iter().map(|(path, text)| (path.display().to_string(), text));
        let calls = self.world.wire.exchanges().into_iter().filter(|each| !stores_a_value(each));
        let calls = calls.map(|each| (format!("a call of {}", each.operation), sent(&each)));
        self.told.iter().cloned().chain(files).chain(calls).collect()
    }
}

fn stores_a_value(exchange: &Exchange) -> bool {
    exchange.operation == "ssm:PutParameter" && body(exchange)["Type"] == "SecureString"
}

fn body(exchange: &Exchange) -> Value {
    serde_json::from_slice(&exchange.body).unwrap_or_default()
}

/// What went to AWS in a call, and what is in the zip that it carries. Answers are left out: nothing is ever decrypted, and
/// what AWS answers then is no value.
fn sent(exchange: &Exchange) -> String {
    let asked = body(exchange);
    assert_ne!(asked["WithDecryption"], true, "{} has AWS decrypt", exchange.operation);
    let zip = asked["Code"]["ZipFile"].as_str().or(asked["ZipFile"].as_str());
    let zip = zip.map(|zip| unpacked(&STANDARD.decode(zip).expect("base64"))).unwrap_or_default();
    let body = String::from_utf8_lossy(&exchange.body);
    format!("{} {:?}\n{body}\n{zip}", exchange.parts.uri, exchange.parts.headers)
}

/// The text of what a zip holds.
fn unpacked(zip: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
    let mut content = Vec::new();
    for at in 0..archive.len() {
        archive.by_index(at).expect("a file").read_to_end(&mut content).expect("its content");
    }
    String::from_utf8_lossy(&content).into_owned()
}

/// The text of every file below a folder, by its path, and of what is in zips; inputs of the test are left out.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if !INPUTS.iter().any(|input| path.ends_with(input)) {
            let content = std::fs::read(&path).expect("a file");
            let is_zip = path.extension().is_some_and(|extension| extension == "zip");
            let text = if is_zip { unpacked(&content) } else { String::from_utf8_lossy(&content).into_owned() };
            found.push((path, text));
        }
    }
    found
}

/// Eight canaries through every input, every command about secrets, a rotation killed in the middle. Each is in the one call
/// that stores it, and nowhere else: said, written, shipped, sent, or told by the kernel, in whatever form.
#[tokio::test]
async fn a_value_is_in_the_one_call_that_stores_it_and_nowhere_else() {
    let mut told = Told::new().await;
    told.run("up -e local -y").await.exits(0);
    told.put_in().await;
    for line in COMMANDS {
        let ran = told.run(line).await;
        assert!(matches!(ran.status.code(), Some(0 | 2)), "{line}: {ran}");
    }
    told.world.wire.script(Rule::once("ssm:PutParameter", Fault::SignalAfter(Signal::KILL)));
    let killed = told.world.run_killed("secrets rotate jwt origin -e local -y --emergency").await;
    told.said("secrets rotate, killed", &killed);
    told.run("secrets rotate jwt origin -e local -y --emergency").await.exits(0);

    let secrets = told.secrets().await;
    let stored: Vec<_> = told.world.wire.exchanges().into_iter().filter(stores_a_value).collect();
    for secret in &secrets {
        let value =
            |each: &&Exchange| body(each)["Value"].as_str().is_some_and(|value| value.contains(secret.as_str()));
        assert_eq!(stored.iter().filter(value).count(), 1, "it is stored in one call");
    }
    let everything = told.everything();
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        let holds = everything.iter().find(|(_, text)| text.contains(&form));
        assert!(holds.is_none(), "{} holds {form}", holds.map(|(place, _)| place.as_str()).unwrap_or_default());
    }

    // A person may see one, on a terminal and nowhere else.
    let shown = told.world.run_typed("secrets get slack -e local --reveal", "no question", "").await;
    assert!(shown.contains(&told.canaries[0]), "{shown}");
}
