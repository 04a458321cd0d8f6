//! What is known of the sails about now: three queries a sail, a few sails at a time.

use std::collections::BTreeMap;

use functions_shared::call_error::CallError;
use functions_shared::checklists::{self, Checklist};
use functions_shared::roster::{self, Holder};
use functions_shared::sail::{LONGEST, Role, Sail, SailState};
use functions_shared::sails::{self, Departures};
use functions_shared::tables::Tables;
use functions_shared::waiver::{Standing, Waiver, WaiverId};
use functions_shared::waivers;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};

/// How far ahead a sail is looked at.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// How far ahead one that is called off is told of: who holds a slot plans anew. With the longest sail on top it is less
/// than [`functions_shared::nudges::KEPT`], so that it is told once.
const CALLED_OFF_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Sails read in one call.
const PAGE: u32 = 100;
/// Sails looked at at once.
const AT_ONCE: usize = 8;

/// A sail and all that belongs to it.
#[derive(Clone, Debug)]
pub struct SailFacts {
    /// The sail.
    pub sail: Sail,
    /// Who holds which slot.
    pub crew: Vec<Holder>,
    /// Who has signed.
    pub waivers: BTreeMap<WaiverId, Waiver>,
    /// What is to be done, and what is done.
    pub list: Checklist,
}

impl SailFacts {
    /// Whether somebody holds a captain's slot.
    pub fn has_captain(&self) -> bool {
        self.crew.iter().any(|holder| holder.slot.role == Role::Captain)
    }

    /// Whether the sail has not left yet, and would not have.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.sail.state.is_ahead() && self.sail.departs_at >= now
    }

    /// How many waivers are on hold.
    pub fn holds(&self) -> usize {
        self.waivers.values().filter(|waiver| matches!(waiver.standing, Standing::OnHold { .. })).count()
    }
}

/// The sails about now that are still to come or under way, and those of two weeks that would be but for their being
/// called off, in the order of their departure.
pub async fn about(tables: &dyn Tables, now: Timestamp) -> Result<Vec<SailFacts>, CallError> {
    let from = now.checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
    let mut departures = Departures { from, until: now.checked_add(CALLED_OFF_AHEAD).ok(), after: None, limit: PAGE };
    let mut found: Vec<Sail> = Vec::new();
    loop {
        let page = sails::departing(tables, &departures).await?;
        found.extend(page.sails);
        match page.next {
            Some(next) => departures.after = Some(next),
            None => break,
        }
    }
    let is_near = |sail: &Sail| sail.departs_at.duration_since(now) <= AHEAD;
    // One that nobody has started by its return is no longer anybody's to prepare.
    found.retain(|sail| match sail.state {
        SailState::Created | SailState::Confirmed => is_near(sail) && sail.returns_at > now,
        SailState::InProgress => is_near(sail),
        // Called off right before its departure it is news until its return: no firing came in between.
        SailState::Cancelled => sail.returns_at > now,
        SailState::Completed => false,
    });
    futures::stream::iter(found).map(|sail| of_sail(tables, sail)).buffered(AT_ONCE).try_collect().await
}

async fn of_sail(tables: &dyn Tables, sail: Sail) -> Result<SailFacts, CallError> {
    let (crew, waivers, list) = tokio::join!(
        roster::of_sail(tables, &sail.event_id),
        waivers::of_sail(tables, &sail.event_id),
        checklists::of_sail(tables, &sail),
    );
    Ok(SailFacts { crew: crew?, waivers: waivers?, list: list?, sail })
}
