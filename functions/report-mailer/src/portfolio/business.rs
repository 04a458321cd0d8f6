//! What the group is, has, lacks and may earn.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Key;

/// A company, a side operation, or the group itself.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
    /// What sort of entity it is.
    pub kind: EntityKind,
    /// What it does, in a few words.
    pub business: String,
    /// What it runs on; absent: missing.
    pub systems: Option<String>,
    /// The id of the figure of its monthly revenue; absent: it earns nothing of its own.
    pub revenue: Option<Key>,
}

/// What sort of entity it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    /// What the companies share.
    Group,
    /// One of the companies.
    Company,
    /// Something run beside them.
    SideOperation,
}

/// Something that an entity has.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// What it is.
    pub name: String,
    /// What sort of thing it is.
    pub kind: AssetKind,
    /// What a reader should know.
    pub note: Option<String>,
    /// The id of the figure that measures it; absent: its value is missing.
    pub figure: Option<Key>,
    /// `false`: there must be some, and nothing is known of it. Default: true.
    pub recorded: Option<bool>,
}

/// What sort of thing an asset is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AssetKind {
    /// Software that runs.
    Application,
    /// Records.
    Data,
    /// A way to reach people.
    Mail,
    /// People who can be reached.
    List,
    /// Land, buildings, vehicles, equipment.
    Property,
    /// Boats.
    Vessels,
}

/// A measure that an executive asks for.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
    /// What it tells.
    pub tells: String,
    /// The id of the figure that measures it.
    pub figure: Key,
    /// Who asks for it.
    pub asked_by: Asker,
}

/// Who asks for a KPI.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// The owner named it.
    Owner,
    /// A rule or a model of the reports needs it.
    Reports,
}

/// Something that the business lacks and needs.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shortfall {
    /// Its key.
    pub id: Key,
    /// The id of the entity that lacks it.
    pub entity: Key,
    /// What is lacking.
    pub title: String,
    /// How that is known.
    pub evidence: String,
    /// What it costs to leave it so.
    pub costs: String,
}

/// Something that can go wrong with shares or people.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// Shares or people.
    pub kind: RiskKind,
    /// What it is about.
    pub title: String,
    /// What is known; absent: missing.
    pub evidence: Option<String>,
    /// What lowers it.
    pub answer: String,
}

/// What a risk hangs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// Who owns what.
    Equity,
    /// Who alone can do something.
    KeyPerson,
}

/// Where revenue can come from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opportunity {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// What it is.
    pub title: String,
    /// 1 is the first to do; each number once.
    pub order: u32,
    /// The id of the figure that says what it may bring; absent: missing.
    pub potential: Option<Key>,
    /// What to do next.
    pub next_step: String,
}
