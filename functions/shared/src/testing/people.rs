//! People in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use jiff::Timestamp;

use crate::BoxFuture;
use crate::call_error::CallError;
use crate::mail::Address;
use crate::people::{Entry, MOST_ENTRIES, People, PeoplePage, SessionKey, Written};
use crate::person::{Grant, Person, PersonId};

/// The people's table.
#[derive(Debug, Default)]
pub struct MemoryPeople {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    people: BTreeMap<PersonId, Person>,
    ended: BTreeSet<SessionKey>,
    entries: Vec<(PersonId, Entry)>,
    broken: Option<Broken>,
    calls: u32,
}

/// How the table fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Broken {
    /// It refuses.
    Refuses,
    /// Its adapter panics, with words that nobody may read.
    Panics,
}

/// Somebody with an address like `robin@example.com`, a name like `Robin`, and these grants.
pub fn person(name: &str, grants: &[Grant]) -> Person {
    let email = format!("{}@example.com", name.to_lowercase()).parse().expect("an address");
    let name = name.parse().expect("a name");
    Person::new(&email, name, grants.iter().copied().collect(), Timestamp::UNIX_EPOCH).expect("random bytes")
}

impl MemoryPeople {
    /// Puts somebody in, whatever was there.
    pub fn put(&self, person: &Person) {
        self.lock().people.insert(person.person_id.clone(), person.clone());
    }

    /// From now on the table fails.
    pub fn break_so(&self, broken: Broken) {
        self.lock().broken = Some(broken);
    }

    /// How many calls were made.
    pub fn calls(&self) -> u32 {
        self.lock().calls
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("never poisoned")
    }

    fn call<T>(&self, operation: &'static str, act: impl FnOnce(&mut State) -> T) -> Result<T, CallError> {
        let broken = self.lock().broken;
        match broken {
            Some(Broken::Panics) => panic!("robin@example.com has peanut allergy"),
            Some(Broken::Refuses) => Err(CallError::odd_result(operation, "ResourceNotFoundException")),
            None => {
                let mut state = self.lock();
                state.calls += 1;
                Ok(act(&mut state))
            }
        }
    }
}

impl State {
    fn write(&mut self, person: &Person, entry: &Entry, free: bool) -> Written {
        if !free {
            return Written::Conflict;
        }
        self.people.insert(person.person_id.clone(), person.clone());
        self.entries.push((person.person_id.clone(), entry.clone()));
        Written::Done
    }
}

impl People for MemoryPeople {
    fn of_session<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        let found = self.call("BatchGetItem", |state| match state.ended.contains(session) {
            true => None,
            false => state.people.get(&session.person_id).cloned(),
        });
        Box::pin(async { found })
    }

    fn by_id<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        let found = self.call("GetItem", |state| state.people.get(person_id).cloned());
        Box::pin(async { found })
    }

    fn by_email<'a>(&'a self, email: &'a Address) -> BoxFuture<'a, Result<Option<Person>, CallError>> {
        let email = email.canonical();
        let found = self.call("GetItem", |state| state.people.values().find(|each| each.email == email).cloned());
        Box::pin(async { found })
    }

    fn page<'a>(&'a self, after: Option<&'a Person>, limit: u32) -> BoxFuture<'a, Result<PeoplePage, CallError>> {
        let place = |person: &Person| (person.name.as_str().to_lowercase(), person.person_id.clone());
        let page = self.call("Query", |state| {
            let mut people: Vec<Person> = state.people.values().cloned().collect();
            people.sort_by_key(place);
            people.retain(|each| after.is_none_or(|after| place(each) > place(after)));
            let more = people.len() > limit as usize;
            people.truncate(limit as usize);
            PeoplePage { people, more }
        });
        Box::pin(async { page })
    }

    fn add<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>> {
        let written = self.call("TransactWriteItems", |state| {
            let free = state.people.values().all(|each| each.email != person.email);
            state.write(person, entry, free)
        });
        Box::pin(async { written })
    }

    fn change<'a>(&'a self, person: &'a Person, entry: &'a Entry) -> BoxFuture<'a, Result<Written, CallError>> {
        let written = self.call("TransactWriteItems", |state| {
            let before = state.people.get(&person.person_id);
            let free = before.is_some_and(|before| before.revision + 1 == person.revision);
            state.write(person, entry, free)
        });
        Box::pin(async { written })
    }

    fn end<'a>(&'a self, session: &'a SessionKey, _: Timestamp) -> BoxFuture<'a, Result<(), CallError>> {
        let ended = self.call("PutItem", |state| {
            state.ended.insert(session.clone());
        });
        Box::pin(async { ended })
    }

    fn entries<'a>(&'a self, person_id: &'a PersonId) -> BoxFuture<'a, Result<Vec<Entry>, CallError>> {
        let found = self.call("Query", |state| {
            let of_person = state.entries.iter().rev().filter(|(whose, _)| whose == person_id);
            of_person.map(|(_, entry)| entry.clone()).take(MOST_ENTRIES as usize).collect()
        });
        Box::pin(async { found })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), CallError>> {
        let answer = self.call("GetItem", |_| ());
        Box::pin(async { answer })
    }
}
