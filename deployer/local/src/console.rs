//! The local console: what the stacks of the folder made in its local AWS, as pages that only read. They need no script,
//! are answered to this machine's browsers alone, and show no value of a secret.

mod aws;
mod functions;
pub mod html;
mod mails;
mod parameters;
mod stacks;
mod tables;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, ORIGIN};
use hyper::{Method, Request, Response, StatusCode};

use self::aws::Aws;
use self::html::Page;
use crate::http::{self, Body, BoxError, Client};
use crate::mail::{Mail, Mailbox};

/// Styles of our own and pictures that a mail brings itself are all that is loaded; the frame of a mail inherits it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Where a request comes from, in a browser's own words, and what for.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// One stack of the folder in its local environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackView {
    /// Its name.
    pub name: String,
    /// Its environment.
    pub environment: String,
    /// Its region.
    pub region: String,
    /// Its named values.
    pub outputs: Vec<(String, String)>,
    /// What it made.
    pub resources: Vec<ResourceView>,
}

/// One object of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceView {
    /// Its address, `kind.name/part`.
    pub address: String,
    /// Its type, such as `dynamodb_table`.
    pub type_name: String,
    /// Its id.
    pub id: String,
}

/// Tells the stacks of the folder as they are recorded now.
pub type Stacks = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Vec<StackView>> + Send>> + Send + Sync>;

/// The types that have pages of their own.
const TABLE: &str = "dynamodb_table";
const FUNCTION: &str = "lambda_function";
const LOG_GROUP: &str = "log_group";

/// What the console needs to answer.
#[derive(Clone)]
pub struct Console {
    upstream: String,
    client: Client,
    mailbox: Mailbox,
    stacks: Stacks,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

impl Console {
    /// The console of the AWS at that endpoint.
    pub fn new(upstream: String, mailbox: Mailbox, stacks: Stacks) -> Self {
        Self { upstream, client: http::client(), mailbox, stacks }
    }

    /// Answers a request that was sent to the console's own name.
    pub async fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        if let Some(refused) = refusal(request) {
            return refused;
        }
        let uri = request.uri();
        let page = self.page(uri.path(), uri.query().unwrap_or_default()).await;
        let (status, answer) = match page {
            Ok(Some(Shown::Page(page))) => (StatusCode::OK, Shown::Page(page)),
            Ok(Some(text)) => (StatusCode::OK, text),
            Ok(None) => (StatusCode::NOT_FOUND, Shown::Page(html::nothing_here())),
            Err(error) => (StatusCode::BAD_GATEWAY, Shown::Page(html::no_answer(&error.to_string()))),
        };
        guarded(match answer {
            Shown::Page(page) => http::answer(status, "text/html; charset=utf-8", page.rendered()),
            Shown::Text(text) => http::answer(status, "text/plain; charset=utf-8", text),
        })
    }

    /// Answers a request that was sent to the name of the mail alone.
    pub async fn answer_mail<B>(&self, request: &Request<B>) -> Response<Body> {
        if let Some(refused) = refusal(request) {
            return refused;
        }
        let shown = self.mails().await.map(|mails| mails::page(&mails, "", request.uri().path()));
        let (status, shown) = match shown {
            Ok(Some(shown)) => (StatusCode::OK, shown),
            Ok(None) => (StatusCode::NOT_FOUND, Shown::Page(html::nothing_here())),
            Err(error) => (StatusCode::BAD_GATEWAY, Shown::Page(html::no_answer(&error.to_string()))),
        };
        guarded(match shown {
            Shown::Page(page) => http::answer(status, "text/html; charset=utf-8", page.without_places().rendered()),
            Shown::Text(text) => http::answer(status, "text/plain; charset=utf-8", text),
        })
    }

    async fn page(&self, path: &str, query: &str) -> Result<Option<Shown>, BoxError> {
        let stacks = (self.stacks)().await;
        let aws = Aws { client: &self.client, endpoint: &self.upstream };
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(html::unescaped).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let page = match parts.as_slice() {
            [] => Some(stacks::overview(&stacks, &self.mails().await?)),
            ["stacks", name] => stacks::one(&stacks, name),
            ["tables"] => Some(tables::list(&stacks)),
            ["tables", name] => tables::rows(&aws, &stacks, name, query).await?,
            ["functions"] => Some(functions::list(&stacks)),
            ["functions", name] => functions::one(&aws, &stacks, name, query).await?,
            ["parameters"] => Some(parameters::list(&aws, &stacks).await?),
            ["mail", ..] => {
                let below = path.strip_prefix("/mail").unwrap_or_default();
                return Ok(mails::page(&self.mails().await?, "/mail", below));
            }
            _ => None,
        };
        Ok(page.map(Shown::Page))
    }

    async fn mails(&self) -> Result<Vec<Mail>, BoxError> {
        Ok(self.mailbox.messages(&self.client, &self.upstream).await?)
    }
}

/// What is shown.
enum Shown {
    Page(Page),
    /// A message as it was sent.
    Text(String),
}

/// Refuses what changes something, and what a page of another origin asks for.
fn refusal<B>(request: &Request<B>) -> Option<Response<Body>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(http::words(StatusCode::METHOD_NOT_ALLOWED, "Here can only be read.\n"));
    }
    let header = |name: HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    let own = header(hyper::header::HOST).map(|host| [b"http://", host].concat());
    let foreign_origin = header(ORIGIN).is_some_and(|origin| Some(origin) != own.as_deref());
    let site = header(FETCH_SITE).unwrap_or(b"none");
    // A person may follow a link from anywhere, such as the product's own page.
    let followed = header(FETCH_MODE) == Some(b"navigate");
    let foreign_site = !matches!(site, b"same-origin" | b"none") && !followed;
    (foreign_origin || foreign_site).then(|| http::words(StatusCode::FORBIDDEN, "Another page may not read here.\n"))
}

fn guarded(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// The resources of a type, with the stack that each belongs to.
fn of_type<'a>(stacks: &'a [StackView], type_name: &str) -> Vec<(&'a StackView, &'a ResourceView)> {
    let all = stacks.iter().flat_map(|stack| stack.resources.iter().map(move |resource| (stack, resource)));
    all.filter(|(_, resource)| resource.type_name == type_name).collect()
}

#[cfg(test)]
mod tests;
