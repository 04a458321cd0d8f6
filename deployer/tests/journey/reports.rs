//! The executive reports on the local AWS: mails, rows, pages and cards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::world::World;

const READER: &str = "ceo@queenofsandiego.com";
const NAMES: [&str; 8] = ["ceo", "cto", "accounting", "cmo", "cfo", "rental", "yacht-delivery", "client-portfolio"];
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

/// Tells the stack of the reports where the dashboard is.
pub fn configure(world: &World, dashboard: &Dashboard) {
    let told = format!("endpoint = \"local\"\ndashboard = \"{}\"\n", dashboard.address);
    world.edit("stacks/exec-reports.toml", "endpoint = \"local\"\n", &told);
    world.edit("stacks/exec-reports.toml", "env     = { ", "env     = { DASHBOARD_URL = \"${env.dashboard}\", ");
}

pub async fn the_reports_are_mailed_archived_and_carded(world: &World, dashboard: &Dashboard) {
    let answer = payload(&world.run(INVOKE).await.exits(0).lines());
    let reports = answer["reports"].as_array().expect("reports").clone();
    assert_eq!(reports.iter().map(|report| &report["report"]).collect::<Vec<_>>(), NAMES);
    assert!(reports.iter().all(|report| report["status"] == "sent"), "{answer}");
    mails_have_both_parts(world).await;
    rows_and_pages_are_there(world, &reports).await;
    // Nobody has left an export; that is told, and stops nothing.
    let failed: Vec<&Value> = answer["sources_failed"].as_array().into_iter().flatten().collect();
    assert_eq!(
        failed,
        [
            &json!({ "source": "stacks", "error": "GetObject: NoSuchKey" }),
            &json!({ "source": "git", "error": "GetObject: NoSuchKey" })
        ]
    );
    let cards = dashboard.cards();
    assert_eq!(answer["cards"], json!({ "posted": cards.len(), "missing": 0 }), "{answer}");
    assert!(!cards.is_empty() && cards.iter().all(|(key, card)| card["id"] == key.as_str()), "{cards:?}");
    a_bounce_is_noted(world).await;
}

fn payload(lines: &[Value]) -> Value {
    let invocation = lines.iter().find(|line| line["type"] == "invocation").expect("an invocation");
    invocation["payload"].clone()
}

async fn mails_have_both_parts(world: &World) {
    let mails = world.mail_to(READER).await;
    assert_eq!(mails.len(), NAMES.len(), "{:?}", mails.iter().map(|mail| &mail["subject"]).collect::<Vec<_>>());
    let subjects: BTreeSet<&str> = mails.iter().filter_map(|mail| mail["subject"].as_str()).collect();
    assert_eq!(subjects.len(), NAMES.len());
    for mail in &mails {
        assert_eq!(mail["bcc"], json!(["audit@queenofsandiego.com"]), "the envelope has it");
        let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("text").is_empty() && text("html").contains("<html"), "{mail}");
        let raw = text("raw").to_ascii_lowercase();
        assert!(raw.contains("multipart/alternative") && raw.contains("\nlist-id: "), "{raw}");
        assert!(!raw.contains("\nbcc:") && !raw.contains("audit@"), "the message has it, too");
        let pictures = text("html").matches("src=\"cid:").count();
        assert_eq!(raw.matches("content-type: image/png").count(), pictures, "{}", text("subject"));
    }
}

async fn rows_and_pages_are_there(world: &World, reports: &[Value]) {
    let aws = world.aws();
    let rows =
        aws.json("dynamodb", "DynamoDB_20120810.Scan", json!({ "TableName": "exec-reports-local-reports" })).await;
    let rows: Vec<Value> =
        rows["Items"].as_array().expect("rows").iter().filter(|row| row["status"].is_object()).cloned().collect();
    assert_eq!(rows.len(), NAMES.len());
    for report in reports {
        let row = rows.iter().find(|row| row["report_id"]["S"] == report["report"]).expect("a row");
        assert_eq!((&row["status"]["S"], &row["message_id"]["S"]), (&json!("sent"), &report["message_id"]));
        let page = report["page"].as_str().and_then(|page| page.rsplit_once('/')).expect("a page").1;
        let path = format!("/shipcaptaincrew-local-reports/reports/{page}");
        let page = aws.rest(Method::GET, "s3", &path, "").await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.body.starts_with("<!doctype html>") && page.body.contains("report-1.css"), "{}", page.body);
    }
}

/// The local AWS publishes no bounce: the test does what the topic of the configuration set would do.
async fn a_bounce_is_noted(world: &World) {
    let mail = world.mail_to(READER).await.remove(0);
    let raw = mail["raw"].as_str().unwrap_or_default();
    let key = header(raw, "X-Message-Key").expect("a key");
    let message = json!({
        "eventType": "Bounce", "mail": { "tags": { "message-key": [key] } },
        "bounce": { "bounceType": "Permanent", "feedbackId": "f-1", "bouncedRecipients": [{ "emailAddress": READER }] },
    });
    let event = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "MessageId": "1", "Message": message.to_string() } }] });
    world.write("bounce.json", &event.to_string());
    let file = world.path("bounce.json");
    for _ in 0..2 {
        let told = payload(&world.run(&format!("{INVOKE} --data @{}", file.display())).await.exits(0).lines());
        assert_eq!(told, json!({ "noted": 1, "ignored": 0 }));
    }
    let rows = json!({ "TableName": "exec-reports-local-reports", "FilterExpression": "attribute_exists(bounces)" });
    let rows = world.aws().json("dynamodb", "DynamoDB_20120810.Scan", rows).await;
    assert_eq!(rows["Items"].as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows["Items"][0]["bounces"], json!({ "SS": ["f-1"] }));
}
