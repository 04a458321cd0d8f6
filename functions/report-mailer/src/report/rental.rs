//! The rental's report: operations, occupancy, maintenance, rate card.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, Missing, MissingKind};
use crate::figure::Unit;
use crate::models::OCCUPANCIES;
use crate::portfolio::{Duty, DutyKind};

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let nights: Vec<String> = OCCUPANCIES.iter().map(|occupancy| format!("rental-nights-{occupancy}")).collect();
    let nights: Vec<&str> = nights.iter().map(String::as_str).collect();
    let blocks = BTreeMap::from([
        ("rates", vec![rates(cx)]),
        ("occupancy", vec![occupancy(cx)]),
        ("occupancy-chart", cx.bars("Nights sold at each occupancy", Unit::Nights, &nights)),
        ("costs", vec![costs(cx)]),
        ("routine", duties(cx, DutyKind::Routine, "What comes again")),
        ("backlog", duties(cx, DutyKind::Backlog, "Repairs that wait")),
    ]);
    Draft { kpis: kpis(cx), blocks, words: BTreeMap::new(), lacks: lacks(cx) }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("revenue-rental", Goal::AtLeast("rental-fixed"), "What the house earns, beside its fixed costs"),
        cx.kpi("rental-occupancy", Goal::None, "Nights sold of a hundred"),
        cx.kpi("rental-booked", Goal::None, "The same in nights of the next month"),
        cx.kpi("rental-turnover", Goal::None, "What each night owes to the cleaning after the stay"),
        cx.kpi("rental-fixed", Goal::None, "What the house costs when nobody stays"),
        cx.kpi("count-backlog", Goal::None, "An empty list is not an inspection"),
    ]
}

fn rates(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.rates.iter().map(|rate| {
        [
            Cell::text(&rate.channel),
            cx.cell(&rate.night),
            cx.cell(&rate.fee),
            cx.cell(&format!("{}-left", &*rate.id)),
            cx.cell(&format!("{}-break-even", &*rate.id)),
        ]
    });
    build::table("Rate card", ["Channel", "Night", "Fee", "It leaves", "Pays the house after"], rows)
}

fn occupancy(cx: &Context<'_>) -> Block {
    let rows = OCCUPANCIES.map(|occupancy| {
        [
            Cell::text(format!("{occupancy} %")),
            cx.cell(&format!("rental-nights-{occupancy}")),
            cx.cell(&format!("rental-hundred-{occupancy}")),
        ]
    });
    build::table("Occupancy of the next month", ["Occupancy", "Nights", "For each $100 of a night"], rows)
}

fn costs(cx: &Context<'_>) -> Block {
    let figures = ["rental-fixed", "rental-cleaning", "rental-stay", "rental-turnover"];
    let rows = figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)]);
    build::table("What the house costs", ["Measure", "Value"], rows)
}

/// Work of one sort; nothing where there is none.
fn duties(cx: &Context<'_>, kind: DutyKind, caption: &str) -> Vec<Block> {
    let duties: Vec<&Duty> = cx.portfolio.lists.duties.iter().filter(|duty| duty.kind == kind).collect();
    let rows = duties.iter().map(|duty| {
        [Cell::text(&duty.title), Cell::text(&duty.when), duty.owner.clone().into(), cx.maybe(duty.cost.as_deref())]
    });
    match duties.is_empty() {
        true => Vec::new(),
        false => vec![build::table(caption, ["Work", "When", "Who", "Cost"], rows)],
    }
}

fn lacks(cx: &Context<'_>) -> Vec<Missing> {
    let duties = &cx.portfolio.lists.duties;
    let owners = duties.iter().filter(|duty| duty.owner.is_none());
    let owners = owners.map(|duty| lack(MissingKind::Owner, format!("Who does it: {}", duty.title)));
    let has_backlog = duties.iter().any(|duty| duty.kind == DutyKind::Backlog);
    let backlog =
        (!has_backlog).then(|| lack(MissingKind::Fact, "The maintenance backlog: nobody has written it down"));
    backlog.into_iter().chain(owners).collect()
}
