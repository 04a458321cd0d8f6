//! Reading the logs of a function, for a person who looks at them.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::resource::{CloudError, Resource as _};
use deployer_engine::state::{Standing, State};

use crate::client::Cloud;
use crate::resources::log_group::LogGroup;

/// Code of "there is no such group": a function that never ran may have none.
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// How long an event may take until it can be read, in milliseconds: later ones are missed. Source: CloudWatch shows
/// most within seconds and orders them by the time that they carry.
const LATE_MS: i64 = 15_000;

/// One event of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Its id, unique in the group.
    pub id: String,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// What was written, mostly one line.
    pub message: String,
}

/// The log groups that a stack's functions write to, by the function's declaration.
pub fn groups(state: &State) -> BTreeMap<DeclarationAddress, String> {
    let records = state.records.iter().filter(|each| each.type_name == LogGroup::TYPE);
    let current = records.filter(|each| each.standing == Standing::Current);
    current.map(|each| (each.address.declaration().clone(), each.id.clone())).collect()
}

/// Reads one group again and again, each event once.
#[derive(Clone, Debug)]
pub struct Follower {
    group: String,
    /// From when on is read, in milliseconds since 1970.
    since_ms: i64,
    /// What was read already, and when it happened.
    read: BTreeMap<String, i64>,
}

impl Follower {
    /// Reads a group from a time on, in milliseconds since 1970.
    pub fn new(group: &str, since_ms: i64) -> Self {
        Self { group: group.to_owned(), since_ms, read: BTreeMap::new() }
    }

    /// What was written and not read yet, the oldest first.
    pub async fn next(&mut self, cloud: &Cloud) -> Result<Vec<LogEvent>, CloudError> {
        let found = events(cloud, &self.group, self.since_ms).await?;
        Ok(self.fresh(found))
    }

    fn fresh(&mut self, found: Vec<LogEvent>) -> Vec<LogEvent> {
        let mut fresh: Vec<LogEvent> = found.into_iter().filter(|each| !self.read.contains_key(&each.id)).collect();
        fresh.sort_by_key(|each| each.at_ms);
        self.read.extend(fresh.iter().map(|each| (each.id.clone(), each.at_ms)));
        if let Some(newest) = self.read.values().max() {
            self.since_ms = self.since_ms.max(newest - LATE_MS);
        }
        self.read.retain(|_, at_ms| *at_ms >= self.since_ms);
        fresh
    }
}

/// Every event of a group from a time on. A group that is not there has none.
async fn events(cloud: &Cloud, group: &str, since_ms: i64) -> Result<Vec<LogEvent>, CloudError> {
    let (mut events, mut next) = (Vec::new(), None);
    let mut places = BTreeMap::new();
    loop {
        let request = cloud.logs().filter_log_events().log_group_name(group).start_time(since_ms);
        let sent = request.set_next_token(next).send();
        let Some(page) = cloud.find("logs:FilterLogEvents", group, MISSING, sent).await? else { return Ok(events) };
        events.extend(page.events.unwrap_or_default().into_iter().map(|event| log_event(event, &mut places)));
        match page.next_token {
            Some(token) => next = Some(token),
            None => return Ok(events),
        }
    }
}

/// Without an id of its own, which AWS always gives, an event is known by its stream, its time, and its place among those
/// of the same stream and time: `places` counts them.
fn log_event(event: FilteredLogEvent, places: &mut BTreeMap<(String, i64), usize>) -> LogEvent {
    let at_ms = event.timestamp.unwrap_or_default();
    let id = event.event_id.unwrap_or_else(|| {
        let stream = event.log_stream_name.unwrap_or_default();
        let place = places.entry((stream.clone(), at_ms)).or_default();
        *place += 1;
        format!("{stream} {at_ms} {place}")
    });
    LogEvent { id, at_ms, message: event.message.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, at_ms: i64) -> LogEvent {
        LogEvent { id: id.to_owned(), at_ms, message: String::new() }
    }

    fn ids(events: &[LogEvent]) -> Vec<&str> {
        events.iter().map(|each| each.id.as_str()).collect()
    }

    #[test]
    fn each_event_is_read_once_and_in_order_although_some_come_late() {
        let mut follower = Follower::new("g", 0);
        assert_eq!(ids(&follower.fresh(vec![event("b", 2_000), event("a", 1_000)])), ["a", "b"]);
        assert_eq!(ids(&follower.fresh(vec![event("a", 1_000), event("late", 1_500), event("b", 2_000)])), ["late"]);
        assert!(follower.fresh(vec![event("b", 2_000)]).is_empty());
    }

    #[test]
    fn equal_lines_without_ids_are_events_of_their_own_and_the_same_ones_when_they_are_read_again() {
        let line = || FilteredLogEvent::builder().log_stream_name("s").timestamp(5).message("same").build();
        let read = || {
            let mut places = BTreeMap::new();
            [line(), line()].map(|event| log_event(event, &mut places)).to_vec()
        };
        let mut follower = Follower::new("g", 0);
        assert_eq!(follower.fresh(read()).len(), 2);
        assert!(follower.fresh(read()).is_empty());
    }

    #[test]
    fn what_is_long_past_is_neither_asked_for_nor_remembered() {
        let mut follower = Follower::new("g", 0);
        follower.fresh(vec![event("a", 1_000)]);
        follower.fresh(vec![event("b", 1_000 + 2 * LATE_MS)]);
        assert_eq!(follower.since_ms, 1_000 + LATE_MS);
        assert_eq!(follower.read.len(), 1);
    }
}
