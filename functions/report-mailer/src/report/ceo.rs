//! The CEO's report: what the group has, earns, lacks and should do within 30 days.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack, total_table};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, Mark, Missing, MissingKind, ReportId, plans};
use crate::figure::Unit;
use crate::portfolio::{Asker, EntityKind, RiskKind};

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let mut blocks = BTreeMap::from([
        ("entities", vec![entities(cx)]),
        ("assets", vec![assets(cx)]),
        ("revenue", vec![revenue(cx)]),
        ("shortfalls", vec![shortfalls(cx)]),
        ("kpis", vec![kpi_table(cx)]),
        ("risks", vec![risks(cx)]),
        ("pipeline", vec![pipeline(cx)]),
        ("milestones", vec![plans::milestones(cx, ReportId::Ceo)]),
        ("operations", vec![operations(cx)]),
    ]);
    let title = "A month's burn beside what the mail blast may bring";
    blocks.insert("burn-chart", cx.bars(title, Unit::Usd, &["burn", "blast-potential"]));
    let title = "How much of the picture is recorded";
    let recorded = ["count-revenue-recorded", "count-revenue-missing", "count-assets-valued", "count-assets"];
    blocks.insert("record-chart", cx.bars(title, Unit::Count, &recorded));
    Draft { kpis: kpis(cx), blocks, words: BTreeMap::from([("kpi-names", kpi_names(cx))]), lacks: lacks(cx) }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("burn", Goal::None, "What the group spends in a month"),
        cx.kpi("cash", Goal::None, "What there is to spend"),
        cx.kpi("runway", Goal::None, "How long the cash pays the burn if nothing comes in"),
        cx.kpi("revenue-total", Goal::AtLeast("burn"), "All entities; under the burn the group shrinks"),
        cx.kpi("margin-to-break-even", Goal::None, "With six charters a month, each must leave so much"),
        cx.kpi("sails-a-month", Goal::AtLeast("break-even-charters"), "Completed sails of the last full months"),
        cx.kpi("blast-potential", Goal::None, "The largest opportunity that has a figure"),
        cx.kpi("count-revenue-recorded", Goal::AtLeast("count-entities"), "Of all that should earn something"),
        cx.kpi("infrastructure-in-burn", Goal::None, "Technology is a small part of what is spent"),
    ]
}

fn entities(cx: &Context<'_>) -> Block {
    let kind = |kind| match kind {
        EntityKind::Group => "group",
        EntityKind::Company => "company",
        EntityKind::SideOperation => "side operation",
    };
    let rows = cx.portfolio.lists.entities.iter().map(|entity| {
        let business = format!("{} ({})", entity.business, kind(entity.kind));
        [Cell::text(&entity.name), Cell::text(business), entity.systems.clone().into()]
    });
    build::table("The group and what it runs on", ["Entity", "Business", "Runs on"], rows)
}

fn assets(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.assets.iter().map(|asset| {
        let note = match asset.recorded {
            Some(false) => Cell::Missing,
            _ => Cell::text(asset.note.as_deref().unwrap_or("recorded")),
        };
        [Cell::text(&asset.name), cx.name(&asset.entity), note, cx.maybe(asset.figure.as_deref())]
    });
    build::table("What the entities have", ["Asset", "Entity", "Note", "Measure"], rows)
}

fn revenue(cx: &Context<'_>) -> Block {
    let earning = cx.portfolio.lists.entities.iter().filter_map(|entity| Some((entity, entity.revenue.as_deref()?)));
    let rows = earning.map(|(entity, figure)| [Cell::text(&entity.name), cx.cell(figure)]);
    let total = [Cell::text("The group"), cx.cell("revenue-total")];
    total_table("What each entity earns in a month", ["Entity", "Revenue"], rows, Some(total))
}

fn shortfalls(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.shortfalls.iter().map(|shortfall| {
        let title = format!("{} ({})", shortfall.title, cx.portfolio.name_of(&shortfall.entity));
        [Cell::text(title), Cell::text(&shortfall.evidence), Cell::text(&shortfall.costs)]
    });
    build::table("Critical shortfalls with evidence", ["Shortfall", "Evidence", "What it costs"], rows)
}

fn kpi_table(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.kpis.iter().map(|kpi| {
        let asker = match kpi.asked_by {
            Asker::Owner => "the owner",
            Asker::Reports => "these reports",
        };
        [Cell::text(&kpi.name), Cell::text(&kpi.tells), Cell::text(asker), cx.cell(&kpi.figure)]
    });
    build::table("What is asked for", ["KPI", "Tells", "Asked by", "Value"], rows)
}

/// The KPIs that the owner named and nobody measures.
fn kpi_names(cx: &Context<'_>) -> String {
    let unmeasured = cx
        .portfolio
        .lists
        .kpis
        .iter()
        .filter(|kpi| kpi.asked_by == Asker::Owner && cx.book.value(&kpi.figure).is_none());
    let names: Vec<&str> = unmeasured.map(|kpi| kpi.name.as_str()).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

fn risks(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.risks.iter().map(|risk| {
        let kind = match risk.kind {
            RiskKind::Equity => "equity",
            RiskKind::KeyPerson => "key person",
        };
        let mark = match &risk.evidence {
            Some(evidence) => Cell::Marked(Mark::Watch, evidence.clone()),
            None => Cell::Missing,
        };
        [Cell::text(&risk.title), Cell::text(kind), mark, Cell::text(&risk.answer)]
    });
    build::table("Who owns what, and who alone can do what", ["Risk", "Kind", "What is known", "What lowers it"], rows)
}

fn pipeline(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.opportunities.iter().map(|step| {
        let title = format!("{}. {} ({})", step.order, step.title, cx.portfolio.name_of(&step.entity));
        [Cell::text(title), cx.maybe(step.potential.as_deref()), Cell::text(&step.next_step)]
    });
    build::table("Where new revenue can come from", ["Opportunity", "Potential", "Next step"], rows)
}

fn operations(cx: &Context<'_>) -> Block {
    let figures =
        ["sails-a-month", "sails-open", "cancelled-share", "roles-filled-share", "waivers-signed", "waivers-on-hold"];
    let rows = figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)]);
    build::table("Sails, crew and waivers, as the crew application has them", ["Measure", "Value"], rows)
}

/// What is neither a figure nor an owner.
fn lacks(cx: &Context<'_>) -> Vec<Missing> {
    let lists = &cx.portfolio.lists;
    let assets = lists.assets.iter().filter(|asset| asset.figure.is_none());
    let assets = assets.map(|asset| {
        let what = if asset.recorded == Some(false) { "Whether there are any" } else { "Value" };
        lack(MissingKind::Asset, format!("{what}: {} of {}", asset.name, cx.portfolio.name_of(&asset.entity)))
    });
    let systems = lists.entities.iter().filter(|entity| entity.systems.is_none());
    let systems = systems.map(|entity| lack(MissingKind::Fact, format!("What {} runs on", entity.name)));
    let risks = lists.risks.iter().filter(|risk| risk.evidence.is_none());
    let risks = risks.map(|risk| lack(MissingKind::Fact, format!("What is known of: {}", risk.title)));
    let potentials = lists.opportunities.iter().filter(|step| step.potential.is_none());
    let potentials = potentials.map(|step| lack(MissingKind::Fact, format!("Potential: {}", step.title)));
    assets.chain(systems).chain(risks).chain(potentials).collect()
}
