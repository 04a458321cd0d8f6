use std::net::Ipv4Addr;

use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

/// Markup that must never become a page's own.
const HOSTILE: &str = "</title><script>x</script><img src=x onerror=x>";

/// An AWS that holds one of everything, all of it hostile.
async fn aws() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let served = tokio::spawn(http::serve(listener, |request: Request<hyper::body::Incoming>, _| async move {
        let target = request.headers().get("x-amz-target").and_then(|each| each.to_str().ok()).unwrap_or_default();
        let answer = match (target, request.uri().path()) {
            ("DynamoDB_20120810.DescribeTable", _) => json!({ "Table": { "KeySchema": [{ "AttributeName": "id" }] } }),
            ("DynamoDB_20120810.Scan", _) => {
                json!({ "Items": [{ "id": { "S": HOSTILE }, "n": { "N": "7" } }], "LastEvaluatedKey": { "id": { "S": HOSTILE } } })
            }
            ("Logs_20140328.FilterLogEvents", _) => {
                json!({ "events": [{ "timestamp": 1, "logStreamName": "s", "message": HOSTILE }] })
            }
            ("AmazonSSM.GetParameters", _) => json!({ "Parameters": [
                { "Name": "/plain", "Type": "String", "Value": HOSTILE, "Version": 1 },
                { "Name": "/secret", "Type": "SecureString", "Value": "canary", "Version": 2 },
            ] }),
            (_, "/_ministack/ses/messages") => json!({ "messages": {} }),
            (_, path) if path.starts_with("/2015-03-31/functions/") => {
                json!({ "MemorySize": 128, "Environment": { "Variables": { HOSTILE: "canary" } } })
            }
            _ => Value::Null,
        };
        request.into_body().collect().await?;
        Ok(http::words(StatusCode::OK, answer.to_string()))
    }));
    (endpoint, served)
}

fn stack() -> StackView {
    let resource = |address: &str, type_name: &str, id: &str| ResourceView {
        address: address.into(),
        type_name: type_name.into(),
        id: id.into(),
    };
    StackView {
        name: "crew".into(),
        environment: "local".into(),
        region: "us-west-2".into(),
        outputs: vec![
            ("api".into(), "http://e1.cloudfront.localhost:1/api".into()),
            ("bad".into(), HOSTILE.into()),
            ("url".into(), "http://e1.cloudfront.localhost:1".into()),
        ],
        resources: vec![
            resource("table.sails/table", TABLE, "crew-local-sails"),
            resource("function.api/function", FUNCTION, "crew-local-api"),
            resource("function.api/logs", LOG_GROUP, "/aws/lambda/crew-local-api"),
            resource("param.plain/param", "ssm_parameter", "/plain"),
            resource("secret.own/secret", "ssm_secret", "/secret"),
            resource("bucket.odd/bucket", "s3_bucket", HOSTILE),
        ],
    }
}

struct Desk {
    console: Console,
    _aws: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mail = folder.path().join("mail");
        std::fs::create_dir(&mail).expect("a folder");
        std::fs::write(mail.join("m1.json"), serde_json::to_vec(&hostile()).expect("JSON")).expect("a file");
        let (endpoint, aws) = aws().await;
        let console = Console::new(endpoint, Mailbox::in_folder(mail), Arc::new(|| Box::pin(async { vec![stack()] })));
        Self { console, _aws: aws, _folder: folder }
    }

    async fn ask(&self, request: Request<()>) -> (u16, String, hyper::HeaderMap) {
        let answer = match request.headers()["host"] == "mail.localhost" {
            true => self.console.answer_mail(&request).await,
            false => self.console.answer(&request).await,
        };
        let (parts, body) = answer.into_parts();
        let text = body.collect().await.expect("a body").to_bytes().to_vec();
        (parts.status.as_u16(), String::from_utf8(text).expect("text"), parts.headers)
    }

    async fn get(&self, host: &str, path: &str) -> (u16, String) {
        let request = Request::get(path).header("host", host).body(()).expect("a request");
        let (status, text, _) = self.ask(request).await;
        (status, text)
    }
}

fn hostile() -> Mail {
    Mail {
        id: "m1@ses".into(),
        from: HOSTILE.into(),
        to: vec![format!("\">{HOSTILE}")],
        cc: vec![],
        bcc: vec!["audit@example.org".into()],
        subject: HOSTILE.into(),
        text: format!("</pre>{HOSTILE}"),
        html: format!("<p title=\"x\">Hello</p>{HOSTILE}"),
        raw: Some("Subject: raw".into()),
        at: Timestamp::UNIX_EPOCH,
    }
}

const PAGES: [&str; 10] = [
    "/",
    "/stacks/crew",
    "/tables",
    "/tables/crew-local-sails",
    "/functions",
    "/functions/crew-local-api",
    "/functions/crew-local-api?follow=1",
    "/parameters",
    "/mail/",
    "/mail/m1@ses",
];

#[tokio::test]
async fn every_page_is_shown_and_nothing_that_is_held_becomes_markup_or_tells_a_secret() {
    let desk = Desk::new().await;
    for (host, path) in PAGES
        .iter()
        .map(|path| ("console.localhost", *path))
        .chain([("mail.localhost", "/"), ("mail.localhost", "/m1@ses")])
    {
        let (status, page) = desk.get(host, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("<script") && !page.contains("<img"), "{path}: {page}");
        assert!(!page.contains("canary"), "{path}: {page}");
        assert_eq!(page.contains("aria-label=\"Places\""), host == "console.localhost", "{path}");
    }
}

#[tokio::test]
async fn a_stacks_address_is_its_url_not_the_first_that_it_tells() {
    let (_, page) = Desk::new().await.get("console.localhost", "/").await;
    assert!(page.contains("href=\"http://e1.cloudfront.localhost:1\"") && !page.contains("localhost:1/api"), "{page}");
}

#[tokio::test]
async fn every_link_of_a_page_leads_to_a_page() {
    let desk = Desk::new().await;
    for path in PAGES {
        let (_, page) = desk.get("console.localhost", path).await;
        let links = page.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let target = if link.starts_with('?') {
                format!("{}{link}", path.split('?').next().unwrap_or(path))
            } else {
                link.to_owned()
            };
            assert_eq!(desk.get("console.localhost", &target).await.0, 200, "{path} leads to {target}");
        }
    }
}

#[tokio::test]
async fn a_mail_is_framed_without_scripts_and_its_original_is_plain_text() {
    let desk = Desk::new().await;
    let (_, page) = desk.get("mail.localhost", "/m1@ses").await;
    let frame = "<iframe sandbox title=\"The message as HTML\" srcdoc=\"&lt;p title=&quot;x&quot;&gt;Hello";
    assert!(page.contains(frame) && page.contains("audit@example.org"), "{page}");
    for (host, path) in [("mail.localhost", "/m1@ses/raw"), ("console.localhost", "/mail/m1%40ses/raw")] {
        let (status, text, headers) =
            desk.ask(Request::get(path).header("host", host).body(()).expect("a request")).await;
        assert_eq!((status, text.as_str()), (200, "Subject: raw"));
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_404() {
    let desk = Desk::new().await;
    for path in
        ["/x", "/tables/x", "/tables/crew-local-api", "/functions/x", "/stacks/x", "/mail/x", "/mailx", "/%00/..%2f"]
    {
        assert_eq!(desk.get("console.localhost", path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn other_pages_may_not_read_and_nobody_may_write() {
    let desk = Desk::new().await;
    let own = "http://console.localhost:4567";
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Headers, u16); 9] = [
        ("GET", &[], 200),
        ("HEAD", &[], 200),
        ("GET", &[("origin", own)], 200),
        ("GET", &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")], 200),
        ("GET", &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 200),
        ("GET", &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")], 403),
        ("GET", &[("origin", "http://e1.cloudfront.localhost:4567")], 403),
        ("POST", &[("origin", own)], 405),
        ("DELETE", &[], 405),
    ];
    for (method, headers, status) in cases {
        let request =
            Request::builder().method(method).uri("/tables/crew-local-sails").header("host", "console.localhost:4567");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let (found, _, answer) = desk.ask(request.body(()).expect("a request")).await;
        assert_eq!(found, status, "{method} {headers:?}");
        if status == 200 {
            let policy = answer["content-security-policy"].to_str().expect("text");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
            assert_eq!(
                (&answer["cache-control"], &answer["cross-origin-resource-policy"]),
                (&"no-store".parse().expect("text"), &"same-origin".parse().expect("text"))
            );
        }
    }
}

#[test]
fn a_name_survives_its_way_through_a_path() {
    for name in ["plain", "with space", "a/b?c#d%", "Größe", "\u{0}"] {
        assert_eq!(html::unescaped(&html::escaped_part(name)), name);
    }
    assert_eq!(html::unescaped("%"), "%");
    assert_eq!(html::unescaped("%zz%4"), "%zz%4");
    assert_eq!(html::in_query("a=1&b=x%20y", "b").as_deref(), Some("x y"));
}
