//! What was mailed about which sail and to whom: the memory that keeps a nudge from coming twice.
//!
//! A mail cannot be taken back, so a nudge is claimed before its mail goes out, and settled after. What is not
//! settled is in the index `unsettled`, for an administrator to look at.

mod unknown;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::clock::Clock;
use crate::mail::{MessageKey, Receipt};
use crate::person::PersonId;
use crate::sail::EventId;
use crate::tables::{Condition, Item, Key, Settled, Table, Tables, Verdict, item, settle};

pub use unknown::{Unsettled, UnsettledPlace, unknown};

/// How long after a nudge no other of the same matter goes out, whatever became of it; that a sail was called off is
/// told once.
pub const QUIET: SignedDuration = SignedDuration::from_hours(12);
/// How long a nudge is remembered.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The one value of the hash key of [`crate::tables::Index::Unsettled`].
const UNSETTLED: &str = "yes";

/// What a nudge is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Matter {
    /// The administrator hears of a sail without a captain.
    NoCaptain(EventId),
    /// The administrator hears of a sail with waivers on hold.
    OnHold(EventId),
    /// A person hears of what is missing for a sail.
    Missing(EventId, PersonId),
    /// A person who holds a slot hears that the sail does not take place.
    CalledOff(EventId, PersonId),
}

impl Matter {
    /// How long after a nudge about it no other goes out.
    fn quiet(&self) -> SignedDuration {
        match self {
            Self::NoCaptain(_) | Self::OnHold(_) | Self::Missing(..) => QUIET,
            // It does not change any more: once is enough.
            Self::CalledOff(..) => KEPT,
        }
    }
}

/// One matter, taken for one mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// What it is about.
    pub matter: Matter,
    /// The mail. Another run has another key, so a claim is never taken for somebody else's.
    pub key: MessageKey,
    /// When it was taken.
    pub at: Timestamp,
}

/// What became of an attempt to take a matter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// It is ours: mail, then settle.
    Won,
    /// It was mailed within the quiet period.
    Quiet,
    /// Somebody took it within the quiet period and never said what became of the mail.
    Unknown,
}

/// What became of a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// SES has taken it.
    Sent(Receipt),
    /// Nobody can tell.
    Unknown,
    /// It surely did not go out: the matter is free again.
    Refused,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// The mail is on its way, or its outcome was never written.
    Sending,
    /// SES has taken it.
    Sent,
    /// It may or may not have gone out.
    Unknown,
}

#[derive(Serialize)]
struct Nudge<'a> {
    event_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<&'a str>,
    message_key: &'a str,
    state: State,
    claimed_at: i64,
    expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsettled: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
}

impl Claim {
    fn table_key(&self) -> Key {
        let id = match &self.matter {
            Matter::NoCaptain(event_id) => format!("no-captain#{event_id}"),
            Matter::OnHold(event_id) => format!("on-hold#{event_id}"),
            Matter::Missing(event_id, person_id) => format!("missing#{event_id}#{person_id}"),
            Matter::CalledOff(event_id, person_id) => format!("called-off#{event_id}#{person_id}"),
        };
        Table::Nudges.key(id, "")
    }

    fn nudge(&self, state: State, message_id: Option<&str>) -> Result<Item, CallError> {
        let (event_id, person_id) = match &self.matter {
            Matter::NoCaptain(event_id) | Matter::OnHold(event_id) => (event_id, None),
            Matter::Missing(event_id, person_id) | Matter::CalledOff(event_id, person_id) => {
                (event_id, Some(person_id.as_str()))
            }
        };
        item(&Nudge {
            event_id: event_id.as_str(),
            person_id,
            message_key: self.key.as_str(),
            state,
            claimed_at: self.at.as_second(),
            expires_at: self.at.checked_add(KEPT).unwrap_or(Timestamp::MAX).as_second(),
            unsettled: (state != State::Sent).then_some(UNSETTLED),
            message_id,
        })
    }

    /// What a claim that is there already means. Our own key is there when the first answer to our write was
    /// lost and it was written again.
    fn judge(&self, held: &Item) -> Claimed {
        let field = |name: &str| held.get(name).and_then(|value| value.as_str());
        if field("message_key") == Some(self.key.as_str()) {
            return Claimed::Won;
        }
        match field("state") {
            Some("sent") => Claimed::Quiet,
            _ => Claimed::Unknown,
        }
    }
}

/// Takes a matter for a mail, unless a nudge about it is within the quiet period.
pub async fn claim(tables: &dyn Tables, clock: &dyn Clock, claim: &Claim) -> Result<Claimed, CallError> {
    let quiet_since = claim.at.checked_sub(claim.matter.quiet()).unwrap_or(Timestamp::MIN).as_second();
    let free = Condition::Any(vec![Condition::Absent, Condition::AtMost("claimed_at".to_owned(), quiet_since)]);
    let write = claim.table_key().put(claim.nudge(State::Sending, None)?, free);
    Ok(match settle(tables, clock, &[write]).await? {
        Settled::Done => Claimed::Won,
        Settled::Refused(verdicts) => match verdicts.first() {
            Some(Verdict::Failed(Some(held))) => claim.judge(held),
            _ => Claimed::Unknown,
        },
    })
}

/// Writes down what became of the mail. A claim of another mail is left alone.
pub async fn settle_claim(
    tables: &dyn Tables,
    clock: &dyn Clock,
    claim: &Claim,
    outcome: &Outcome,
) -> Result<(), CallError> {
    let ours = Condition::is("message_key", claim.key.as_str());
    let write = match outcome {
        Outcome::Sent(receipt) => claim.table_key().put(claim.nudge(State::Sent, Some(&receipt.message_id))?, ours),
        Outcome::Unknown => claim.table_key().put(claim.nudge(State::Unknown, None)?, ours),
        Outcome::Refused => claim.table_key().delete(ours),
    };
    settle(tables, clock, &[write]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{Faults, FixedClock, MemoryTables};

    fn claim_at(key: &str, at: Timestamp) -> Claim {
        let matter = Matter::NoCaptain("evening".parse().expect("a key"));
        Claim { matter, key: key.parse().expect("a key"), at }
    }

    #[tokio::test]
    async fn a_claim_with_our_key_is_ours_and_anybody_elses_never_is() {
        let clock = FixedClock::at("2026-11-21T08:00:00Z");
        let tables = MemoryTables::new(Arc::new(Faults::default()));
        let ours = claim_at("ours", clock.now());
        assert_eq!(claim(&tables, &clock, &ours).await, Ok(Claimed::Won));
        assert_eq!(claim(&tables, &clock, &ours).await, Ok(Claimed::Won));
        let other = claim_at("other", clock.now());
        assert_eq!(claim(&tables, &clock, &other).await, Ok(Claimed::Unknown));
        // Settling what is not ours changes nothing.
        settle_claim(&tables, &clock, &other, &Outcome::Refused).await.expect("settled");
        let receipt = Receipt { message_id: "1".to_owned() };
        settle_claim(&tables, &clock, &ours, &Outcome::Sent(receipt)).await.expect("settled");
        assert_eq!(claim(&tables, &clock, &other).await, Ok(Claimed::Quiet));
        let later = claim_at("later", clock.now() + QUIET);
        assert_eq!(claim(&tables, &clock, &later).await, Ok(Claimed::Won));
    }
}
