//! The report on clients of the web work: the billing gap, terms, the way to an invoicing system.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, MissingKind, plans};
use crate::figure::Unit;
use crate::models::TERMS_DAYS;
use crate::portfolio::Plan;

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let waits: Vec<String> = TERMS_DAYS.iter().map(|days| format!("client-waits-{days}")).collect();
    let waits: Vec<&str> = waits.iter().map(String::as_str).collect();
    let blocks = BTreeMap::from([
        ("clients", clients(cx)),
        ("gap", vec![gap(cx)]),
        ("terms", vec![terms(cx)]),
        ("terms-chart", cx.bars("Money that waits, for each $1,000 billed a month", Unit::Usd, &waits)),
        ("steps", vec![plans::steps(cx, Plan::Invoicing, "From no invoices to an invoicing system")]),
    ]);
    let is_unlisted = cx.portfolio.lists.clients.is_empty();
    let lacks = is_unlisted.then(|| lack(MissingKind::Fact, "The list of clients, and what was agreed with each"));
    let lacks = lacks.into_iter().collect();
    Draft { kpis: kpis(cx), blocks, words: BTreeMap::new(), lacks }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("client-count", Goal::None, "How many clients there are"),
        cx.kpi("client-work", Goal::None, "What the hours of a month are worth"),
        cx.kpi("client-invoiced", Goal::AtLeast("client-work"), "What a month billed; all work should be"),
        cx.kpi("billing-gap", Goal::None, "Work that no invoice names"),
        cx.kpi(
            "client-days-outstanding",
            Goal::AtMost("client-terms"),
            "How long clients take, beside what was agreed",
        ),
        cx.kpi("revenue-client-portfolio", Goal::None, "What the books have of it"),
    ]
}

/// One line a client; nothing where none is listed.
fn clients(cx: &Context<'_>) -> Vec<Block> {
    let all = &cx.portfolio.lists.clients;
    let rows = all.iter().map(|client| {
        [
            Cell::text(&client.name),
            client.agreed.clone().into(),
            cx.cell(&client.work),
            cx.cell(&client.invoiced),
            cx.cell(&format!("{}-gap", &*client.id)),
        ]
    });
    match all.is_empty() {
        true => Vec::new(),
        false => vec![build::table("Client by client", ["Client", "Agreed", "Work", "Invoiced", "Gap"], rows)],
    }
}

fn gap(cx: &Context<'_>) -> Block {
    let figures =
        ["client-hours", "client-rate", "client-work", "client-invoiced", "billing-gap", "client-paid", "client-open"];
    let rows = figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)]);
    build::table("From hours to money", ["Measure", "Value"], rows)
}

fn terms(cx: &Context<'_>) -> Block {
    let rows = TERMS_DAYS.map(|days| {
        let words = if days == 0 { "on receipt".to_owned() } else { format!("{days} days") };
        [Cell::text(words), cx.cell(&format!("client-waits-{days}"))]
    });
    build::table("What terms of payment lock up", ["Terms", "Waits, for each $1,000 billed a month"], rows)
}
