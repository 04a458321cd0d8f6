//! The way of one request: to the AWS behind the wire and back, or not.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use deployer_local::http::{self, Body, BoxError, Client};
use deployer_local::ministack::signal;
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use rustix::process::Signal;

use super::answer::{self, Answer};
use super::call::Call;
use super::exchange::Exchange;
use super::fault::Fault;
use super::record::{ReadKey, Shared};
use crate::operation::{is_mutating, operation, region, service};
use crate::resource::resource;

/// What one request needs on its way.
#[derive(Clone)]
pub struct Hop {
    actor: String,
    upstream: String,
    client: Client,
    shared: Arc<Shared>,
}

/// A request that is here whole.
struct Asked {
    service: String,
    parts: Parts,
    body: Bytes,
}

type Answered = Result<Response<Body>, BoxError>;

impl Hop {
    /// The way of an actor's requests.
    pub fn new(actor: &str, upstream: &str, shared: Arc<Shared>) -> Self {
        Self { actor: actor.to_owned(), upstream: upstream.to_owned(), client: http::client(), shared }
    }

    /// Passes a request on, or spoils it.
    pub async fn pass(self, request: Request<Incoming>) -> Answered {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let asked = Asked { service: service(&parts).to_owned(), parts, body };
        let mut call = self.arrived(&asked);
        let answered = self.answered(&asked, &mut call).await;
        call.ended = self.shared.now();
        let hangs = call.fault.is_some_and(Fault::hangs);
        self.shared.set(|record| record.calls.push(call));
        if hangs {
            // Until the caller goes away.
            std::future::pending::<()>().await;
        }
        answered
    }

    fn arrived(&self, asked: &Asked) -> Call {
        let Asked { service, parts, body } = asked;
        let name = operation(service, parts, body);
        let now = self.shared.now();
        let mut call = Call {
            sequence: 0,
            actor: self.actor.clone(),
            operation: format!("{service}:{name}"),
            region: region(parts).to_owned(),
            resource: resource(service, parts, body),
            target: parts.uri.to_string(),
            attempt: attempt(parts),
            mutating: is_mutating(&name),
            status: None,
            fault: None,
            began: now,
            ended: now,
        };
        self.shared.set(|record| record.arrive(&mut call));
        call
    }

    async fn answered(&self, asked: &Asked, call: &mut Call) -> Answered {
        match call.fault {
            Some(Fault::Answer(status, code)) => return Ok(answer::error(&asked.service, status, code)),
            Some(Fault::TransactionConflict) => return Ok(answer::transaction_conflict(&call.operation, &asked.body)),
            Some(Fault::CutBefore | Fault::HangBefore) => return Err("cut before".into()),
            Some(Fault::Truncate) => return self.truncated(asked).await,
            Some(Fault::SignalBefore(which)) => {
                self.signal(which).await;
                if which == Signal::KILL {
                    return Err("killed before".into());
                }
            }
            Some(Fault::Hold(gate)) => self.wait_at(gate).await,
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::Stale) => {
                if let Some(former) = self.shared.get(|record| record.answers.get(&read_key(asked, call)).cloned()) {
                    return Ok(former.response());
                }
            }
            Some(Fault::Bump) => drop(self.forward(asked).await?),
            _ => {}
        }
        let now = Instant::now();
        let refusal = self.shared.behaving(|all| all.refuse(call, &asked.parts, &asked.body, now));
        if let Some(refusal) = refusal {
            let mut refused = answer::error(&asked.service, refusal.status, refusal.code);
            self.shared.behaving(|all| all.stamp(refused.headers_mut()));
            return Ok(refused);
        }
        let mut found = self.forward(asked).await?;
        call.status = Some(found.status.as_u16());
        self.shared.behaving(|all| all.answered(call, &asked.body, &mut found, Instant::now()));
        if !call.mutating {
            self.shared.set(|record| record.answers.insert(read_key(asked, call), found.clone()));
        }
        self.keep(asked, call, &found);
        self.given(asked, call, found).await
    }

    /// Keeps what was asked and answered, where somebody wants it.
    fn keep(&self, asked: &Asked, call: &Call, found: &Answer) {
        let ended = self.shared.now();
        self.shared.set(|record| {
            let Some(exchanges) = &mut record.exchanges else { return };
            exchanges.push(Exchange {
                operation: call.operation.clone(),
                mutating: call.mutating,
                parts: asked.parts.clone(),
                body: asked.body.clone(),
                answer: found.clone(),
                began: call.began,
                ended,
            });
        });
    }

    /// What the caller gets of an answer.
    async fn given(&self, asked: &Asked, call: &Call, found: Answer) -> Answered {
        match call.fault {
            Some(Fault::AnswerAfter(status, code)) => Ok(answer::error(&asked.service, status, code)),
            Some(Fault::CutAfter | Fault::HangAfter) => Err("cut after".into()),
            Some(Fault::CutMid) if found.body.is_empty() => Err("cut after".into()),
            Some(Fault::CutMid) => Ok(found.cut()),
            Some(Fault::SignalAfter(which)) => {
                self.signal(which).await;
                if which == Signal::KILL { Err("killed after".into()) } else { Ok(found.response()) }
            }
            _ => Ok(found.response()),
        }
    }

    /// Asks the AWS behind the wire. The answer is whole, so that a call is on the record before its caller goes on.
    async fn forward(&self, asked: &Asked) -> Result<Answer, BoxError> {
        let one_at_a_time = self.shared.behaving(|all| all.manners.one_at_a_time);
        let _turn = if one_at_a_time { Some(self.shared.turn.lock().await) } else { None };
        let request = Request::from_parts(asked.parts.clone(), http::whole(asked.body.clone()));
        let (parts, body) = http::forward(&self.client, &self.upstream, request).await?.into_parts();
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }

    /// Sends half of the request and cuts the connection.
    async fn truncated(&self, asked: &Asked) -> Answered {
        let half = Ok(Frame::data(asked.body.slice(..asked.body.len() / 2)));
        let cut = Err::<_, BoxError>("cut in the middle".into());
        let body = StreamBody::new(stream::iter([half, cut])).boxed_unsync();
        let request = Request::from_parts(asked.parts.clone(), body);
        http::forward(&self.client, &self.upstream, request).await.and(Err("cut in the middle".into()))
    }

    async fn signal(&self, which: Signal) {
        signal(self.shared.until(|record| record.pids.get(&self.actor).copied()).await, which);
    }

    async fn wait_at(&self, gate: &'static str) {
        self.shared.set(|record| record.reached.insert(gate));
        self.shared.until(|record| record.open.contains(gate).then_some(())).await;
    }
}

/// Which attempt the SDK says that a request is: `attempt=2; max=3`.
fn attempt(parts: &Parts) -> u32 {
    let said = parts.headers.get("amz-sdk-request").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut fields = said.split(';').map(str::trim);
    fields.find_map(|field| field.strip_prefix("attempt=")?.parse().ok()).unwrap_or(1)
}

fn read_key(asked: &Asked, call: &Call) -> ReadKey {
    (call.operation.clone(), call.target.clone(), asked.body.clone())
}
