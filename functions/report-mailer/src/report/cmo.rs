//! The CMO's report: channels, the mail blast, booking sites, local search.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, Mark, Missing, MissingKind, ReportId, Table, plans};
use crate::figure::Unit;
use crate::models::booking_sites::{self, Scored};
use crate::portfolio::{Channel, Entity, EntityKind, Plan, ReachState};

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let sequence = booking_sites::sequence(cx.portfolio, cx.book);
    let blocks = BTreeMap::from([
        ("matrix", matrix(cx)),
        ("blast", vec![blast(cx)]),
        ("forecast", vec![forecast(cx)]),
        ("blast-chart", cx.bars("What the mail blast may bring", Unit::Usd, &BLAST_REVENUE)),
        ("sites", vec![sites(cx, &sequence)]),
        ("local-search", vec![plans::steps(cx, Plan::LocalSearch, "Local search for QuickDumpNow")]),
        ("milestones", vec![plans::milestones(cx, ReportId::Cmo)]),
    ]);
    let agreement = match booking_sites::agrees(&sequence) {
        true => "The points give the agreed order",
        false => "The points no longer give the agreed order",
    };
    let names: Vec<&str> = sequence.iter().map(|scored| scored.site.name.as_str()).collect();
    let words = BTreeMap::from([("agreement", agreement.to_owned()), ("sequence", names.join(", "))]);
    Draft { kpis: kpis(cx), blocks, words, lacks: lacks(cx) }
}

const BLAST_REVENUE: [&str; 3] = ["blast-revenue-low", "blast-revenue-base", "blast-revenue-high"];

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("contacts", Goal::None, "Whom the mail can reach"),
        cx.kpi("blast-potential", Goal::None, "What the owner expects of it"),
        cx.kpi("blast-per-contact", Goal::None, "What each address is worth once"),
        cx.kpi("blast-response-base", Goal::None, "So many of a hundred contacts must book in the base case"),
        cx.kpi("blast-cost", Goal::None, "The price of the mails themselves"),
        cx.kpi("cac", Goal::None, "What a new customer costs"),
        cx.kpi("ltv", Goal::None, "What a customer brings in all"),
        cx.kpi("nps", Goal::None, "Whether guests recommend us"),
    ]
}

/// Channels against entities; two tables, so that each fits a narrow screen.
fn matrix(cx: &Context<'_>) -> Vec<Block> {
    let of = |kind| cx.portfolio.lists.entities.iter().filter(move |entity| entity.kind == kind).collect();
    let companies: Vec<&Entity> = of(EntityKind::Company);
    let sides: Vec<&Entity> = of(EntityKind::SideOperation);
    [("Channels and companies", companies), ("Channels and side operations", sides)]
        .into_iter()
        .map(|(caption, entities)| half(cx, caption, &entities))
        .collect()
}

fn half(cx: &Context<'_>, caption: &str, entities: &[&Entity]) -> Block {
    let columns = ["Channel".to_owned()].into_iter().chain(entities.iter().map(|entity| entity.name.clone()));
    let row = |channel: &Channel| {
        let cells = entities.iter().map(|entity| state(cx, &channel.id, &entity.id));
        [Cell::text(&channel.name)].into_iter().chain(cells).collect()
    };
    Block::Table(Table {
        caption: caption.to_owned(),
        columns: columns.collect(),
        rows: cx.portfolio.lists.channels.iter().map(row).collect(),
        total: None,
    })
}

fn state(cx: &Context<'_>, channel: &str, entity: &str) -> Cell {
    let mut reaches = cx.portfolio.lists.reaches.iter();
    let reach = reaches.find(|reach| &*reach.channel == channel && &*reach.entity == entity);
    match reach.map(|reach| reach.state) {
        Some(ReachState::Active) => Cell::Marked(Mark::Good, "active".to_owned()),
        Some(ReachState::Planned) => Cell::Marked(Mark::Watch, "planned".to_owned()),
        Some(ReachState::None) => Cell::text("does not fit"),
        None => Cell::Missing,
    }
}

/// The three cases backwards: from the revenue to the response that it takes.
fn blast(cx: &Context<'_>) -> Block {
    let row = |label: &str, id: &str| {
        [
            Cell::text(label),
            cx.cell(&format!("{id}-low")),
            cx.cell(&format!("{id}-base")),
            cx.cell(&format!("{id}-high")),
        ]
    };
    let rows = [
        row("Revenue", "blast-revenue"),
        row("Charters behind it", "blast-charters"),
        row("Contacts that book", "blast-response"),
    ];
    build::table("Backwards: what each case asks of the list", ["", "Low", "Base", "High"], rows)
}

/// The three cases forwards: from the contacts by measured rates.
fn forecast(cx: &Context<'_>) -> Block {
    let figures = ["contacts", "blast-delivered", "blast-replies", "blast-bookings", "charter-price"];
    let inputs = figures.map(|id| [Cell::text(format!("× {}", cx.book.label(id))), cx.cell(id)]);
    let cases = ["low", "base", "high"].map(|case| {
        let id = format!("blast-forecast-{case}");
        [Cell::text(format!("= {}", cx.book.label(&id))), cx.cell(&id)]
    });
    build::table("Forwards: what a first mail measures", ["Step", "Value"], inputs.into_iter().chain(cases))
}

fn sites(cx: &Context<'_>, sequence: &[Scored<'_>]) -> Block {
    let rows = sequence.iter().zip(1..).map(|(scored, place)| {
        let points = format!(
            "{} = {} audience + {} ease + {} commission",
            scored.points(),
            scored.audience,
            scored.ease,
            scored.commission.map_or_else(|| "missing".to_owned(), |points| points.to_string())
        );
        [
            Cell::text(format!("{place}. {}", scored.site.name)),
            Cell::text(scored.site.order.to_string()),
            Cell::text(points),
            cx.cell(&scored.site.commission),
        ]
    });
    build::table("Booking sites by points", ["Site", "Agreed place", "Points", "Commission"], rows)
}

fn lacks(cx: &Context<'_>) -> Vec<Missing> {
    let lists = &cx.portfolio.lists;
    let entities = lists.entities.iter().filter(|entity| entity.kind != EntityKind::Group);
    let count = entities.flat_map(|entity| lists.channels.iter().map(move |channel| (entity, channel)));
    let unknown = count.filter(|(entity, channel)| state(cx, &channel.id, &entity.id).is_missing()).count();
    match unknown {
        0 => Vec::new(),
        _ => vec![lack(MissingKind::Fact, format!("How {unknown} pairs of entity and channel stand"))],
    }
}
