//! The people, their ended sessions and what was done to them, as a port.

mod dynamodb;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second::required as epoch_seconds;
use serde::{Deserialize, Serialize};

use crate::BoxFuture;
use crate::call_error::CallError;
use crate::mail::Address;
use crate::person::{Grant, Person, PersonId};

pub use dynamodb::{BY_NAME, DynamoPeople};

/// Where people are kept.
pub trait People: Send + Sync {
    /// The person of a session, unless the session was ended; one read of both.
    fn of_session<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Person>, CallError>>;
    /// The person with that key.
    fn by_id<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Option<Person>, CallError>>;
    /// The person with that address, in whatever case it is written.
    fn by_email<'a>(&'a self, email: &'a Address) -> BoxFuture<'a, Result<Option<Person>, CallError>>;
    /// Some people in the order of their names, after the given one.
    fn page<'a>(&'a self, after: Option<&'a Person>, limit: u32) -> BoxFuture<'a, Result<PeoplePage, CallError>>;
    /// Adds somebody; the address must be nobody's. Person and entry are written together or not at all.
    fn add<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>>;
    /// Writes a changed person, whose revision is one more than that of the one that was read. The
    /// address never changes. Person and entry are written together or not at all.
    fn change<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>>;
    /// Ends one session: from now on [`People::of_session`] knows nobody for it.
    fn end<'a>(&'a self, session: &'a SessionKey, expires_at: Timestamp) -> BoxFuture<'a, Result<(), CallError>>;
    /// What was done to a person, the latest first, at most [`MOST_ENTRIES`].
    fn entries<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Vec<Entry>, CallError>>;
    /// Whether the table can be read.
    fn health(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// The most entries of one answer.
pub const MOST_ENTRIES: u32 = 100;

/// One session of one person.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionKey {
    /// The person.
    pub person_id: PersonId,
    /// The session's own id: 32 hexadecimal digits.
    pub session_id: String,
}

/// Some people, and whether others follow.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PeoplePage {
    /// In the order of their names. Entries of the table that are no person are left out.
    pub people: Vec<Person>,
    /// Whether others follow.
    pub more: bool,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Written {
    /// It was done.
    Done,
    /// Somebody else was there first: the address is taken, or the person has another revision.
    Conflict,
}

/// One line of a person's history. Who acted is kept with it, and so it is for administrators alone.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When; epoch seconds in the table.
    #[serde(with = "epoch_seconds")]
    pub at: Timestamp,
    /// Who did it; absent: the stack's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Address>,
    /// What was done.
    pub deed: Deed,
    /// The grants after it.
    pub grants: BTreeSet<Grant>,
}

/// What was done to a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PersonDeed))]
pub enum Deed {
    /// Invited for the first time.
    Invited,
    /// Another name or other grants.
    Changed,
    /// Shut out.
    Revoked,
    /// Let in again.
    Restored,
    /// Signed out everywhere.
    SessionsEnded,
}
