//! The front door for browsers: distributions and function URLs under names that end in `.localhost`,
//! the local console and the captured mail.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use hyper::body::Incoming;
use hyper::header::{FORWARDED, HOST, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;

use crate::console::Console;
use crate::http::{self, Body, BoxError, Client};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// CloudFront puts it into every answer; an answer without it comes from elsewhere.
const X_CACHE: &str = "x-cache";
/// Paths of ministack's own, which it serves under any name: not for web pages.
const OWN_PATHS: &[&str] = &["/_ministack/", "/_localstack/", "/_aws/"];
/// The name of the captured mail.
const MAIL_HOST: &str = "mail.localhost";
/// The name of the local console.
const CONSOLE_HOST: &str = "console.localhost";

/// What it needs to answer.
#[derive(Clone, Debug)]
pub struct Edge {
    upstream: String,
    client: Client,
    console: Console,
}

/// Whom a name means.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Distribution,
    FunctionUrl,
    Mail,
    Console,
    Nowhere,
}

/// Listens on both loopback addresses, or on the first alone where there is no IPv6.
pub async fn listen(port: u16) -> std::io::Result<(TcpListener, Option<TcpListener>)> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let second = TcpListener::bind((Ipv6Addr::LOCALHOST, first.local_addr()?.port())).await.ok();
    Ok((first, second))
}

impl Edge {
    /// In front of a ministack such as `http://127.0.0.1:4566`.
    pub fn new(upstream: String, console: Console) -> Self {
        Self { upstream, client: http::client(), console }
    }

    /// Answers a listener until the future is dropped.
    pub async fn serve(self, listener: TcpListener) {
        http::serve(listener, move |request, peer| self.clone().answer(request, peer)).await;
    }

    async fn answer(self, request: Request<Incoming>, peer: SocketAddr) -> Result<Response<Body>, BoxError> {
        let host = host_name(&request);
        match place(&host) {
            _ if OWN_PATHS.iter().any(|own| request.uri().path().starts_with(own)) => Ok(nowhere(&host)),
            Place::Mail => Ok(self.console.answer_mail(&request).await),
            Place::Console => Ok(self.console.answer(&request).await),
            Place::Nowhere => Ok(nowhere(&host)),
            there => Ok(self
                .pass(request, peer, there == Place::Distribution)
                .await
                .unwrap_or_else(|error| no_answer(&error))),
        }
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        distribution: bool,
    ) -> Result<Response<Body>, BoxError> {
        let host = host_name(&request);
        let mut request = request.map(http::streamed);
        let headers = request.headers_mut();
        // Viewers do not say who they are: this hop does. Browsers speak HTTP here and mean HTTPS.
        headers.remove(FORWARDED);
        headers.insert(X_FORWARDED_FOR, HeaderValue::try_from(peer.ip().to_canonical().to_string())?);
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
        let response = http::forward(&self.client, &self.upstream, request).await?;
        if distribution && !response.headers().contains_key(X_CACHE) {
            return Ok(http::words(
                StatusCode::NOT_FOUND,
                format!(
                    "There is no distribution {host} in this local AWS.\nIts present addresses: deployer outputs -e local\n"
                ),
            ));
        }
        Ok(response.map(http::streamed))
    }
}

/// The name that a request is for, lower case, without its port.
fn host_name(request: &Request<Incoming>) -> String {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let host = request.uri().host().or(header).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.to_ascii_lowercase()
}

fn place(host: &str) -> Place {
    let label = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match host.strip_suffix(".localhost").map(|name| name.split('.').collect::<Vec<_>>()).as_deref() {
        _ if host == MAIL_HOST => Place::Mail,
        _ if host == CONSOLE_HOST => Place::Console,
        Some([id, "cloudfront"]) if label(id) => Place::Distribution,
        Some([id, "lambda-url", region]) if label(id) && label(region) => Place::FunctionUrl,
        _ => Place::Nowhere,
    }
}

fn nowhere(host: &str) -> Response<Body> {
    // The host is the client's own text: shown as ASCII letters, digits, dots and dashes only.
    let shown: String =
        host.chars().filter(|each| each.is_ascii_alphanumeric() || matches!(each, '.' | '-')).take(100).collect();
    http::words(
        StatusCode::NOT_FOUND,
        format!(
            "This is the front door of a local AWS. {shown:?} is none of its names, or that path is not for browsers:\n\
             \n  <label>.cloudfront.localhost            a distribution\n  <id>.lambda-url.<region>.localhost      a function URL\n  {MAIL_HOST}                          the mail that was sent\n  {CONSOLE_HOST}                       what the stacks made\n\
             \nThe addresses of a stack: deployer outputs -e local\n"
        ),
    )
}

fn no_answer(error: &BoxError) -> Response<Body> {
    http::words(
        StatusCode::BAD_GATEWAY,
        format!("The local AWS does not answer: {error}\nStart it: deployer local up\n"),
    )
}

#[cfg(test)]
mod tests;
