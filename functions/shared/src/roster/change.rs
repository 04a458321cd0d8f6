//! A slot changes hands: the transaction, and what its refusal means.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Holder, Member, person_key, slot_key};
use crate::call_error::CallError;
use crate::clock::Clock;
use crate::history::{Author, Entry};
use crate::request::{Earlier, Request};
use crate::sail::{EventId, Role, SailState, Slot};
use crate::tables::{Condition, Item, Settled, Table, Tables, Verdict, Write, item, settle};
use crate::waiver;

/// One change of one slot.
#[derive(Clone, Debug)]
pub struct Change {
    /// The sail.
    pub event_id: EventId,
    /// The slot.
    pub slot: Slot,
    /// What changes.
    pub kind: Kind,
    /// Who acts.
    pub actor: Member,
    /// By what right.
    pub authority: Authority,
}

/// What changes. Whom the slot is taken from is part of the change: nobody is replaced unseen.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nobody holds the slot; this person takes it.
    Fill(Member),
    /// This person takes the slot over from another.
    HandOver(Holder, Member),
    /// The slot becomes open.
    Release(Holder),
}

/// By what right somebody acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authority {
    /// An administrator, or the person's own slot.
    Own,
    /// Holds this captain's slot of the same sail, and must still hold it.
    Captain(Slot),
}

/// A change that was made.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The sail.
    pub event_id: EventId,
    /// The slot, such as `deckhand#2`.
    pub slot: String,
    /// Who holds it now; absent: it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Since when, in epoch seconds.
    pub at: i64,
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RosterRefused {
    /// There is no such sail.
    NoSail,
    /// The sail has no such slot.
    NoSlot,
    /// The sail stands where no role changes.
    State(SailState),
    /// It would have left already.
    Departed,
    /// Somebody else holds the slot, or nobody does any more.
    OtherHolder,
    /// Whoever would take it has a role on this sail.
    HasRole,
    /// Whoever would take it has no signed waiver for this sail.
    NoWaiver,
    /// The waiver of whoever would take it is on hold.
    OnHold,
    /// Whoever would take it may not hold this role.
    NotQualified,
    /// Who acts does not command the sail any more.
    NotCaptain,
    /// Something else was asked under the same key.
    OtherBody,
}

/// What a write of the transaction is about, so that its refusal can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum About {
    Slot,
    Person,
    Nothing,
    Sail,
    Waiver,
    Captain,
    Request,
}

impl Kind {
    fn from(&self) -> Option<&Holder> {
        match self {
            Self::Fill(_) => None,
            Self::HandOver(from, _) | Self::Release(from) => Some(from),
        }
    }

    fn to(&self) -> Option<&Member> {
        match self {
            Self::Fill(to) | Self::HandOver(_, to) => Some(to),
            Self::Release(_) => None,
        }
    }
}

impl Change {
    /// Makes the change once, however often the request comes. The inner error is a refusal.
    pub async fn make(
        &self,
        tables: &dyn Tables,
        clock: &dyn Clock,
        request: &Request,
    ) -> Result<Result<Changed, RosterRefused>, CallError> {
        if self.kind.to().is_some_and(|to| !to.may_hold(self.slot.role)) {
            return Ok(Err(RosterRefused::NotQualified));
        }
        let now = clock.now();
        let changed = self.changed(now);
        let (about, writes): (Vec<About>, Vec<Write>) = self.writes(&changed, request, now)?.into_iter().unzip();
        match settle(tables, clock, &writes).await? {
            Settled::Done => Ok(Ok(changed)),
            Settled::Refused(verdicts) => self.explain(&about, &verdicts, request, now),
        }
    }

    fn changed(&self, now: Timestamp) -> Changed {
        Changed {
            event_id: self.event_id.clone(),
            slot: self.slot.to_string(),
            person_id: self.kind.to().map(|to| to.person_id.to_string()),
            at: now.as_second(),
        }
    }

    fn writes(&self, changed: &Changed, request: &Request, now: Timestamp) -> Result<Vec<(About, Write)>, CallError> {
        let mut writes = vec![
            (About::Request, request.keep(changed, now)?),
            (About::Slot, self.slot_write(now)?),
            (About::Sail, Table::Events.key(self.event_id.as_str(), "").check(self.of_sail(now))),
            (About::Nothing, self.entry(now).write(&self.event_id)?),
        ];
        if let Some(from) = self.kind.from().and_then(|from| from.person_id.as_ref()) {
            writes.push((About::Nothing, person_key(&self.event_id, from).delete(None)));
        }
        if let Some(to) = self.kind.to() {
            let held = Item::from_iter([("held".to_owned(), self.slot.to_string().into())]);
            writes.push((About::Person, person_key(&self.event_id, &to.person_id).put(held, Condition::Absent)));
            let key = waiver::key(&self.event_id, &waiver::WaiverId::of_crew(&to.person_id));
            writes.push((About::Waiver, key.check(waiver::may_sail())));
        }
        if let Authority::Captain(slot) = self.authority
            && slot != self.slot
        {
            let still = Condition::is("person_id", self.actor.person_id.as_str());
            writes.push((About::Captain, slot_key(&self.event_id, slot).check(still)));
        }
        Ok(writes)
    }

    fn slot_write(&self, now: Timestamp) -> Result<Write, CallError> {
        let before = self.kind.from().map_or(Condition::Absent, Holder::is_in_slot);
        let key = slot_key(&self.event_id, self.slot);
        Ok(match self.kind.to() {
            None => key.delete(before),
            Some(to) => {
                let holder = Holder {
                    slot: self.slot,
                    person_id: Some(to.person_id.clone()),
                    email: to.email.clone(),
                    name: Some(to.name.clone()),
                    claimed_at: now.as_second(),
                };
                key.put(item(&holder)?, before)
            }
        })
    }

    /// What must hold of the sail. Its first captain's slot is there whether planned or not, and any slot may
    /// be released.
    fn of_sail(&self, now: Timestamp) -> Condition {
        let states = [SailState::Created, SailState::Confirmed].map(|state| state.name().into()).to_vec();
        let mut all = vec![
            Condition::IsOneOf("state".to_owned(), states),
            Condition::AtLeast("departs_at".to_owned(), now.as_second() + 1),
        ];
        let unplanned = self.slot == (Slot { role: Role::Captain, number: 1 });
        if self.kind.to().is_some() && !unplanned {
            all.push(Condition::AtLeast(format!("slots.{}", self.slot.role.name()), i64::from(self.slot.number)));
        }
        Condition::All(all)
    }

    fn entry(&self, now: Timestamp) -> Entry {
        let from = self.kind.from().map(|from| from.email.as_str().to_owned());
        let to = self.kind.to().map(|to| to.email.as_str().to_owned());
        Entry::role(now, Author::of(&self.actor.person_id, &self.actor.email), self.slot, from, to)
    }

    /// The first that explains: a repeated request before all, for its own success fails every other condition.
    fn explain(
        &self,
        about: &[About],
        verdicts: &[Verdict],
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Changed, RosterRefused>, CallError> {
        let odd = || CallError::odd_result("TransactWriteItems", "a refusal that nothing explains");
        let failed = |wanted: About| {
            let found = about.iter().zip(verdicts).find(|(about, _)| **about == wanted);
            found.and_then(|(_, verdict)| match verdict {
                Verdict::Failed(item) => Some(item.as_ref()),
                Verdict::Held => None,
            })
        };
        if let Some(verdict) = about.iter().position(|about| *about == About::Request).and_then(|at| verdicts.get(at)) {
            match request.earlier(verdict)? {
                Some(Earlier::Answer(answer)) => {
                    return serde_json::from_value(answer).map(Ok).map_err(|_| odd());
                }
                Some(Earlier::OtherBody) => return Ok(Err(RosterRefused::OtherBody)),
                None => {}
            }
        }
        let refused = if let Some(sail) = failed(About::Sail) {
            self.of_refused_sail(sail, now)
        } else if failed(About::Captain).is_some() {
            RosterRefused::NotCaptain
        } else if failed(About::Slot).is_some() {
            RosterRefused::OtherHolder
        } else if failed(About::Person).is_some() {
            RosterRefused::HasRole
        } else if let Some(waiver) = failed(About::Waiver) {
            match waiver {
                Some(_) => RosterRefused::OnHold,
                None => RosterRefused::NoWaiver,
            }
        } else {
            return Err(odd());
        };
        Ok(Err(refused))
    }

    fn of_refused_sail(&self, sail: Option<&Item>, now: Timestamp) -> RosterRefused {
        let Some(sail) = sail else {
            return RosterRefused::NoSail;
        };
        let state = sail.get("state").cloned().and_then(|state| serde_json::from_value::<SailState>(state).ok());
        match state {
            Some(state) if !state.is_ahead() => RosterRefused::State(state),
            None => RosterRefused::NoSail,
            Some(_) if sail.get("departs_at").and_then(|at| at.as_i64()) <= Some(now.as_second()) => {
                RosterRefused::Departed
            }
            Some(_) => RosterRefused::NoSlot,
        }
    }
}
