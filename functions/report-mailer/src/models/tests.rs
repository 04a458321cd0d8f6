//! Hand-computed cases of every model.

use jiff::civil::{Date, date};

use super::*;
use crate::figure::Range;
use crate::portfolio::{Files, Known};

mod read;
mod rules;

const TODAY: Date = date(2026, 11, 21);

fn portfolio() -> Portfolio {
    Portfolio::read(&Files::embedded())
}

/// The portfolio with some figures known.
fn with(figures: &[(&str, f64, f64)]) -> Portfolio {
    let mut portfolio = portfolio();
    for (id, low, high) in figures {
        let figure = portfolio.figures.get_mut(*id).unwrap_or_else(|| panic!("no figure {id}"));
        let value = Range { low: *low, high: *high };
        figure.known = Some(Known { value, source: "books".to_owned(), as_of: date(2026, 10, 31) });
    }
    portfolio
}

fn book_of(portfolio: &Portfolio) -> Book {
    book(portfolio, &Live::default(), TODAY)
}

/// Each case: the figures that are known, then a result with its bounds.
#[track_caller]
fn check(known: &[(&str, f64, f64)], results: &[(&str, f64, f64)]) {
    let book = book_of(&with(known));
    for (id, low, high) in results {
        let value = book.value(id).unwrap_or_else(|| panic!("{id} is missing"));
        let near = |one: f64, other: f64| (one - other).abs() < 0.005;
        assert!(near(value.low, *low) && near(value.high, *high), "{id}: {value:?}, not {low} to {high}");
    }
}

#[test]
fn the_recorded_figures_give_what_a_person_computes() {
    check(
        &[],
        &[
            ("burn-a-year", 84_000.0, 108_000.0),          // 7,000 × 12 and 9,000 × 12
            ("burn-a-day", 230.14, 295.89),                // ÷ 365
            ("margin-to-break-even", 1_166.67, 1_500.0),   // 7,000 ÷ 6 and 9,000 ÷ 6
            ("break-even-charters-a-year", 72.0, 72.0),    // 6 × 12
            ("blast-per-contact", 2.72, 13.60),            // 10,000 ÷ 3,676 and 50,000 ÷ 3,676
            ("blast-in-months-of-burn", 1.11, 7.14),       // 10,000 ÷ 9,000 and 50,000 ÷ 7,000
            ("infrastructure-after-saving", 25.0, 59.0),   // 50 − 25 and 84 − 25
            ("saving-a-year", 300.0, 300.0),               // 25 × 12
            ("infrastructure-in-burn", 0.56, 1.20),        // 50 ÷ 9,000 and 84 ÷ 7,000
            ("revenue-for-infrastructure", 333.33, 560.0), // 50 ÷ 15 % and 84 ÷ 15 %
        ],
    );
}

#[test]
fn the_blast_is_computed_backwards_from_the_potential() {
    check(
        &[],
        &[
            ("blast-revenue-low", 10_000.0, 10_000.0),
            ("blast-revenue-base", 30_000.0, 30_000.0), // (10,000 + 50,000) ÷ 2
            ("blast-charters-low", 6.67, 8.57),         // 10,000 ÷ 1,500 and ÷ 1,166.67
            ("blast-charters-base", 20.0, 25.71),       // 30,000 ÷ 1,500 and ÷ 1,166.67
            ("blast-charters-high", 33.33, 42.86),      // 50,000 ÷ 1,500 and ÷ 1,166.67
            ("blast-response-low", 0.18, 0.23),         // 6.67 ÷ 3,676 and 8.57 ÷ 3,676
            ("blast-cost", 0.37, 0.37),                 // 3.676 × 0.10
            ("blast-seconds", 73.52, 73.52),            // 3,676 ÷ 50
        ],
    );
}

#[test]
fn the_blast_is_computed_forwards_from_measured_rates() {
    let rates = [
        ("blast-delivered", 90.0, 100.0),
        ("blast-replies", 2.0, 4.0),
        ("blast-bookings", 10.0, 30.0),
        ("charter-price", 1_000.0, 3_000.0),
    ];
    check(
        &rates,
        &[
            ("blast-forecast-low", 6_616.8, 6_616.8),    // 3,676 × 0.9 × 0.02 × 0.1 × 1,000
            ("blast-forecast-base", 41_906.4, 41_906.4), // 3,676 × 0.95 × 0.03 × 0.2 × 2,000
            ("blast-forecast-high", 132_336.0, 132_336.0), // 3,676 × 1 × 0.04 × 0.3 × 3,000
        ],
    );
}

#[test]
fn runway_and_break_even_follow_from_cash_and_margins() {
    check(
        &[("cash", 36_000.0, 36_000.0), ("charter-price", 2_000.0, 2_500.0), ("charter-cost", 500.0, 500.0)],
        &[
            ("runway", 4.0, 5.14), // 36,000 ÷ 9,000 and ÷ 7,000
            ("charter-margin", 1_500.0, 2_000.0),
            ("break-even-computed", 3.5, 6.0), // 7,000 ÷ 2,000 and 9,000 ÷ 1,500
        ],
    );
}

#[test]
fn the_rental_is_computed_by_channel_and_occupancy() {
    check(
        &[
            ("rental-occupancy", 60.0, 60.0),
            ("rental-cleaning", 120.0, 120.0),
            ("rental-stay", 3.0, 3.0),
            ("rental-fixed", 2_250.0, 2_250.0),
            ("rental-airbnb-night", 200.0, 200.0),
            ("rental-airbnb-fee", 15.0, 15.0),
        ],
        &[
            ("rental-nights", 31.0, 31.0),              // December 2026
            ("rental-booked", 18.6, 18.6),              // 31 × 60 %
            ("rental-turnover", 40.0, 40.0),            // 120 ÷ 3
            ("rental-airbnb-left", 170.0, 170.0),       // 200 − 15 %
            ("rental-airbnb-margin", 130.0, 130.0),     // 170 − 40
            ("rental-airbnb-break-even", 17.31, 17.31), // 2,250 ÷ 130
            ("rental-nights-50", 15.5, 15.5),
            ("rental-hundred-50", 1_550.0, 1_550.0),
        ],
    );
}

#[test]
fn deliveries_are_added_up_and_fuel_follows_from_speed() {
    check(
        &[("delivery-speed", 6.0, 8.0), ("delivery-fuel-rate", 3.0, 4.0), ("delivery-fuel-price", 5.0, 5.0)],
        &[
            ("delivery-fuel-leg", 37.5, 66.67), // 100 ÷ 8 × 3 and 100 ÷ 6 × 4
            ("delivery-fuel-cost", 187.5, 333.33),
            ("delivery-hours-8", 12.5, 12.5),
            ("delivery-left-5", 66.67, 66.67), // 100 × 10 ÷ 15
        ],
    );
    let mut files = Files::embedded();
    let trips = (1..=2).fold(String::new(), |text, n| {
        format!(
            "{text}\n[[delivery]]\nid = \"trip-{n}\"\nroute = \"A to B\"\nmonth = 5\npaid_days = \"paid-{n}\"\n\
             deadhead_days = \"unpaid-{n}\"\ndeadhead_cost = \"cost-{n}\"\nrevenue = \"revenue-{n}\"\n"
        )
    });
    let figure = |id: &str, unit: &str, value: u32| {
        format!(
            "[figure.{id}]\nentity = \"yacht-delivery\"\nlabel = \"{id}\"\nunit = \"{unit}\"\nvalue = {value}\n\
             source = \"log\"\nas_of = 2026-10-31\n"
        )
    };
    let figures = [
        figure("paid-1", "days", 6),
        figure("paid-2", "days", 4),
        figure("unpaid-1", "days", 2),
        figure("unpaid-2", "days", 3),
        figure("cost-1", "usd", 300),
        figure("cost-2", "usd", 500),
        figure("revenue-1", "usd", 4_000),
        figure("revenue-2", "usd", 4_000),
    ]
    .concat();
    let text = files.0.get_mut("yacht-delivery.toml").expect("the file");
    text.push_str(&trips);
    text.push_str(&figures);
    let mut portfolio = Portfolio::read(&files);
    assert_eq!(portfolio.faults, []);
    let days = portfolio.figures.get_mut("delivery-captain-days").expect("a figure");
    days.known = Some(Known { value: Range::exact(40.0), source: "log".to_owned(), as_of: TODAY });
    let book = book_of(&portfolio);
    let exact = |id: &str| book.value(id).map(|value| value.low);
    assert_eq!(exact("delivery-utilisation"), Some(25.0)); // (6 + 4) ÷ 40
    assert_eq!(exact("delivery-deadhead-share"), Some(50.0)); // (2 + 3) ÷ 10
    assert_eq!(exact("delivery-deadhead-in-revenue"), Some(10.0)); // 800 ÷ 8,000
}

#[test]
fn the_billing_gap_is_work_that_no_invoice_names() {
    check(
        &[
            ("client-hours", 40.0, 50.0),
            ("client-rate", 80.0, 80.0),
            ("client-invoiced", 2_000.0, 2_000.0),
            ("client-paid", 1_500.0, 1_500.0),
        ],
        &[
            ("client-work", 3_200.0, 4_000.0),
            ("billing-gap", 1_200.0, 2_000.0),
            ("client-open", 500.0, 500.0),
            ("client-days-outstanding", 7.5, 7.5), // 500 ÷ 2,000 × 30
            ("client-waits-45", 1_500.0, 1_500.0),
        ],
    );
}

#[test]
fn each_client_has_a_gap_of_its_own() {
    let mut files = Files::embedded();
    let client =
        "[[client]]\nid = \"acme\"\nname = \"Acme\"\nwork = \"contacts\"\ninvoiced = \"mail-rate\"\npaid = \"cash\"\n";
    files.0.get_mut("clients.toml").expect("the file").push_str(client);
    let portfolio = Portfolio::read(&files);
    assert_eq!(portfolio.faults, []);
    // 3,676 − 50
    assert_eq!(book_of(&portfolio).value("acme-gap"), Some(Range::exact(3_626.0)));
}

#[test]
fn a_missing_input_makes_a_missing_result() {
    let mut portfolio = portfolio();
    for id in ["runway", "charter-margin", "blast-forecast-base", "rental-booked", "billing-gap", "revenue-total"] {
        assert_eq!(book_of(&portfolio).value(id), None, "{id}");
    }
    portfolio.figures.get_mut("burn").expect("burn").known = None;
    let book = book_of(&portfolio);
    assert_eq!(book.value("margin-to-break-even"), None);
    assert!(book.value("saving-a-year").is_some());
}

#[test]
fn nothing_is_divided_by_zero() {
    let zero = with(&[("contacts", 0.0, 0.0), ("break-even-charters", 0.0, 6.0)]);
    let book = book_of(&zero);
    assert_eq!(book.value("blast-per-contact"), None);
    assert_eq!(book.value("margin-to-break-even"), None);
}
