//! A cloud in memory: it keeps a world, counts calls, and can refuse, throttle, lose the answer, hang
//! or die at any of them; it can also hide for a while what was just made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::faults::{Fault, Faults};
use super::time::VirtualTime;
use crate::clock::Clock as _;
use crate::owner::STACK_TAG;
use crate::resource::{CloudError, ErrorClass, Identity};

/// How long a call that hangs takes until the client gives it up.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// One living object of the fake cloud.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Its type.
    pub type_name: &'static str,
    /// Its id.
    pub id: String,
    /// Its inputs.
    pub inputs: Value,
}

/// What the cloud must know of a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sort {
    pub type_name: &'static str,
    pub identity: Identity,
    /// Whether an object of another stack under our name is refused.
    pub tagged: bool,
    /// Whether each shape is another object.
    pub by_shape: bool,
}

#[derive(Default)]
struct World {
    things: Vec<Thing>,
    done: Vec<String>,
    minted: usize,
    calls: usize,
    changes: usize,
    faults: Faults,
    /// When each object was made, by id.
    made: BTreeMap<String, Duration>,
    hidden_for: Duration,
    /// When each object was changed the last time, by id.
    changed: BTreeMap<String, Duration>,
    spread_for: Duration,
    /// Whether each object is read by a call of its own.
    one_by_one: bool,
    broken: Vec<String>,
    /// What somebody took away by hand: that it is still used is not our doing.
    taken: BTreeSet<String>,
}

/// The cloud.
#[derive(Default)]
pub struct FakeCloud {
    world: Mutex<World>,
    /// Rung when a fault killed the deployer.
    pub died: Notify,
}

impl FakeCloud {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics while it holds the world")
    }

    /// Lets the `at`-th call from now (from 0) go wrong, once.
    pub fn fail_call(&self, at: usize, fault: Fault) {
        let mut world = self.lock();
        let at = world.calls + at;
        world.faults.calls.insert(at, fault);
    }

    /// Lets the `at`-th mutating call from now (from 0) go wrong, once.
    pub fn fail_change(&self, at: usize, fault: Fault) {
        let mut world = self.lock();
        let at = world.changes + at;
        world.faults.changes.insert(at, fault);
    }

    /// Lets so many of a hundred calls go wrong from now on, in one of these ways; the seed says which.
    pub fn fail_some(&self, seed: u64, percent: u8, ways: &'static [Fault]) {
        self.lock().faults.odds = Some((seed, percent, ways));
    }

    /// Refuses every change of the object of that name, for good.
    pub fn refuse(&self, name: &str) {
        self.lock().faults.refused.insert(name.to_owned());
    }

    /// Lets calls take up to so long, each its own time by the seed.
    pub fn take_up_to(&self, seed: u64, most: Duration) {
        self.lock().faults.latency = Some((seed, most));
    }

    /// Hides what is made for so long: it is not read, not listed, and nothing may refer to it.
    pub fn hide_for(&self, so_long: Duration) {
        self.lock().hidden_for = so_long;
    }

    /// Lets changes of what spreads slowly take so long.
    pub fn spread_for(&self, so_long: Duration) {
        self.lock().spread_for = so_long;
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        self.lock().faults = Faults::default();
    }

    /// Whether every planned fault has struck.
    pub fn struck(&self) -> bool {
        let world = self.lock();
        world.faults.calls.is_empty() && world.faults.changes.is_empty()
    }

    /// Calls so far, those that only read included.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// Mutating calls so far.
    pub fn mutations(&self) -> usize {
        self.lock().changes
    }

    /// Everything that lives, by type and id.
    pub fn things(&self) -> Vec<Thing> {
        let mut things = self.lock().things.clone();
        things.sort_by(|one, other| (one.type_name, &one.id).cmp(&(other.type_name, &other.id)));
        things
    }

    /// What lives, ids masked: the same for every way to get there.
    pub fn inventory(&self) -> Vec<String> {
        let mut told: Vec<_> =
            self.things().into_iter().map(|thing| format!("{} {}", thing.type_name, masked(&thing.inputs))).collect();
        told.sort();
        told
    }

    /// Effects done so far, each as often as it was.
    pub fn done(&self) -> Vec<String> {
        self.lock().done.clone()
    }

    /// What was wrong with the world after some change: users of what is gone, two objects of one address.
    pub fn broken(&self) -> Vec<String> {
        self.lock().broken.clone()
    }

    /// Somebody changes the world by hand.
    pub fn by_hand(&self, change: impl FnOnce(&mut Vec<Thing>)) {
        let mut world = self.lock();
        let ids = |things: &[Thing]| things.iter().map(|thing| thing.id.clone()).collect::<BTreeSet<_>>();
        let before = ids(&world.things);
        change(&mut world.things);
        let after = ids(&world.things);
        world.taken.extend(before.difference(&after).cloned());
    }

    /// Lets each object be read by a call of its own.
    pub fn read_one_by_one(&self) {
        self.lock().one_by_one = true;
    }

    /// Finds objects of a type, by id or by the identity rule.
    pub(super) async fn find(
        &self,
        sort: Sort,
        keys: &[(Option<String>, Value)],
    ) -> Result<Vec<Option<Thing>>, CloudError> {
        let at_once = if self.lock().one_by_one { 1 } else { keys.len().max(1) };
        let mut found = Vec::new();
        for part in keys.chunks(at_once) {
            found.extend(self.find_part(sort, part).await?);
        }
        Ok(found)
    }

    async fn find_part(&self, sort: Sort, keys: &[(Option<String>, Value)]) -> Result<Vec<Option<Thing>>, CloudError> {
        self.call(sort.type_name, None, |world| {
            let (mut by_id, mut by_name) = (BTreeMap::new(), BTreeMap::<_, Vec<&Thing>>::new());
            for thing in
                world.things.iter().filter(|thing| thing.type_name == sort.type_name && world.is_seen(&thing.id))
            {
                by_id.insert(thing.id.as_str(), thing);
                by_name.entry(thing.inputs["name"].as_str()).or_default().push(thing);
            }
            let found = keys.iter().map(|(id, inputs)| match id {
                Some(id) => by_id.get(id.as_str()).copied(),
                None => by_name.get(&inputs["name"].as_str())?.iter().find(|thing| sort.fits(thing, inputs)).copied(),
            });
            Ok(found.map(|thing| thing.cloned()).collect())
        })
        .await
    }

    /// Every object of a sort that is seen and does not hang on another.
    pub(super) async fn list(&self, sort: Sort) -> Result<Vec<Thing>, CloudError> {
        self.call(sort.type_name, None, |world| {
            let seen =
                world.things.iter().filter(|thing| thing.type_name == sort.type_name && world.is_seen(&thing.id));
            Ok(if sort.tagged { seen.cloned().collect() } else { Vec::new() })
        })
        .await
    }

    /// Makes an object, or changes the one of that id.
    pub(super) async fn put(&self, sort: Sort, id: Option<&str>, inputs: Value) -> Result<Thing, CloudError> {
        let name = inputs["name"].as_str().unwrap_or_default().to_owned();
        let refused = |class, code, what| Err(CloudError::new(class, sort.type_name, &name, code, what));
        self.call(sort.type_name, Some(&name.clone()), move |world| {
            if links(&inputs).any(|link| !world.is_there(link)) {
                return refused(ErrorClass::Missing, "NotFound", "what it refers to is not there");
            }
            let known = world.things.iter().position(|thing| {
                thing.type_name == sort.type_name
                    && id.map_or_else(|| sort.meets_itself() && sort.fits(thing, &inputs), |id| thing.id == id)
            });
            let Some(at) = known else {
                if id.is_some() {
                    return refused(ErrorClass::Missing, "NotFound", "it is not there");
                }
                return Ok(world.make(sort, inputs));
            };
            if id.is_none() && !world.is_seen(&world.things[at].id) {
                return refused(ErrorClass::NotYet, "AlreadyExists", "it exists and cannot be read yet");
            }
            if sort.tagged && world.things[at].inputs["tags"][STACK_TAG] != inputs["tags"][STACK_TAG] {
                return refused(ErrorClass::Refused, "AlreadyExists", "it exists");
            }
            world.things[at].inputs = inputs;
            let id = world.things[at].id.clone();
            world.changed.insert(id, VirtualTime.now());
            Ok(world.things[at].clone())
        })
        .await
    }

    /// Deletes an object that nothing uses.
    pub(super) async fn delete(&self, sort: Sort, id: &str, name: &str) -> Result<(), CloudError> {
        self.call(sort.type_name, Some(name), |world| {
            let users = world.things.iter().filter(|thing| thing.type_name != "edition");
            if let Some(user) = users.into_iter().find(|thing| links(&thing.inputs).any(|link| link == id)) {
                let what = format!("{} still uses it", user.id);
                return Err(CloudError::new(ErrorClass::Refused, sort.type_name, id, "InUse", what));
            }
            world.things.retain(|thing| thing.type_name != sort.type_name || thing.id != id);
            Ok(())
        })
        .await
    }

    /// Whether the last change of an object has reached everybody.
    pub(super) async fn is_spread(&self, sort: Sort, id: &str) -> Result<bool, CloudError> {
        self.call(sort.type_name, None, |world| {
            let changed = world.changed.get(id).copied().unwrap_or_default();
            Ok(VirtualTime.now() >= changed + world.spread_for)
        })
        .await
    }

    /// Does something once for each text: the text is the idempotency key, as a CallerReference is.
    pub(super) async fn say(&self, text: &str) -> Result<(), CloudError> {
        self.call("say", Some(text), |world| {
            if !world.done.iter().any(|each| each == text) {
                world.done.push(text.to_owned());
            }
            Ok(())
        })
        .await
    }

    /// One call; `changes` is the name of the object that it changes, if it does.
    async fn call<T>(
        &self,
        operation: &str,
        changes: Option<&str>,
        act: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let latency = {
            let world = self.lock();
            world.faults.latency(world.calls)
        };
        match latency {
            Some(latency) => VirtualTime.sleep(latency).await,
            None => tokio::task::yield_now().await,
        }
        let (fault, outcome) = {
            let mut world = self.lock();
            let fault = world.next_fault(changes);
            let outcome = fault.is_none_or(Fault::is_heard).then(|| act(&mut world));
            if changes.is_some() {
                world.check();
            }
            (fault, outcome)
        };
        let error = |class| Err(CloudError::new(class, operation, "", "fault", "injected"));
        match (fault, outcome) {
            (None, Some(outcome)) => outcome,
            (None, None) => unreachable!("a call without a fault is heard"),
            (Some(Fault::Refuse), _) => error(ErrorClass::Refused),
            (Some(Fault::Throttle), _) => error(ErrorClass::Throttled),
            (Some(Fault::NotYet), _) => error(ErrorClass::NotYet),
            (Some(Fault::Conflict), _) => error(ErrorClass::Conflict),
            (Some(Fault::LoseRequest | Fault::LoseAnswer | Fault::FailAfter), _) => error(ErrorClass::Unknown),
            (Some(Fault::HangBefore | Fault::HangAfter), _) => {
                VirtualTime.sleep(CALL_TIMEOUT).await;
                error(ErrorClass::Unknown)
            }
            (Some(Fault::DieBefore | Fault::DieAfter), _) => {
                self.died.notify_waiters();
                std::future::pending().await
            }
        }
    }
}

impl World {
    fn next_fault(&mut self, changes: Option<&str>) -> Option<Fault> {
        let (call, change) = (self.calls, changes.map(|_| self.changes));
        self.calls += 1;
        self.changes += usize::from(changes.is_some());
        self.faults.take(call, change, changes.unwrap_or_default())
    }

    fn make(&mut self, sort: Sort, inputs: Value) -> Thing {
        self.minted += 1;
        let id = match sort.identity {
            Identity::Name => format!("{}:{}", sort.type_name, inputs["name"].as_str().unwrap_or_default()),
            Identity::Parent => format!("{}:{}:{}", sort.type_name, inputs["links"], inputs["name"]),
            Identity::Token | Identity::Tag => format!("minted-{}", self.minted),
        };
        self.made.insert(id.clone(), VirtualTime.now());
        self.things.push(Thing { type_name: sort.type_name, id, inputs });
        self.things.last().expect("just pushed").clone()
    }

    /// Whether an object is shown to everybody by now.
    fn is_seen(&self, id: &str) -> bool {
        self.made.get(id).is_none_or(|made| VirtualTime.now() >= *made + self.hidden_for)
    }

    fn is_there(&self, id: &str) -> bool {
        self.things.iter().any(|thing| thing.id == id) && self.is_seen(id)
    }

    /// What may never be, not even between two calls.
    fn check(&mut self) {
        let alive: BTreeSet<&str> =
            self.things.iter().map(|thing| &thing.id).chain(&self.taken).map(String::as_str).collect();
        let dangling = self.things.iter().filter(|thing| thing.type_name != "edition").find_map(|thing| {
            links(&thing.inputs)
                .find(|link| !alive.contains(link))
                .map(|link| format!("{} uses {link}, which is gone", thing.id))
        });
        self.broken.extend(dangling);
    }
}

impl Sort {
    /// Whether a repeated creation meets its earlier success.
    fn meets_itself(self) -> bool {
        matches!(self.identity, Identity::Name | Identity::Parent)
    }

    /// Whether an object is the one that the inputs identify.
    fn fits(self, thing: &Thing, inputs: &Value) -> bool {
        let field = if self.identity == Identity::Parent { &["name", "links"][..] } else { &["name"] };
        field.iter().all(|field| thing.inputs[field] == inputs[field])
            && (!self.by_shape || thing.inputs["shape"] == inputs["shape"])
    }
}

/// The ids that an object refers to.
fn links(inputs: &Value) -> impl Iterator<Item = &str> {
    inputs["links"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Inputs without what differs from run to run: minted ids in references.
fn masked(inputs: &Value) -> String {
    let text = inputs.to_string();
    let mut told = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("minted-") {
        told.push_str(&rest[..at]);
        told.push_str("minted");
        rest = rest[at + 7..].trim_start_matches(|each: char| each.is_ascii_digit());
    }
    told.push_str(rest);
    told
}
