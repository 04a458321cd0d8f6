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
        actions: portfolio.actions.iter().map(|action| row(portfolio, action)).collect(),
        sources: sources(portfolio, &models),
        missing: gaps::all(portfolio),
        crew_site: None,
    }
}

/// The key findings, the most important first; one whose figures are missing is left out.
fn findings(portfolio: &Portfolio, models: &[Model]) -> Vec<String> {
    let lines = [
        break_even(portfolio, models),
        gaps::revenue_words(portfolio),
        Some(gaps::shortfall_words(portfolio)),
        Some(gaps::kpi_words(portfolio)),
        largest_potential(portfolio, models),
        gaps::owner_words(portfolio),
    ];
    lines.into_iter().flatten().collect()
}

fn break_even(portfolio: &Portfolio, models: &[Model]) -> Option<String> {
    let burn = words(portfolio.figures.get("burn")?)?;
    let charters = words(portfolio.figures.get("break-even-charters")?)?;
    let margin = model_words(model(models, "margin-to-break-even")?)?;
    Some(format!("The group burns {burn}. {charters} break even if each leaves {margin}."))
}

fn largest_potential(portfolio: &Portfolio, models: &[Model]) -> Option<String> {
    let potential = words(portfolio.figures.get("blast-potential")?)?;
    let contacts = words(portfolio.figures.get("contacts")?)?;
    let months = model_words(model(models, "blast-in-months-of-burn")?)?;
    Some(format!("The largest potential with a figure is the mail to {contacts}: {potential}, or {months} of burn."))
}

fn model<'a>(models: &'a [Model], id: &str) -> Option<&'a Model> {
    models.iter().find(|model| model.id == id)
}

fn kpis(portfolio: &Portfolio, models: &[Model]) -> Vec<KpiRow> {
    const SHOWN: [&str; 3] = ["burn", "break-even-charters", "cash"];
    let figures = SHOWN.iter().filter_map(|id| portfolio.figures.get(*id));
    let shown =
        figures.map(|figure| KpiRow { label: figure.label.clone(), value: words(figure).into(), note: String::new() });
    let computed = models.iter().map(|model| KpiRow {
        label: model.label.to_owned(),
        value: model_words(model).into(),
        note: model.formula.to_owned(),
    });
    let asked = portfolio.kpis.iter().map(|kpi| {
        let figure = kpi.figure.as_ref().and_then(|id| portfolio.figures.get(id));
        KpiRow { label: kpi.name.clone(), value: figure.and_then(words).into(), note: kpi.tells.clone() }
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
        let inputs = model.inputs.iter().filter_map(|id| portfolio.figures.get(*id));
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
