//! Who did what to a sail: an audit trail that settles disputes. Entries are written in the transaction of
//! what they tell of, and never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::mail::Address;
use crate::person::PersonId;
use crate::random;
use crate::sail::{EventId, Slot, Step};
use crate::tables::{Condition, Item, Query, Table, Tables, Write, item, read};

/// The most entries of one page.
pub const MOST_ENTRIES: u32 = 100;

/// Who acts.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Author {
    /// The person; absent: a guest, who has no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// The person's address; absent: a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// One line of the trail.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in epoch seconds.
    pub at: i64,
    /// Who.
    pub actor: Author,
    /// What.
    #[serde(flatten)]
    pub deed: Deed,
}

/// What was done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Deed {
    /// The sail was planned.
    SailCreated,
    /// Its fields were changed.
    SailEdited,
    /// It took a step, with a reason where one was given.
    SailStepped {
        /// The step.
        step: Step,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A slot changed hands.
    RoleChanged {
        /// The slot, such as `deckhand#2`.
        slot: String,
        /// Who held it before: an address; absent: nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Who holds it now: an address; absent: nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A waiver was signed.
    WaiverSigned {
        /// Its key.
        waiver_id: String,
    },
    /// A hold was cleared.
    HoldCleared {
        /// The waiver's key.
        waiver_id: String,
        /// Why.
        reason: String,
    },
    /// A waiver's medical text was shown.
    WaiverViewed {
        /// Its key.
        waiver_id: String,
    },
    /// Somebody went aboard.
    Boarded {
        /// The waiver's key.
        waiver_id: String,
    },
    /// The checklist was edited.
    ChecklistEdited,
    /// The link to the waiver page was made.
    WaiverLinkMade,
    /// The link to the waiver page was made anew: the one before it opens nothing any more.
    WaiverLinkRenewed,
}

impl Author {
    /// A person.
    pub fn of(person_id: &PersonId, email: &Address) -> Self {
        Self { person_id: Some(person_id.clone()), email: Some(email.as_str().to_owned()) }
    }

    /// Somebody with the link to the waiver page.
    pub fn guest() -> Self {
        Self { person_id: None, email: None }
    }
}

impl Entry {
    /// A change of a slot.
    pub fn role(at: Timestamp, actor: Author, slot: Slot, from: Option<String>, to: Option<String>) -> Self {
        Self { at: at.as_second(), actor, deed: Deed::RoleChanged { slot: slot.to_string(), from, to } }
    }

    /// Any other deed.
    pub fn new(at: Timestamp, actor: Author, deed: Deed) -> Self {
        Self { at: at.as_second(), actor, deed }
    }

    /// The entry as a write beside what it tells of.
    pub fn write(&self, event_id: &EventId) -> Result<Write, CallError> {
        // In the order of time; the random end keeps two of one second apart.
        let range = format!("{:012}#{}", self.at, random::id()?);
        Ok(Table::Audit.key(event_id.as_str(), range).put(item(self)?, Condition::Absent))
    }
}

/// Some entries of a sail, the latest first, and the place after the last where others follow.
pub async fn page(
    tables: &dyn Tables,
    event_id: &EventId,
    after: Option<&str>,
) -> Result<(Vec<Entry>, Option<String>), CallError> {
    let after = after.map(|range| Table::Audit.key(event_id.as_str(), range).attributes());
    let query = Query::all(Table::Audit, event_id.as_str()).backwards().page(after, MOST_ENTRIES + 1);
    let mut items = tables.query(&query).await?;
    let more = items.len() > MOST_ENTRIES as usize;
    items.truncate(MOST_ENTRIES as usize);
    let place = |item: &Item| item.get("entry").and_then(|entry| entry.as_str()).map(str::to_owned);
    let next = items.last().filter(|_| more).and_then(place);
    let entries: Result<Vec<Entry>, CallError> = items.into_iter().map(read).collect();
    Ok((entries?, next))
}
