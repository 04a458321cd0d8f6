//! The mails of which nobody knows whether they went out.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;

use super::UNSETTLED;
use crate::call_error::CallError;
use crate::mail::ON_ITS_WAY;
use crate::tables::{Index, Item, Query, Range, Table, Tables, read};

/// The most unknown mails of one page.
const MOST_UNKNOWN: u32 = 100;

/// A mail of which nobody knows whether it went out.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
pub struct Unsettled {
    /// Its key.
    nudge_id: String,
    /// The sail.
    pub event_id: String,
    /// Whom it was for; absent: the administrator.
    #[serde(default)]
    pub person_id: Option<String>,
    /// Our name for the mail.
    pub message_key: String,
    /// When it was about to be sent, in epoch seconds.
    pub claimed_at: i64,
}

/// A place in the list of unknown mails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnsettledPlace {
    claimed_at: i64,
    nudge_id: String,
}

/// The mails of which nobody knows whether they went out, the oldest first, 100 at most; those just on their way are
/// left out. With them comes the place after the last, where others follow.
pub async fn unknown(
    tables: &dyn Tables,
    now: Timestamp,
    after: Option<&UnsettledPlace>,
) -> Result<(Vec<Unsettled>, Option<UnsettledPlace>), CallError> {
    let until = now.checked_sub(ON_ITS_WAY).unwrap_or(Timestamp::MIN).as_second();
    if after.is_some_and(|after| !(0..=until).contains(&after.claimed_at)) {
        // DynamoDB refuses a place outside the range, and nothing of ours leads there.
        return Ok((Vec::new(), None));
    }
    let query = Query::index(Index::Unsettled, UNSETTLED).range(Range::Numbers(0, Some(until)));
    let query = query.page(after.map(UnsettledPlace::attributes), MOST_UNKNOWN + 1);
    let found: Result<Vec<Unsettled>, CallError> = tables.query(&query).await?.into_iter().map(read).collect();
    let mut found = found?;
    let more = found.len() > MOST_UNKNOWN as usize;
    found.truncate(MOST_UNKNOWN as usize);
    let next = found.last().filter(|_| more).map(UnsettledPlace::after);
    Ok((found, next))
}

impl UnsettledPlace {
    fn after(last: &Unsettled) -> Self {
        Self { claimed_at: last.claimed_at, nudge_id: last.nudge_id.clone() }
    }

    fn attributes(&self) -> Item {
        let mut place = Table::Nudges.key(self.nudge_id.as_str(), "").attributes();
        place.insert("unsettled".to_owned(), UNSETTLED.into());
        place.insert("claimed_at".to_owned(), self.claimed_at.into());
        place
    }
}

impl fmt::Display for UnsettledPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.claimed_at, self.nudge_id)
    }
}

impl FromStr for UnsettledPlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a place in the list: take `next` of an earlier answer";
        let (claimed_at, nudge_id) = text.split_once('.').ok_or(RULE)?;
        let plain = |each: char| each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '#');
        match (1..=200).contains(&nudge_id.len()) && nudge_id.chars().all(plain) {
            true => Ok(Self { claimed_at: claimed_at.parse().map_err(|_| RULE)?, nudge_id: nudge_id.to_owned() }),
            false => Err(RULE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Claim, Claimed, Matter, Outcome, QUIET, claim, settle_claim};
    use super::*;
    use crate::clock::Clock as _;
    use crate::mail::Receipt;
    use crate::testing::{Faults, FixedClock, MemoryTables};

    #[tokio::test]
    async fn what_is_not_settled_is_listed_once_it_is_no_longer_on_its_way() {
        let clock = FixedClock::at("2026-11-21T08:00:00Z");
        let tables = MemoryTables::new(Arc::new(Faults::default()));
        let matter = Matter::NoCaptain("evening".parse().expect("a key"));
        let one = Claim { matter, key: "one".parse().expect("a key"), at: clock.now() };
        claim(&tables, &clock, &one).await.expect("claimed");
        assert_eq!(unknown(&tables, clock.now(), None).await, Ok((vec![], None)));
        let later = clock.now() + ON_ITS_WAY;
        let (listed, _) = unknown(&tables, later, None).await.expect("a list");
        assert_eq!((listed.len(), listed[0].message_key.as_str()), (1, "one"));
        settle_claim(&tables, &clock, &one, &Outcome::Unknown).await.expect("settled");
        assert_eq!(unknown(&tables, later, None).await.expect("a list").0.len(), 1);
        settle_claim(&tables, &clock, &one, &Outcome::Sent(Receipt { message_id: "1".to_owned() })).await.expect("ok");
        assert_eq!(unknown(&tables, later, None).await, Ok((vec![], None)));
    }

    #[tokio::test]
    async fn more_unknown_mails_than_a_page_holds_are_all_listed_once() {
        let clock = FixedClock::at("2026-11-21T08:00:00Z");
        let tables = MemoryTables::new(Arc::new(Faults::default()));
        for number in 0..250 {
            let matter = Matter::NoCaptain(format!("sail-{number}").parse().expect("a key"));
            let lost = Claim { matter, key: "key".parse().expect("a key"), at: clock.now() };
            assert_eq!(claim(&tables, &clock, &lost).await, Ok(Claimed::Won));
        }
        let later = clock.now() + QUIET;
        let (mut listed, mut place) = (std::collections::BTreeSet::new(), None);
        loop {
            let (found, next) = unknown(&tables, later, place.as_ref()).await.expect("a page");
            assert!(found.into_iter().all(|nudge| listed.insert(nudge.event_id)));
            match next {
                Some(next) => place = Some(next.to_string().parse().expect("a place")),
                None => break,
            }
        }
        assert_eq!(listed.len(), 250);
    }
}
