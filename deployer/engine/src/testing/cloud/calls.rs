//! The calls of a cloud in memory, each of which may go wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::super::faults::Fault;
use super::super::time::VirtualTime;
use super::world::{Sort, World, links};
use super::{FakeCloud, Thing};
use crate::clock::Clock as _;
use crate::owner::STACK_TAG;
use crate::resource::{CloudError, ErrorClass};

/// How long a call that hangs takes until the client gives it up.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

impl FakeCloud {
    /// Finds objects of a type, by id or by the identity rule.
    pub(in crate::testing) async fn find(
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
    pub(in crate::testing) async fn list(&self, sort: Sort) -> Result<Vec<Thing>, CloudError> {
        self.call(sort.type_name, None, |world| {
            let seen =
                world.things.iter().filter(|thing| thing.type_name == sort.type_name && world.is_seen(&thing.id));
            Ok(if sort.tagged { seen.cloned().collect() } else { Vec::new() })
        })
        .await
    }

    /// Makes an object, or changes the one of that id.
    pub(in crate::testing) async fn put(
        &self,
        sort: Sort,
        id: Option<&str>,
        inputs: Value,
    ) -> Result<Thing, CloudError> {
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
    pub(in crate::testing) async fn delete(&self, sort: Sort, id: &str, name: &str) -> Result<(), CloudError> {
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
    pub(in crate::testing) async fn is_spread(&self, sort: Sort, id: &str) -> Result<bool, CloudError> {
        self.call(sort.type_name, None, |world| {
            let changed = world.changed.get(id).copied().unwrap_or_default();
            Ok(VirtualTime.now() >= changed + world.spread_for)
        })
        .await
    }

    /// Does something once for each text: the text is the idempotency key, as a CallerReference is.
    pub(in crate::testing) async fn say(&self, text: &str) -> Result<(), CloudError> {
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
