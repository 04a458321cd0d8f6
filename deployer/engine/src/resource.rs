//! Resources: one kind of cloud object each, found, reconciled and deleted in one uniform way.

mod cx;
mod error;
mod registry;

use std::future::Future;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;

pub use cx::Cx;
pub use error::{CloudError, ErrorClass};
pub use registry::{AnyResource, Facts, Registry, to_value};

/// How an object is found again when its record is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Its name is unique in its account and region: read it by name.
    Name,
    /// AWS mints its id; a token or a text that we chose is stored with it and can be listed.
    Token,
    /// AWS mints its id; it is found by its ownership tags.
    Tag,
    /// It is a property of another object, which is found by its own rule.
    Parent,
}

impl Identity {
    /// Whether AWS mints the id, so that a repeated creation makes a second object.
    pub fn is_minted(self) -> bool {
        matches!(self, Self::Token | Self::Tag)
    }
}

/// Which endpoint serves it, whatever the stack's region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The stack's region.
    Stack,
    /// us-east-1, where CloudFront's companions live.
    UsEast1,
    /// A service without regions.
    Global,
}

impl Place {
    /// The region where an object lives whose stack is in `stack_region`; `global` for a service without regions.
    pub fn region(self, stack_region: &str) -> &str {
        match self {
            Self::Stack => stack_region,
            Self::UsEast1 => "us-east-1",
            Self::Global => "global",
        }
    }
}

/// What is lost when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing that the stack file could not bring back.
    Nothing,
    /// Somebody's data.
    Data,
}

/// What happens to it when it is wanted no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRemove {
    /// It is deleted.
    Delete,
    /// So many older ones stay for a rollback; the rest, and all of them on `down`, are deleted.
    Retain(usize),
    /// It is left as it is, only its record goes: it was never ours.
    Forget,
}

/// When a change of an object reaches those who use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// At once.
    AtOnce,
    /// Later, at one edge after another.
    Slowly,
    /// At once, but those who use it change slowly: it is narrowed or taken away only when every edge has followed.
    UsedAtTheEdge,
}

/// One kind of cloud object. Its inputs are the fields of `Self`.
///
/// `None` in a field means "not managed": it makes no difference, whatever AWS has. A field that was
/// set before and is absent now is reset, because `reconcile` is handed `prior`.
pub trait Resource: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The word for it, such as `log_group`. Permanent: records hold it.
    const TYPE: &'static str;
    /// The version of the shape of its inputs, which records hold: it is raised when a field gets another meaning.
    const SCHEMA: u32 = 1;
    /// How a lost one is found again.
    const IDENTITY: Identity;
    /// Which endpoint serves it.
    const PLACE: Place = Place::Stack;
    /// What is lost with it.
    const HOLDS: Holds = Holds::Nothing;
    /// What happens when it is wanted no more.
    const ON_REMOVE: OnRemove = OnRemove::Delete;
    /// The field that holds its physical name, when the plan may choose another (`-2`) to replace it.
    const NAME_FIELD: Option<&'static str> = None;
    /// Whether the field `tags` carries the ownership tags.
    const TAGGED: bool = false;
    /// Fields that cannot change in place.
    const REPLACE_ON: &'static [&'static str] = &[];
    /// Outputs that an update leaves as they are, so that nothing downstream becomes unknown.
    const STABLE: &'static [&'static str] = &[];
    /// When a change reaches those who use it.
    const SPREAD: Spread = Spread::AtOnce;
    /// Fields that the cloud limits, each with the name under which the limit is known: `("name", "…")`. `/` leads
    /// into a field, `*` is each item.
    const LIMITS: &'static [(&'static str, &'static str)] = &[];
    /// IAM actions that reading, reconciling and deleting it need, for `deployer permissions`.
    const ACTIONS: &'static [&'static str];
    /// What AWS mints: ids, ARNs, domains.
    type Outputs: Serialize + DeserializeOwned + Send + Sync;
    /// The clients that it calls.
    type Cloud: Send + Sync + 'static;

    /// Reads the objects that the keys identify, in the keys' order; `None` where there is none.
    fn read_many(
        cx: &Cx<Self::Cloud>,
        keys: &[Key<Self>],
    ) -> impl Future<Output = Result<Vec<Option<Live<Self>>>, CloudError>> + Send;

    /// Makes the object as `self` says and tells what it then is. Idempotent: it may be repeated
    /// after a lost answer, and at most one of its calls is not idempotent itself.
    ///
    /// `live` is what was read just before, `prior` what we set the last time.
    fn reconcile(
        &self,
        cx: &Cx<Self::Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> impl Future<Output = Result<Live<Self>, CloudError>> + Send;

    /// Deletes the object. That it is gone already is success.
    fn delete(cx: &Cx<Self::Cloud>, live: &Live<Self>) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// Whether `self` allows somebody less than what lives.
    fn narrows(&self, _live: &Self) -> bool {
        false
    }

    /// Whether every edge has the object as it is; what does not spread slowly always has.
    fn is_spread(_cx: &Cx<Self::Cloud>, _live: &Live<Self>) -> impl Future<Output = Result<bool, CloudError>> + Send {
        std::future::ready(Ok(true))
    }

    /// Objects that may be the owner's, whether they are declared or not: those whose names begin as its names do.
    /// Older ones come first where one address has several. Whose they are is judged by their tags. What only hangs
    /// on another object is found with that one and is none here.
    fn list(_: &Cx<Self::Cloud>, _: &Owner) -> impl Future<Output = Result<Vec<Live<Self>>, CloudError>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// Whose objects are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The stack's name.
    pub stack: String,
    /// The environment's name.
    pub environment: String,
}

/// Something that is done once for each distinct input and leaves no object behind: an
/// invalidation, a message. Its record tells what was done last; it is never refreshed.
pub trait Effect: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The word for it, such as `invalidation`. Permanent: records hold it.
    const TYPE: &'static str;
    /// IAM actions that it needs.
    const ACTIONS: &'static [&'static str];
    /// The clients that it calls.
    type Cloud: Send + Sync + 'static;

    /// Does it. Repeatable: the inputs are its idempotency key. `prior` is what was done last.
    fn run(&self, cx: &Cx<Self::Cloud>, prior: Option<&Self>) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// What identifies an object to `read_many`.
#[derive(Clone, Debug)]
pub struct Key<R> {
    /// The id that AWS minted, when the record has it.
    pub id: Option<String>,
    /// The inputs: recorded ones where there is a record, else the wanted ones. Outputs of others
    /// that are not known yet stand in them as placeholders.
    pub inputs: R,
}

/// An object as it is now.
#[derive(Clone, Debug)]
pub struct Live<R: Resource> {
    /// Its id: a name, an ARN or what AWS minted. It never changes.
    pub id: String,
    /// What it is set to, in the form of the inputs.
    pub inputs: R,
    /// What AWS minted for it.
    pub outputs: R::Outputs,
}

/// [`Live`] without its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveValue {
    /// Its id.
    pub id: String,
    /// What it is set to; absent fields are not managed.
    pub inputs: Value,
    /// What AWS minted for it.
    pub outputs: Value,
}

/// [`Key`] without its type.
#[derive(Clone, Debug)]
pub struct AnyKey {
    /// The resource that is asked for.
    pub address: Address,
    /// The id that AWS minted, when the record has it.
    pub id: Option<String>,
    /// Recorded or wanted inputs.
    pub inputs: Value,
}
