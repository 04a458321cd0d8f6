//! A cloud in memory for tests: it keeps a world, counts calls, and can refuse, throttle, lose
//! the answer or die at call *n*. And generators of stacks over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::address::Address;
use crate::clock::Clock;
use crate::diagnostic::{Source, Span};
use crate::journal::{Entry, Journal, JournalError};
use crate::kind::Desired;
use crate::owner::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG};
use crate::resource::{CloudError, Cx, Effect, ErrorClass, Holds, Identity, Key, Live, OnRemove, Registry, Resource};
use crate::state::Scope;

/// What goes wrong at one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The cloud says no for good.
    Refuse,
    /// The cloud asks for a slower pace; nothing happened.
    Throttle,
    /// Something is not there yet; nothing happened.
    NotYet,
    /// The connection is cut before the cloud has heard.
    LoseRequest,
    /// The connection is cut after the cloud has acted.
    LoseAnswer,
    /// The deployer is killed before the cloud has heard.
    DieBefore,
    /// The deployer is killed after the cloud has acted.
    DieAfter,
}

impl Fault {
    /// Those that one run should get over by itself.
    pub const PASSING: [Self; 4] = [Self::Throttle, Self::NotYet, Self::LoseRequest, Self::LoseAnswer];
    /// Those that need a rerun.
    pub const ENDING: [Self; 3] = [Self::Refuse, Self::DieBefore, Self::DieAfter];
}

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

#[derive(Default)]
struct World {
    things: Vec<Thing>,
    done: Vec<String>,
    minted: usize,
    calls: usize,
    mutations: usize,
    fault: Option<(usize, Fault)>,
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

    /// Lets the `at`-th mutating call from now (from 0) go wrong, once.
    pub fn fail_at(&self, at: usize, fault: Fault) {
        let mut world = self.lock();
        world.fault = Some((world.mutations + at, fault));
    }

    /// Whether the fault has struck.
    pub fn struck(&self) -> bool {
        self.lock().fault.is_none()
    }

    /// Mutating calls so far.
    pub fn mutations(&self) -> usize {
        self.lock().mutations
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

    /// Somebody changes the world by hand.
    pub fn by_hand(&self, change: impl FnOnce(&mut Vec<Thing>)) {
        change(&mut self.lock().things);
    }

    async fn read<T>(&self, look: impl FnOnce(&[Thing]) -> T) -> T {
        tokio::task::yield_now().await;
        let mut world = self.lock();
        world.calls += 1;
        look(&world.things)
    }

    async fn write<T>(
        &self,
        operation: &str,
        act: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        tokio::task::yield_now().await;
        let (fault, outcome) = {
            let mut world = self.lock();
            let fault = world.fault.filter(|(at, _)| *at == world.mutations).map(|(_, fault)| fault);
            world.mutations += 1;
            if fault.is_some() {
                world.fault = None;
            }
            let heard = matches!(fault, None | Some(Fault::LoseAnswer | Fault::DieAfter));
            (fault, heard.then(|| act(&mut world)))
        };
        let error = |class| Err(CloudError::new(class, operation, "", "fault", "injected"));
        match (fault, outcome) {
            (Some(Fault::Refuse), _) => error(ErrorClass::Refused),
            (Some(Fault::Throttle), _) => error(ErrorClass::Throttled),
            (Some(Fault::NotYet), _) => error(ErrorClass::NotYet),
            (Some(Fault::LoseRequest | Fault::LoseAnswer), _) => error(ErrorClass::Unknown),
            (Some(Fault::DieBefore | Fault::DieAfter), _) => {
                self.died.notify_one();
                std::future::pending().await
            }
            (None, outcome) => outcome.expect("a call without a fault is heard"),
        }
    }
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

/// The outputs of every fake resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outputs {
    /// The object's id.
    pub id: String,
    /// Changes with every update: not stable.
    pub revision: String,
}

macro_rules! fake {
    ($(#[$doc:meta])* $name:ident, $word:literal, $identity:ident, tagged: $tagged:literal, holds: $holds:ident, remove: $remove:expr, name: $field:expr, replace: $replace:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            /// The name, or the token of a minted one.
            pub name: String,
            /// A setting that can change in place.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub size: Option<u32>,
            /// A setting that cannot.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub shape: Option<String>,
            /// Values of others.
            #[serde(default)]
            pub links: Vec<String>,
            /// Ownership tags and others.
            #[serde(default)]
            pub tags: BTreeMap<String, String>,
        }

        impl Resource for $name {
            const TYPE: &'static str = $word;
            const IDENTITY: Identity = Identity::$identity;
            const TAGGED: bool = $tagged;
            const HOLDS: Holds = Holds::$holds;
            const ON_REMOVE: OnRemove = $remove;
            const NAME_FIELD: Option<&'static str> = $field;
            const REPLACE_ON: &'static [&'static str] = $replace;
            const STABLE: &'static [&'static str] = &["id"];
            const ACTIONS: &'static [&'static str] = &["fake:Everything"];
            type Outputs = Outputs;
            type Cloud = FakeCloud;

            async fn read_many(cx: &Cx<FakeCloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
                let found = cx.cloud.read(|things| {
                    let ours = || things.iter().filter(|thing| thing.type_name == $word);
                    let by_id: BTreeMap<_, _> = ours().map(|thing| (thing.id.as_str(), thing)).collect();
                    let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
                    ours().for_each(|thing| by_name.entry(thing.inputs["name"].as_str()).or_default().push(thing));
                    let fits = |thing: &Thing, key: &Key<Self>| !Self::is_version() || thing.inputs["shape"] == json!(key.inputs.shape);
                    let named = |key: &Key<Self>| by_name.get(&Some(key.inputs.name.as_str()))?.iter().find(|thing| fits(thing, key)).copied();
                    let of_key = |key: &Key<Self>| match &key.id {
                        Some(id) => by_id.get(id.as_str()).copied().cloned(),
                        None => named(key).cloned(),
                    };
                    keys.iter().map(of_key).collect::<Vec<_>>()
                }).await;
                Ok(found.into_iter().map(|thing| thing.map(|thing| live(&thing))).collect())
            }

            async fn reconcile(&self, cx: &Cx<FakeCloud>, _: Option<&Self>, found: Option<&Live<Self>>) -> Result<Live<Self>, CloudError> {
                let thing = cx.cloud.write($word, |world| {
                    let inputs = serde_json::to_value(self).expect("plain data");
                    let by_name = Self::IDENTITY == Identity::Name;
                    let known = world.things.iter().position(|thing| thing.type_name == $word && match found {
                        Some(found) => thing.id == found.id,
                        None => by_name && thing.inputs["name"] == self.name,
                    });
                    if let Some(at) = known {
                        if $tagged && world.things[at].inputs["tags"][STACK_TAG] != inputs["tags"][STACK_TAG] {
                            return Err(CloudError::new(ErrorClass::Refused, $word, &self.name, "AlreadyExists", "it exists"));
                        }
                        world.things[at].inputs = inputs;
                        return Ok(world.things[at].clone());
                    }
                    world.minted += 1;
                    let id = if by_name { format!("{}:{}", $word, self.name) } else { format!("minted-{}", world.minted) };
                    world.things.push(Thing { type_name: $word, id, inputs });
                    Ok(world.things.last().expect("just pushed").clone())
                }).await?;
                Ok(live(&thing))
            }

            async fn delete(cx: &Cx<FakeCloud>, live: &Live<Self>) -> Result<(), CloudError> {
                cx.cloud.write($word, |world| {
                    if let Some(user) = world.things.iter().find(|thing| thing.type_name != Edition::TYPE && thing.inputs["links"].as_array().is_some_and(|links| links.contains(&json!(live.id)))) {
                        return Err(CloudError::new(ErrorClass::Refused, $word, &live.id, "InUse", format!("{} still uses it", user.id)));
                    }
                    world.things.retain(|thing| thing.type_name != $word || thing.id != live.id);
                    Ok(())
                }).await
            }
        }

        impl $name {
            fn is_version() -> bool {
                matches!(Self::ON_REMOVE, OnRemove::Retain(_))
            }
        }
    };
}

fn live<R: Resource<Outputs = Outputs>>(thing: &Thing) -> Live<R> {
    let revision = crate::value::sha256_hex(&thing.inputs);
    Live {
        id: thing.id.clone(),
        inputs: serde_json::from_value(thing.inputs.clone()).expect("we wrote it"),
        outputs: Outputs { id: thing.id.clone(), revision },
    }
}

fake!(
    /// Found by its name; can be replaced beside itself.
    Named, "named", Name, tagged: true, holds: Nothing, remove: OnRemove::Delete, name: Some("name"), replace: &["shape"]
);
fake!(
    /// Its id is minted: creating it twice makes two.
    Minted, "minted", Token, tagged: true, holds: Nothing, remove: OnRemove::Delete, name: None, replace: &[]
);
fake!(
    /// Holds data: never replaced, deleted only when allowed.
    Vault, "vault", Name, tagged: true, holds: Data, remove: OnRemove::Delete, name: Some("name"), replace: &["shape"]
);
fake!(
    /// Each shape is another object; two older ones stay.
    Edition, "edition", Token, tagged: true, holds: Nothing, remove: OnRemove::Retain(2), name: None, replace: &["shape"]
);

/// An effect: says something once for each text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Say {
    /// What is said.
    pub text: String,
}

impl Effect for Say {
    const TYPE: &'static str = "say";
    const ACTIONS: &'static [&'static str] = &["fake:Say"];
    type Cloud = FakeCloud;

    async fn run(&self, cx: &Cx<FakeCloud>, _: Option<&Self>) -> Result<(), CloudError> {
        cx.cloud
            .write("say", |world| {
                // The text is the idempotency key, as a CallerReference is.
                if !world.done.contains(&self.text) {
                    world.done.push(self.text.clone());
                }
                Ok(())
            })
            .await
    }
}

/// A clock without time: short waits end at once, long ones (the limits that guard a run) never.
pub struct NoTime;

/// What counts as a short wait.
const SHORT: Duration = Duration::from_secs(4);

impl Clock for NoTime {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        if wait < SHORT { Box::pin(tokio::task::yield_now()) } else { Box::pin(std::future::pending()) }
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// A context of the fake cloud, in virtual time.
pub fn context(cloud: &Arc<FakeCloud>) -> Cx<FakeCloud> {
    Cx::with_clock(Arc::clone(cloud), Arc::new(NoTime))
}

/// The registry of the fake cloud.
pub fn registry() -> Arc<Registry<FakeCloud>> {
    Arc::new(
        Registry::default().with::<Named>().with::<Minted>().with::<Vault>().with::<Edition>().with_effect::<Say>(),
    )
}

/// The scope of every test: stack `s`, environment `e`.
pub fn scope() -> Scope {
    Scope { stack: "s".into(), environment: "e".into(), account: "000000000000".into(), region: "us-west-2".into() }
}

/// The tags that make an object ours.
pub fn tags(address: &str) -> Value {
    json!({ STACK_TAG: "s", ENVIRONMENT_TAG: "e", ADDRESS_TAG: address })
}

/// Wanted resources of a type that does not matter.
pub fn desired<const N: usize>(entries: [(&str, Value); N]) -> BTreeMap<Address, Desired> {
    entries.into_iter().map(|(address, inputs)| wanted_one(address, "named", inputs)).collect()
}

/// One wanted resource.
///
/// # Panics
/// When the text is no address.
pub fn wanted_one(address: &str, type_name: &'static str, inputs: Value) -> (Address, Desired) {
    let address: Address = address.parse().expect("a test's address");
    let location = Source::new("stacks/test.toml", "[test]").locate(Span { start: 0, end: 6 });
    (address.clone(), Desired { address, type_name, inputs, after: BTreeSet::new(), protect: false, location })
}

/// A journal in memory; it can be told to fail.
#[derive(Default)]
pub struct MemoryJournal {
    /// What was appended.
    pub entries: Vec<Entry>,
    /// How many appends still succeed; `None`: all.
    pub room: Option<usize>,
    /// Whether each append counts as a dear one.
    pub dear: bool,
    /// How many appends succeeded.
    pub writes: usize,
}

impl Journal for MemoryJournal {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            // What others do while a write is under way is seen in tests, too.
            tokio::task::yield_now().await;
            if let Some(room) = &mut self.room {
                *room = room.checked_sub(1).ok_or_else(|| JournalError("the disk is full".into()))?;
            }
            self.writes += 1;
            self.entries.extend(entries.iter().cloned());
            Ok(())
        })
    }

    fn is_dear(&self) -> bool {
        self.dear
    }
}
