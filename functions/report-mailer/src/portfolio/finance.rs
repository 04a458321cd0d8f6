//! Accounts, income and expenses, planned expenses and targets.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Day, Key};

/// One account of the holding company.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its key.
    pub id: Key,
    /// Its number; each once. The first digit says its class.
    #[schemars(range(min = 1000, max = 9999))]
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: AccountClass,
}

/// What an account counts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccountClass {
    /// What is owned. Numbers from 1000.
    Asset,
    /// What is owed. Numbers from 2000.
    Liability,
    /// What is the owners'. Numbers from 3000.
    Equity,
    /// What is earned. Numbers from 4000.
    Income,
    /// What is spent. Numbers from 5000.
    Expense,
}

/// Income or an expense of a month.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its key.
    pub id: Key,
    /// The id of the entity whose it is.
    pub entity: Key,
    /// What sort of income or expense it is, for readers.
    pub category: String,
    /// The id of the account of income or expense that counts it.
    pub account: Key,
    /// The id of the account on the other side: what is owned or owed.
    pub against: Key,
    /// The id of the figure of a month; absent: what the burn leaves over when all other expenses are taken away.
    pub figure: Option<Key>,
}

/// When revenue of one sort counts.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recognition {
    /// Its key.
    pub id: Key,
    /// What is sold.
    pub stream: String,
    /// The id of the account of income.
    pub account: Key,
    /// The moment at which it counts.
    pub counts: String,
    /// What stands in the books until then.
    pub until_then: String,
    /// What proves the moment.
    pub proof: String,
}

/// A planned expense.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spend {
    /// Its key.
    pub id: Key,
    /// The id of the entity that it is for.
    pub entity: Key,
    /// What is paid for.
    pub title: String,
    /// The id of the figure of its amount.
    pub amount: Key,
    /// The id of the revenue KPI that it must move; absent: none is named.
    pub kpi: Option<Key>,
    /// What it costs to win a customer, where it is spent to win some.
    pub acquisition: Option<Acquisition>,
    /// What infrastructure costs a month, where that is what is paid for.
    pub infrastructure: Option<Infrastructure>,
}

/// The figures by which the rule on winning customers judges.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acquisition {
    /// The id of the figure of the cost of a new customer.
    pub cac: Key,
    /// The id of the figure of what a customer brings in all.
    pub ltv: Key,
}

/// The figures by which the rule on infrastructure judges.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Infrastructure {
    /// The id of the figure of what it costs a month.
    pub cost: Key,
    /// The id of the figure of the revenue a month that it adds.
    pub revenue: Key,
}

/// The revenue target of a month.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its key.
    pub id: Key,
    /// The first day of the month.
    pub month: Day,
    /// The id of the figure that the owner set.
    pub target: Key,
    /// The id of the figure of what came in.
    pub actual: Key,
}
