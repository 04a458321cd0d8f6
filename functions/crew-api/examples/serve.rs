//! The crew API on a port of this machine, with tables in memory and an administrator signed in: for tools that send
//! it whatever the description allows.
//!
//! Prints one line of JSON, `{"url", "token"}`, and serves until it is ended.

// What the tests ask of these is more than what is asked here.
#[allow(dead_code)]
#[path = "../tests/api/door.rs"]
mod door;
#[allow(dead_code)]
#[path = "../tests/api/fakes.rs"]
mod fakes;

use axum::http::HeaderValue;
use crew_api::guard::ORIGIN_HEADER;
use functions_shared::person::Grant;
use functions_shared::testing::sail;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let world = door::World::new([sail("evening", "2026-11-22T00:00:00Z")]);
    let (_, token) = world.signed_in("Ada", &Grant::ALL).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?), "token": token }));
    loop {
        let (stream, _) = listener.accept().await?;
        let router = world.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            // The front door shows its secret.
            request.headers_mut().insert(ORIGIN_HEADER, HeaderValue::from_static(door::SECRET));
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        tokio::spawn(async move {
            // A cut connection is the client's affair.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
