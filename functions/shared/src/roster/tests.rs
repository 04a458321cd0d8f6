//! Histories of three people who claim, hand over and release at once, against a small model (R33).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::person::{Grant, Person};
use crate::random;
use crate::request::Request;
use crate::roster::{self, Authority, Change, Kind, Member, RosterRefused};
use crate::sail::{EventId, Role, Sail, Slot};
use crate::tables::Tables;
use crate::testing::{Faults, FixedClock, MemoryTables, person, sail};
use crate::waiver::{self, WaiverId};
use proptest::prelude::*;

const PEOPLE: usize = 3;

/// What a person tries.
#[derive(Clone, Copy, Debug)]
enum Try {
    Claim { slot: u32 },
    HandOver { slot: u32, to: usize },
    Release { slot: u32 },
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Came {
    Done,
    OtherHolder,
    HasRole,
}

/// One try: who, what, when it began and ended, what came of it.
#[derive(Clone, Copy, Debug)]
struct Event {
    who: usize,
    what: Try,
    began: u64,
    ended: u64,
    came: Came,
}

/// Who holds which slot.
type Model = BTreeMap<u32, usize>;

/// The rules, one after the other.
fn apply(model: &mut Model, who: usize, what: Try) -> Came {
    let has_role = |model: &Model, who: usize| model.values().any(|holder| *holder == who);
    match what {
        Try::Claim { slot } if model.contains_key(&slot) => Came::OtherHolder,
        Try::Claim { .. } if has_role(model, who) => Came::HasRole,
        Try::Claim { slot } => {
            model.insert(slot, who);
            Came::Done
        }
        Try::HandOver { slot, .. } | Try::Release { slot } if model.get(&slot) != Some(&who) => Came::OtherHolder,
        Try::HandOver { to, .. } if has_role(model, to) => Came::HasRole,
        Try::HandOver { slot, to } => {
            model.insert(slot, to);
            Came::Done
        }
        Try::Release { slot } => {
            model.remove(&slot);
            Came::Done
        }
    }
}

/// Whether some order explains all: each try at one moment between its beginning and its end.
fn is_linearizable(history: &[Event], model: &Model, last: &Model) -> bool {
    if history.is_empty() {
        return model == last;
    }
    let first_end = history.iter().map(|event| event.ended).min().expect("one at least");
    history.iter().enumerate().filter(|(_, event)| event.began <= first_end).any(|(at, event)| {
        let mut after = model.clone();
        if apply(&mut after, event.who, event.what) != event.came {
            return false;
        }
        let rest: Vec<Event> = history.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, e)| *e).collect();
        is_linearizable(&rest, &after, last)
    })
}

struct World {
    tables: MemoryTables,
    clock: FixedClock,
    people: Vec<Person>,
    event_id: EventId,
    ticks: AtomicU64,
}

fn world(conflict_every: Option<u32>) -> World {
    let evening = Sail { slots: [(Role::Deckhand, 2)].into(), ..sail("evening", "2026-11-22T00:00:00Z") };
    let event_id = evening.event_id.clone();
    let tables = MemoryTables::with_sails([evening], Arc::new(Faults::default()));
    let people: Vec<Person> = ["Robin", "Sam", "Tess"].iter().map(|name| person(name, &[Grant::Crew])).collect();
    for person in &people {
        let signed = [("state".to_owned(), "signed".into())].into_iter().collect();
        tables.set(waiver::key(&event_id, &WaiverId::of_crew(&person.person_id)), signed);
    }
    if let Some(every) = conflict_every {
        tables.conflict_every(every);
    }
    let clock = FixedClock::at("2026-11-21T08:00:00Z");
    World { tables, clock, people, event_id, ticks: AtomicU64::new(0) }
}

impl World {
    async fn attempt(&self, who: usize, what: Try) -> Came {
        let (Try::Claim { slot } | Try::HandOver { slot, .. } | Try::Release { slot }) = what;
        let slot = Slot { role: Role::Deckhand, number: slot };
        let me = &self.people[who].person_id;
        let key = random::id().expect("random bytes");
        let request = Request::new(me.clone(), key.parse().expect("a key"), &[key.as_bytes()]);
        let member = |at: usize| Member::of(self.people[at].clone()).expect("somebody active");
        let tables: &dyn Tables = &self.tables;
        let before = roster::before(tables, &self.event_id, slot, &request, self.now()).await.expect("read");
        let own = before.holder.filter(|holder| holder.person_id.as_ref() == Some(me));
        let kind = match (what, own) {
            (Try::Claim { .. }, _) => Kind::Fill(member(who)),
            (_, None) => return Came::OtherHolder,
            (Try::HandOver { to, .. }, Some(_)) if to == who => return Came::HasRole,
            (Try::HandOver { to, .. }, Some(from)) => Kind::HandOver(from, member(to)),
            (Try::Release { .. }, Some(from)) => Kind::Release(from),
        };
        let authority = Authority::Own;
        let change = Change { event_id: self.event_id.clone(), slot, kind, actor: member(who), authority };
        match change.make(tables, &self.clock, &request).await.expect("an answer") {
            Ok(_) => Came::Done,
            Err(RosterRefused::OtherHolder) => Came::OtherHolder,
            Err(RosterRefused::HasRole) => Came::HasRole,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn now(&self) -> jiff::Timestamp {
        use crate::clock::Clock as _;
        self.clock.now()
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    async fn client(&self, who: usize, tries: &[(Try, u8)]) -> Vec<Event> {
        let mut history = Vec::new();
        for (what, pause) in tries {
            for _ in 0..*pause {
                tokio::task::yield_now().await;
            }
            let began = self.tick();
            let came = self.attempt(who, *what).await;
            history.push(Event { who, what: *what, began, ended: self.tick(), came });
        }
        history
    }

    async fn holders(&self) -> Model {
        let crew = roster::of_sail(&self.tables, &self.event_id).await.expect("a roster");
        let who = |id| self.people.iter().position(|person| Some(&person.person_id) == id).expect("one of them");
        crew.iter().map(|holder| (holder.slot.number, who(holder.person_id.as_ref()))).collect()
    }
}

fn tries() -> impl Strategy<Value = Vec<(Try, u8)>> {
    let slot = 1..=2_u32;
    let one = prop_oneof![
        3 => slot.clone().prop_map(|slot| Try::Claim { slot }),
        2 => (slot.clone(), 0..PEOPLE).prop_map(|(slot, to)| Try::HandOver { slot, to }),
        2 => slot.prop_map(|slot| Try::Release { slot }),
    ];
    prop::collection::vec((one, 0..4_u8), 1..5)
}

proptest! {
    #[test]
    fn what_three_people_do_at_once_could_have_been_done_one_after_the_other(
        first in tries(), second in tries(), third in tries(), conflict_every in prop::option::of(2..5_u32),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (history, last) = runtime.block_on(async {
            let world = world(conflict_every);
            let (a, b, c) = tokio::join!(world.client(0, &first), world.client(1, &second), world.client(2, &third));
            (([a, b, c]).concat(), world.holders().await)
        });
        prop_assert!(is_linearizable(&history, &Model::new(), &last), "{history:#?} ends as {last:?}");
    }
}

#[test]
fn the_checker_tells_what_cannot_have_been() {
    let event = |who, what, began, ended, came| Event { who, what, began, ended, came };
    let claim = Try::Claim { slot: 1 };
    let both = [event(0, claim, 0, 3, Came::Done), event(1, claim, 1, 2, Came::Done)];
    assert!(!is_linearizable(&both, &Model::new(), &Model::from([(1, 0)])));
    let one = [event(0, claim, 0, 3, Came::Done), event(1, claim, 1, 2, Came::OtherHolder)];
    assert!(is_linearizable(&one, &Model::new(), &Model::from([(1, 0)])));
    // The refusal was over before the claim began.
    let early = [event(1, claim, 0, 1, Came::OtherHolder), event(0, claim, 2, 3, Came::Done)];
    assert!(!is_linearizable(&early, &Model::new(), &Model::from([(1, 0)])));
}
