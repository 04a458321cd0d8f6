//! The analysis by category.

use super::super::{Bar, Cell, Section};
use super::{cell, gaps, words};
use crate::figure::{Range, Unit};
use crate::portfolio::{EntityKind, Portfolio, RiskKind};

/// Every category, in the order of the report.
pub(super) fn all(portfolio: &Portfolio) -> Vec<Section> {
    vec![
        entities(portfolio),
        assets(portfolio),
        revenue(portfolio),
        shortfalls(portfolio),
        risks(portfolio),
        pipeline(portfolio),
    ]
}

fn entities(portfolio: &Portfolio) -> Section {
    let kind = |kind| match kind {
        EntityKind::Group => "group",
        EntityKind::Company => "company",
        EntityKind::SideOperation => "side operation",
    };
    let rows = portfolio.entities.iter().map(|entity| {
        vec![
            Cell::known(&entity.name),
            Cell::known(kind(entity.kind)),
            Cell::known(&entity.business),
            entity.systems.clone().into(),
        ]
    });
    Section {
        title: "Entities".to_owned(),
        head: head(["Entity", "Kind", "Business", "Runs on"]),
        rows: rows.collect(),
        ..Section::default()
    }
}

fn assets(portfolio: &Portfolio) -> Section {
    let rows = portfolio.assets.iter().map(|asset| {
        let note = match asset.recorded {
            true => Cell::known(asset.note.as_deref().unwrap_or("")),
            false => Cell::missing(),
        };
        vec![
            Cell::known(&asset.name),
            Cell::known(portfolio.name_of(&asset.entity)),
            note,
            cell(portfolio, asset.figure.as_ref()),
        ]
    });
    let unvalued = portfolio.assets.iter().filter(|asset| asset.figure.is_none()).count();
    let recorded = portfolio.assets.iter().filter(|asset| asset.recorded).count();
    Section {
        title: "Asset inventory".to_owned(),
        paragraphs: vec![format!(
            "{recorded} of {} entries are recorded; {unvalued} have no value.",
            portfolio.assets.len()
        )],
        head: head(["Asset", "Entity", "Note", "Measure"]),
        rows: rows.collect(),
        ..Section::default()
    }
}

fn revenue(portfolio: &Portfolio) -> Section {
    let row = |figure| vec![name(portfolio, figure), words(figure).into()];
    Section {
        title: "Revenue and burn".to_owned(),
        paragraphs: vec![
            "The chart sets a month's burn against the potential of the mail blast, at the least \
             and at the most."
                .to_owned(),
        ],
        head: head(["Entity", "Revenue"]),
        rows: gaps::revenue(portfolio).map(row).collect(),
        bars: bars(portfolio),
    }
}

fn name(portfolio: &Portfolio, figure: &crate::portfolio::Figure) -> Cell {
    Cell::known(portfolio.name_of(&figure.entity))
}

/// A month's burn beside what the mail blast may bring; no bars where one of them is missing.
fn bars(portfolio: &Portfolio) -> Vec<Bar> {
    let burn = portfolio.value("burn");
    let (Some(burn), Some(potential)) = (burn, portfolio.value("blast-potential")) else {
        return Vec::new();
    };
    let bars = [
        ("Burn, low", burn.low),
        ("Burn, high", burn.high),
        ("Mail blast, low", potential.low),
        ("Mail blast, high", potential.high),
    ];
    let longest = bars.iter().fold(0.0_f64, |longest, bar| longest.max(bar.1));
    bars.iter()
        .map(|(label, value)| Bar {
            label: (*label).to_owned(),
            text: Range::exact(*value).words(Unit::Usd),
            percent: percent(*value, longest),
        })
        .collect()
}

/// A bar's length, within 1 and 100 whatever the data say.
fn percent(value: f64, longest: f64) -> u32 {
    match longest > 0.0 {
        true => (value / longest * 100.0).round().clamp(1.0, 100.0) as u32,
        false => 1,
    }
}

fn shortfalls(portfolio: &Portfolio) -> Section {
    let rows = portfolio.shortfalls.iter().map(|shortfall| {
        vec![
            Cell::known(&shortfall.title),
            Cell::known(portfolio.name_of(&shortfall.entity)),
            Cell::known(&shortfall.evidence),
        ]
    });
    Section {
        title: "Critical shortfalls".to_owned(),
        paragraphs: vec![gaps::shortfall_words(portfolio), gaps::kpi_words(portfolio)],
        head: head(["Shortfall", "Entity", "Evidence"]),
        rows: rows.collect(),
        ..Section::default()
    }
}

fn risks(portfolio: &Portfolio) -> Section {
    let kind = |kind| match kind {
        RiskKind::Equity => "equity",
        RiskKind::KeyPerson => "key person",
    };
    let rows = portfolio.risks.iter().map(|risk| {
        vec![
            Cell::known(&risk.title),
            Cell::known(kind(risk.kind)),
            Cell::known(portfolio.name_of(&risk.entity)),
            risk.evidence.clone().into(),
        ]
    });
    Section {
        title: "Equity and key-person risk".to_owned(),
        head: head(["Risk", "Kind", "Entity", "What is known"]),
        rows: rows.collect(),
        ..Section::default()
    }
}

fn pipeline(portfolio: &Portfolio) -> Section {
    let rows = portfolio.pipeline.iter().map(|step| {
        let owner = portfolio.name_of(&step.entity);
        vec![
            Cell::known(step.order.to_string()),
            Cell::known(format!("{} ({owner})", step.title)),
            cell(portfolio, step.potential.as_ref()),
            Cell::known(&step.next_step),
        ]
    });
    Section {
        title: "Pipeline".to_owned(),
        head: head(["Order", "Opportunity", "Potential", "Next step"]),
        rows: rows.collect(),
        ..Section::default()
    }
}

fn head<const N: usize>(columns: [&str; N]) -> Vec<String> {
    columns.map(str::to_owned).to_vec()
}
