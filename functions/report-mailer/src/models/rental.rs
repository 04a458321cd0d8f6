//! The rental: what a night leaves, how many nights pay the fixed costs, what occupancy brings.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::portfolio::Portfolio;

/// The occupancies of the table, in hundredths.
pub const OCCUPANCIES: [u32; 7] = [30, 40, 50, 60, 70, 80, 90];

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio, as_of: Date) {
    // The first of a month plus a month is a day again, within jiff's ten thousand years.
    let next = as_of.first_of_month().saturating_add(1.month());
    let days = Range::exact(f64::from(next.days_in_month()));
    let label = format!("Nights in {}", next.strftime("%B %Y"));
    book.record("rental-nights", &label, Unit::Nights, days, "calendar", as_of);
    let booked = Formula::new(
        "rental-booked",
        "Nights booked",
        Unit::Nights,
        "nights of the month × occupancy",
        &["rental-nights", "rental-occupancy"],
    );
    book.compute(booked, |v| Some(v[1].percent_of(v[0])));
    let turnover = Formula::new(
        "rental-turnover",
        "Cleaning for each night",
        Unit::UsdPerNight,
        "cost of a cleaning ÷ nights of a stay",
        &["rental-cleaning", "rental-stay"],
    );
    book.compute(turnover, |v| v[0].over(v[1]));
    for rate in &portfolio.lists.rates {
        channel(book, &rate.id, &rate.channel, &rate.night, &rate.fee);
    }
    for occupancy in OCCUPANCIES {
        grid(book, occupancy);
    }
}

fn channel(book: &mut Book, id: &str, name: &str, night: &str, fee: &str) {
    let (left, margin) = (format!("{id}-left"), format!("{id}-margin"));
    let label = format!("What {name} leaves of a night");
    let formula = Formula::new(&left, &label, Unit::UsdPerNight, "night − fee of the channel", &[night, fee]);
    book.compute(formula, |v| Some(v[0].less_percent(v[1])));
    let label = format!("What a night on {name} leaves after cleaning");
    let words = "what the channel leaves − cleaning for each night";
    let formula = Formula::new(&margin, &label, Unit::UsdPerNight, words, &[&left, "rental-turnover"]);
    book.compute(formula, |v| Some(v[0].minus(v[1])));
    let label = format!("Nights on {name} that pay the fixed costs");
    let words = "fixed costs of a month ÷ what a night leaves";
    let id = format!("{id}-break-even");
    let formula = Formula::new(&id, &label, Unit::Nights, words, &["rental-fixed", &margin]);
    book.compute(formula, |v| v[0].over(v[1]));
}

/// What an occupancy means in nights, and in revenue for each $100 of a night.
fn grid(book: &mut Book, occupancy: u32) {
    const HUNDRED_DOLLARS: f64 = 100.0;
    let nights = format!("rental-nights-{occupancy}");
    let label = format!("Nights at {occupancy} % occupancy");
    let words = format!("nights of the month × {occupancy} %");
    let formula = Formula::new(&nights, &label, Unit::Nights, &words, &["rental-nights"]);
    book.compute(formula, |v| Some(v[0].times(f64::from(occupancy) / 100.0)));
    let label = format!("Revenue at {occupancy} % for each $100 of a night");
    let id = format!("rental-hundred-{occupancy}");
    let formula = Formula::new(&id, &label, Unit::UsdPerMonth, "nights × $100", &[&nights]);
    book.compute(formula, |v| Some(v[0].times(HUNDRED_DOLLARS)));
}
