//! The mail blast: what it may bring in three cases, forwards and backwards, and what it costs.

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};

/// One case of a span: how it is named, and where in the span it lies.
#[derive(Clone, Copy)]
struct Case {
    /// Its suffix in ids.
    id: &'static str,
    words: &'static str,
    at: fn(Range) -> f64,
}

const CASES: [Case; 3] = [
    Case { id: "low", words: "low case", at: |range| range.low },
    Case { id: "base", words: "base case", at: Range::middle },
    Case { id: "high", words: "high case", at: |range| range.high },
];

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book) {
    for case in CASES {
        backwards(book, case);
        forwards(book, case);
    }
    let contact = Formula::new(
        "blast-per-contact",
        "Potential of the mail blast for each contact",
        Unit::Usd,
        "charter potential ÷ contacts",
        &["blast-potential", "contacts"],
    );
    book.compute(contact, |v| v[0].over(v[1]));
    let months = Formula::new(
        "blast-in-months-of-burn",
        "Burn that the mail blast could pay",
        Unit::Months,
        "charter potential ÷ burn",
        &["blast-potential", "burn"],
    );
    book.compute(months, |v| v[0].over(v[1]));
    let cost = Formula::new(
        "blast-cost",
        "What sending the mail blast costs",
        Unit::Usd,
        "contacts ÷ 1,000 × price of a thousand mails",
        &["contacts", "mail-price"],
    );
    book.compute(cost, |v| Some(v[0].by(v[1]).times(0.001)));
    let time = Formula::new(
        "blast-seconds",
        "How long sending takes at the account's rate",
        Unit::Seconds,
        "contacts ÷ recipients a second",
        &["contacts", "mail-rate"],
    );
    book.compute(time, |v| v[0].over(v[1]));
}

/// From the owner's potential to the bookings and the response that it takes.
fn backwards(book: &mut Book, Case { id: case, words, at }: Case) {
    let revenue = format!("blast-revenue-{case}");
    let label = format!("Mail blast, {words}");
    let how = match case {
        "base" => "the middle of the charter potential",
        _ => "that end of the charter potential",
    };
    let formula = Formula::new(&revenue, &label, Unit::Usd, how, &["blast-potential"]);
    book.compute(formula, |v| Some(Range::exact(at(v[0]))));
    let charters = format!("blast-charters-{case}");
    let label = format!("Charters behind it, {words}");
    let how = "revenue of the case ÷ what each charter must leave to break even";
    let formula = Formula::new(&charters, &label, Unit::Charters, how, &[&revenue, "margin-to-break-even"]);
    book.compute(formula, |v| v[0].over(v[1]));
    let label = format!("Contacts that book, {words}");
    let id = format!("blast-response-{case}");
    let formula = Formula::new(&id, &label, Unit::Percent, "charters behind it ÷ contacts", &[&charters, "contacts"]);
    book.compute(formula, |v| v[0].percent_over(v[1]));
}

/// From the contacts to the revenue, by the rates that a first mail measures.
fn forwards(book: &mut Book, Case { id: case, words, at }: Case) {
    let label = format!("Forecast of the mail blast, {words}");
    let how = "contacts × delivered × replies × bookings × average price of a charter";
    let inputs = ["contacts", "blast-delivered", "blast-replies", "blast-bookings", "charter-price"];
    let formula = Formula::new(&format!("blast-forecast-{case}"), &label, Unit::Usd, how, &inputs);
    book.compute(formula, |v| {
        let rates: f64 = v[1..4].iter().map(|rate| at(*rate) / 100.0).product();
        Some(Range::exact(at(v[0]) * rates * at(v[4])))
    });
}
