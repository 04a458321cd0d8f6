//! The report on deliveries of yachts: captains, unpaid ways, fuel, season.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, Mark, Missing, MissingKind};
use crate::figure::Unit;
use crate::models::{SPEEDS, UNPAID_DAYS};

/// The months by the first letters of their names.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let left: Vec<String> = UNPAID_DAYS.iter().map(|days| format!("delivery-left-{days}")).collect();
    let left: Vec<&str> = left.iter().map(String::as_str).collect();
    let blocks = BTreeMap::from([
        ("captains", vec![captains(cx)]),
        ("deliveries", deliveries(cx)),
        ("unpaid", vec![unpaid(cx)]),
        ("unpaid-chart", cx.bars("What unpaid days leave of $100 a day", Unit::Usd, &left)),
        ("fuel", vec![fuel(cx)]),
        ("speed", vec![speed(cx)]),
        ("season", vec![season(cx)]),
        ("months", vec![months(cx)]),
    ]);
    Draft { kpis: kpis(cx), blocks, words: BTreeMap::new(), lacks: lacks(cx) }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("revenue-yacht-delivery", Goal::None, "What deliveries earn in a month"),
        cx.kpi("delivery-utilisation", Goal::None, "Paid days of the days that captains offer"),
        cx.kpi("delivery-deadhead-share", Goal::None, "The way to the yacht and home"),
        cx.kpi("delivery-deadhead-in-revenue", Goal::None, "What the unpaid ways take of the revenue"),
        cx.kpi("delivery-fuel-cost", Goal::None, "From speed, consumption and price"),
        cx.kpi("captains", Goal::None, "As the crew application has them"),
    ]
}

fn rows<const N: usize>(cx: &Context<'_>, figures: [&str; N]) -> [[Cell; 2]; N] {
    figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)])
}

fn captains(cx: &Context<'_>) -> Block {
    let figures =
        ["delivery-captain-days", "delivery-paid-days", "delivery-utilisation", "captains", "captains-filled-share"];
    build::table("Captains", ["Measure", "Value"], rows(cx, figures))
}

/// One line a delivery; nothing where none is recorded.
fn deliveries(cx: &Context<'_>) -> Vec<Block> {
    let all = &cx.portfolio.lists.deliveries;
    let rows = all.iter().map(|one| {
        [
            Cell::text(&one.route),
            cx.cell(&one.paid_days),
            cx.cell(&one.deadhead_days),
            cx.cell(&one.deadhead_cost),
            cx.cell(&one.revenue),
        ]
    });
    match all.is_empty() {
        true => Vec::new(),
        false => vec![build::table("Deliveries", ["Route", "Paid", "Unpaid", "Unpaid way", "Revenue"], rows)],
    }
}

fn unpaid(cx: &Context<'_>) -> Block {
    let rows = UNPAID_DAYS.map(|days| {
        let words = match days {
            0 => "none".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        [Cell::text(words), cx.cell(&format!("delivery-left-{days}"))]
    });
    build::table("Unpaid days beside ten paid ones", ["Unpaid", "Left of each $100 of the day's rate"], rows)
}

fn fuel(cx: &Context<'_>) -> Block {
    let figures =
        ["delivery-speed", "delivery-fuel-rate", "delivery-fuel-price", "delivery-fuel-leg", "delivery-fuel-cost"];
    build::table("Fuel", ["Measure", "Value"], rows(cx, figures))
}

fn speed(cx: &Context<'_>) -> Block {
    let rows = SPEEDS.map(|knots| [Cell::text(format!("{knots} knots")), cx.cell(&format!("delivery-hours-{knots}"))]);
    build::table("Hours for 100 nautical miles", ["Speed", "Hours"], rows)
}

fn season(cx: &Context<'_>) -> Block {
    let rows = cx
        .portfolio
        .lists
        .seasons
        .iter()
        .map(|season| [Cell::text(&season.name), Cell::text(&season.means), Cell::text(&season.source)]);
    build::table("Times of the year", ["Season", "What it means", "Who says so"], rows)
}

/// Each month with the seasons that it lies in.
fn months(cx: &Context<'_>) -> Block {
    let rows = MONTHS.iter().zip(1_u8..).map(|(name, number)| {
        let seasons = cx.portfolio.lists.seasons.iter().filter(|season| season.months.contains(&number));
        let names: Vec<&str> = seasons.map(|season| season.name.as_str()).collect();
        let words = if names.is_empty() { "nothing recorded".to_owned() } else { names.join("; ") };
        let is_now = u8::try_from(cx.as_of.month()).is_ok_and(|month| month == number);
        let mark = if is_now { Mark::Watch } else { Mark::Plain };
        [Cell::text(*name), Cell::Marked(mark, words)]
    });
    build::table("Month by month", ["Month", "Season"], rows)
}

fn lacks(cx: &Context<'_>) -> Vec<Missing> {
    let none = cx.portfolio.lists.deliveries.is_empty();
    none.then(|| lack(MissingKind::Fact, "Deliveries: none is recorded")).into_iter().collect()
}
