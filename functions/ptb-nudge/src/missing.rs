//! What a person lacks for the sails about now. Pure.

use std::collections::BTreeMap;

use functions_shared::checklist::EntryState;
use functions_shared::person::{Person, PersonId};
use functions_shared::roster::Member;
use functions_shared::sail::{Role, Sail, SailState};
use functions_shared::waiver::WaiverId;
use jiff::Timestamp;

use crate::facts::{AHEAD, SailFacts};

/// What one person lacks for one sail.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing<'a> {
    /// The sail.
    pub sail: &'a Sail,
    /// What it is.
    pub what: What<'a>,
}

/// What a person is told of a sail.
#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
    /// It does not take place, and this person holds a slot of it.
    CalledOff,
    /// This person has something to do. One at least.
    ToDo {
        /// The waiver is not signed.
        waiver: bool,
        /// Entries of the checklist whose turn it is, with when they are due.
        entries: Vec<(&'a str, Timestamp)>,
        /// Roles with an open slot that this person may take.
        open: Vec<Role>,
    },
}

/// What each sail lacks, ready to be asked about each person: thousands of people cost a look each.
pub struct Lacks<'a> {
    sails: Vec<SailLacks<'a>>,
    now: Timestamp,
}

struct SailLacks<'a> {
    facts: &'a SailFacts,
    holders: BTreeMap<&'a PersonId, Role>,
    open: Vec<Role>,
}

impl<'a> Lacks<'a> {
    /// Of these sails, as they are now.
    pub fn of(facts: &'a [SailFacts], now: Timestamp) -> Self {
        let sails = facts.iter().map(|facts| SailLacks {
            facts,
            holders: facts.crew.iter().filter_map(|held| Some((held.person_id.as_ref()?, held.slot.role))).collect(),
            open: open(facts, now),
        });
        Self { sails: sails.collect(), now }
    }

    /// What this person lacks, in the order of departure.
    pub fn of_person(&self, person: &Person) -> Vec<Missing<'a>> {
        let Some(member) = Member::of(person.clone()) else {
            return Vec::new();
        };
        let of_sail = |lacks: &SailLacks<'a>| {
            let what = match lacks.holders.get(&member.person_id) {
                Some(role) => lacks.of_holder(&member, *role, self.now),
                None => lacks.of_another(&member),
            };
            what.map(|what| Missing { sail: &lacks.facts.sail, what })
        };
        self.sails.iter().filter_map(of_sail).collect()
    }
}

impl<'a> SailLacks<'a> {
    fn of_holder(&self, member: &Member, role: Role, now: Timestamp) -> Option<What<'a>> {
        let SailFacts { sail, waivers, list, .. } = self.facts;
        if sail.state == SailState::Cancelled {
            return Some(What::CalledOff);
        }
        let its_turn = |entry: &&'a functions_shared::checklist::Entry| {
            let is_done = list.done.contains_key(&entry.entry_id);
            entry.role == role && matches!(entry.state(sail, is_done, now), EntryState::Open | EntryState::Overdue)
        };
        let entries = list.entries.iter().filter(its_turn);
        let entries: Vec<_> = entries.map(|entry| (entry.text.as_str(), entry.due_at(sail))).collect();
        // One on hold is an administrator's to clear: the person has done what there is to do.
        let waiver = !waivers.contains_key(&WaiverId::of_crew(&member.person_id));
        (waiver || !entries.is_empty()).then_some(What::ToDo { waiver, entries, open: Vec::new() })
    }

    fn of_another(&self, member: &Member) -> Option<What<'a>> {
        let open: Vec<Role> = self.open.iter().copied().filter(|role| member.may_hold(*role)).collect();
        (!open.is_empty()).then_some(What::ToDo { waiver: false, entries: Vec::new(), open })
    }
}

/// The roles with an open slot, near departure.
fn open(facts: &SailFacts, now: Timestamp) -> Vec<Role> {
    let ahead = facts.sail.departs_at.duration_since(now);
    if !facts.sail.state.is_ahead() || !ahead.is_positive() || ahead > AHEAD {
        return Vec::new();
    }
    let is_open = |role: &Role| facts.sail.slots_of(*role).any(|slot| !facts.crew.iter().any(|held| held.slot == slot));
    Role::ALL.into_iter().filter(is_open).collect()
}
