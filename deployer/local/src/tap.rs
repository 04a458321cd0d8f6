//! What functions call instead of ministack: the same AWS, but mail is kept as it was sent. ministack
//! itself forgets the message and keeps what it read in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::error::LocalError;
use crate::http::{self, Body, BoxError, Client};
use crate::mail::Mailbox;

/// The path of SES v2 SendEmail.
const SEND_EMAIL: &str = "/v2/email/outbound-emails";

/// What it needs to pass calls on.
#[derive(Clone, Debug)]
pub struct Tap {
    upstream: String,
    client: Client,
    mailbox: Mailbox,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    raw: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    message_id: String,
}

impl Tap {
    /// In front of a ministack such as `http://127.0.0.1:4566`.
    pub fn new(upstream: String, mailbox: Mailbox) -> Self {
        Self { upstream, client: http::client(), mailbox }
    }

    /// Answers a listener until the future is dropped.
    pub async fn serve(self, listener: TcpListener) {
        http::serve(listener, move |request, _| self.clone().pass(request)).await;
    }

    async fn pass(self, request: Request<Incoming>) -> Result<Response<Body>, BoxError> {
        if request.method() == Method::POST && request.uri().path().trim_end_matches('/') == SEND_EMAIL {
            return self.send_email(request).await;
        }
        Ok(http::forward(&self.client, &self.upstream, request.map(http::streamed)).await?.map(http::streamed))
    }

    async fn send_email(&self, request: Request<Incoming>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let response =
            http::forward(&self.client, &self.upstream, Request::from_parts(parts, http::whole(body.clone()))).await?;
        let (parts, answer) = response.into_parts();
        let answer = answer.collect().await?.to_bytes();
        if parts.status == StatusCode::OK
            && let Err(error) = self.keep(&body, &answer).await
        {
            // It was sent all the same; it only cannot be shown for ever.
            eprintln!("a mail is not kept: {error}");
        }
        Ok(Response::from_parts(parts, http::whole(answer)))
    }
}

impl Tap {
    async fn keep(&self, request: &Bytes, answer: &Bytes) -> Result<(), LocalError> {
        if let Some((id, message)) = message(request, answer) {
            self.mailbox.keep(&id, &message)?;
        }
        self.mailbox.messages(&self.client, &self.upstream).await.map(drop)
    }
}

/// The id that SES gave and the message as it was handed over, when it was handed over whole.
fn message(request: &Bytes, answer: &Bytes) -> Option<(String, Vec<u8>)> {
    let sent: Sent = serde_json::from_slice(answer).ok()?;
    let asked: SendEmail = serde_json::from_slice(request).ok()?;
    Some((sent.message_id, STANDARD.decode(asked.content.raw?.data).ok()?))
}
