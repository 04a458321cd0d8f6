//! `/api/people`: who may sign in, and what each may do. For administrators.

mod change;
mod entry;

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::Router;
use axum::http::Uri;
use axum::routing::{get, post};
use functions_shared::people::PeoplePage;
use functions_shared::person::{Grant, Person, PersonId};

use crate::app::{App, Shared};
use crate::query::Query;
use crate::refusal::Refusal;

pub use change::{__path_change, __path_history, __path_invite_again, __path_restore, __path_revoke};
pub use change::{PersonChange, change, history, invite_again, restore, revoke};
pub use entry::{__path_invite, __path_list, __path_read, invite, list, read};
pub use entry::{HistoryEntry, HistoryList, Invitation, PersonEntry, PersonList};

/// How many people an answer has where nobody asks for a number.
const USUAL_LIMIT: u32 = 50;
/// The most people of one answer.
const LARGEST_LIMIT: u32 = 100;

/// The routes of this noun.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/people", get(list).post(invite))
        .route("/api/people/{person_id}", get(read).patch(change))
        .route("/api/people/{person_id}/history", get(history))
        .route("/api/people/{person_id}/invitation", post(invite_again))
        .route("/api/people/{person_id}/revocation", post(revoke))
        .route("/api/people/{person_id}/restoration", post(restore))
}

/// One person by the key, or 404.
async fn person_of(app: &App, person_id: &PersonId) -> Result<Person, Refusal> {
    app.people.by_id(person_id).await?.ok_or_else(Refusal::not_found)
}

/// Some people, and where the next ones begin.
pub struct Page {
    /// In the order of their names.
    pub people: Vec<Person>,
    /// The key of the last one, where others follow.
    pub next: Option<String>,
}

/// How many people, as the query gives it.
struct Limit(u32);

/// The page that a query asks for. The cursor is a key, so that no address holds a name.
pub async fn page(app: &App, uri: &Uri) -> Result<Page, Refusal> {
    let mut query = Query::new(uri, &["limit", "after"]);
    let limit = query.optional::<Limit>("limit").map_or(USUAL_LIMIT, |limit| limit.0);
    let after = query.optional::<PersonId>("after");
    let (limit, after) = query.finish((limit, after))?;
    let after = match after {
        Some(person_id) => Some(person_of(app, &person_id).await?),
        None => None,
    };
    let PeoplePage { people, more } = app.people.page(after.as_ref(), limit).await?;
    let next = people.last().filter(|_| more).map(|last| last.person_id.to_string());
    Ok(Page { people, next })
}

/// The grants that a request names: one at least.
fn sound(grants: &[Grant]) -> Result<BTreeSet<Grant>, &'static str> {
    let grants: BTreeSet<Grant> = grants.iter().copied().collect();
    match grants.is_empty() {
        true => Err("names nothing: revoke the person instead"),
        false => Ok(grants),
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count: Option<u32> = text.parse().ok();
        count.filter(|count| (1..=LARGEST_LIMIT).contains(count)).map(Self).ok_or("is not a number from 1 to 100")
    }
}
