//! A sail: what a crew is asked to do, and who may be needed on it.

mod key;
mod plan;
mod step;
mod window;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::second::required as epoch_seconds;
use serde::{Deserialize, Serialize};

pub use key::{EventId, WaiverToken};
pub use plan::{Draft, LARGEST_GUEST_LIMIT, LONGEST, MOST_SLOTS};
pub use step::{EARLIEST_START, Readiness, Step, StepRefused, after};
pub use window::{Window, windows};

/// The most slots of one role that a sail is listed with; more is a mistake in the data.
pub const MOST_SLOTS_A_ROLE: u32 = 20;

/// Where a sail stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SailState {
    /// Planned, not promised yet.
    Created,
    /// It takes place.
    Confirmed,
    /// Under way.
    InProgress,
    /// Everybody is ashore again.
    Completed,
    /// It does not take place.
    Cancelled,
}

/// What a member of the crew does on a sail.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Commands the vessel.
    Captain,
    /// The captain's deputy.
    FirstOfficer,
    /// Handles lines and sails.
    Deckhand,
    /// Looks after the guests.
    Steward,
    /// Cooks.
    Chef,
}

/// One place on a sail for one person, such as `deckhand#2`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Slot {
    /// What the person does.
    pub role: Role,
    /// Which of the role's places, from 1.
    pub number: u32,
}

/// A sail as it is planned.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Sail {
    /// Its key.
    pub event_id: EventId,
    /// What people call it.
    pub title: String,
    /// The vessel's name.
    pub vessel: String,
    /// When it leaves; epoch seconds in the table.
    #[serde(with = "epoch_seconds")]
    pub departs_at: Timestamp,
    /// When it is back; epoch seconds in the table.
    #[serde(with = "epoch_seconds")]
    pub returns_at: Timestamp,
    /// How many guests it takes.
    pub guest_limit: u32,
    /// Where it stands.
    pub state: SailState,
    /// How many people of each role it needs.
    #[serde(default)]
    pub slots: BTreeMap<Role, u32>,
    /// Grows with each change, from 1.
    #[serde(default = "first_revision")]
    pub revision: u32,
    /// What opens the waiver page to guests. A sail from before there were such links has none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver_token: Option<WaiverToken>,
    /// What the keys of guests' waivers are salted with, once it is no longer [`Sail::waiver_token`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_salt: Option<WaiverToken>,
}

fn first_revision() -> u32 {
    1
}

impl Sail {
    /// Every slot, the captain's first. A sail has a captain's slot whether planned or not.
    pub fn slots(&self) -> Vec<Slot> {
        Role::ALL.into_iter().flat_map(|role| self.slots_of(role)).collect()
    }

    /// The slots of one role.
    pub fn slots_of(&self, role: Role) -> impl Iterator<Item = Slot> + use<> {
        let least = u32::from(role == Role::Captain);
        let planned = self.slots.get(&role).copied().unwrap_or(0);
        let count = planned.clamp(least, MOST_SLOTS_A_ROLE);
        (1..=count).map(move |number| Slot { role, number })
    }

    /// What the keys of guests' waivers are salted with: the token of the sail's first link, for ever. So a guest who
    /// is on hold stays the same guest under a later link.
    pub fn guest_salt(&self) -> &str {
        let salt = self.guest_salt.as_ref().or(self.waiver_token.as_ref());
        salt.map(WaiverToken::expose).unwrap_or_default()
    }

    /// The same sail, one revision later, with a new link to its waiver page: the present one opens nothing any more.
    pub fn with_waiver_token(&self, token: WaiverToken) -> Self {
        Self {
            guest_salt: self.guest_salt.clone().or_else(|| self.waiver_token.clone()),
            waiver_token: Some(token),
            revision: self.revision + 1,
            ..self.clone()
        }
    }
}

impl SailState {
    /// The state's name in tables and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the sail is still to come: neither under way, nor over, nor cancelled.
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Created | Self::Confirmed)
    }
}

impl Role {
    /// Every role, in the order in which a crew list names them.
    pub const ALL: [Self; 5] = [Self::Captain, Self::FirstOfficer, Self::Deckhand, Self::Steward, Self::Chef];

    /// The role's name in tables and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Captain => "captain",
            Self::FirstOfficer => "first_officer",
            Self::Deckhand => "deckhand",
            Self::Steward => "steward",
            Self::Chef => "chef",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.role.name(), self.number)
    }
}

impl FromStr for Slot {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a slot: a role, '#' and a number from 1";
        let (name, number) = text.split_once('#').ok_or(RULE)?;
        let role = Role::ALL.into_iter().find(|role| role.name() == name);
        let number = number.parse().ok().filter(|number| *number > 0);
        Ok(Self { role: role.ok_or(RULE)?, number: number.ok_or(RULE)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sail(slots: &[(Role, u32)]) -> Sail {
        Sail {
            event_id: "evening-1".parse().expect("a key"),
            title: "Evening".to_owned(),
            vessel: "Jada".to_owned(),
            departs_at: Timestamp::UNIX_EPOCH,
            returns_at: Timestamp::UNIX_EPOCH,
            guest_limit: 20,
            state: SailState::Created,
            slots: slots.iter().copied().collect(),
            revision: 1,
            waiver_token: None,
            guest_salt: None,
        }
    }

    fn names(sail: &Sail) -> Vec<String> {
        sail.slots().iter().map(Slot::to_string).collect()
    }

    #[test]
    fn slots_are_numbered_and_begin_with_the_captain() {
        let planned = sail(&[(Role::Deckhand, 2), (Role::Captain, 1)]);
        assert_eq!(names(&planned), ["captain#1", "deckhand#1", "deckhand#2"]);
    }

    #[test]
    fn a_sail_without_a_planned_captain_needs_one_all_the_same() {
        assert_eq!(names(&sail(&[])), ["captain#1"]);
        assert_eq!(names(&sail(&[(Role::Captain, 0)])), ["captain#1"]);
    }

    #[test]
    fn an_absurd_count_is_cut() {
        let absurd = sail(&[(Role::Deckhand, u32::MAX)]);
        assert_eq!(absurd.slots().len(), 1 + MOST_SLOTS_A_ROLE as usize);
    }

    #[test]
    fn a_slot_reads_back_as_written() {
        for text in ["captain#1", "first_officer#12"] {
            let slot: Slot = text.parse().expect("a slot");
            assert_eq!(slot.to_string(), text);
        }
        for text in ["captain", "captain#0", "captain#x", "pilot#1", "#1", ""] {
            assert!(text.parse::<Slot>().is_err(), "{text}");
        }
    }

    #[test]
    fn role_names_are_the_same_in_json() {
        for role in Role::ALL {
            let json = serde_json::to_value(role).expect("serialises");
            assert_eq!(json, role.name());
        }
    }
}
