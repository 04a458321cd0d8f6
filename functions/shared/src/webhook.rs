//! Posts to addresses outside of AWS: short, without redirects, over TLS.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use crate::BoxFuture;

/// How long one post may take, connecting included.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a post goes: `https://…`, or `http://` to this very machine. `Debug` does not show it: the address of a
/// webhook is a secret.
#[derive(Clone, Eq, PartialEq)]
pub struct PostAddress(String);

/// One post. `Debug` shows neither the body nor what its headers say: a token may be among them.
#[derive(Clone)]
pub struct Post<'a> {
    /// Where it goes.
    pub to: &'a PostAddress,
    /// The body, as JSON.
    pub json: String,
    /// Headers beside the content type: name and value.
    pub headers: Vec<(&'static str, String)>,
}

impl fmt::Debug for Post<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        out.debug_struct("Post").field("to", self.to).field("headers", &headers).finish_non_exhaustive()
    }
}

/// Why a post has no status. It names no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PostError {
    /// It cannot be written as a request.
    NotSent,
    /// No answer within five seconds.
    NoAnswerInTime,
    /// No connection.
    NoConnection,
}

/// What posts.
pub trait Webhook: Send + Sync {
    /// Posts once; the status of the answer. A redirect is an answer and is not followed.
    fn post<'a>(&'a self, post: Post<'a>) -> BoxFuture<'a, Result<u16, PostError>>;
}

/// Posts over HTTP 1.1 and 2 with the TLS of the AWS clients.
pub struct HttpWebhook {
    connector: Connector,
}

impl HttpWebhook {
    /// Nothing is connected yet.
    pub fn new() -> Self {
        Self { connector: connector() }
    }

    async fn post_once(&self, post: Post<'_>) -> Result<u16, PostError> {
        let request = request(post).ok_or(PostError::NotSent)?;
        let answer = tokio::time::timeout(TIMEOUT, self.connector.call(request)).await;
        let answer = answer.map_err(|_| PostError::NoAnswerInTime)?;
        answer.map(|answer| answer.status().as_u16()).map_err(|_| PostError::NoConnection)
    }
}

/// HTTP 1.1 and 2 with the TLS of the AWS clients. Nothing is connected yet.
pub(crate) fn connector() -> Connector {
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}

impl Default for HttpWebhook {
    fn default() -> Self {
        Self::new()
    }
}

impl Webhook for HttpWebhook {
    fn post<'a>(&'a self, post: Post<'a>) -> BoxFuture<'a, Result<u16, PostError>> {
        Box::pin(self.post_once(post))
    }
}

fn request(post: Post<'_>) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(post.json));
    request.set_method("POST").ok()?;
    request.set_uri(post.to.0.as_str()).ok()?;
    let headers = request.headers_mut();
    headers.try_insert("content-type", "application/json").ok()?;
    for (name, value) in post.headers {
        headers.try_insert(name, value).ok()?;
    }
    Some(request)
}

impl FromStr for PostAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LONGEST: usize = 2048;
        const OWN: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
        // A name before `@` is no host, whatever it looks like.
        let host = |rest: &str| {
            let authority = rest.split(['/', '?', '#', '\\']).next().filter(|all| !all.contains('@'))?;
            let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
            Some(port.map_or(authority, |at| &authority[..at]).to_owned()).filter(|host| !host.is_empty())
        };
        let allowed = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => host(rest).is_some(),
            (_, Some(rest)) => host(rest).is_some_and(|host| OWN.contains(&host.as_str())),
            _ => false,
        };
        let plain = text.chars().all(|each| each.is_ascii_graphic()) && text.len() <= LONGEST;
        match allowed && plain {
            true => Ok(Self(text.to_owned())),
            false => Err("is not an address to post to: https://…, or http:// to this machine"),
        }
    }
}

impl fmt::Debug for PostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostAddress(…)")
    }
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::NoAnswerInTime => "no answer in time",
            Self::NoConnection => "no connection",
        })
    }
}

impl std::error::Error for PostError {}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_tls_or_this_machine_is_posted_to() {
        for text in
            ["https://hooks.example.com/services/a", "http://127.0.0.1:8080/x", "http://[::1]:1/", "http://localhost/"]
        {
            assert!(text.parse::<PostAddress>().is_ok(), "{text}");
        }
        for text in [
            "",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://localhost:1@example.com/",
            "https://a@example.com/",
            "https://",
            "https://a b",
            "ftp://x",
            "file:///etc/passwd",
            "https://a\r\nb",
        ] {
            assert!(text.parse::<PostAddress>().is_err(), "{text}");
        }
        let secret: PostAddress = "https://hooks.example.com/T0/secret".parse().expect("an address");
        assert!(!format!("{secret:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_nobody_follows_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut seen = vec![0; 4096];
            let length = stream.read(&mut seen).await.expect("a request");
            let answer = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.expect("an answer");
            String::from_utf8_lossy(&seen[..length]).into_owned()
        });
        let to = address.parse().expect("an address");
        let post = Post { to: &to, json: "{}".to_owned(), headers: vec![("idempotency-key", "a".to_owned())] };
        assert_eq!(HttpWebhook::new().post(post).await, Ok(302));
        let seen = server.await.expect("a request");
        assert!(seen.starts_with("POST /hook HTTP/1.1\r\n") && seen.contains("idempotency-key: a\r\n"), "{seen}");
    }

    #[test]
    fn a_post_in_a_log_tells_no_token() {
        let to: PostAddress = "https://example.com/hook".parse().expect("an address");
        let headers = vec![("authorization", "Bearer canary".to_owned())];
        let shown = format!("{:?}", Post { to: &to, json: "{\"text\":\"canary\"}".to_owned(), headers });
        assert!(shown.contains("authorization") && !shown.contains("canary") && !shown.contains("hook"), "{shown}");
    }
}
