//! The analysis by category.

use super::super::{Bar, Block, Cell, Chart, Section, Table};
use super::{cell, gaps, shown};
use crate::figure::Unit;
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
            Cell::text(&entity.name),
            Cell::text(kind(entity.kind)),
            Cell::text(&entity.business),
            entity.systems.clone().into(),
        ]
    });
    section("Entities", vec![table("The group and what it runs on", ["Entity", "Kind", "Business", "Runs on"], rows)])
}

fn assets(portfolio: &Portfolio) -> Section {
    let rows = portfolio.assets.iter().map(|asset| {
        let note = match asset.recorded {
            true => Cell::text(asset.note.as_deref().unwrap_or("")),
            false => Cell::Missing,
        };
        vec![
            Cell::text(&asset.name),
            Cell::text(portfolio.name_of(&asset.entity)),
            note,
            cell(portfolio, asset.figure.as_ref()),
        ]
    });
    let unvalued = portfolio.assets.iter().filter(|asset| asset.figure.is_none()).count();
    let recorded = portfolio.assets.iter().filter(|asset| asset.recorded).count();
    let counts = format!("{recorded} of {} entries are recorded; {unvalued} have no value.", portfolio.assets.len());
    let table = table("What the entities have", ["Asset", "Entity", "Note", "Measure"], rows);
    section("Asset inventory", vec![Block::Paragraph(counts.into()), table])
}

fn revenue(portfolio: &Portfolio) -> Section {
    let rows = gaps::revenue(portfolio)
        .map(|(id, figure)| vec![Cell::text(portfolio.name_of(&figure.entity)), Cell::Figure(shown(portfolio, id))]);
    let mut blocks = vec![table("What each entity earns", ["Entity", "Revenue"], rows)];
    blocks.extend(chart(portfolio));
    section("Revenue and burn", blocks)
}

/// A month's burn beside what the mail blast may bring; no chart where one of them is missing.
fn chart(portfolio: &Portfolio) -> Option<Block> {
    let bar = |label: &str, figure: &str| {
        let value = portfolio.value(figure)?;
        Some(Bar { label: label.to_owned(), value, figure: figure.to_owned() })
    };
    Some(Block::Chart(Chart::Bars {
        title: "A month's burn beside what the mail blast may bring".to_owned(),
        unit: Unit::Usd,
        bars: vec![bar("Burn of a month", "burn")?, bar("Mail blast", "blast-potential")?],
    }))
}

fn shortfalls(portfolio: &Portfolio) -> Section {
    let rows = portfolio.shortfalls.iter().map(|shortfall| {
        vec![
            Cell::text(&shortfall.title),
            Cell::text(portfolio.name_of(&shortfall.entity)),
            Cell::text(&shortfall.evidence),
        ]
    });
    let words = [gaps::shortfall_words(portfolio), gaps::kpi_words(portfolio)];
    let mut blocks: Vec<Block> = words.into_iter().map(|words| Block::Paragraph(words.into())).collect();
    blocks.push(table("Shortfalls with evidence", ["Shortfall", "Entity", "Evidence"], rows));
    section("Critical shortfalls", blocks)
}

fn risks(portfolio: &Portfolio) -> Section {
    let kind = |kind| match kind {
        RiskKind::Equity => "equity",
        RiskKind::KeyPerson => "key person",
    };
    let rows = portfolio.risks.iter().map(|risk| {
        vec![
            Cell::text(&risk.title),
            Cell::text(kind(risk.kind)),
            Cell::text(portfolio.name_of(&risk.entity)),
            risk.evidence.clone().into(),
        ]
    });
    let table = table("Who owns what, and who alone can do what", ["Risk", "Kind", "Entity", "What is known"], rows);
    section("Equity and key-person risk", vec![table])
}

fn pipeline(portfolio: &Portfolio) -> Section {
    let rows = portfolio.pipeline.iter().map(|step| {
        let owner = portfolio.name_of(&step.entity);
        vec![
            Cell::text(step.order.to_string()),
            Cell::text(format!("{} ({owner})", step.title)),
            cell(portfolio, step.potential.as_ref()),
            Cell::text(&step.next_step),
        ]
    });
    let table = table("Where new revenue can come from", ["Order", "Opportunity", "Potential", "Next step"], rows);
    section("Pipeline", vec![table])
}

fn section(title: &str, blocks: Vec<Block>) -> Section {
    Section { title: title.to_owned(), blocks }
}

fn table<const N: usize>(caption: &str, columns: [&str; N], rows: impl Iterator<Item = Vec<Cell>>) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        total: None,
    })
}
