//! A proxy between the deployer and an AWS that counts what goes over it and can spoil single calls.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use deployer_local::http::{self, Body, BoxError, Client};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::operation::{is_mutating, operation, service};

/// One request that went over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `service:Operation`, such as `lambda:CreateFunction`.
    pub operation: String,
    /// Path and query: what it was about, for REST services.
    pub target: String,
    /// Whether it may have changed something.
    pub mutating: bool,
    /// The status that AWS answered; `None`: it was not asked, or did not answer.
    pub status: Option<u16>,
    /// The rule that spoilt it, if one did.
    pub fault: Option<Fault>,
}

/// How a call is spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// AWS is not asked; the answer is an error of this status and code, in the form of its service.
    Answer(u16, &'static str),
    /// AWS is not asked; the connection is cut.
    CutBefore,
    /// AWS is asked and does it; the connection is cut before the answer.
    CutAfter,
    /// AWS is not asked, and no answer ever comes.
    HangBefore,
    /// AWS is asked and does it, and no answer ever comes.
    HangAfter,
}

/// Which calls are spoilt, and how.
#[derive(Clone, Debug)]
pub struct Rule {
    operation: String,
    skip: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    /// Spoils the next call of an operation (`lambda:CreateFunction`; `lambda:*` any of a service, `*`
    /// any that mutates).
    pub fn once(operation: &str, fault: Fault) -> Self {
        Self { operation: operation.to_owned(), skip: 0, times: 1, fault }
    }

    /// Lets so many pass first.
    #[must_use]
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Spoils so many.
    #[must_use]
    pub fn times(mut self, calls: usize) -> Self {
        self.times = calls;
        self
    }

    fn fits(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some("") => operation.split(':').nth(1).is_some_and(is_mutating),
            Some(service) => operation.starts_with(service),
            None => self.operation == operation,
        }
    }
}

#[derive(Default)]
struct Record {
    calls: Vec<Call>,
    rules: Vec<Rule>,
}

/// The proxy. It runs in a thread of its own, so that a test may block, and ends when it is dropped.
#[derive(Debug)]
pub struct Wire {
    /// Where to call instead of the AWS behind it, such as `http://127.0.0.1:40123`.
    pub endpoint: String,
    record: Arc<Mutex<Record>>,
    seen: watch::Sender<()>,
    _stop: oneshot::Sender<()>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} calls", self.calls.len())
    }
}

impl Wire {
    /// Starts it in front of an endpoint such as `http://127.0.0.1:4566`.
    pub fn start(upstream: &str) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket"));
        let (stop, stopped) = oneshot::channel();
        let (record, seen) = (Arc::default(), watch::Sender::new(()));
        let (client, upstream) = (http::client(), upstream.to_owned());
        let hop = Hop { upstream, client, record: Arc::clone(&record), seen: seen.clone() };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a socket of this runtime");
                tokio::select! {
                    () = http::serve(listener, move |request, _| hop.clone().pass(request)) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { endpoint, record, seen, _stop: stop }
    }

    /// Adds a rule. The first that fits a call spoils it.
    pub fn script(&self, rule: Rule) {
        lock(&self.record).rules.push(rule);
    }

    /// Every call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.record).calls.clone()
    }

    /// The operations of the calls that may have changed something.
    pub fn mutating_calls(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.mutating).map(|call| call.operation).collect()
    }

    /// Waits until one of the calls so far fits, those that hang included.
    pub async fn until(&self, fits: impl Fn(&Call) -> bool) {
        let mut seen = self.seen.subscribe();
        while !lock(&self.record).calls.iter().any(&fits) {
            seen.changed().await.expect("the wire is there as long as we are");
        }
    }

    /// Forgets calls and rules.
    pub fn clear(&self) {
        *lock(&self.record) = Record::default();
    }
}

/// What one request needs on its way.
#[derive(Clone)]
struct Hop {
    upstream: String,
    client: Client,
    record: Arc<Mutex<Record>>,
    seen: watch::Sender<()>,
}

impl Hop {
    async fn pass(self, request: Request<Incoming>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let service = service(&parts).to_owned();
        let name = operation(&service, &parts, &body);
        let full = format!("{service}:{name}");
        let fault = lock(&self.record).take_fault(&full);
        let mut call =
            Call { operation: full, target: parts.uri.to_string(), mutating: is_mutating(&name), status: None, fault };
        let answered = match fault {
            Some(Fault::Answer(status, code)) => Ok(error_answer(&service, status, code)),
            Some(Fault::CutBefore | Fault::HangBefore) => Err("cut before".into()),
            Some(Fault::CutAfter | Fault::HangAfter) => self
                .forward(Request::from_parts(parts, http::whole(body)), &mut call)
                .await
                .and(Err("cut after".into())),
            None => self.forward(Request::from_parts(parts, http::whole(body)), &mut call).await,
        };
        lock(&self.record).calls.push(call);
        self.seen.send_replace(());
        match fault {
            // Until the caller goes away.
            Some(Fault::HangBefore | Fault::HangAfter) => std::future::pending().await,
            _ => answered,
        }
    }

    async fn forward(&self, request: Request<Body>, call: &mut Call) -> Result<Response<Body>, BoxError> {
        let response = http::forward(&self.client, &self.upstream, request).await?;
        call.status = Some(response.status().as_u16());
        let (parts, body) = response.into_parts();
        // Whole, so that the call is on the record before its caller goes on.
        Ok(Response::from_parts(parts, http::whole(body.collect().await?.to_bytes())))
    }
}

impl Record {
    fn take_fault(&mut self, operation: &str) -> Option<Fault> {
        let rule = self.rules.iter_mut().find(|rule| rule.times > 0 && rule.fits(operation))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        rule.times -= 1;
        Some(rule.fault)
    }
}

/// An error in the form that the service's SDK reads.
fn error_answer(service: &str, status: u16, code: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = format!("<Code>{code}</Code><Message>made by the test</Message>");
    match service {
        "s3" => http::answer(status, "application/xml", format!("<Error>{error}</Error>")),
        "iam" | "sts" | "cloudfront" => http::answer(
            status,
            "text/xml",
            format!("<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"),
        ),
        _ => {
            let body = serde_json::json!({ "__type": code, "code": code, "message": "made by the test" });
            let mut response = http::answer(status, "application/json", body.to_string());
            if let Ok(value) = code.parse() {
                response.headers_mut().insert("x-amzn-errortype", value);
            }
            response
        }
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().expect("nobody panics while holding the record")
}

#[cfg(test)]
mod tests;
