//! The CFO's report: burn, runway, break-even, what may be spent.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack};
use super::draft::{Context, Draft};
use super::{Block, Cell, Chart, Kpi, Line, Mark, Missing, MissingKind, ReportId, plans};
use crate::figure::Unit;
use crate::live::Reading;
use crate::models::capital::{self, Judged, Ruled, Tier, Verdict};
use crate::models::periods::full_months;

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let judged = capital::judge(cx.portfolio, cx.book);
    let blocks = BTreeMap::from([
        ("burn", vec![burn(cx)]),
        ("break-even", vec![break_even(cx)]),
        (
            "burn-chart",
            cx.bars("Burn of a month, and what may pay it", Unit::Usd, &["burn", "revenue-total", "blast-potential"]),
        ),
        ("tiers", vec![tiers(cx, &judged)]),
        ("rules", vec![rules(cx, &judged)]),
        ("targets", vec![targets(cx)]),
        ("sails-chart", sails(cx)),
        ("saving", vec![saving(cx)]),
        ("milestones", vec![plans::milestones(cx, ReportId::Cfo)]),
    ]);
    let count = |verdict| judged.iter().filter(|judged| judged.verdict() == verdict).count().to_string();
    let words = BTreeMap::from([
        ("planned", judged.len().to_string()),
        ("deploy", count(Verdict::Deploy)),
        ("wait", count(Verdict::Wait)),
        ("do-not", count(Verdict::DoNotDeploy)),
    ]);
    Draft { kpis: kpis(cx), blocks, words, lacks: lacks(cx, &judged) }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("burn", Goal::None, "What is spent in a month"),
        cx.kpi("runway", Goal::None, "How long the cash lasts without revenue"),
        cx.kpi("revenue-total", Goal::AtLeast("burn"), "All entities in a month"),
        cx.kpi("revenue-gap", Goal::None, "What must still be earned"),
        cx.kpi("sails-a-month", Goal::AtLeast("break-even-charters"), "Completed sails beside those that break even"),
        cx.kpi("margin-to-break-even", Goal::None, "What each of six charters must leave"),
        cx.kpi(
            "break-even-computed",
            Goal::AtMost("break-even-charters"),
            "The same the other way: from price and cost",
        ),
        cx.kpi("infrastructure-in-burn", Goal::None, "How little there is to save in technology"),
        cx.kpi("cac", Goal::None, "Judged by the second rule"),
    ]
}

fn rows<const N: usize>(cx: &Context<'_>, figures: [&str; N]) -> [[Cell; 2]; N] {
    figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)])
}

fn burn(cx: &Context<'_>) -> Block {
    let figures = rows(cx, ["burn", "burn-a-day", "burn-a-year", "cash", "runway", "revenue-total", "revenue-gap"]);
    build::table("Burn and runway", ["Measure", "Value"], figures)
}

fn break_even(cx: &Context<'_>) -> Block {
    let figures = [
        "break-even-charters",
        "break-even-charters-a-year",
        "margin-to-break-even",
        "charter-price",
        "charter-cost",
        "charter-margin",
        "break-even-computed",
    ];
    build::table("Break-even in charters", ["Measure", "Value"], rows(cx, figures))
}

fn tiers(cx: &Context<'_>, judged: &[Judged<'_>]) -> Block {
    let row = |name: &str, means: Cell, tier: Tier| {
        let titles: Vec<&str> =
            judged.iter().filter(|one| one.tier == tier).map(|one| one.spend.title.as_str()).collect();
        let titles = if titles.is_empty() { "nothing planned".to_owned() } else { titles.join("; ") };
        [Cell::text(name), means, Cell::text(titles)]
    };
    let tiers = [
        row("Zero-cost", Cell::text("own work"), Tier::ZeroCost),
        row("Low-cost", cx.cell("capital-low-cost"), Tier::LowCost),
        row("Revenue-producing", cx.cell("capital-revenue-producing"), Tier::RevenueProducing),
        row("Do not deploy", Cell::text("in no tier"), Tier::Outside),
        row("Not placed", Cell::text("amount missing"), Tier::Unknown),
    ];
    build::table("Tiers of capital", ["Tier", "Amount", "Planned"], tiers)
}

fn rules(cx: &Context<'_>, judged: &[Judged<'_>]) -> Block {
    let rows = judged.iter().map(|one| {
        let (mark, verdict) = match one.verdict() {
            Verdict::Deploy => (Mark::Good, "deploy"),
            Verdict::Wait => (Mark::Watch, "wait"),
            Verdict::DoNotDeploy => (Mark::Bad, "do not deploy"),
        };
        [
            Cell::text(&one.spend.title),
            cx.cell(&one.spend.amount),
            ruled(one.kpi),
            ruled(one.acquisition),
            ruled(one.infrastructure),
            Cell::Marked(mark, verdict.to_owned()),
        ]
    });
    let columns = ["Expense", "Amount", "1. KPI", "2. CAC", "3. Infrastructure", "Verdict"];
    build::table("The three rules on each planned expense", columns, rows)
}

fn ruled(ruled: Ruled) -> Cell {
    match ruled {
        Ruled::Kept => Cell::Marked(Mark::Good, "kept".to_owned()),
        Ruled::Broken => Cell::Marked(Mark::Bad, "broken".to_owned()),
        Ruled::Open => Cell::Marked(Mark::Unknown, "open".to_owned()),
        Ruled::NotAsked => Cell::text("not asked"),
    }
}

fn targets(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.targets.iter().map(|target| {
        [
            Cell::text(target.month.0.strftime("%B %Y").to_string()),
            cx.cell(&target.target),
            cx.cell("burn"),
            cx.cell("break-even-charters"),
            cx.cell(&target.actual),
        ]
    });
    let columns = ["Month", "Target", "At least: the burn", "In charters", "Came in"];
    build::table("Revenue targets by month", columns, rows)
}

/// Completed sails by month beside those that break even, where two full months or more were read.
fn sails(cx: &Context<'_>) -> Vec<Block> {
    let Reading::Read { as_of, data, .. } = &cx.live.sails else { return Vec::new() };
    let months = full_months(data, *as_of);
    if months.len() < 2 {
        return Vec::new();
    }
    let needed = cx.book.value("break-even-charters").map(|charters| charters.high);
    let line = |label: &str, figure: &str, values: Vec<Option<f64>>| Line {
        label: label.to_owned(),
        values,
        figures: vec![figure.to_owned()],
    };
    let completed = months.iter().map(|month| Some(f64::from(month.completed))).collect();
    vec![Block::Chart(Chart::Lines {
        title: "Completed sails, and the charters that break even".to_owned(),
        unit: Unit::ChartersPerMonth,
        at: months.iter().map(|month| month.month.strftime("%b %Y").to_string()).collect(),
        lines: vec![
            line("Completed", "sails-a-month", completed),
            line("Break-even", "break-even-charters", vec![needed; months.len()]),
        ],
    })]
}

fn saving(cx: &Context<'_>) -> Block {
    let figures = [
        "infrastructure-cost",
        "infrastructure-saving",
        "infrastructure-after-saving",
        "saving-a-year",
        "revenue-for-infrastructure",
    ];
    build::table("Infrastructure and its saving", ["Measure", "Value"], rows(cx, figures))
}

fn lacks(cx: &Context<'_>, judged: &[Judged<'_>]) -> Vec<Missing> {
    let unnamed = judged.iter().filter(|one| one.kpi == Ruled::Broken);
    let unnamed = unnamed.map(|one| lack(MissingKind::Kpi, format!("The revenue KPI of: {}", one.spend.title)));
    let months = cx.portfolio.lists.targets.iter().filter(|target| cx.book.value(&target.target).is_none()).count();
    let months = (months > 0)
        .then(|| lack(MissingKind::Fact, format!("Who sets the targets of the months that have none: {months}")));
    unnamed.chain(months).collect()
}
