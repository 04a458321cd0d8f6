//! What a resource works with.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::CloudError;
use crate::address::Address;
use crate::clock::{Clock, RealClock};
use crate::stop::Stop;

/// What a resource works with: the cloud, and a way to say what it waits for.
pub struct Cx<C> {
    /// The clients.
    pub cloud: Arc<C>,
    /// The resource that is worked on, for messages.
    pub address: Option<Address>,
    /// What waits are waited by.
    pub clock: Arc<dyn Clock>,
    /// How long the cloud may hide what was made a moment ago: nought where it never does.
    pub hides_for: Duration,
    /// Whether the object, or something that it needs, is made in this run: then the cloud may not know it
    /// everywhere yet.
    pub fresh: bool,
    stop: Option<watch::Receiver<Stop>>,
    progress: Option<UnboundedSender<(Address, String)>>,
}

impl<C> Cx<C> {
    /// A context that says nothing to anybody, on the machine's clock.
    pub fn new(cloud: Arc<C>) -> Self {
        Self::with_clock(cloud, Arc::new(RealClock::default()))
    }

    /// The same on another clock.
    pub fn with_clock(cloud: Arc<C>, clock: Arc<dyn Clock>) -> Self {
        Self { cloud, address: None, clock, hides_for: Duration::ZERO, fresh: false, stop: None, progress: None }
    }

    /// The same with a cloud that may hide for so long what was made a moment ago.
    #[must_use]
    pub fn hiding_for(self, hides_for: Duration) -> Self {
        Self { hides_for, ..self }
    }

    /// The same for work on what is made in this run, or needs what is.
    #[must_use]
    pub fn with_fresh(self, fresh: bool) -> Self {
        Self { fresh, ..self }
    }

    /// The same for a run that may be stopped.
    #[must_use]
    pub fn until(self, stop: watch::Receiver<Stop>) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// A context for work on one resource, whose progress goes to `progress`.
    #[must_use]
    pub fn at(&self, address: &Address, progress: Option<UnboundedSender<(Address, String)>>) -> Self {
        Self { address: Some(address.clone()), progress, ..self.again() }
    }

    /// The same context for another attempt.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            cloud: Arc::clone(&self.cloud),
            address: self.address.clone(),
            clock: Arc::clone(&self.clock),
            hides_for: self.hides_for,
            fresh: self.fresh,
            stop: self.stop.clone(),
            progress: self.progress.clone(),
        }
    }

    /// Waits; a stop of the run ends that at once, as an error.
    pub async fn pause(&self, wait: Duration) -> Result<(), CloudError> {
        let Some(mut stop) = self.stop.clone() else {
            self.clock.sleep(wait).await;
            return Ok(());
        };
        tokio::select! {
            () = self.clock.sleep(wait) => Ok(()),
            Ok(_) = stop.wait_for(|level| *level != Stop::No) => Err(CloudError::stopped("")),
        }
    }

    /// Says what is being done or waited for, such as `uploading 40 of 200 files`.
    pub fn say(&self, what: impl Into<String>) {
        if let (Some(address), Some(progress)) = (&self.address, &self.progress) {
            let _ = progress.send((address.clone(), what.into()));
        }
    }
}
