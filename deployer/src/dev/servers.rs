//! The servers of the sites: started when their product is up, ended with `dev`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use deployer_engine::address::DeclarationAddress;
use deployer_local::ministack::free_port;
use futures::FutureExt as _;
use futures::future::{join_all, select_all};
use tokio::sync::watch;

use super::{Product, ServedSite};
use crate::artifacts::{Started, harmless};
use crate::commands::build::tell;
use crate::render::{Reporter, log};

/// The port that is tried first: the one that people know from Vite.
const FIRST_PORT: u16 = 5173;
/// How long a server may take to end before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// Where sites are served as their files are, by the product's address in front of them.
pub type Addresses = RefCell<BTreeMap<String, String>>;

/// The servers that run.
#[derive(Default)]
pub struct Servers(Vec<Server>);

/// What makes two servers the same.
#[derive(Clone, PartialEq)]
struct Wanted {
    address: DeclarationAddress,
    script: Option<String>,
    url: String,
}

struct Server {
    wanted: Wanted,
    /// Where it listens, once it does.
    port: u16,
    /// Absent: it could not be started or has ended, and is started anew when something else is wanted.
    started: Option<Started>,
}

impl Servers {
    /// Runs the servers of what is up, and shows what they say.
    pub async fn run(
        &mut self,
        mut product: watch::Receiver<Product>,
        served: &Addresses,
        report: &Reporter,
    ) -> Infallible {
        loop {
            tokio::select! {
                Ok(()) = product.changed() => {
                    let sites = product.borrow_and_update().iter().flat_map(|each| each.sites.clone()).collect::<Vec<_>>();
                    self.fit(&sites, served, report).await;
                }
                (at, line) = next_line(&mut self.0) => {
                    let Server { wanted, started, .. } = &mut self.0[at];
                    match line {
                        Some(line) => show(&wanted.address, &line, report),
                        None => {
                            if let Some(started) = started.take() {
                                started.stop(STOP_WITHIN).await;
                            }
                            served.borrow_mut().remove(&wanted.url);
                            report.note(&format!("{}: its server has ended", wanted.address));
                        }
                    }
                }
            }
        }
    }

    /// Ends servers that are not wanted any more, or otherwise, and starts what is missing.
    async fn fit(&mut self, sites: &[ServedSite], served: &Addresses, report: &Reporter) {
        let wanted: Vec<Wanted> = sites.iter().map(Wanted::new).collect();
        let (kept, gone) = std::mem::take(&mut self.0).into_iter().partition(|each| wanted.contains(&each.wanted));
        self.0 = kept;
        end(gone).await;
        for (site, wanted) in sites.iter().zip(wanted) {
            if self.0.iter().any(|each| each.wanted == wanted) {
                continue;
            }
            let given: Vec<u16> = self.0.iter().map(|each| each.port).collect();
            let Ok(port) = port_beside(&given) else { continue };
            let started = start(site, port, served, report).await;
            self.0.push(Server { wanted, port, started });
        }
        served.borrow_mut().retain(|url, _| self.0.iter().any(|each| each.wanted.url == *url));
    }

    /// Ends them all, and waits until nothing of them runs.
    pub async fn stop(self) {
        end(self.0).await;
    }
}

impl Wanted {
    fn new(served: &ServedSite) -> Self {
        let ServedSite { site, url, .. } = served;
        Self { address: site.address.clone(), script: site.dev.clone(), url: url.clone() }
    }
}

/// A port that is free and was given to none of our servers: one that starts does not listen yet.
fn port_beside(given: &[u16]) -> std::io::Result<u16> {
    free_port((FIRST_PORT..).find(|port| !given.contains(port)))
}

async fn start(served_site: &ServedSite, port: u16, served: &Addresses, report: &Reporter) -> Option<Started> {
    let ServedSite { site, url, artifacts } = served_site;
    match artifacts.dev_server(site, port, url, &|event| tell(&event, report)).await? {
        Ok(started) => {
            let here = format!("http://localhost:{port}");
            report.note(&format!("{} is served at {here}/ as its files are saved", site.address));
            served.borrow_mut().insert(url.clone(), here);
            Some(started)
        }
        Err(error) => {
            report.note(&format!("{}: its server cannot be started: {error}", site.address));
            None
        }
    }
}

async fn end(servers: Vec<Server>) {
    join_all(servers.into_iter().filter_map(|each| each.started).map(|started| started.stop(STOP_WITHIN))).await;
}

/// The next line of any server and that server's place; no line: nobody of it can write any more. Without servers it waits
/// for ever.
async fn next_line(servers: &mut [Server]) -> (usize, Option<String>) {
    let running = servers.iter_mut().enumerate().filter_map(|(at, each)| Some((at, each.started.as_mut()?)));
    let lines: Vec<_> = running
        .map(|(at, started)| async move { (at, started.line().await.unwrap_or_default()) }.boxed_local())
        .collect();
    match lines.is_empty() {
        true => std::future::pending().await,
        false => select_all(lines).await.0,
    }
}

fn show(address: &DeclarationAddress, line: &str, report: &Reporter) {
    let line = harmless(line);
    if !line.trim().is_empty() {
        let human = || Some(log::lanes([address.name()])[0].line(&line));
        report.line_of_log(human, || serde_json::json!({ "type": "site", "site": address, "message": line }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_start_at_once_get_a_port_each() {
        let mut given = Vec::new();
        for _ in 0..3 {
            given.push(port_beside(&given).expect("a free port"));
        }
        assert!(given[0] != given[1] && given[1] != given[2] && given[0] != given[2], "{given:?}");
    }
}
