use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::*;
use crate::mail::Mailbox;

/// Requests as the AWS behind the door saw them: method, host, path, headers, body.
type Seen = Arc<Mutex<Vec<(Request<()>, Bytes)>>>;

struct Door {
    edge: String,
    seen: Seen,
    _tasks: tokio::task::JoinSet<()>,
}

fn edge_of(upstream: String) -> Edge {
    let nothing = Arc::new(|| -> std::pin::Pin<Box<dyn Future<Output = Vec<crate::StackView>> + Send>> {
        Box::pin(async { Vec::new() })
    });
    Edge::new(upstream.clone(), Console::new(upstream, Mailbox::in_folder("none".into()), nothing))
}

/// A door in front of an AWS that answers everything with `done`, as CloudFront when `cloudfront`.
async fn door(cloudfront: bool) -> Door {
    let seen = Seen::default();
    let mut tasks = tokio::task::JoinSet::new();
    let behind = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let upstream = format!("http://{}", behind.local_addr().expect("an address"));
    let record = Arc::clone(&seen);
    tasks.spawn(http::serve(behind, move |request, _| {
        let record = Arc::clone(&record);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            record.lock().expect("no panic").push((Request::from_parts(parts, ()), body));
            let mut response = http::words(StatusCode::OK, "done");
            if cloudfront {
                response.headers_mut().insert(X_CACHE, HeaderValue::from_static("Miss from cloudfront"));
            }
            Ok(response)
        }
    }));
    let (listener, _) = listen(0).await.expect("a port");
    let edge = format!("http://{}", listener.local_addr().expect("an address"));
    tasks.spawn(edge_of(upstream).serve(listener));
    Door { edge, seen, _tasks: tasks }
}

impl Door {
    async fn ask(&self, host: &str, path: &str, headers: &[(&str, &str)], body: &'static str) -> (u16, String) {
        let builder = Request::post(format!("{}{path}", self.edge)).header("host", host);
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        let response =
            http::client().request(builder.body(http::whole(body)).expect("a request")).await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&text).into_owned())
    }
}

#[tokio::test]
async fn a_distribution_is_reached_with_its_host_and_as_if_by_https() {
    let door = door(true).await;
    let forged = [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-proto", "http"),
        ("connection", "keep-alive, x-hop"),
        ("x-hop", "1"),
    ];
    assert_eq!(
        door.ask("e1abc.cloudfront.localhost:4567", "/api/sails?from=1", &forged, "body").await,
        (200, "done".to_owned())
    );
    let seen = door.seen.lock().expect("no panic");
    let (request, body) = &seen[0];
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    assert_eq!((request.uri().to_string().as_str(), body.as_ref()), ("/api/sails?from=1", b"body".as_slice()));
    assert_eq!(header("host"), Some("e1abc.cloudfront.localhost:4567"));
    assert_eq!(
        (header("x-forwarded-for"), header("x-forwarded-proto"), header("forwarded"), header("x-hop")),
        (Some("127.0.0.1"), Some("https"), None, None)
    );
}

#[tokio::test]
async fn a_distribution_that_is_gone_is_a_404_with_words() {
    let door = door(false).await;
    let (status, text) = door.ask("gone.cloudfront.localhost", "/", &[], "").await;
    assert_eq!(status, 404);
    assert!(text.contains("no distribution gone.cloudfront.localhost"), "{text}");
}

#[tokio::test]
async fn function_urls_pass_and_other_names_and_own_paths_do_not() {
    let door = door(false).await;
    assert_eq!(door.ask("0123.lambda-url.us-west-2.localhost", "/x", &[], "").await.0, 200);
    let shut = [
        ("localhost", "/"),
        ("127.0.0.1", "/"),
        ("evil.example", "/"),
        ("e1.cloudfront.localhost.evil.example", "/"),
        ("e1.cloudfront.localhost", "/_ministack/reset"),
        ("", "/"),
    ];
    for (host, path) in shut {
        assert_eq!(door.ask(host, path, &[], "").await.0, 404, "{host}{path}");
    }
    assert_eq!(door.seen.lock().expect("no panic").len(), 1);
}

#[tokio::test]
async fn an_aws_that_is_gone_is_a_502_with_words() {
    let (listener, _) = listen(0).await.expect("a port");
    let edge = format!("http://{}", listener.local_addr().expect("an address"));
    let unused = crate::ministack::free_port(None).expect("a port");
    let served = tokio::spawn(edge_of(format!("http://127.0.0.1:{unused}")).serve(listener));
    let door = Door { edge, seen: Seen::default(), _tasks: tokio::task::JoinSet::new() };
    let (status, text) = door.ask("e1.cloudfront.localhost", "/", &[], "").await;
    assert_eq!(status, 502);
    assert!(text.contains("deployer local up"), "{text}");
    served.abort();
}
