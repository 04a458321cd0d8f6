//! What is missing: counted, and named one by one.

use super::super::{Missing, MissingKind};
use crate::live::Live;
use crate::portfolio::{Figure, Portfolio};

/// The revenue figures, one an entity.
pub(super) fn revenue(portfolio: &Portfolio) -> impl Iterator<Item = (&String, &Figure)> {
    portfolio.figures.iter().filter(|(id, _)| id.starts_with("revenue-"))
}

/// How many entities' revenue is recorded, where it is not every one's.
pub(super) fn revenue_words(portfolio: &Portfolio) -> Option<String> {
    let entities = revenue(portfolio).count();
    let known = revenue(portfolio).filter(|(_, figure)| figure.known.is_some()).count();
    (known < entities).then(|| {
        format!(
            "Revenue is recorded for {known} of {entities} entities: whether the group earns its burn cannot be told."
        )
    })
}

/// How many actions nobody has taken on, where there are any.
pub(super) fn owner_words(portfolio: &Portfolio) -> Option<String> {
    let actions = &portfolio.actions;
    let unowned = actions.iter().filter(|action| action.owner.is_none()).count();
    (unowned > 0).then(|| format!("{unowned} of the {} actions below have no owner yet.", actions.len()))
}

/// How many shortfalls are counted, and how many have evidence.
pub(super) fn shortfall_words(portfolio: &Portfolio) -> String {
    let named = portfolio.shortfalls.len();
    match counted(portfolio, "critical-shortfalls") {
        Some(counted) if counted > named => format!(
            "{counted} critical shortfalls are counted; {named} have evidence here, at least {} are not described.",
            counted - named
        ),
        Some(counted) => {
            format!("{counted} critical shortfalls are counted; {named} have evidence here.")
        }
        None => format!("{named} critical shortfalls have evidence here; nobody has counted them."),
    }
}

/// How many KPIs nobody measures, and how many of them have a name.
pub(super) fn kpi_words(portfolio: &Portfolio) -> String {
    let unmeasured = unmeasured(portfolio);
    let names = unmeasured.join(", ");
    match counted(portfolio, "missing-kpis") {
        Some(counted) if counted > unmeasured.len() => format!(
            "{counted} KPIs are not measured: {names}, and {} that have no name here.",
            counted - unmeasured.len()
        ),
        _ if unmeasured.is_empty() => "Every KPI is measured.".to_owned(),
        _ => format!("{} KPIs are not measured: {names}.", unmeasured.len()),
    }
}

/// Everything that nobody has recorded, by name.
pub(super) fn all(portfolio: &Portfolio, live: &Live) -> Vec<Missing> {
    let mut gaps = sources(live);
    let figures = portfolio.figures.values().filter(|figure| figure.known.is_none());
    gaps.extend(figures.map(|figure| gap(MissingKind::Figure, &figure.label)));
    let unmeasured = unmeasured(portfolio);
    gaps.extend(unmeasured.iter().map(|name| gap(MissingKind::Kpi, name)));
    let beyond = |id, named: usize| counted(portfolio, id).unwrap_or(0).saturating_sub(named);
    let kpis = beyond("missing-kpis", unmeasured.len());
    if kpis > 0 {
        gaps.push(gap(MissingKind::Kpi, &format!("The names of {kpis} more KPIs")));
    }
    let shortfalls = beyond("critical-shortfalls", portfolio.shortfalls.len());
    if shortfalls > 0 {
        gaps.push(gap(MissingKind::Fact, &format!("Descriptions of at least {shortfalls} critical shortfalls")));
    }
    let systems = portfolio.entities.iter().filter(|entity| entity.systems.is_none());
    gaps.extend(systems.map(|entity| gap(MissingKind::Fact, &format!("Systems of {}", entity.name))));
    let assets = portfolio.assets.iter().filter(|asset| asset.figure.is_none());
    gaps.extend(assets.map(|asset| {
        let owner = portfolio.name_of(&asset.entity);
        gap(MissingKind::Asset, &format!("{} of {owner}", asset.name))
    }));
    let risks = portfolio.risks.iter().filter(|risk| risk.evidence.is_none());
    gaps.extend(risks.map(|risk| gap(MissingKind::Fact, &risk.title)));
    let unowned = portfolio.actions.iter().filter(|action| action.owner.is_none());
    gaps.extend(unowned.map(|action| gap(MissingKind::Owner, &action.title)));
    gaps
}

fn gap(kind: MissingKind, name: &str) -> Missing {
    Missing { kind, name: name.to_owned(), reason: None, unlocks: Vec::new() }
}

fn sources(live: &Live) -> Vec<Missing> {
    let sources = [
        ("Table of sails", live.sails.why_not()),
        ("Table of roles", live.roles.why_not()),
        ("Table of waivers", live.waivers.why_not()),
        ("CloudWatch metrics of the functions", live.functions.why_not()),
        ("Audit of the stacks by the deployer", live.stacks.why_not()),
        ("Activity in the repositories", live.git.why_not()),
    ];
    let unread = sources.into_iter().filter(|(_, reason)| reason.is_some());
    unread.map(|(name, reason)| Missing { reason, ..gap(MissingKind::Source, name) }).collect()
}

/// The names of the KPIs that have no figure, or one that is missing.
fn unmeasured(portfolio: &Portfolio) -> Vec<&str> {
    let measured = |id: &String| portfolio.value(id).is_some();
    let kpis = portfolio.kpis.iter();
    kpis.filter(|kpi| !kpi.figure.as_ref().is_some_and(measured)).map(|kpi| kpi.name.as_str()).collect()
}

/// A counted figure as a number of things.
fn counted(portfolio: &Portfolio, figure: &str) -> Option<usize> {
    const MOST: f64 = 10_000.0;
    let value = portfolio.value(figure)?.high;
    // Within these bounds the conversion is exact.
    (0.0..=MOST).contains(&value).then_some(value as usize)
}
