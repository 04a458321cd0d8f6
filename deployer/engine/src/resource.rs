//! Resources: one kind of cloud object each, found, reconciled and deleted in one uniform way.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::address::Address;
use crate::clock::{Clock, RealClock};
use crate::stop::Stop;

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

/// What a resource works with: the cloud, and a way to say what it waits for.
pub struct Cx<C> {
    /// The clients.
    pub cloud: Arc<C>,
    /// The resource that is worked on, for messages.
    pub address: Option<Address>,
    /// What waits are waited by.
    pub clock: Arc<dyn Clock>,
    /// How long the cloud may hide what was made a moment ago: nought where it never does.
    pub hides_for: Duration,
    /// Whether the object, or something that it needs, is made in this run: then the cloud may not know it
    /// everywhere yet.
    pub fresh: bool,
    stop: Option<watch::Receiver<Stop>>,
    progress: Option<UnboundedSender<(Address, String)>>,
}

impl<C> Cx<C> {
    /// A context that says nothing to anybody, on the machine's clock.
    pub fn new(cloud: Arc<C>) -> Self {
        Self::with_clock(cloud, Arc::new(RealClock::default()))
    }

    /// The same on another clock.
    pub fn with_clock(cloud: Arc<C>, clock: Arc<dyn Clock>) -> Self {
        Self { cloud, address: None, clock, hides_for: Duration::ZERO, fresh: false, stop: None, progress: None }
    }

    /// The same with a cloud that may hide for so long what was made a moment ago.
    #[must_use]
    pub fn hiding_for(self, hides_for: Duration) -> Self {
        Self { hides_for, ..self }
    }

    /// The same for work on what is made in this run, or needs what is.
    #[must_use]
    pub fn with_fresh(self, fresh: bool) -> Self {
        Self { fresh, ..self }
    }

    /// The same for a run that may be stopped.
    #[must_use]
    pub fn until(self, stop: watch::Receiver<Stop>) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// A context for work on one resource, whose progress goes to `progress`.
    #[must_use]
    pub fn at(&self, address: &Address, progress: Option<UnboundedSender<(Address, String)>>) -> Self {
        Self { address: Some(address.clone()), progress, ..self.again() }
    }

    /// The same context for another attempt.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            cloud: Arc::clone(&self.cloud),
            address: self.address.clone(),
            clock: Arc::clone(&self.clock),
            hides_for: self.hides_for,
            fresh: self.fresh,
            stop: self.stop.clone(),
            progress: self.progress.clone(),
        }
    }

    /// Waits; a stop of the run ends that at once, as an error.
    pub async fn pause(&self, wait: Duration) -> Result<(), CloudError> {
        let Some(mut stop) = self.stop.clone() else { return Ok(self.clock.sleep(wait).await) };
        tokio::select! {
            () = self.clock.sleep(wait) => Ok(()),
            Ok(_) = stop.wait_for(|level| *level != Stop::No) => Err(CloudError::stopped("")),
        }
    }

    /// Says what is being done or waited for, such as `uploading 40 of 200 files`.
    pub fn say(&self, what: impl Into<String>) {
        if let (Some(address), Some(progress)) = (&self.address, &self.progress) {
            let _ = progress.send((address.clone(), what.into()));
        }
    }
}

/// What to do about an error of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// AWS said no: repeating it will not help.
    Refused,
    /// The caller may not do this.
    Denied,
    /// Too many calls: nothing happened, wait and repeat.
    Throttled,
    /// Something it needs is not there yet (a new role, an update under way): nothing happened, wait and repeat.
    NotYet,
    /// The object, or something that it needs, is not there: final, unless that was made a moment ago and is not
    /// known everywhere yet. Nothing happened.
    Missing,
    /// It changed between our look and our write: nothing happened, look again and repeat.
    Conflict,
    /// No answer, or a 5xx: it may have happened. Look before repeating.
    Unknown,
    /// The run was stopped before the call: nothing was sent.
    Stopped,
    /// Our inputs make no sense to AWS, or to us.
    Inputs,
    /// A person must do something first.
    NeedsPerson,
}

/// An error of the cloud with everything that a person needs to act on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudError {
    /// What to do about it.
    pub class: ErrorClass,
    /// Service and operation, such as `lambda:CreateFunction`.
    pub operation: String,
    /// The object that was worked on, such as its name. Empty when there is none.
    pub object: String,
    /// AWS's error code, such as `ResourceConflictException`; ours are lower-case words.
    pub code: String,
    /// AWS's message, or ours.
    pub message: String,
    /// AWS's request id, when there was an answer.
    pub request_id: Option<String>,
    /// The IAM action that is missing, when the caller may not do this.
    pub missing_action: Option<String>,
    /// How long AWS asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What a person can do about it, where more is known than the class tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl CloudError {
    /// An error of ours, without a call.
    pub fn new(class: ErrorClass, operation: &str, object: &str, code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            class,
            operation: operation.into(),
            object: object.into(),
            code: code.into(),
            message,
            request_id: None,
            missing_action: None,
            retry_after_ms: None,
            hint: None,
        }
    }

    /// Inputs that cannot be used: `what` says why.
    pub fn inputs(object: &str, what: impl Into<String>) -> Self {
        Self::new(ErrorClass::Inputs, "", object, "bad-inputs", what)
    }

    /// A call that is not made because the run was stopped.
    pub fn stopped(operation: &str) -> Self {
        Self::new(ErrorClass::Stopped, operation, "", "stopped", "stopped before this was asked of AWS")
    }

    /// Something that must be waited for, such as a new role or a running update.
    pub fn not_yet(operation: &str, object: &str, what: impl Into<String>) -> Self {
        Self::new(ErrorClass::NotYet, operation, object, "not-yet", what)
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation.is_empty() {
            write!(f, "{}", self.operation)?;
            if !self.object.is_empty() {
                write!(f, " on {}", self.object)?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{} [{}]", self.message, self.code)?;
        self.request_id.iter().try_for_each(|id| write!(f, " request {id}"))
    }
}

impl std::error::Error for CloudError {}

/// The constants of a [`Resource`] or [`Effect`] as data.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The word for it.
    pub type_name: &'static str,
    /// How a lost one is found again.
    pub identity: Identity,
    /// Which endpoint serves it.
    pub place: Place,
    /// What is lost with it.
    pub holds: Holds,
    /// What happens when it is wanted no more.
    pub on_remove: OnRemove,
    /// The field of its physical name.
    pub name_field: Option<&'static str>,
    /// Whether it carries the ownership tags.
    pub tagged: bool,
    /// Fields that cannot change in place.
    pub replace_on: &'static [&'static str],
    /// Outputs that survive an update.
    pub stable: &'static [&'static str],
    /// When a change reaches those who use it.
    pub spread: Spread,
    /// IAM actions.
    pub actions: &'static [&'static str],
    /// Whether it is an effect: done, not had.
    pub effect: bool,
}

/// A [`Resource`] or [`Effect`] without its type.
pub trait AnyResource<C>: Send + Sync {
    /// Its constants.
    fn facts(&self) -> &Facts;
    /// See [`Resource::read_many`]. Keys whose inputs cannot be read are an error.
    fn read_many(&self, cx: Cx<C>, keys: Vec<AnyKey>)
    -> BoxFuture<'static, Result<Vec<Option<LiveValue>>, CloudError>>;
    /// See [`Resource::reconcile`] and [`Effect::run`].
    fn reconcile(
        &self,
        cx: Cx<C>,
        inputs: Value,
        prior: Option<Value>,
        live: Option<LiveValue>,
    ) -> BoxFuture<'static, Result<LiveValue, CloudError>>;
    /// See [`Resource::delete`].
    fn delete(&self, cx: Cx<C>, live: LiveValue) -> BoxFuture<'static, Result<(), CloudError>>;
    /// See [`Resource::narrows`]. Inputs that cannot be read narrow nothing.
    fn narrows(&self, wanted: &Value, live: &Value) -> bool;
    /// See [`Resource::is_spread`].
    fn is_spread(&self, cx: Cx<C>, live: LiveValue) -> BoxFuture<'static, Result<bool, CloudError>>;
}

struct Typed<R>(Facts, std::marker::PhantomData<fn() -> R>);
struct TypedEffect<E>(Facts, std::marker::PhantomData<fn() -> E>);

fn from_value<T: DeserializeOwned>(type_name: &str, value: Value) -> Result<T, CloudError> {
    serde_json::from_value(value)
        .map_err(|error| CloudError::inputs(type_name, format!("these are not the fields of a {type_name}: {error}")))
}

/// Plain data as JSON, fields that are `null` left out at every depth.
pub fn to_value<T: Serialize>(data: &T) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|_, each| !each.is_null());
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(data).expect("plain data becomes JSON");
    strip(&mut value);
    value
}

fn live_value<R: Resource>(live: Live<R>) -> LiveValue {
    LiveValue { id: live.id, inputs: to_value(&live.inputs), outputs: to_value(&live.outputs) }
}

fn live_typed<R: Resource>(live: LiveValue) -> Result<Live<R>, CloudError> {
    Ok(Live { id: live.id, inputs: from_value(R::TYPE, live.inputs)?, outputs: from_value(R::TYPE, live.outputs)? })
}

impl<R: Resource> AnyResource<R::Cloud> for Typed<R> {
    fn facts(&self) -> &Facts {
        &self.0
    }

    fn read_many(
        &self,
        cx: Cx<R::Cloud>,
        keys: Vec<AnyKey>,
    ) -> BoxFuture<'static, Result<Vec<Option<LiveValue>>, CloudError>> {
        Box::pin(async move {
            let typed = keys
                .into_iter()
                .map(|key| Ok(Key { id: key.id, inputs: from_value(R::TYPE, key.inputs)? }))
                .collect::<Result<Vec<Key<R>>, CloudError>>()?;
            let found = R::read_many(&cx, &typed).await?;
            Ok(found.into_iter().map(|live| live.map(live_value)).collect())
        })
    }

    fn reconcile(
        &self,
        cx: Cx<R::Cloud>,
        inputs: Value,
        prior: Option<Value>,
        live: Option<LiveValue>,
    ) -> BoxFuture<'static, Result<LiveValue, CloudError>> {
        Box::pin(async move {
            let wanted: R = from_value(R::TYPE, inputs)?;
            // A record of an older deployer may lack fields: then nothing is known of what was set.
            let prior: Option<R> = prior.and_then(|each| serde_json::from_value(each).ok());
            let live = live.map(live_typed::<R>).transpose()?;
            wanted.reconcile(&cx, prior.as_ref(), live.as_ref()).await.map(live_value)
        })
    }

    fn delete(&self, cx: Cx<R::Cloud>, live: LiveValue) -> BoxFuture<'static, Result<(), CloudError>> {
        Box::pin(async move { R::delete(&cx, &live_typed(live)?).await })
    }

    fn narrows(&self, wanted: &Value, live: &Value) -> bool {
        let read = |inputs: &Value| serde_json::from_value::<R>(inputs.clone()).ok();
        read(wanted).zip(read(live)).is_some_and(|(wanted, live)| wanted.narrows(&live))
    }

    fn is_spread(&self, cx: Cx<R::Cloud>, live: LiveValue) -> BoxFuture<'static, Result<bool, CloudError>> {
        Box::pin(async move { R::is_spread(&cx, &live_typed(live)?).await })
    }
}

impl<E: Effect> AnyResource<E::Cloud> for TypedEffect<E> {
    fn facts(&self) -> &Facts {
        &self.0
    }

    fn read_many(
        &self,
        _: Cx<E::Cloud>,
        keys: Vec<AnyKey>,
    ) -> BoxFuture<'static, Result<Vec<Option<LiveValue>>, CloudError>> {
        Box::pin(async move { Ok(keys.iter().map(|_| None).collect()) })
    }

    fn reconcile(
        &self,
        cx: Cx<E::Cloud>,
        inputs: Value,
        prior: Option<Value>,
        _: Option<LiveValue>,
    ) -> BoxFuture<'static, Result<LiveValue, CloudError>> {
        Box::pin(async move {
            let wanted: E = from_value(E::TYPE, inputs.clone())?;
            let prior: Option<E> = prior.and_then(|each| serde_json::from_value(each).ok());
            wanted.run(&cx, prior.as_ref()).await?;
            Ok(LiveValue { id: E::TYPE.to_owned(), inputs, outputs: Value::Object(serde_json::Map::new()) })
        })
    }

    fn delete(&self, _: Cx<E::Cloud>, _: LiveValue) -> BoxFuture<'static, Result<(), CloudError>> {
        Box::pin(async { Ok(()) })
    }

    fn narrows(&self, _: &Value, _: &Value) -> bool {
        false
    }

    fn is_spread(&self, _: Cx<E::Cloud>, _: LiveValue) -> BoxFuture<'static, Result<bool, CloudError>> {
        Box::pin(async { Ok(true) })
    }
}

/// Every resource and effect that a cloud offers, by type.
pub struct Registry<C>(BTreeMap<&'static str, Box<dyn AnyResource<C>>>);

impl<C: Send + Sync + 'static> Default for Registry<C> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// The same registry and `R`.
    #[must_use]
    pub fn with<R: Resource<Cloud = C>>(mut self) -> Self {
        let facts = Facts {
            type_name: R::TYPE,
            identity: R::IDENTITY,
            place: R::PLACE,
            holds: R::HOLDS,
            on_remove: R::ON_REMOVE,
            name_field: R::NAME_FIELD,
            tagged: R::TAGGED,
            replace_on: R::REPLACE_ON,
            stable: R::STABLE,
            spread: R::SPREAD,
            actions: R::ACTIONS,
            effect: false,
        };
        self.0.insert(R::TYPE, Box::new(Typed::<R>(facts, std::marker::PhantomData)));
        self
    }

    /// The same registry and the effect `E`.
    #[must_use]
    pub fn with_effect<E: Effect<Cloud = C>>(mut self) -> Self {
        let facts = Facts {
            type_name: E::TYPE,
            identity: Identity::Parent,
            place: Place::Stack,
            holds: Holds::Nothing,
            on_remove: OnRemove::Forget,
            name_field: None,
            tagged: false,
            replace_on: &[],
            stable: &[],
            spread: Spread::AtOnce,
            actions: E::ACTIONS,
            effect: true,
        };
        self.0.insert(E::TYPE, Box::new(TypedEffect::<E>(facts, std::marker::PhantomData)));
        self
    }

    /// The resource or effect of that type.
    pub fn get(&self, type_name: &str) -> Option<&dyn AnyResource<C>> {
        self.0.get(type_name).map(|each| &**each)
    }

    /// The constants of a type, which the registry must hold.
    ///
    /// # Panics
    /// When the type is unknown: `Stack::read` and `State::read` refuse such inputs before.
    pub fn facts(&self, type_name: &str) -> &Facts {
        self.get(type_name).unwrap_or_else(|| panic!("no resource of type {type_name}")).facts()
    }

    /// The constants of every type.
    pub fn all(&self) -> impl Iterator<Item = &Facts> {
        self.0.values().map(|each| each.facts())
    }
}
