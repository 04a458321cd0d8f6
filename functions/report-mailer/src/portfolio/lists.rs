//! The form of a portfolio file. Every file has the same: any list may be in any file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::business::{Asset, Entity, Kpi, Opportunity, Risk, Shortfall};
use super::finance::{Account, Line, Recognition, Spend, Target};
use super::marketing::{BookingSite, Channel, Reach};
use super::operations::{Client, Delivery, Duty, Rate, Season};
use super::plan::{Action, Milestone, Step};
use super::technology::{Cost, Practice, System, UxGap};
use super::value::{Day, Key};
use crate::figure::Unit;

/// One file of the portfolio of the executive reports. What nobody has recorded is written as missing, never guessed.
/// Every number is a figure; lists name figures by their id.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lists {
    /// Numbers, each by its id: `[figure.burn]`.
    #[serde(rename = "figure")]
    pub figures: BTreeMap<String, FigureEntry>,
    /// The group, its companies and its side operations, in reading order.
    #[serde(rename = "entity")]
    pub entities: Vec<Entity>,
    /// What they have.
    #[serde(rename = "asset")]
    pub assets: Vec<Asset>,
    /// What an executive asks for.
    #[serde(rename = "kpi")]
    pub kpis: Vec<Kpi>,
    /// Critical shortfalls with evidence.
    #[serde(rename = "shortfall")]
    pub shortfalls: Vec<Shortfall>,
    /// Equity and key-person risks.
    #[serde(rename = "risk")]
    pub risks: Vec<Risk>,
    /// Where revenue can come from.
    #[serde(rename = "opportunity")]
    pub opportunities: Vec<Opportunity>,
    /// What is to be reached, and by when.
    #[serde(rename = "milestone")]
    pub milestones: Vec<Milestone>,
    /// What to do.
    #[serde(rename = "action")]
    pub actions: Vec<Action>,
    /// The steps of a plan, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// What runs, and where.
    #[serde(rename = "system")]
    pub systems: Vec<System>,
    /// What the infrastructure costs, line by line.
    #[serde(rename = "cost")]
    pub costs: Vec<Cost>,
    /// How software is shipped.
    #[serde(rename = "practice")]
    pub practices: Vec<Practice>,
    /// Where people stumble over the software.
    #[serde(rename = "ux-gap")]
    pub ux_gaps: Vec<UxGap>,
    /// The chart of accounts.
    #[serde(rename = "account")]
    pub accounts: Vec<Account>,
    /// Income and expenses of a month.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
    /// When revenue counts.
    #[serde(rename = "recognition")]
    pub recognitions: Vec<Recognition>,
    /// Planned expenses.
    #[serde(rename = "spend")]
    pub spends: Vec<Spend>,
    /// Revenue targets by month.
    #[serde(rename = "target")]
    pub targets: Vec<Target>,
    /// Ways to reach customers.
    #[serde(rename = "channel")]
    pub channels: Vec<Channel>,
    /// Which entity uses which channel.
    #[serde(rename = "reach")]
    pub reaches: Vec<Reach>,
    /// Sites that sell charters for a commission.
    #[serde(rename = "booking-site")]
    pub booking_sites: Vec<BookingSite>,
    /// Work that keeps a place running.
    #[serde(rename = "duty")]
    pub duties: Vec<Duty>,
    /// What a night costs, and where it is sold.
    #[serde(rename = "rate")]
    pub rates: Vec<Rate>,
    /// Deliveries of yachts.
    #[serde(rename = "delivery")]
    pub deliveries: Vec<Delivery>,
    /// Clients of the web work.
    #[serde(rename = "client")]
    pub clients: Vec<Client>,
    /// Times of the year.
    #[serde(rename = "season")]
    pub seasons: Vec<Season>,
}

/// One number: exactly one of `value`, `low` with `high`, or `missing = true`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureEntry {
    /// The id of the entity whose it is.
    pub entity: Key,
    /// Its name for readers.
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    /// The number, where it is exact.
    pub value: Option<f64>,
    /// The least it can be.
    pub low: Option<f64>,
    /// The most it can be.
    pub high: Option<f64>,
    /// `true`: nobody has recorded it.
    pub missing: Option<bool>,
    /// Who says so; with every number.
    pub source: Option<String>,
    /// The day on which it was recorded; with every number.
    pub as_of: Option<Day>,
}

/// Calls a macro with the name of every list of entries that have an id.
macro_rules! with_every_list {
    ($call:ident) => {
        $call!(
            entities,
            assets,
            kpis,
            shortfalls,
            risks,
            opportunities,
            milestones,
            actions,
            steps,
            systems,
            costs,
            practices,
            ux_gaps,
            accounts,
            lines,
            recognitions,
            spends,
            targets,
            channels,
            reaches,
            booking_sites,
            duties,
            rates,
            deliveries,
            clients,
            seasons
        )
    };
}
pub(super) use with_every_list;

impl Lists {
    /// Takes up the entries of another file, behind its own. Figures are kept elsewhere.
    pub(super) fn extend(&mut self, other: Self) {
        macro_rules! extend {
            ($($list:ident),*) => { $(self.$list.extend(other.$list);)* };
        }
        with_every_list!(extend);
    }
}
