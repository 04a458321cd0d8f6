//! The types of the fake cloud: one for each way in which the engine treats objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cloud::{FakeCloud, Sort, Thing};
use crate::resource::{
    CloudError, Cx, Effect, Holds, Identity, Key, Live, OnRemove, Owner, Resource, Spread, to_value,
};

/// The outputs of every fake resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outputs {
    /// The object's id.
    pub id: String,
    /// Changes with every update: not stable.
    pub revision: String,
}

macro_rules! fake {
    ($(#[$doc:meta])* $name:ident, $word:literal, $identity:ident, tagged: $tagged:literal, holds: $holds:ident, remove: $remove:expr, name: $field:expr, replace: $replace:expr, spread: $spread:ident) => {
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

        impl $name {
            const SORT: Sort = Sort {
                type_name: $word,
                identity: Identity::$identity,
                tagged: $tagged,
                by_shape: matches!($remove, OnRemove::Retain(_)),
            };
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
            const SPREAD: Spread = Spread::$spread;
            const ACTIONS: &'static [&'static str] = &["fake:Everything"];
            type Outputs = Outputs;
            type Cloud = FakeCloud;

            async fn read_many(cx: &Cx<FakeCloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
                let keys: Vec<_> = keys.iter().map(|key| (key.id.clone(), to_value(&key.inputs))).collect();
                let found = cx.cloud.find(Self::SORT, &keys).await?;
                Ok(found.into_iter().map(|thing| thing.map(live)).collect())
            }

            async fn reconcile(&self, cx: &Cx<FakeCloud>, _: Option<&Self>, found: Option<&Live<Self>>) -> Result<Live<Self>, CloudError> {
                cx.cloud.put(Self::SORT, found.map(|found| found.id.as_str()), to_value(self)).await.map(live)
            }

            async fn delete(cx: &Cx<FakeCloud>, live: &Live<Self>) -> Result<(), CloudError> {
                cx.cloud.delete(Self::SORT, &live.id, &live.inputs.name).await
            }

            fn narrows(&self, live: &Self) -> bool {
                self.size < live.size
            }

            async fn is_spread(cx: &Cx<FakeCloud>, live: &Live<Self>) -> Result<bool, CloudError> {
                cx.cloud.is_spread(Self::SORT, &live.id).await
            }

            async fn list(cx: &Cx<FakeCloud>, _: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
                Ok(cx.cloud.list(Self::SORT).await?.into_iter().map(live).collect())
            }
        }
    };
}

fn live<R: Resource<Outputs = Outputs>>(thing: Thing) -> Live<R> {
    let outputs = Outputs { id: thing.id.clone(), revision: crate::value::sha256_hex(&thing.inputs) };
    Live { id: thing.id, inputs: serde_json::from_value(thing.inputs).expect("we wrote it"), outputs }
}

fake!(
    /// Found by its name; can be replaced beside itself.
    Named, "named", Name, tagged: true, holds: Nothing, remove: OnRemove::Delete, name: Some("name"), replace: &["shape"], spread: AtOnce
);
fake!(
    /// Its id is minted: creating it twice makes two.
    Minted, "minted", Token, tagged: true, holds: Nothing, remove: OnRemove::Delete, name: None, replace: &[], spread: AtOnce
);
fake!(
    /// Holds data: never replaced, deleted only when allowed.
    Vault, "vault", Name, tagged: true, holds: Data, remove: OnRemove::Delete, name: Some("name"), replace: &["shape"], spread: AtOnce
);
fake!(
    /// Each shape is another object; two older ones stay.
    Edition, "edition", Token, tagged: true, holds: Nothing, remove: OnRemove::Retain(2), name: None, replace: &["shape"], spread: AtOnce
);
fake!(
    /// A property of what it links to, which the edges use: it carries no tags, and another parent makes another of it.
    /// A smaller one is narrower.
    Part, "part", Parent, tagged: false, holds: Nothing, remove: OnRemove::Delete, name: None, replace: &["links"], spread: UsedAtTheEdge
);
fake!(
    /// Its changes reach its users late.
    Front, "front", Token, tagged: true, holds: Nothing, remove: OnRemove::Delete, name: None, replace: &[], spread: Slowly
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
        cx.cloud.say(&self.text).await
    }
}
