//! Resources and effects without their types, and all that a cloud offers.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    AnyKey, CloudError, Cx, Effect, Holds, Identity, Key, Live, LiveValue, OnRemove, Owner, Place, Resource, Spread,
};

/// The constants of a [`Resource`] or [`Effect`] as data.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The word for it.
    pub type_name: &'static str,
    /// The version of the shape of its inputs.
    pub schema: u32,
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
    /// Fields that the cloud limits, each with the name of its limit.
    pub limits: &'static [(&'static str, &'static str)],
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
    /// Whether these are inputs of the type; else what is wrong with them.
    fn reads(&self, inputs: &Value) -> Result<(), String>;
    /// See [`Resource::list`]. Effects leave nothing to list.
    fn list(&self, cx: Cx<C>, owner: Owner) -> BoxFuture<'static, Result<Vec<LiveValue>, CloudError>>;
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

    fn reads(&self, inputs: &Value) -> Result<(), String> {
        R::deserialize(inputs).map(drop).map_err(|error| error.to_string())
    }

    fn list(&self, cx: Cx<R::Cloud>, owner: Owner) -> BoxFuture<'static, Result<Vec<LiveValue>, CloudError>> {
        Box::pin(async move { Ok(R::list(&cx, &owner).await?.into_iter().map(live_value).collect()) })
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

    fn reads(&self, inputs: &Value) -> Result<(), String> {
        E::deserialize(inputs).map(drop).map_err(|error| error.to_string())
    }

    fn list(&self, _: Cx<E::Cloud>, _: Owner) -> BoxFuture<'static, Result<Vec<LiveValue>, CloudError>> {
        Box::pin(async { Ok(Vec::new()) })
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
            schema: R::SCHEMA,
            identity: R::IDENTITY,
            place: R::PLACE,
            holds: R::HOLDS,
            on_remove: R::ON_REMOVE,
            name_field: R::NAME_FIELD,
            tagged: R::TAGGED,
            replace_on: R::REPLACE_ON,
            stable: R::STABLE,
            spread: R::SPREAD,
            limits: R::LIMITS,
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
            schema: 1,
            identity: Identity::Parent,
            place: Place::Stack,
            holds: Holds::Nothing,
            on_remove: OnRemove::Forget,
            name_field: None,
            tagged: false,
            replace_on: &[],
            stable: &[],
            spread: Spread::AtOnce,
            limits: &[],
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
