//! The whole product on this machine while somebody works on it: what is up, what watches, what is told.

mod keys;
mod mails;
mod news;
pub mod servers;
mod shipping;
mod terminal;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use deployer_aws::Cloud;
use deployer_aws::kinds::cdn::front_door;
use deployer_aws::kinds::site::SiteBuild;
use deployer_aws::log_events::groups;
use deployer_aws::scheduled::{Clock, clocks};
use deployer_engine::state::State;
use deployer_local::{LocalAws, Status};
use serde_json::json;
use tokio::sync::watch;

use self::servers::{Addresses, Servers};
use self::shipping::Shipping;
use crate::arguments::Globals;
use crate::artifacts::ArtifactStore;
use crate::context::Context;
use crate::error::Failure;
use crate::project::Project;
use crate::render::{Reporter, plain};
use crate::signals::Signals;
use crate::tail::Source;

/// One stack, as it is up.
#[derive(Clone)]
pub struct Running {
    /// Where it is.
    pub cloud: Arc<Cloud>,
    /// Its functions.
    pub sources: Vec<Source>,
    /// Its schedules.
    pub clocks: Vec<Clock>,
    /// Its named values.
    pub outputs: BTreeMap<String, String>,
    /// Its sites that have a server of their own.
    pub sites: Vec<ServedSite>,
}

/// A site that a server of its own shows as its files are saved.
#[derive(Clone)]
pub struct ServedSite {
    /// The site.
    pub site: SiteBuild,
    /// The product's address in front of it, where all that is not the site's is.
    pub url: String,
    /// Starts its server.
    pub artifacts: Arc<ArtifactStore>,
}

impl Running {
    /// What a state tells of a stack.
    pub fn of(context: &Context, state: &State, cloud: &Arc<Cloud>) -> Self {
        let source = |(address, group)| Source { address, group, cloud: Arc::clone(cloud) };
        let served = context.requests.sites.iter().filter(|site| site.dev.is_some());
        let served = served.filter_map(|site| {
            let url = front_door(&context.stack, state, &site.address)?;
            Some(ServedSite { site: site.clone(), url, artifacts: Arc::clone(&context.artifacts) })
        });
        Self {
            cloud: Arc::clone(cloud),
            sources: groups(state).into_iter().map(source).collect(),
            clocks: clocks(state),
            outputs: state.outputs.clone(),
            sites: served.collect(),
        }
    }
}

/// Every stack that is up, in the order in which they need each other.
pub type Product = Vec<Running>;

/// Ships, watches, serves and tells, all at once, until a key ends it.
pub async fn work(
    project: &Project,
    globals: &Globals,
    servers: &mut Servers,
    report: &Reporter,
    signals: &Signals,
) -> Result<(), Failure> {
    let served = Addresses::default();
    let (up, product) = watch::channel(Product::new());
    let mut shipping = Shipping::new(project, globals, report, signals);
    let ships = async {
        let mut since = Instant::now();
        loop {
            let first = up.borrow().is_empty();
            let shipped = Box::pin(shipping.ship(since)).await;
            if first && !shipped.is_empty() {
                tell(&shipped, local_aws(project).await.as_ref(), report);
            }
            up.send_replace(shipped);
            if signals.are_heard() {
                return;
            }
            since = shipping.changed().await;
        }
    };
    tokio::select! {
        // It ends only when it was stopped while it held a lock, which is given back by now.
        () = ships => Err(signals.stopped()),
        never = servers.run(product.clone(), &served, report) => match never {},
        never = news::logs(product.clone(), report) => match never {},
        never = news::mail(&project.folder, || served.borrow().clone(), report) => match never {},
        () = keys::heeded(product.clone(), &served, project, report) => Ok(()),
    }
}

/// The local AWS of the folder, when it runs.
async fn local_aws(project: &Project) -> Option<LocalAws> {
    match deployer_local::status(&project.folder).await {
        Ok(Status::Running(local)) => Some(local),
        _ => None,
    }
}

/// Where to look.
fn tell(product: &Product, local: Option<&LocalAws>, report: &Reporter) {
    let outputs = product.iter().flat_map(|running| &running.outputs);
    let mut places: BTreeMap<&str, String> = outputs
        .filter(|(_, value)| value.starts_with("http://") || value.starts_with("https://"))
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    places.extend(local.map(|local| ("mail", local.mail_url())));
    places.extend(local.map(|local| ("console", local.console_url())));
    let widest = places.keys().map(|name| name.len()).max().unwrap_or_default();
    let lines: Vec<String> = places.iter().map(|(name, place)| format!("  {name:widest$}  {}", plain(place))).collect();
    report.result(&lines.join("\n"), &json!({ "type": "places", "places": places }));
}
