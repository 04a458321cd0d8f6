//! The same calls again, raw: on kept-alive connections, as many at once as were under way in the recording, without
//! signing, without reading the answers for their meaning. The least that those calls can take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use deployer_local::http::{self, Client};
use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt as _};
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use hyper::http::request::Parts;

use super::names::Names;
use crate::{Answer, Exchange};

/// Larger bodies are files and zips, which hold no name of AWS's.
const LARGEST_TEXT: usize = 256 * 1024;
/// Headers that vouch for a body, and would not for a changed one.
const OF_THE_BODY: &[&str] = &["content-length", "content-md5", "x-amz-checksum-crc32", "x-amz-checksum-sha256"];

/// How a replay went.
#[derive(Clone, Copy, Debug)]
pub struct Replayed {
    /// From the first call to the last answer.
    pub took: Duration,
    /// Answers whose status is not the recorded one.
    pub other_answers: usize,
}

/// Asks all of a recording again at an endpoint. Names that AWS has made up meanwhile are learned on the way.
pub async fn replay(endpoint: &str, recording: &[Exchange], names: &mut Names) -> Result<Replayed, String> {
    let (order, after) = order(recording);
    let client = http::client();
    warm(&client, endpoint, most_at_once(&after)).await?;
    let mut waiting: VecDeque<(usize, usize)> = order.into_iter().zip(after).collect();
    let mut under_way = FuturesUnordered::new();
    let mut answered = vec![false; recording.len()];
    let (mut in_a_row, mut other_answers) = (0, 0);
    let began = Instant::now();
    loop {
        while let Some((at, _)) = waiting.pop_front_if(|(_, after)| *after <= in_a_row) {
            let asked = request(&recording[at], names);
            let client = &client;
            under_way.push(async move { (at, ask(client, endpoint, asked).await) });
        }
        let Some((at, answer)) = under_way.next().await else { break };
        let answer = answer?;
        other_answers += usize::from(answer.status != recording[at].answer.status);
        learn(names, &recording[at].answer, &answer);
        answered[at] = true;
        while answered.get(in_a_row) == Some(&true) {
            in_a_row += 1;
        }
    }
    Ok(Replayed { took: began.elapsed(), other_answers })
}

/// The calls in the order in which they began, and beside each how many of the recording, from its beginning, were
/// answered by then. A recording is in the order of its answers.
fn order(recording: &[Exchange]) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..recording.len()).collect();
    order.sort_by_key(|at| recording[*at].began);
    let after = order.iter().map(|at| recording.partition_point(|each| each.ended <= recording[*at].began)).collect();
    (order, after)
}

/// How many calls may be under way at once: those that began before the answers they had to wait for.
fn most_at_once(after: &[usize]) -> usize {
    after.iter().enumerate().map(|(begun, answered)| begun + 1 - answered.min(&begun)).max().unwrap_or_default()
}

/// Opens so many connections, which the client keeps.
async fn warm(client: &Client, endpoint: &str, connections: usize) -> Result<(), String> {
    let asked = (0..connections).map(|_| http::get(client, endpoint, "/_ministack/health"));
    let failed = join_all(asked).await.into_iter().find_map(Result::err);
    failed.map_or(Ok(()), |error| Err(format!("{endpoint}: {error}")))
}

fn request(recorded: &Exchange, names: &Names) -> (Parts, Bytes) {
    let mut parts = recorded.parts.clone();
    if let Some(target) = names.put_into(&parts.uri.to_string()).and_then(|target| target.parse().ok()) {
        parts.uri = target;
    }
    for value in parts.headers.values_mut() {
        let now = value.to_str().ok().and_then(|text| names.put_into(text)).and_then(|text| text.parse().ok());
        *value = now.unwrap_or_else(|| value.clone());
    }
    let now = text(&recorded.body).and_then(|text| names.put_into(text));
    let Some(body) = now else { return (parts, recorded.body.clone()) };
    OF_THE_BODY.iter().for_each(|name| drop(parts.headers.remove(*name)));
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    (parts, Bytes::from(body))
}

async fn ask(client: &Client, endpoint: &str, (parts, body): (Parts, Bytes)) -> Result<Answer, String> {
    let what = format!("{} {}", parts.method, parts.uri);
    let failed = |error: &dyn std::fmt::Display| format!("{what}: {error}");
    let request = Request::from_parts(parts, http::whole(body));
    let (parts, body) = http::forward(client, endpoint, request).await.map_err(|error| failed(&error))?.into_parts();
    let body = body.collect().await.map_err(|error| failed(&error))?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

fn learn(names: &mut Names, recorded: &Answer, given: &Answer) {
    if let (Some(recorded), Some(given)) = (text(&recorded.body), text(&given.body)) {
        names.learn(recorded, given);
    }
    let value = |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok().map(str::to_owned));
    for name in ["etag", "location"] {
        if let (Some(recorded), Some(given)) = (value(&recorded.headers, name), value(&given.headers, name)) {
            names.learn(&recorded, &given);
        }
    }
}

fn text(body: &Bytes) -> Option<&str> {
    std::str::from_utf8(body).ok().filter(|text| text.len() <= LARGEST_TEXT)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::Wire;
    use hyper::{Response, StatusCode};
    use tokio::net::TcpListener;

    /// A server whose answer to `POST /things` is another id each time, and that knows only the newest one.
    async fn things() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let made = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        tokio::spawn(http::serve(listener, move |request: Request<hyper::body::Incoming>, _| {
            let made = made.clone();
            async move {
                let newest = || format!("thing-{}", made.load(std::sync::atomic::Ordering::SeqCst));
                let found: Response<_> = match request.uri().path() {
                    "/things" => {
                        made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        http::words(StatusCode::OK, newest())
                    }
                    "/_ministack/health" => http::words(StatusCode::OK, ""),
                    path if path == format!("/things/{}", newest()) => http::words(StatusCode::OK, "found"),
                    _ => http::words(StatusCode::NOT_FOUND, "gone"),
                };
                Ok(found)
            }
        }));
        endpoint
    }

    async fn recorded(wire: &Wire, targets: &[(&str, &str)]) -> Vec<Exchange> {
        wire.keep_exchanges();
        let client = http::client();
        for (method, target) in targets {
            let asked = Request::builder().method(*method).uri(format!("{}{target}", wire.endpoint));
            client.request(asked.body(http::whole("")).expect("a request")).await.expect("an answer");
        }
        wire.exchanges()
    }

    #[tokio::test]
    async fn a_replay_uses_the_names_that_are_made_up_now() {
        let endpoint = things().await;
        let wire = Wire::start(&endpoint);
        let recording = recorded(&wire, &[("POST", "/things"), ("GET", "/things/thing-1")]).await;
        assert_eq!(recording.len(), 2);
        let mut names = Names::default();
        for _ in 0..2 {
            let replayed = replay(&endpoint, &recording, &mut names).await.expect("it answers");
            assert_eq!(replayed.other_answers, 0);
        }
        // Asked without the call that makes it anew, the recorded name is not known: that is told.
        let replayed = replay(&endpoint, &recording[1..], &mut Names::default()).await.expect("it answers");
        assert_eq!(replayed.other_answers, 1);
    }

    #[test]
    fn what_overlapped_in_the_recording_overlaps_again_and_what_waited_waits() {
        // Three at once, the second of which is answered last; one more after the first of them; one after all.
        let spans = [(0, 10), (1, 15), (11, 20), (2, 30), (40, 50)];
        let recording: Vec<Exchange> = spans.iter().map(|(began, ended)| exchange(*began, *ended)).collect();
        let (order, after) = order(&recording);
        assert_eq!(order, [0, 1, 3, 2, 4]);
        assert_eq!(after, [0, 0, 0, 1, 4]);
        assert_eq!(most_at_once(&after), 3);
    }

    /// A call of that time, in milliseconds.
    pub fn exchange(began: u64, ended: u64) -> Exchange {
        Exchange {
            operation: "s3:ListBuckets".to_owned(),
            mutating: false,
            parts: Request::new(()).into_parts().0,
            body: Bytes::new(),
            answer: Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() },
            began: Duration::from_millis(began),
            ended: Duration::from_millis(ended),
        }
    }
}
