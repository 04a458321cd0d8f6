//! Ways to reach customers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::plan::Effort;
use super::value::Key;

/// A way to reach customers.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
}

/// How an entity uses a channel. A pair that is not listed is missing.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Its key.
    pub id: Key,
    /// The id of the channel.
    pub channel: Key,
    /// The id of the entity.
    pub entity: Key,
    /// How far it is.
    pub state: ReachState,
}

/// How far an entity is with a channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReachState {
    /// It brings customers.
    Active,
    /// It was decided on.
    Planned,
    /// It does not fit the entity.
    None,
}

/// A site that sells charters for a commission.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingSite {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
    /// The agreed place in the order; sites that come together share it.
    pub order: u32,
    /// Who searches there.
    pub audience: Audience,
    /// How long a listing takes, estimated.
    pub effort: Effort,
    /// The id of the figure of its commission.
    pub commission: Key,
}

/// Who searches on a booking site.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// People who want a boat.
    Boats,
    /// People who want something to do.
    Tours,
}
