//! The rental, the delivery of yachts, the clients.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Key;

/// Work that keeps a place running.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Its key.
    pub id: Key,
    /// What is done.
    pub title: String,
    /// When it is due.
    pub when: String,
    /// Whether it comes with each stay, or is a repair that waits.
    pub kind: DutyKind,
    /// The role or person who does it; absent: missing.
    pub owner: Option<String>,
    /// The id of the figure of what it costs; absent: missing.
    pub cost: Option<Key>,
}

/// What sort of work it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// It comes again.
    Routine,
    /// It waits to be done once.
    Backlog,
}

/// What a night costs on one channel.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Its key.
    pub id: Key,
    /// Where it is sold.
    pub channel: String,
    /// The id of the figure of a night.
    pub night: Key,
    /// The id of the figure of the channel's fee in percent.
    pub fee: Key,
}

/// One delivery of a yacht.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Its key.
    pub id: Key,
    /// From where to where.
    pub route: String,
    /// The month of departure, 1 to 12.
    #[schemars(range(min = 1, max = 12))]
    pub month: u8,
    /// The id of the figure of the paid days.
    pub paid_days: Key,
    /// The id of the figure of the unpaid days: the way to the yacht and home.
    pub deadhead_days: Key,
    /// The id of the figure of what the unpaid way cost.
    pub deadhead_cost: Key,
    /// The id of the figure of what was earned.
    pub revenue: Key,
}

/// A client of the web work.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
    /// What was agreed on; absent: missing.
    pub agreed: Option<String>,
    /// The id of the figure of what the work of a month is worth.
    pub work: Key,
    /// The id of the figure of what a month invoiced.
    pub invoiced: Key,
    /// The id of the figure of what was paid of it.
    pub paid: Key,
}

/// A time of the year.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// Its key.
    pub id: Key,
    /// Its name.
    pub name: String,
    /// The months, 1 to 12.
    pub months: Vec<u8>,
    /// What it means for a voyage.
    pub means: String,
    /// Who says so.
    pub source: String,
    /// Whether the insurer is asked before a voyage. Default: false.
    #[serde(default)]
    pub ask_insurer: bool,
}

impl Season {
    /// Whether a day lies in one of its months.
    pub fn spans(&self, day: Date) -> bool {
        self.months.iter().any(|month| i16::from(*month) == i16::from(day.month()))
    }
}
