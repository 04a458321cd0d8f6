//! `GET /api/sails`: the sails to come, and which of their slots are open.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};
use functions_shared::sail::{Role, Sail, SailState};
use functions_shared::sails::{self, Cursor, Departures, SlotOfSail};
use functions_shared::{sun, zone};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problems::Public;
use crate::query::Query;
use crate::refusal::Refusal;

/// How many sails an answer has where nobody asks for a number.
const USUAL_LIMIT: u32 = 20;
/// The most sails of one answer.
const LARGEST_LIMIT: u32 = 50;

/// Some sails in the order of their departure.
#[derive(Debug, Serialize, ToSchema)]
pub struct SailList {
    /// The sails.
    pub sails: Vec<SailEntry>,
    /// Where the next answer begins: give it back as `after`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One sail as the crew sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SailEntry {
    /// Its key.
    pub event_id: String,
    /// What people call it.
    pub title: String,
    /// The vessel's name.
    pub vessel: String,
    /// When it leaves, in epoch seconds.
    pub departs_at: i64,
    /// When it is back, in epoch seconds.
    pub returns_at: i64,
    /// Where it stands.
    pub state: SailState,
    /// How many guests it takes.
    pub guest_limit: u32,
    /// Sunset in San Diego on the day of departure, in epoch seconds.
    pub sunset_at: Option<i64>,
    /// Every slot, the captain's first.
    pub slots: Vec<SlotEntry>,
}

/// One place on a sail.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotEntry {
    /// What the person does.
    pub role: Role,
    /// The slot's name within the sail, such as `deckhand#2`.
    pub slot: String,
    /// Whether somebody has claimed it. Who has is not told here.
    pub taken: bool,
}

/// A moment in epoch seconds, as the query gives it.
struct EpochSeconds(Timestamp);

/// How many sails, as the query gives it.
struct Limit(u32);

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new().route("/api/sails", get(list))
}

/// Lists the sails that depart from now on, or between the given moments.
#[utoipa::path(
    get,
    path = "/api/sails",
    operation_id = "listSails",
    params(
        ("from" = Option<i64>, Query, description = "The earliest departure in epoch seconds; absent: now"),
        ("until" = Option<i64>, Query, description = "The latest departure in epoch seconds; absent: no end"),
        ("limit" = Option<u32>, Query, description = "The most sails of this answer; absent: 20", minimum = 1, maximum = 50),
        ("after" = Option<String>, Query, description = "`next` of the answer before this one"),
    ),
    responses((status = 200, description = "Sails in the order of their departure", body = SailList), Public)
)]
pub async fn list(State(app): State<Shared>, uri: Uri) -> Result<Json<SailList>, Refusal> {
    let Asked { from, until, limit, after } = asked(&uri)?;
    let limit = limit.unwrap_or(USUAL_LIMIT);
    let departures = Departures {
        from: from.unwrap_or_else(|| app.clock.now()),
        until,
        after,
        // One more than asked for tells whether another answer follows.
        limit: limit + 1,
    };
    let mut page = sails::departing(&*app.tables, &departures).await?;
    if page.sails.len() > limit as usize {
        page.sails.truncate(limit as usize);
        page.next = page.sails.last().map(end);
    }
    let slots: Vec<SlotOfSail> = page.sails.iter().flat_map(|s| s.keyed(s.slots())).collect();
    let claimed = sails::claimed(&*app.tables, &slots).await?;
    Ok(Json(SailList {
        sails: page.sails.iter().map(|sail| entry(sail, &claimed)).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// What the query says.
struct Asked {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    limit: Option<u32>,
    after: Option<Cursor>,
}

fn asked(uri: &Uri) -> Result<Asked, Refusal> {
    let mut query = Query::new(uri, &["from", "until", "limit", "after"]);
    let from = query.optional::<EpochSeconds>("from").map(|from| from.0);
    let until = query.optional::<EpochSeconds>("until").map(|until| until.0);
    let limit = query.optional::<Limit>("limit").map(|limit| limit.0);
    let after = query.optional("after");
    query.finish(Asked { from, until, limit, after })
}

fn entry(sail: &Sail, claimed: &BTreeSet<SlotOfSail>) -> SailEntry {
    let sun = sun::times(zone::date_of(sail.departs_at));
    let slot = |slot: SlotOfSail| SlotEntry {
        role: slot.slot.role,
        slot: slot.slot.to_string(),
        taken: claimed.contains(&slot),
    };
    SailEntry {
        event_id: sail.event_id.to_string(),
        title: sail.title.clone(),
        vessel: sail.vessel.clone(),
        departs_at: sail.departs_at.as_second(),
        returns_at: sail.returns_at.as_second(),
        state: sail.state,
        guest_limit: sail.guest_limit,
        sunset_at: sun.map(|times| times.sunset.as_second()),
        slots: sail.keyed(sail.slots()).into_iter().map(slot).collect(),
    }
}

fn end(sail: &Sail) -> Cursor {
    Cursor { departs_at: sail.departs_at, event_id: sail.event_id.clone() }
}

impl FromStr for EpochSeconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a moment in epoch seconds";
        let seconds: i64 = text.parse().map_err(|_| RULE)?;
        Timestamp::from_second(seconds).map(Self).map_err(|_| RULE)
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count: Option<u32> = text.parse().ok();
        count.filter(|count| (1..=LARGEST_LIMIT).contains(count)).map(Self).ok_or("is not a number from 1 to 50")
    }
}
