//! A waiver: what somebody signs before a sail, and whether it is on hold.
//!
//! ```text
//! submit ──▶ signed ─────────────────board──▶ boarded
//!    └─────▶ on_hold ──clear──▶ cleared ──board──┘
//! ```
//!
//! One waiver a person a sail: the key of a guest's is made of name and date of birth, so that a hold cannot be
//! passed by signing again. Table waivers: `<waiver_id>` tells where it stands, `paper#<waiver_id>` holds what was
//! signed, `aboard` counts the guests aboard.

mod form;
mod id;
mod seal;
mod text;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::person::PersonId;
use crate::sail::{EventId, Sail, SailState};
use crate::tables::{Condition, Key, Table};

pub use form::{Contact, Form, Guardian, Medical, Risk, Signature};
pub use id::WaiverId;
pub use seal::{Seal, Sealed};
pub use text::{CURRENT, WaiverText, text_of};

/// What the key of the paper begins with; it sorts after every waiver.
pub(crate) const PAPER: &str = "paper#";

/// Where a sail stands that people board.
pub(crate) const BOARDING: [SailState; 2] = [SailState::Confirmed, SailState::InProgress];

/// Why a waiver is on hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Hold {
    /// Under 18 at departure, and no guardian has signed.
    MinorWithoutGuardian,
    /// A condition with which a sail may be dangerous.
    HighRisk,
    /// It is not said whether there are conditions, or not which.
    IncompleteDisclosure,
}

/// Where a waiver stands.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Nothing stands against it.
    Signed,
    /// Nobody boards before an administrator has cleared it.
    OnHold {
        /// Why.
        reasons: Vec<Hold>,
    },
    /// It was on hold.
    Cleared {
        /// Who cleared it.
        cleared_by: PersonId,
        /// When, in epoch seconds.
        cleared_at: i64,
        /// Why.
        clearance: String,
    },
    /// The person is aboard, and was here before.
    Boarded {
        /// When, in epoch seconds.
        boarded_at: i64,
    },
}

/// A waiver as lists tell it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// The sail.
    pub event_id: EventId,
    /// Its key within the sail.
    pub waiver_id: WaiverId,
    /// Who signed.
    pub name: String,
    /// When, in epoch seconds.
    pub signed_at: i64,
    /// Which text was signed.
    pub text_version: String,
    /// Where it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Who does something with a waiver that only some may.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Hand {
    /// An administrator.
    Admin(PersonId),
    /// Who commands the sail.
    Captain,
}

/// Why something is not done with a waiver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WaiverRefused {
    /// It is not on hold.
    NotOnHold,
    /// It is on hold.
    OnHold,
    /// The person is aboard already.
    Aboard,
    /// Only an administrator does that.
    NotAllowed,
    /// The sail is not one that anybody boards now.
    State(SailState),
}

impl Standing {
    /// Where a form stands that was just signed.
    pub fn of_form(form: &Form, sail: &Sail) -> Self {
        let reasons = form.holds(sail);
        match reasons.is_empty() {
            true => Self::Signed,
            false => Self::OnHold { reasons },
        }
    }

    /// The state's name in tables and in the API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::OnHold { .. } => "on_hold",
            Self::Cleared { .. } => "cleared",
            Self::Boarded { .. } => "boarded",
        }
    }

    /// A hold ends, by an administrator alone.
    pub fn clear(&self, hand: &Hand, reason: &str, now: Timestamp) -> Result<Self, WaiverRefused> {
        match (self, hand) {
            (_, Hand::Captain) => Err(WaiverRefused::NotAllowed),
            (Self::OnHold { .. }, Hand::Admin(cleared_by)) => Ok(Self::Cleared {
                cleared_by: cleared_by.clone(),
                cleared_at: now.as_second(),
                clearance: reason.to_owned(),
            }),
            (Self::Signed | Self::Cleared { .. } | Self::Boarded { .. }, _) => Err(WaiverRefused::NotOnHold),
        }
    }

    /// The person goes aboard.
    pub fn board(&self, sail: SailState, now: Timestamp) -> Result<Self, WaiverRefused> {
        if !BOARDING.contains(&sail) {
            return Err(WaiverRefused::State(sail));
        }
        match self {
            Self::Signed | Self::Cleared { .. } => Ok(Self::Boarded { boarded_at: now.as_second() }),
            Self::OnHold { .. } => Err(WaiverRefused::OnHold),
            Self::Boarded { .. } => Err(WaiverRefused::Aboard),
        }
    }

    /// Whether the person may take part.
    pub fn may_sail(&self) -> bool {
        !matches!(self, Self::OnHold { .. })
    }
}

/// The key of a waiver's item.
pub fn key(event_id: &EventId, waiver_id: &WaiverId) -> Key {
    Table::Waivers.key(event_id.as_str(), waiver_id.as_str())
}

/// What must hold of the waiver of somebody who takes part.
pub fn may_sail() -> Condition {
    Condition::IsOneOf("state".to_owned(), ["signed", "cleared", "boarded"].map(Into::into).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn admin() -> Hand {
        Hand::Admin("0123456789abcdef0123456789abcdef".parse().expect("a key"))
    }

    #[derive(Clone, Copy, Debug)]
    enum Try {
        AdminClears,
        CaptainClears,
        Board(SailState),
    }

    fn any_try() -> impl Strategy<Value = Try> {
        let states = [SailState::Created, SailState::Confirmed, SailState::InProgress, SailState::Cancelled];
        prop_oneof![
            Just(Try::AdminClears),
            Just(Try::CaptainClears),
            prop::sample::select(states.to_vec()).prop_map(Try::Board),
        ]
    }

    proptest! {
        #[test]
        fn nobody_goes_from_a_hold_aboard_unless_an_administrator_cleared_it(
            on_hold in any::<bool>(),
            tries in prop::collection::vec(any_try(), 0..12),
        ) {
            let mut standing = match on_hold {
                true => Standing::OnHold { reasons: vec![Hold::HighRisk] },
                false => Standing::Signed,
            };
            let mut cleared = !on_hold;
            for each in tries {
                let next = match each {
                    Try::AdminClears => standing.clear(&admin(), "seen by a doctor", Timestamp::UNIX_EPOCH),
                    Try::CaptainClears => standing.clear(&Hand::Captain, "it is fine", Timestamp::UNIX_EPOCH),
                    Try::Board(state) => standing.board(state, Timestamp::UNIX_EPOCH),
                };
                if let Ok(next) = next {
                    prop_assert!(!matches!(each, Try::CaptainClears));
                    cleared |= matches!(each, Try::AdminClears);
                    standing = next;
                }
                prop_assert_eq!(standing.may_sail(), cleared);
            }
            let is_aboard = matches!(standing, Standing::Boarded { .. });
            prop_assert!(cleared || !is_aboard);
        }
    }
}
