//! The CEO's report: what the group has, earns, lacks and should do within 30 days.

mod gaps;
mod sections;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

use super::{Action, Cell, Decision, Finding, Kpi, Mark, Prose, Report, ReportId, Shown, Trace, Worth};
use crate::figure::Unit;
use crate::live::Live;
use crate::models::{self, Model};
use crate::portfolio::{self, Figure, Portfolio};

/// Makes the report.
pub fn report(portfolio: &Portfolio, live: &Live, as_of: Date) -> Report {
    let models = models::all(portfolio);
    Report {
        id: ReportId::Ceo,
        title: "CEO report",
        reader: "the chief executive",
        as_of,
        decide: decide(portfolio),
        summary: Vec::new(),
        findings: findings(portfolio, &models),
        kpis: kpis(portfolio, &models),
        sections: sections::all(portfolio),
        actions: portfolio.actions.iter().map(|action| row(portfolio, action)).collect(),
        appendix: appendix(portfolio, &models),
        missing: gaps::all(portfolio, live),
    }
}

/// Who takes on what nobody has taken on.
fn decide(portfolio: &Portfolio) -> Vec<Decision> {
    let unowned = portfolio.actions.iter().filter(|action| action.owner.is_none());
    let decision = |action: &portfolio::Action| Decision {
        question: format!("Who does this: {}?", action.title).into(),
        recommendation: action.why.as_str().into(),
        by: None,
    };
    unowned.take(3).map(decision).collect()
}

/// The key findings, the most important first; one whose figures are missing is left out.
fn findings(portfolio: &Portfolio, models: &[Model]) -> Vec<Finding> {
    let lines = [
        break_even(portfolio, models),
        gaps::revenue_words(portfolio).map(Prose::from),
        Some(gaps::shortfall_words(portfolio).into()),
        Some(gaps::kpi_words(portfolio).into()),
        largest_potential(portfolio, models),
        gaps::owner_words(portfolio).map(Prose::from),
    ];
    lines.into_iter().flatten().map(|text| Finding { mark: Mark::Plain, text }).collect()
}

fn break_even(portfolio: &Portfolio, models: &[Model]) -> Option<Prose> {
    let burn = words(portfolio.figures.get("burn")?)?;
    let charters = words(portfolio.figures.get("break-even-charters")?)?;
    let margin = model_words(model(models, "margin-to-break-even")?)?;
    Some(Prose {
        text: format!("The group burns {burn}. {charters} break even if each leaves {margin}."),
        figures: ["burn", "break-even-charters", "margin-to-break-even"].map(str::to_owned).to_vec(),
    })
}

fn largest_potential(portfolio: &Portfolio, models: &[Model]) -> Option<Prose> {
    let potential = words(portfolio.figures.get("blast-potential")?)?;
    let contacts = words(portfolio.figures.get("contacts")?)?;
    let months = model_words(model(models, "blast-in-months-of-burn")?)?;
    Some(Prose {
        text: format!(
            "The largest potential with a figure is the mail to {contacts}: {potential}, or {months} of burn."
        ),
        figures: ["blast-potential", "contacts", "blast-in-months-of-burn"].map(str::to_owned).to_vec(),
    })
}

fn model<'a>(models: &'a [Model], id: &str) -> Option<&'a Model> {
    models.iter().find(|model| model.id == id)
}

fn kpis(portfolio: &Portfolio, models: &[Model]) -> Vec<Kpi> {
    const SHOWN: [&str; 3] = ["burn", "break-even-charters", "cash"];
    let kpi = |label: &str, figure: Shown, tells: &str| Kpi {
        label: label.to_owned(),
        figure,
        target: None,
        tells: tells.to_owned(),
        mark: Mark::Plain,
    };
    let figures = SHOWN.iter().filter_map(|id| Some((*id, portfolio.figures.get(*id)?)));
    let recorded = figures.map(|(id, figure)| kpi(&figure.label, shown(portfolio, id), ""));
    let computed = models.iter().map(|model| kpi(model.label, computed(model), model.formula));
    let asked = portfolio.kpis.iter().map(|asked| {
        let figure = asked.figure.as_ref().map(|id| shown(portfolio, id));
        let unmeasured = || Shown { id: "missing-kpis".to_owned(), value: None, unit: Unit::Count };
        kpi(&asked.name, figure.unwrap_or_else(unmeasured), &asked.tells)
    });
    recorded.chain(computed).chain(asked).collect()
}

fn row(portfolio: &Portfolio, action: &portfolio::Action) -> Action {
    Action {
        id: action.id.clone(),
        priority: action.priority,
        title: action.title.clone(),
        entity: portfolio.name_of(&action.entity).to_owned(),
        why: action.why.as_str().into(),
        value: Worth::High,
        effort: action.effort,
        owner: action.owner.clone(),
        due: None,
    }
}

/// Every figure of the portfolio, then every computed one.
fn appendix(portfolio: &Portfolio, models: &[Model]) -> Vec<Trace> {
    let figures = portfolio.figures.iter().map(|(id, figure)| {
        let known = figure.known.as_ref();
        Trace {
            id: id.clone(),
            label: figure.label.clone(),
            figure: shown(portfolio, id),
            source: known.map_or_else(String::new, |known| known.source.clone()),
            as_of: known.and_then(|known| known.as_of.parse().ok()),
            inputs: Vec::new(),
        }
    });
    let computed = models.iter().map(|model| {
        let inputs = model.inputs.iter().filter_map(|id| portfolio.figures.get(*id));
        let known = inputs.filter_map(|figure| figure.known.as_ref());
        // A result is as old as its oldest input.
        let as_of = known.filter_map(|known| known.as_of.parse().ok()).min();
        Trace {
            id: model.id.to_owned(),
            label: model.label.to_owned(),
            figure: computed(model),
            source: format!("computed: {}", model.formula),
            as_of: as_of.filter(|_| model.value.is_some()),
            inputs: model.inputs.iter().map(|id| (*id).to_owned()).collect(),
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

fn computed(model: &Model) -> Shown {
    Shown { id: model.id.to_owned(), value: model.value, unit: model.unit }
}

fn shown(portfolio: &Portfolio, id: &str) -> Shown {
    let unit = portfolio.figures.get(id).map_or(Unit::Count, |figure| figure.unit);
    Shown { id: id.to_owned(), value: portfolio.value(id), unit }
}

/// A figure of the portfolio as a cell, by its id.
fn cell(portfolio: &Portfolio, figure: Option<&String>) -> Cell {
    figure.map_or(Cell::Missing, |id| Cell::Figure(shown(portfolio, id)))
}
