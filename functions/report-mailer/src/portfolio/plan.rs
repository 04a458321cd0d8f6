//! What is to be done and reached.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Day, Key};
use crate::report::ReportId;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its key.
    pub id: Key,
    /// The id of the entity that it is for.
    pub entity: Key,
    /// What to do.
    pub title: String,
    /// What it brings.
    pub why: String,
    /// Which reports tell it.
    pub reports: Vec<ReportId>,
    /// How much it brings, estimated.
    pub value: Worth,
    /// How long it takes, estimated.
    pub effort: Effort,
    /// The role or person who does it; absent: nobody has taken it on.
    pub owner: Option<String>,
    /// The day by which it is done; absent: no day is set.
    pub due: Option<Day>,
    /// The day on which it was done: then no report tells it any more.
    pub done: Option<Day>,
}

/// How much an action brings, estimated.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Worth {
    /// It helps.
    Low,
    /// One entity feels it.
    Medium,
    /// The group feels it.
    High,
}

/// How long an action takes, estimated.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// A day.
    Small,
    /// A week.
    Medium,
    /// More.
    Large,
}

/// Something to be reached by a day.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Its key.
    pub id: Key,
    /// What is reached.
    pub title: String,
    /// How anybody can see that it is reached.
    pub proof: String,
    /// Which reports tell it.
    pub reports: Vec<ReportId>,
    /// By when.
    pub due: Day,
    /// Whether it was agreed on.
    pub standing: Standing,
    /// The day on which it was reached.
    pub done: Option<Day>,
}

/// Whether something was agreed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The owner has agreed.
    Agreed,
    /// These reports propose it.
    Proposed,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its key.
    pub id: Key,
    /// Which plan it belongs to.
    pub plan: Plan,
    /// What to do.
    pub title: String,
    /// What is there when it is done.
    pub result: String,
    /// The id of the step before which it makes no sense; absent: it can begin now.
    pub after: Option<Key>,
}

/// A plan of steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Being found by people nearby who want junk hauled.
    LocalSearch,
    /// From no invoices to an invoicing system.
    Invoicing,
}

impl Action {
    /// Whether it was done by a day.
    pub fn is_done(&self, day: Date) -> bool {
        self.done.is_some_and(|done| done.0 <= day)
    }
}

impl Worth {
    /// Its points in a ranking, 1 to 3.
    pub fn points(self) -> u32 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }

    /// For a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Effort {
    /// Its points in a ranking, 1 to 3: the less effort the fewer.
    pub fn points(self) -> u32 {
        match self {
            Self::Small => 1,
            Self::Medium => 2,
            Self::Large => 3,
        }
    }

    /// For a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Small => "a day",
            Self::Medium => "a week",
            Self::Large => "more than a week",
        }
    }
}
