//! Following the logs of several functions at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_aws::log_events::{Follower, LogEvent};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::resource::CloudError;
use jiff::tz::TimeZone;

use crate::render::{Reporter, log};

/// A function whose log is followed.
#[derive(Clone)]
pub struct Source {
    /// The function.
    pub address: DeclarationAddress,
    /// Its log group.
    pub group: String,
    /// Where the group is.
    pub cloud: Arc<Cloud>,
}

/// Reads the logs of functions, each event once, all in the order of their time.
pub struct Tail {
    since_ms: i64,
    zone: TimeZone,
    followers: BTreeMap<String, Follower>,
}

impl Tail {
    /// Reads from a time on, in milliseconds since 1970.
    pub fn since(since_ms: i64) -> Self {
        Self { since_ms, zone: TimeZone::system(), followers: BTreeMap::new() }
    }

    /// What the functions have written since it was asked last, with each event's place among `sources`.
    pub async fn next(&mut self, sources: &[Source]) -> Result<Vec<(usize, LogEvent)>, CloudError> {
        let mut events = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let since_ms = self.since_ms;
            let follower =
                self.followers.entry(source.group.clone()).or_insert_with(|| Follower::new(&source.group, since_ms));
            events.extend(follower.next(&source.cloud).await?.into_iter().map(|event| (at, event)));
        }
        events.sort_by_key(|(_, event)| event.at_ms);
        Ok(events)
    }

    /// Shows events, those of each function in a colour of its own.
    pub fn show(&self, sources: &[Source], events: &[(usize, LogEvent)], report: &Reporter) {
        let lanes = log::lanes(sources.iter().map(|source| source.address.name()));
        for (at, event) in events {
            let human = || log::human(&lanes[*at], event, &self.zone, report.is_verbose());
            report.line_of_log(human, || log::json_line(&sources[*at].address, event));
        }
    }
}
