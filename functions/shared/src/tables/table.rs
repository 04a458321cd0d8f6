//! The tables and their indexes: names and keys.

use super::{Key, TableNames};
use crate::config::Reader;

/// A table by its name in the application.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Table {
    /// The sails.
    Events,
    /// Who holds which slot.
    Roles,
    /// What was signed.
    Waivers,
    /// What is to be done on a sail.
    Checklists,
    /// Who did what.
    Audit,
    /// Answers kept for repeated requests.
    Requests,
    /// What was mailed.
    Nudges,
}

/// A second order of a table's items.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Index {
    /// Sails by departure.
    ByDeparture,
    /// Waivers on hold, the oldest hold first.
    OnHold,
    /// Mails whose outcome is not known, the oldest first.
    Unsettled,
}

/// A table or one of its indexes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// A table in the order of its range key; what is read is as the latest write left it.
    Table(Table),
    /// An index, which may be a moment late.
    Index(Index),
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 7] =
        [Self::Events, Self::Roles, Self::Waivers, Self::Checklists, Self::Audit, Self::Requests, Self::Nudges];

    /// The physical names of tables from `EVENTS_TABLE`, `ROLES_TABLE` and so on.
    pub fn names(read: &mut Reader<'_>, tables: &[Self]) -> Option<TableNames> {
        // Every variable is read, so that every fault is told.
        let names: Vec<_> = tables.iter().map(|table| (*table, read.required(table.variable()))).collect();
        names.into_iter().map(|(table, name)| name.map(|name| (table, name))).collect()
    }

    /// The table's name in the application.
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Roles => "roles",
            Self::Waivers => "waivers",
            Self::Checklists => "checklists",
            Self::Audit => "audit",
            Self::Requests => "requests",
            Self::Nudges => "nudges",
        }
    }

    /// The variable that tells a function the table's physical name.
    fn variable(self) -> &'static str {
        match self {
            Self::Events => "EVENTS_TABLE",
            Self::Roles => "ROLES_TABLE",
            Self::Waivers => "WAIVERS_TABLE",
            Self::Checklists => "CHECKLISTS_TABLE",
            Self::Audit => "AUDIT_TABLE",
            Self::Requests => "REQUESTS_TABLE",
            Self::Nudges => "NUDGES_TABLE",
        }
    }

    /// The names of the hash key and of the range key, if there is one.
    pub fn keys(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Events => ("event_id", None),
            Self::Roles => ("event_id", Some("slot")),
            Self::Waivers => ("event_id", Some("waiver_id")),
            Self::Checklists => ("event_id", Some("part")),
            Self::Audit => ("event_id", Some("entry")),
            Self::Requests => ("request_id", None),
            Self::Nudges => ("nudge_id", None),
        }
    }

    /// The key of an item.
    pub fn key(self, hash: impl Into<String>, range: impl Into<String>) -> Key {
        Key { table: self, hash: hash.into(), range: range.into() }
    }
}

impl Index {
    /// Every index.
    pub const ALL: [Self; 3] = [Self::ByDeparture, Self::OnHold, Self::Unsettled];

    /// The table, the index's name, and the names of its hash key and range key.
    pub fn parts(self) -> (Table, &'static str, &'static str, &'static str) {
        match self {
            Self::ByDeparture => (Table::Events, "by-departure", "calendar", "departs_at"),
            Self::OnHold => (Table::Waivers, "on-hold", "hold", "held_at"),
            Self::Unsettled => (Table::Nudges, "unsettled", "unsettled", "claimed_at"),
        }
    }
}

impl Source {
    /// The table, and the names of the hash key and the range key in this order.
    pub fn keys(self) -> (Table, &'static str, Option<&'static str>) {
        match self {
            Self::Table(table) => (table, table.keys().0, table.keys().1),
            Self::Index(index) => {
                let (table, _, hash, range) = index.parts();
                (table, hash, Some(range))
            }
        }
    }
}
