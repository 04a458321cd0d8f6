//! `deployer dev`: from one command to a product that follows its files, and back to nothing.

use std::process::Stdio;
use std::time::Duration;

use deployer_local::files::{Files, Lock};
use hyper::Method;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::world::aws::Aws;
use crate::world::desk::Desk;
use crate::world::running::on_a_terminal;
use crate::world::{REGION, ran};

/// A hang guard, nothing that is measured: a compiler runs in between.
const LONG: Duration = Duration::from_secs(300);

/// A deployer that works, and all that it has said.
struct Working {
    child: Child,
    said: watch::Receiver<Vec<String>>,
}

impl Working {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (send, said) = watch::channel(Vec::new());
        let (out, error) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        tokio::spawn(hear(out, send.clone()));
        tokio::spawn(hear(error, send));
        Self { child, said }
    }

    /// Waits until so many lines hold a text; the last of them.
    async fn says(&mut self, text: &str, times: usize) -> String {
        let found = |said: &Vec<String>| said.iter().filter(|line| line.contains(text)).count() >= times;
        let waited = tokio::time::timeout(LONG, self.said.wait_for(found)).await;
        let heard = waited.is_ok_and(|waited| waited.is_ok());
        let said = self.said.borrow();
        assert!(heard, "it never said `{text}` {times} times:\n{}", said.join("\n"));
        said.iter().rfind(|line| line.contains(text)).cloned().unwrap_or_default()
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(pid.expect("it runs"), signal).expect("a signal");
    }

    async fn exits(mut self, code: i32) {
        let status = tokio::time::timeout(LONG, self.child.wait()).await.expect("it ends").expect("it ran");
        assert_eq!(status.code(), Some(code), "{}", self.said.borrow().join("\n"));
    }
}

async fn hear(stream: impl AsyncRead + Unpin, said: watch::Sender<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        said.send_modify(|all| all.push(line));
    }
}

impl Desk {
    async fn answer(&self) -> String {
        ran(&mut self.command("invoke function.hello -e local")).await.exits(0).out.trim().to_owned()
    }

    /// What the deployer tells of the local AWS.
    fn local(&self) -> Value {
        serde_json::from_str(&self.read(".deployer/local.json")).expect("it runs")
    }

    async fn browse(&self, host: &str, path: &str) -> String {
        let edge = self.local()["edge"].as_str().expect("an address").replace("localhost", "127.0.0.1");
        Aws::new(&edge, REGION).ask(host, path).await.body
    }

    /// Whether the site's server, which wrote its process down, still runs.
    fn is_served(&self) -> bool {
        let pid = self.read("web/server.pid").trim().parse().ok().and_then(Pid::from_raw);
        test_kill_process(pid.expect("a process")).is_ok()
    }

    async fn nothing_runs(&self) {
        let files = Files::of(self.path());
        for lock in ["daemon.lock", "ministack.lock"] {
            assert!(Lock::wait_until_free(&files.local(lock), LONG).await.expect("no error"), "{lock} is held");
        }
        assert!(!self.is_served());
    }
}

#[tokio::test]
async fn a_product_follows_its_files_tells_what_happens_and_leaves_nothing_running() {
    let desk = Desk::new().await;
    let mut working = Working::start(&mut desk.command("dev"));
    working.says("watching for changes", 1).await;
    assert_eq!(desk.answer().await, "\"ahoy\"");
    working.says("hello │", 1).await;
    assert!(working.says("was asked", 1).await.contains("hello │"));

    let logged = ran(&mut desk.command("logs function.hello -e local --since 1h --grep asked")).await.exits(0);
    assert!(logged.out.contains("hello │") && logged.out.contains("INFO  was asked"), "{logged}");
    assert!(!ran(&mut desk.command("logs -e local --grep nothing")).await.exits(0).says("hello"));
    let measured = ran(&mut desk.command("metrics -e local --json")).await.exits(0).lines();
    let measured = measured.iter().find(|line| line["type"] == "metrics").expect("a function");
    assert_eq!((&measured["function"], &measured["measured"]["invocations"]), (&json!("function.hello"), &json!(1)));

    // The site's own server knows where the product is, and the product is there.
    let url = desk.read("web/url");
    let host = url.trim().trim_start_matches("http://").split(':').next().expect("a host").to_owned();
    assert!(host.ends_with(".cloudfront.localhost"), "{url}");
    assert!(desk.browse(&host, "/").await.contains("Fleet"));
    assert!(working.says("site.web is served at http://localhost:", 1).await.contains("as its files are saved"));
    assert!(desk.is_served());
    assert!(desk.browse("console.localhost", "/stacks/fleet").await.contains("function.hello"));

    // A function, then the stack file; then a mistake in it, and the mistake mended.
    desk.edit("hello/src/main.rs", "ahoy", "avast");
    working.says("fleet is up", 2).await;
    assert_eq!(desk.answer().await, "\"avast\"");
    desk.edit("stacks/fleet.toml", "value = \"ahoy\"", "value = \"hoist\"");
    working.says("fleet is up", 3).await;
    ran(&mut desk.command("plan -e local --detailed-exitcode")).await.exits(0);
    desk.edit("stacks/fleet.toml", "value = \"hoist\"", "valu = \"hoist\"");
    working.says("did you mean `value`?", 1).await;
    desk.edit("stacks/fleet.toml", "valu = \"hoist\"", "value = \"hoist\"");
    working.says("watching for changes", 5).await;

    let mail = json!({ "FromEmailAddress": "crew@example.com", "Destination": { "ToAddresses": ["cleo@example.com"] },
        "Content": { "Simple": { "Subject": { "Data": "Your link" }, "Body": { "Text": { "Data": format!("Come: {}/in#token=x", url.trim()) } } } } });
    let endpoint = desk.local()["endpoint"].as_str().expect("an address").to_owned();
    Aws::new(&endpoint, REGION).rest(Method::POST, "ses", "/v2/email/outbound-emails", &mail.to_string()).await;
    working.says("\"Your link\" to cleo@example.com", 1).await;
    assert!(working.says("/in#token=x", 1).await.contains("http://localhost:"), "it leads to the site's own server");

    working.signal(Signal::INT);
    working.exits(130).await;
    desk.nothing_runs().await;
}

#[tokio::test]
async fn what_ran_before_still_runs_afterwards_and_a_stop_is_heard_while_something_is_shipped() {
    let desk = Desk::new().await;
    ran(&mut desk.command("local up")).await.exits(0);
    let mut working = Working::start(&mut desk.command("dev"));
    working.says("building function.hello", 1).await;
    working.signal(Signal::TERM);
    working.exits(143).await;
    ran(&mut desk.command("local status")).await.exits(0);
    ran(&mut desk.command("lock show -e local")).await.exits(0);
    ran(&mut desk.command("local down")).await.exits(0);
}

#[tokio::test]
async fn dev_asks_nobody_and_so_ships_nowhere_but_to_this_machine() {
    let desk = Desk::new().await;
    let stopped = ran(&mut desk.command("dev -e account")).await.exits(3);
    assert!(stopped.says("fleet is on AWS in account"), "{stopped}");
}

#[tokio::test]
async fn keys_fire_a_schedule_open_the_site_and_end_it_and_the_terminal_is_as_it_was() {
    let desk = Desk::new().await;
    desk.program("browser", "#!/bin/sh\necho \"$1\" >opened.part && mv opened.part opened\n");
    let mut command = on_a_terminal(&desk.command("dev"));
    command.env("BROWSER", desk.path().join("browser")).current_dir(desk.path());
    let mut working = Working::start(&mut command);
    let mut keyboard = working.child.stdin.take().expect("it is piped");
    working.says("1 fires schedule.hourly", 1).await;
    working.says("is served at", 1).await;
    keyboard.write_all(b"1").await.expect("typed");
    working.says("schedule.hourly was answered: \"ahoy\"", 1).await;
    working.says("was asked", 1).await;
    keyboard.write_all(b"o").await.expect("typed");
    working.says("opening http://localhost:", 1).await;
    keyboard.write_all(b"q").await.expect("typed");
    working.says("the terminal is as it was", 1).await;
    working.exits(0).await;
    desk.nothing_runs().await;
}
