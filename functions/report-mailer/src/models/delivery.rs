//! The delivery of yachts: paid and unpaid days, fuel.

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::portfolio::{Delivery, Portfolio};

/// Unpaid days beside ten paid ones, in the table of what they cost.
pub const UNPAID_DAYS: [u32; 6] = [0, 1, 2, 3, 5, 10];
/// Speeds of the table, in knots.
pub const SPEEDS: [u32; 5] = [5, 6, 7, 8, 10];

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio) {
    let deliveries = &portfolio.lists.deliveries;
    sum(book, deliveries, "delivery-paid-days", "Paid days of all deliveries", Unit::Days, |one| &one.paid_days);
    sum(book, deliveries, "delivery-unpaid-days", "Unpaid days of all deliveries", Unit::Days, |one| {
        &one.deadhead_days
    });
    sum(book, deliveries, "delivery-deadhead-cost", "Cost of the unpaid ways", Unit::Usd, |one| &one.deadhead_cost);
    sum(book, deliveries, "delivery-revenue", "Revenue of all deliveries", Unit::Usd, |one| &one.revenue);
    shares(book);
    fuel(book);
    for days in UNPAID_DAYS {
        unpaid(book, days);
    }
    for knots in SPEEDS {
        let label = format!("Hours for 100 nautical miles at {knots} knots");
        let words = format!("100 ÷ {knots}");
        let formula = Formula::new(&format!("delivery-hours-{knots}"), &label, Unit::Hours, &words, &["delivery-leg"]);
        book.compute(formula, |v| Some(v[0].times(1.0 / f64::from(knots))));
    }
}

/// What all deliveries have together; not recorded where there is no delivery.
fn sum(book: &mut Book, all: &[Delivery], id: &str, label: &str, unit: Unit, of: fn(&Delivery) -> &str) {
    if all.is_empty() {
        return book.not_recorded(id, label, unit);
    }
    let figures: Vec<&str> = all.iter().map(of).collect();
    let formula = Formula::new(id, label, unit, "added up over all deliveries", &figures);
    book.compute(formula, |v| v.iter().copied().reduce(Range::plus));
}

fn shares(book: &mut Book) {
    let utilisation = Formula::new(
        "delivery-utilisation",
        "Utilisation of captains",
        Unit::Percent,
        "paid days ÷ days that captains offer",
        &["delivery-paid-days", "delivery-captain-days"],
    );
    book.compute(utilisation, |v| v[0].percent_over(v[1]));
    let unpaid = Formula::new(
        "delivery-deadhead-share",
        "Unpaid days for each hundred paid",
        Unit::Percent,
        "unpaid days ÷ paid days",
        &["delivery-unpaid-days", "delivery-paid-days"],
    );
    book.compute(unpaid, |v| v[0].percent_over(v[1]));
    let cost = Formula::new(
        "delivery-deadhead-in-revenue",
        "Unpaid ways as a share of revenue",
        Unit::Percent,
        "cost of the unpaid ways ÷ revenue",
        &["delivery-deadhead-cost", "delivery-revenue"],
    );
    book.compute(cost, |v| v[0].percent_over(v[1]));
}

fn fuel(book: &mut Book) {
    let gallons = Formula::new(
        "delivery-fuel-leg",
        "Fuel for 100 nautical miles",
        Unit::Gallons,
        "100 ÷ speed × gallons an hour",
        &["delivery-leg", "delivery-speed", "delivery-fuel-rate"],
    );
    book.compute(gallons, |v| Some(v[0].over(v[1])?.by(v[2])));
    let cost = Formula::new(
        "delivery-fuel-cost",
        "Cost of fuel for 100 nautical miles",
        Unit::Usd,
        "gallons × price of a gallon",
        &["delivery-fuel-leg", "delivery-fuel-price"],
    );
    book.compute(cost, |v| Some(v[0].by(v[1])));
}

/// What unpaid days leave of each $100 of a day's rate.
fn unpaid(book: &mut Book, days: u32) {
    let label = format!("What {days} unpaid days beside ten leave of $100");
    let words = format!("$100 × 10 ÷ (10 + {days})");
    let formula = Formula::new(&format!("delivery-left-{days}"), &label, Unit::Usd, &words, &["delivery-hundred"]);
    book.compute(formula, |v| Some(v[0].times(10.0 / f64::from(10 + days))));
}
