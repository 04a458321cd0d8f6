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

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::{HeaderName, HeaderValue};
use crew_api::caller::CLIENT_ADDRESS_HEADER;
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
    let asked = Arc::new(AtomicU32::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        let (router, asked) = (world.router.clone(), asked.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            // The front door shows its secret, and each request comes from somebody else: limits are tested elsewhere.
            let headers = request.headers_mut();
            headers.insert(ORIGIN_HEADER, HeaderValue::from_static(door::SECRET));
            let address = Ipv4Addr::from(asked.fetch_add(1, Ordering::Relaxed)).to_string();
            let address = HeaderValue::try_from(address).expect("digits and dots");
            headers.insert(HeaderName::from_static(CLIENT_ADDRESS_HEADER), address);
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        tokio::spawn(async move {
            // A cut connection is the client's affair.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
