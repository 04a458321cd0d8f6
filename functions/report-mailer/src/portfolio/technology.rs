//! What runs, what it costs and how it is shipped.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Key;

/// Something that runs.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// What it is.
    pub name: String,
    /// The name of its stack; absent: the deployer does not ship it.
    pub stack: Option<String>,
    /// Where it is reached; absent: missing.
    pub endpoint: Option<String>,
    /// What it is made of.
    pub made_of: String,
}

/// One line of what the infrastructure costs.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Its key.
    pub id: Key,
    /// What is paid for.
    pub name: String,
    /// The id of the figure of what it costs a month.
    pub figure: Key,
    /// The id of the figure of what can be saved a month; absent: nobody knows.
    pub saving: Option<Key>,
    /// How to save.
    pub how: String,
}

/// A way of working when software is shipped.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Its key.
    pub id: Key,
    /// What is done.
    pub title: String,
    /// Whether it is done; absent: missing.
    pub state: Option<PracticeState>,
    /// How that is known.
    pub evidence: String,
}

/// Whether a practice is followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PracticeState {
    /// Always.
    Yes,
    /// In places.
    Partly,
    /// Not.
    No,
}

/// Something over which people stumble.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UxGap {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// What people meet.
    pub title: String,
    /// How that is known.
    pub evidence: String,
    /// What ends it.
    pub answer: String,
}
