//! From TOML to a portfolio.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::check::{Faults, Source};
use super::{
    Action, Asset, AssetKind, Effort, Entity, EntityKind, Figure, Files, Known, Kpi, Opportunity, Portfolio, Risk,
    RiskKind, Shortfall,
};
use crate::figure::{Range, Unit};

/// A value with its place in the file.
type At<T> = Spanned<T>;

/// Defines a file of one list, and the form of the list's entries.
macro_rules! file {
    ($file:ident, $list:ident, $entry:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $file {
            #[serde(default)]
            $list: Vec<$entry>,
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $entry {
            $($field: $kind,)*
        }
    };
}

file!(Entities, entity, EntityIn {
    id: At<String>,
    name: String,
    kind: EntityKind,
    business: String,
    systems: Option<String>,
});
file!(Assets, asset, AssetIn {
    id: At<String>,
    entity: At<String>,
    name: String,
    kind: AssetKind,
    note: Option<String>,
    figure: Option<At<String>>,
    recorded: Option<bool>,
});
file!(Figures, figure, FigureIn {
    id: At<String>,
    entity: At<String>,
    label: String,
    unit: Unit,
    value: Option<i64>,
    low: Option<i64>,
    high: Option<i64>,
    missing: Option<bool>,
    source: Option<String>,
    as_of: Option<At<Datetime>>,
});
file!(Kpis, kpi, KpiIn {
    id: At<String>,
    name: String,
    tells: String,
    figure: Option<At<String>>,
});
file!(Shortfalls, shortfall, ShortfallIn {
    id: At<String>,
    entity: At<String>,
    title: String,
    evidence: String,
});
file!(Risks, risk, RiskIn {
    id: At<String>,
    entity: At<String>,
    kind: RiskKind,
    title: String,
    evidence: Option<String>,
});
file!(Pipeline, opportunity, OpportunityIn {
    id: At<String>,
    entity: At<String>,
    title: String,
    order: At<u32>,
    potential: Option<At<String>>,
    next_step: String,
});
file!(Actions, action, ActionIn {
    id: At<String>,
    entity: At<String>,
    title: String,
    why: String,
    priority: At<u32>,
    effort: Effort,
    owner: Option<String>,
    due_day: At<u32>,
});

/// The keys that other files refer to.
#[derive(Default)]
struct Keys {
    entities: BTreeSet<String>,
    figures: BTreeSet<String>,
}

/// Reads every file, in the order in which they refer to each other.
pub(super) fn portfolio(files: &Files) -> Portfolio {
    let mut faults = Faults::default();
    let mut keys = Keys::default();
    let entities = entities(files, &mut keys, &mut faults);
    let figures = figures(files, &mut keys, &mut faults);
    let mut portfolio = Portfolio {
        entities,
        figures,
        assets: assets(files, &keys, &mut faults),
        kpis: kpis(files, &keys, &mut faults),
        shortfalls: shortfalls(files, &keys, &mut faults),
        risks: risks(files, &keys, &mut faults),
        pipeline: pipeline(files, &keys, &mut faults),
        actions: actions(files, &keys, &mut faults),
        faults: Vec::new(),
    };
    portfolio.faults = faults.into_list();
    portfolio
}

fn entities(files: &Files, keys: &mut Keys, faults: &mut Faults) -> Vec<Entity> {
    let (source, Entities { entity: list }) = Source::read(files, "entities.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    keys.entities = list.iter().map(|entry| entry.id.get_ref().clone()).collect();
    let entity = |entry: EntityIn| Entity {
        id: entry.id.into_inner(),
        name: entry.name,
        kind: entry.kind,
        business: entry.business,
        systems: entry.systems,
    };
    list.into_iter().map(entity).collect()
}

fn figures(files: &Files, keys: &mut Keys, faults: &mut Faults) -> BTreeMap<String, Figure> {
    let (source, Figures { figure: list }) = Source::read(files, "figures.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    keys.figures = list.iter().map(|entry| entry.id.get_ref().clone()).collect();
    let figure = |entry: FigureIn| {
        let known = known(&entry).unwrap_or_else(|message| {
            faults.at(&source, &entry.id, message);
            None
        });
        let figure = Figure { entity: entry.entity.into_inner(), label: entry.label, unit: entry.unit, known };
        (entry.id.into_inner(), figure)
    };
    list.into_iter().map(figure).collect()
}

/// The number of a figure: exactly one of its three forms.
fn known(entry: &FigureIn) -> Result<Option<Known>, &'static str> {
    let (low, high) = match (entry.value, entry.low, entry.high, entry.missing) {
        (None, None, None, Some(true)) if entry.source.is_none() && entry.as_of.is_none() => {
            return Ok(None);
        }
        (None, None, None, Some(true)) => return Err("what is missing has no source and no day"),
        (Some(value), None, None, None) => (value, value),
        (None, Some(low), Some(high), None) if low <= high => (low, high),
        (None, Some(_), Some(_), None) => return Err("`low` is over `high`"),
        _ => return Err("needs exactly one of `value`, `low` with `high`, or `missing = true`"),
    };
    let day = entry.as_of.as_ref().map(At::get_ref);
    let day = day.and_then(|day| day.date.filter(|_| day.time.is_none()));
    let (Some(source), Some(as_of)) = (&entry.source, day) else {
        return Err("a number needs `source` and the day `as_of`");
    };
    Ok(Some(Known {
        // Sums of money this side of 2^53 are exact.
        value: Range { low: low as f64, high: high as f64 },
        source: source.clone(),
        as_of: as_of.to_string(),
    }))
}

fn assets(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Asset> {
    let (source, Assets { asset: list }) = Source::read(files, "assets.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    let figures = list.iter().filter_map(|entry| entry.figure.as_ref());
    faults.references(&source, "figure", figures, &keys.figures);
    let asset = |entry: AssetIn| Asset {
        entity: entry.entity.into_inner(),
        name: entry.name,
        kind: entry.kind,
        note: entry.note,
        figure: entry.figure.map(At::into_inner),
        recorded: entry.recorded.unwrap_or(true),
    };
    list.into_iter().map(asset).collect()
}

fn kpis(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Kpi> {
    let (source, Kpis { kpi: list }) = Source::read(files, "kpis.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    let figures = list.iter().filter_map(|entry| entry.figure.as_ref());
    faults.references(&source, "figure", figures, &keys.figures);
    let kpi = |entry: KpiIn| Kpi { name: entry.name, tells: entry.tells, figure: entry.figure.map(At::into_inner) };
    list.into_iter().map(kpi).collect()
}

fn shortfalls(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Shortfall> {
    let (source, Shortfalls { shortfall: list }) = Source::read(files, "shortfalls.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    let shortfall = |entry: ShortfallIn| Shortfall {
        entity: entry.entity.into_inner(),
        title: entry.title,
        evidence: entry.evidence,
    };
    list.into_iter().map(shortfall).collect()
}

fn risks(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Risk> {
    let (source, Risks { risk: list }) = Source::read(files, "risks.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    let risk = |entry: RiskIn| Risk {
        entity: entry.entity.into_inner(),
        kind: entry.kind,
        title: entry.title,
        evidence: entry.evidence,
    };
    list.into_iter().map(risk).collect()
}

fn pipeline(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Opportunity> {
    let (source, Pipeline { opportunity: list }) = Source::read(files, "pipeline.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    faults.numbers(&source, list.iter().map(|entry| &entry.order));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    let figures = list.iter().filter_map(|entry| entry.potential.as_ref());
    faults.references(&source, "figure", figures, &keys.figures);
    let opportunity = |entry: OpportunityIn| Opportunity {
        entity: entry.entity.into_inner(),
        title: entry.title,
        order: entry.order.into_inner(),
        potential: entry.potential.map(At::into_inner),
        next_step: entry.next_step,
    };
    let mut pipeline: Vec<Opportunity> = list.into_iter().map(opportunity).collect();
    pipeline.sort_by_key(|opportunity| opportunity.order);
    pipeline
}

fn actions(files: &Files, keys: &Keys, faults: &mut Faults) -> Vec<Action> {
    let (source, Actions { action: list }) = Source::read(files, "actions.toml", faults);
    faults.ids(&source, list.iter().map(|entry| &entry.id));
    faults.numbers(&source, list.iter().map(|entry| &entry.priority));
    let owners = list.iter().map(|entry| &entry.entity);
    faults.references(&source, "entity", owners, &keys.entities);
    for entry in &list {
        if !(1..=30).contains(entry.due_day.get_ref()) {
            faults.at(&source, &entry.due_day, "`due_day` is not from 1 to 30");
        }
    }
    let action = |entry: ActionIn| Action {
        id: entry.id.into_inner(),
        entity: entry.entity.into_inner(),
        title: entry.title,
        why: entry.why,
        priority: entry.priority.into_inner(),
        effort: entry.effort,
        owner: entry.owner,
        due_day: entry.due_day.into_inner(),
    };
    let mut actions: Vec<Action> = list.into_iter().map(action).collect();
    actions.sort_by_key(|action| action.priority);
    actions
}
