mod faults;
mod manners;

use std::sync::atomic::{AtomicUsize, Ordering};

use deployer_local::http::Client;
use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};

use super::*;

/// An AWS that counts what it is asked, and answers with the count.
struct Obedient {
    wire: Wire,
    asked: Arc<AtomicUsize>,
    client: Client,
    _served: tokio::task::JoinHandle<()>,
}

/// What came back: the status and the body.
type Got = Option<(u16, String)>;

impl Obedient {
    async fn new() -> Self {
        Self::saying("").await
    }

    /// One whose answers end with these words.
    async fn saying(words: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let upstream = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let served = tokio::spawn(http::serve(listener, move |request: Request<hyper::body::Incoming>, _| {
            let count = Arc::clone(&count);
            async move {
                request.into_body().collect().await?;
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                Ok(http::words(StatusCode::OK, format!("{number}{words}")))
            }
        }));
        Self { wire: Wire::start(&upstream), asked, client: http::client(), _served: served }
    }

    /// Asks for an operation of a service as its SDK does.
    async fn ask(&self, service: &str, operation: &str, body: &str) -> Got {
        self.ask_at(&self.wire.endpoint, service, operation, body, &[]).await
    }

    async fn ask_at(
        &self,
        endpoint: &str,
        service: &str,
        operation: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Got {
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential=test/20261121/us-west-2/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let request = Request::post(format!("{endpoint}/"))
            .header("authorization", signed)
            .header("x-amz-target", format!("Target.{operation}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = self.client.request(request.body(http::whole(body.to_owned())).expect("a request")).await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn put(&self) -> Got {
        self.ask("ssm", "PutParameter", "{\"Name\":\"a\"}").await
    }

    async fn read(&self) -> Got {
        self.ask("ssm", "GetParameter", "{\"Name\":\"a\"}").await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn done(number: usize) -> Got {
    Some((200, number.to_string()))
}

#[tokio::test]
async fn every_call_is_on_the_record_and_changes_are_told_apart() {
    let aws = Obedient::new().await;
    assert_eq!((aws.read().await, aws.put().await), (done(1), done(2)));
    let calls = aws.wire.calls();
    assert_eq!(
        calls.iter().map(|call| (call.operation.as_str(), call.resource.as_str(), call.status)).collect::<Vec<_>>(),
        [("ssm:GetParameter", "a", Some(200)), ("ssm:PutParameter", "a", Some(200))]
    );
    assert_eq!(aws.wire.mutating_calls(), ["ssm:PutParameter"]);
    aws.wire.clear();
    assert_eq!(aws.wire.calls(), []);
}

#[tokio::test]
async fn the_log_says_of_each_call_who_what_and_how() {
    let aws = Obedient::new().await;
    let other = aws.wire.for_actor("B");
    aws.wire.script(Rule::once("**", Fault::CutAfter).by("B"));
    aws.put().await;
    aws.ask_at(&other, "ssm", "PutParameter", "{}", &[("amz-sdk-request", "attempt=2; max=3")]).await;
    let folder = tempfile::tempdir().expect("a folder");
    aws.wire.write_log(&folder.path().join("log")).expect("a file");
    let text = std::fs::read_to_string(folder.path().join("log")).expect("a file");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told = lines
        .iter()
        .map(|line| (line["seq"].as_u64(), line["actor"].as_str(), line["attempt"].as_u64(), line["mode"].as_str()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [(Some(0), Some("A"), Some(1), None), (Some(1), Some("B"), Some(2), Some("drop-after"))]
    );
    assert!(lines.iter().all(|line| line["service"] == "ssm" && line["forwarded"] == true), "{text}");
}

#[tokio::test]
async fn a_rule_spoils_the_calls_it_names_and_no_others() {
    let aws = Obedient::new().await;
    let other = aws.wire.for_actor("B");
    let throttled = Fault::Answer(429, "ThrottlingException");
    let asks = async |endpoint: &str, operation, name, attempt: &str| {
        let got = aws
            .ask_at(endpoint, "ssm", operation, &format!("{{\"Name\":\"{name}\"}}"), &[("amz-sdk-request", attempt)])
            .await;
        got.expect("an answer").0
    };
    let here = aws.wire.endpoint.clone();
    // Each rule, and a call just beside it.
    aws.wire.script(Rule::once("ssm:PutParameter", throttled).after(1).times(1));
    assert_eq!(asks(&here, "PutParameter", "a", "").await, 200);
    assert_eq!(asks(&here, "GetParameter", "a", "").await, 200);
    assert_eq!(asks(&here, "PutParameter", "a", "").await, 429);
    assert_eq!(asks(&here, "PutParameter", "a", "").await, 200);
    aws.wire.script(Rule::once("*", throttled).about("b"));
    assert_eq!(asks(&here, "PutParameter", "a", "").await, 200);
    assert_eq!(asks(&here, "GetParameter", "b", "").await, 200);
    assert_eq!(asks(&here, "PutParameter", "b", "").await, 429);
    aws.wire.script(Rule::once("**", throttled).by("B"));
    assert_eq!(asks(&here, "GetParameter", "a", "").await, 200);
    assert_eq!(asks(&other, "GetParameter", "a", "").await, 429);
    aws.wire.script(Rule::once("ssm:*", throttled).attempt(2));
    assert_eq!(asks(&here, "GetParameter", "a", "attempt=1; max=2").await, 200);
    assert_eq!(asks(&here, "GetParameter", "a", "attempt=2; max=2").await, 429);
}

#[tokio::test]
async fn the_same_seed_spoils_the_same_calls_in_whatever_order_they_come() {
    let spoilt = async |names: Vec<usize>| {
        let aws = Obedient::new().await;
        aws.wire.script(Rule::always("**", Fault::Answer(500, "InternalError")).odds(30, 7));
        for name in names {
            aws.ask("ssm", "PutParameter", &format!("{{\"Name\":\"{name}\"}}")).await;
        }
        let calls = aws.wire.calls().into_iter().filter(|call| call.fault.is_some());
        let mut names: Vec<_> = calls.map(|call| call.resource).collect();
        names.sort();
        names
    };
    let forwards = spoilt((0..60).collect()).await;
    assert_eq!(forwards, spoilt((0..60).rev().collect()).await);
    assert!((6..36).contains(&forwards.len()), "{forwards:?}");
}
