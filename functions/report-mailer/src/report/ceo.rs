//! The CEO's report: what the group has, earns, lacks and should do within 30 days.

mod gaps;
mod sections;
#[cfg(test)]
mod tests;

use functions_shared::zone;
use jiff::Timestamp;

use super::{ActionRow, Cell, KpiRow, Report, SourceRow};
use crate::models::{self, Model};
use crate::portfolio::{Action, Effort, Figure, Portfolio};

/// Makes the report.
pub fn report(portfolio: &Portfolio, now: Timestamp) -> Report {
    let models = models::all(portfolio);
    Report {
        name: "ceo",
        title: "CEO report",
        made: zone::words(now),
        findings: findings(portfolio, &models),
        kpis: kpis(portfolio, &models),
        sections: sections::all(portfolio),
        actions: portfolio
            .actions
            .iter()
            .map(|action| row(portfolio, action))
            .collect(),
        sources: sources(portfolio, &models),
        missing: gaps::all(portfolio),
    }
}

fn findings(portfolio: &Portfolio, models: &[Model]) -> Vec<String> {
    let figure = |id: &str| portfolio.figures.get(id).and_then(words);
    let model = |id: &str| {
        models
            .iter()
            .find(|model| model.id == id)
            .and_then(model_words)
    };
    let revenue: Vec<&Figure> = gaps::revenue(portfolio).collect();
    let unknown = revenue
        .iter()
        .filter(|figure| figure.known.is_none())
        .count();
    let mut findings = Vec::new();
    if let (Some(burn), Some(charters), Some(margin)) = (
        figure("burn"),
        figure("break-even-charters"),
        model("margin-to-break-even"),
    ) {
        findings.push(format!(
            "The group burns {burn}. {charters} break even if each leaves {margin}."
        ));
    }
    if unknown > 0 {
        findings.push(format!(
            "Revenue is recorded for {} of {} entities: whether the group earns its burn cannot be told.",
            revenue.len() - unknown,
            revenue.len()
        ));
    }
    findings.push(gaps::shortfall_words(portfolio));
    findings.push(gaps::kpi_words(portfolio));
    if let (Some(potential), Some(contacts), Some(months)) = (
        figure("blast-potential"),
        figure("contacts"),
        model("blast-in-months-of-burn"),
    ) {
        findings.push(format!(
            "The largest potential with a figure is the mail to {contacts}: {potential}, or {months} of burn."
        ));
    }
    let unowned = portfolio
        .actions
        .iter()
        .filter(|action| action.owner.is_none())
        .count();
    if unowned > 0 {
        findings.push(format!(
            "{unowned} of the {} actions below have no owner yet.",
            portfolio.actions.len()
        ));
    }
    findings
}

fn kpis(portfolio: &Portfolio, models: &[Model]) -> Vec<KpiRow> {
    const SHOWN: [&str; 3] = ["burn", "break-even-charters", "cash"];
    let figures = SHOWN.iter().filter_map(|id| portfolio.figures.get(*id));
    let shown = figures.map(|figure| KpiRow {
        label: figure.label.clone(),
        value: words(figure).into(),
        note: String::new(),
    });
    let computed = models.iter().map(|model| KpiRow {
        label: model.label.to_owned(),
        value: model_words(model).into(),
        note: model.formula.to_owned(),
    });
    let asked = portfolio.kpis.iter().map(|kpi| {
        let figure = kpi.figure.as_ref().and_then(|id| portfolio.figures.get(id));
        KpiRow {
            label: kpi.name.clone(),
            value: figure.and_then(words).into(),
            note: kpi.tells.clone(),
        }
    });
    shown.chain(computed).chain(asked).collect()
}

fn row(portfolio: &Portfolio, action: &Action) -> ActionRow {
    let effort = match action.effort {
        Effort::Small => "small: a day",
        Effort::Medium => "medium: a week",
        Effort::Large => "large: more than a week",
    };
    ActionRow {
        priority: action.priority,
        title: format!("{} ({})", action.title, portfolio.name_of(&action.entity)),
        why: action.why.clone(),
        effort: effort.to_owned(),
        owner: action.owner.clone().into(),
        due: format!("day {}", action.due_day),
    }
}

/// Every figure of the portfolio, then every computed one.
fn sources(portfolio: &Portfolio, models: &[Model]) -> Vec<SourceRow> {
    let figures = portfolio.figures.values().map(|figure| {
        let known = figure.known.as_ref();
        SourceRow {
            label: figure.label.clone(),
            value: words(figure).into(),
            source: known.map_or_else(String::new, |known| known.source.clone()),
            as_of: known.map_or_else(String::new, |known| known.as_of.clone()),
        }
    });
    let computed = models.iter().map(|model| {
        let inputs = model
            .inputs
            .iter()
            .filter_map(|id| portfolio.figures.get(*id));
        let known = inputs.filter_map(|figure| figure.known.as_ref());
        // A result is as old as its oldest input.
        let as_of = known.map(|known| known.as_of.clone()).min();
        SourceRow {
            label: model.label.to_owned(),
            value: model_words(model).into(),
            source: format!("computed: {}", model.formula),
            as_of: as_of.filter(|_| model.value.is_some()).unwrap_or_default(),
        }
    });
    figures.chain(computed).collect()
}

/// A figure for a reader, where it is known.
fn words(figure: &Figure) -> Option<String> {
    let known = figure.known.as_ref()?;
    Some(known.value.words(figure.unit))
}

fn model_words(model: &Model) -> Option<String> {
    Some(model.value?.words(model.unit))
}

/// A figure of the portfolio as a cell, by its id.
fn cell(portfolio: &Portfolio, figure: Option<&String>) -> Cell {
    let figure = figure.and_then(|id| portfolio.figures.get(id));
    figure.and_then(words).into()
}
