//! The executive reports on the local AWS: mails, rows, pages and cards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::FIRES_WITHIN;
use crate::world::World;

const READER: &str = "ceo@queenofsandiego.com";
const NAMES: [&str; 8] = ["ceo", "cto", "accounting", "cmo", "cfo", "rental", "yacht-delivery", "client-portfolio"];
const STACK: &str = "stacks/exec-reports.toml";
const TABLE: &str = "exec-reports-local-reports";
const BUCKET: &str = "/shipcaptaincrew-local-reports";
const WEEKLY: &str = "cron   = \"0 14 ? * MON *\"";
const EACH_MINUTE: &str = "rate   = \"1 minute\"";
/// How often is looked whether what is awaited has come.
const POLL: Duration = Duration::from_millis(500);
/// What `cargo deny --format json check advisories` writes of one weakness, and at its end.
const WEAK: &str = r#"{"type":"diagnostic","fields":{"code":"unmaintained","severity":"error","advisory":{"id":"RUSTSEC-2026-0001","package":"x"}}}"#;
const LOOKED: &str = r#"{"type":"summary","fields":{"advisories":{"errors":1,"helps":0,"notes":0,"warnings":0}}}"#;
const INVOKE: &str = "invoke function.report-mailer -s exec-reports -e local --json";

/// A dashboard that takes every card, and remembers the last body of each key.
pub struct Dashboard {
    pub address: String,
    cards: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Dashboard {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/cards", listener.local_addr().expect("an address"));
        let cards: Arc<Mutex<BTreeMap<String, Value>>> = Arc::default();
        let seen = cards.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, seen.clone()));
            }
        });
        Self { address, cards }
    }

    fn cards(&self) -> BTreeMap<String, Value> {
        self.cards.lock().expect("never poisoned").clone()
    }
}

/// Answers one connection after the other request of it.
async fn answer(mut stream: TcpStream, cards: Arc<Mutex<BTreeMap<String, Value>>>) {
    let mut seen = Vec::new();
    loop {
        let Some((head, length)) = head(&seen) else {
            let mut more = [0; 4096];
            match stream.read(&mut more).await {
                Ok(0) | Err(_) => return,
                Ok(count) => seen.extend_from_slice(&more[..count]),
            }
            continue;
        };
        let body = &seen[head.len() + 4..head.len() + 4 + length];
        let key = header(&head, "idempotency-key").unwrap_or_default();
        let card = serde_json::from_slice(body).unwrap_or_default();
        cards.lock().expect("never poisoned").insert(key, card);
        seen.drain(..head.len() + 4 + length);
        if stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.is_err() {
            return;
        }
    }
}

/// The head of the first request, once it is there with its whole body, and the body's length.
fn head(seen: &[u8]) -> Option<(String, usize)> {
    let text = String::from_utf8_lossy(seen);
    let head = text.split_once("\r\n\r\n")?.0.to_owned();
    let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    (seen.len() >= head.len() + 4 + length).then_some((head, length))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// Tells the stack of the reports where the dashboard is, and has its schedule fire soon.
pub fn configure(world: &World, dashboard: &Dashboard) {
    world.edit(STACK, "cards    = \"\"\n", &format!("cards    = \"{}\"\n", dashboard.address));
    world.edit(STACK, WEEKLY, EACH_MINUTE);
}

/// Eight mails by themselves, each with its row and its page, and the cards.
pub async fn the_schedule_sends_every_report(world: &World, dashboard: &Dashboard) {
    world.awaited_mails(READER, NAMES.len(), FIRES_WITHIN).await;
    let mails = world.mail_to(READER).await;
    let first = invocation_of(&mails[0]);
    let mails: Vec<&Value> = mails.iter().filter(|mail| invocation_of(mail) == first).collect();
    mails_have_both_parts(&mails);
    let listed = world.aws().rest(Method::GET, "s3", &format!("{BUCKET}?list-type=2"), "").await.body;
    for name in NAMES {
        let row = row(world, name, &first).await;
        assert_eq!(row["status"]["S"], "sent", "{row}");
        let page = listed.split("<Key>").filter_map(|rest| rest.split_once("</Key>")).map(|(key, _)| key);
        let is_it =
            |key: &&str| key.starts_with(&format!("reports/{name}.")) && key.ends_with(&format!(".{first}.html"));
        let path = format!("{BUCKET}/{}", page.into_iter().find(is_it).expect("a page"));
        let page = world.aws().rest(Method::GET, "s3", &path, "").await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.body.starts_with("<!doctype html>") && page.body.contains("report-1.css"), "{}", page.body);
    }
    let cards = dashboard.cards();
    assert!(!cards.is_empty() && cards.iter().all(|(key, card)| card["id"] == key.as_str()), "{cards:?}");
}

/// A report whose data are broken is named, and the seven others go out.
pub async fn a_broken_report_stops_no_other(world: &World) {
    world.edit(STACK, EACH_MINUTE, WEEKLY);
    world.edit("functions/report-mailer/portfolio/rental.toml", "channel = \"Airbnb\"\n", "");
    world.run("up -s exec-reports -e local -y").await.exits(0);
    measure_a_function(world).await;
    what_is_known_is_exported(world).await;
    let failed = world.run(INVOKE).await.exits(1);
    let told = payload(&failed.lines());
    let answer: Value = serde_json::from_str(told["errorMessage"].as_str().unwrap_or_default()).expect("an answer");
    let reports = answer["reports"].as_array().expect("reports");
    assert_eq!(reports.iter().map(|report| &report["report"]).collect::<Vec<_>>(), NAMES);
    let (sent, failed): (Vec<&Value>, _) = reports.iter().partition(|report| report["status"] == "sent");
    assert_eq!((sent.len(), failed.len()), (NAMES.len() - 1, 1), "{answer}");
    assert_eq!((&failed[0]["report"], &failed[0]["status"]), (&json!("rental"), &json!("failed")));
    assert!(failed[0]["error"].as_str().is_some_and(|error| error.contains("rental.toml:")), "{answer}");
    let invocation = sent[0]["page"].as_str().and_then(|page| page.rsplit_once('/')).expect("a page").1;
    let mails = world.mail_to(READER).await;
    let mails: Vec<&Value> = mails.iter().filter(|mail| invocation_of(mail) == invocation).collect();
    assert_eq!(mails.len(), NAMES.len() - 1);
    let cto = mails.iter().find(|mail| mail["subject"].as_str().is_some_and(|subject| subject.starts_with("CTO")));
    let cto = cto.expect("a report of technology");
    let curve = cto["html"].as_str().is_some_and(|html| html.contains("src=\"cid:chart-1\""));
    assert!(curve && cto["raw"].as_str().is_some_and(|raw| raw.contains("image/png")), "weeks are drawn as a curve");
    let text = cto["text"].as_str().expect("a text");
    assert!(text.contains("shipcaptaincrew-local-crew-api") && text.contains("4242 in 7 days"), "{text}");
    assert!(text.contains("Releases: 1") && text.contains("Distributions without a WAF: 0"), "{text}");
    assert!(text.contains("Secrets overdue for rotation: 0"), "{text}");
    // The project of this test has been given a key, and a weakness, to find.
    let found = text.contains("Secrets in plain text, and keys in files: 1") && text.contains("RUSTSEC-2026-0001");
    assert!(found && text.contains("notes.txt:1"), "{text}");
    assert_eq!(answer["sources_failed"], json!([]));
    a_bounce_is_noted(world, invocation).await;
}

/// What the deployer leaves in the archive; without a history of the project it refuses to.
async fn what_is_known_is_exported(world: &World) {
    const EXPORT: &str = "export bucket.reports -e local --json";
    let refused = world.run(EXPORT).await.exits(1);
    assert!(refused.says("no-history"), "{refused}");
    world.git(&["init", "--quiet"]);
    world.git(&["commit", "--quiet", "--allow-empty", "--message", "a first one"]);
    world.write("notes.txt", &format!("AK{}Q7ZKMX3PLVBN4RTY\n", "IA"));
    world.write("advisories.jsonl", &format!("{WEAK}\n{LOOKED}\n"));
    world.run(EXPORT).await.exits(0);
    world.run(&format!("{EXPORT} --advisories advisories.jsonl")).await.exits(0);
    let kept = async |name: &str| {
        let path = format!("{BUCKET}/exports/{name}");
        world.aws().rest(Method::GET, "s3", &path, "").await
    };
    let weeks = kept("git.json").await.json();
    assert!(weeks["at"].is_string(), "{weeks}");
    let present = weeks["weeks"].as_array().and_then(|weeks| weeks.last()).expect("weeks");
    assert_eq!((&present["commits"], &present["deploys"], &present["rollbacks"]), (&json!(1), &json!(1), &json!(0)));
    let status = kept("status.jsonl").await.body;
    let status: Vec<Value> = status.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let stacks: Vec<&Value> = status.iter().filter(|line| line["type"] == "status").collect();
    assert_eq!(stacks.len(), 2, "{status:?}");
    assert!(stacks.iter().all(|stack| stack["released"].is_string() && stack["drifted"] == 0), "{stacks:?}");
    assert!(status[0]["type"] == "export" && status[0]["at"].is_string(), "{status:?}");
    a_history_that_cannot_be_read_is_left_alone(world).await;
}

/// Releases are not begun anew without a word.
async fn a_history_that_cannot_be_read_is_left_alone(world: &World) {
    const RELEASES: &str = "/shipcaptaincrew-local-reports/exports/releases.json";
    let before = world.aws().rest(Method::GET, "s3", RELEASES, "").await.body;
    world.aws().rest(Method::PUT, "s3", RELEASES, "no history").await;
    let refused = world.run("export bucket.reports -e local --json").await.exits(1);
    assert!(refused.says("export-history"), "{refused}");
    assert_eq!(world.aws().rest(Method::GET, "s3", RELEASES, "").await.body, "no history");
    world.aws().rest(Method::PUT, "s3", RELEASES, &before).await;
}

/// The local AWS measures nothing: the test does.
async fn measure_a_function(world: &World) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs() - 60;
    let of = json!([{ "Name": "FunctionName", "Value": "shipcaptaincrew-local-crew-api" }]);
    let data = json!([{ "MetricName": "Invocations", "Dimensions": of, "Value": 4242.0, "Timestamp": now }]);
    let body = json!({ "Namespace": "AWS/Lambda", "MetricData": data });
    world.aws().json("monitoring", "GraniteServiceVersion20100801.PutMetricData", body).await;
}

fn payload(lines: &[Value]) -> Value {
    let invocation = lines.iter().find(|line| line["type"] == "invocation").expect("an invocation");
    invocation["payload"].clone()
}

/// The invocation that sent a mail, from its key: `report-ceo__<invocation>`.
fn invocation_of(mail: &Value) -> String {
    let key = header(mail["raw"].as_str().unwrap_or_default(), "X-Message-Key").expect("a key");
    key.rsplit_once("__").expect("a report's key").1.to_owned()
}

fn mails_have_both_parts(mails: &[&Value]) {
    let subjects: BTreeSet<&str> = mails.iter().filter_map(|mail| mail["subject"].as_str()).collect();
    assert_eq!((mails.len(), subjects.len()), (NAMES.len(), NAMES.len()), "{subjects:?}");
    for mail in mails {
        assert_eq!(mail["bcc"], json!(["audit@queenofsandiego.com"]), "the envelope has it");
        let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("text").is_empty() && text("html").contains("<html"), "{mail}");
        let raw = text("raw").to_ascii_lowercase();
        assert!(raw.contains("multipart/alternative") && raw.contains("\nlist-id: "), "{raw}");
        assert!(!raw.contains("\nbcc:") && !raw.contains("audit@"), "the message has it, too");
        let shown = text("html").matches("src=\"cid:").count();
        assert_eq!(raw.matches("content-type: image/png").count(), shown, "{}", text("subject"));
    }
    let bars = mails.iter().filter(|mail| mail["html"].as_str().is_some_and(|html| html.contains("height=\"14\"")));
    assert!(bars.count() > 1, "figures are drawn as bars");
}

/// The row of a report of an invocation.
async fn row(world: &World, report: &str, invocation: &str) -> Value {
    let scan = json!({ "TableName": TABLE });
    let rows = world.aws().json("dynamodb", "DynamoDB_20120810.Scan", scan).await;
    let rows = rows["Items"].as_array().expect("rows");
    let is_it = |row: &&Value| row["report_id"]["S"] == report && row["request_id"]["S"] == invocation;
    rows.iter().find(is_it).unwrap_or_else(|| panic!("no row of {report} in {rows:?}")).clone()
}

/// The local AWS publishes no bounce: the test tells the topic what SES would, twice.
async fn a_bounce_is_noted(world: &World, invocation: &str) {
    let message = json!({
        "eventType": "Bounce", "mail": { "tags": { "message-key": [format!("report-ceo__{invocation}")] } },
        "bounce": { "bounceType": "Permanent", "feedbackId": "f-1", "bouncedRecipients": [{ "emailAddress": READER }] },
    });
    let topic = "arn:aws:sns:us-west-2:000000000000:exec-reports-local-feedback";
    let events = "/v2/email/configuration-sets/exec-reports-local-reports/event-destinations";
    let told = world.aws().rest(Method::GET, "ses", events, "").await.json();
    assert_eq!(told["EventDestinations"][0]["SnsDestination"]["TopicArn"], topic, "{told}");
    for _ in 0..2 {
        let form = [("Action", "Publish"), ("TopicArn", topic), ("Message", &message.to_string())];
        world.aws().sns(&form).await;
    }
    let noted = async {
        loop {
            let row = row(world, "ceo", invocation).await;
            if row["bounces"].is_object() {
                return row["bounces"].clone();
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let noted = tokio::time::timeout(FIRES_WITHIN, noted).await.expect("the bounce is noted");
    assert_eq!(noted, json!({ "SS": ["f-1"] }));
}
