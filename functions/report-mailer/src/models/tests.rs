//! Hand-computed cases of every model.

use jiff::civil::{Date, date};

use super::capital::{Ruled, Tier, Verdict};
use super::timeline::Stands;
use super::*;
use crate::figure::Range;
use crate::live::{GitWeek, Reading, Roles, SailMonth, SecretAge, StackAudit};
use crate::portfolio::{Files, Known};
use crate::report::ReportId;

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

#[test]
fn a_month_balances_whatever_is_known_and_adds_up_to_the_burn() {
    let burn = Range { low: 7_000.0, high: 9_000.0 };
    let none: &[(&str, f64, f64)] = &[];
    for known in [none, &[("revenue-jada", 4_000.0, 5_000.0), ("expense-insurance", 300.0, 310.0)]] {
        let portfolio = with(known);
        let trial = accounting::trial(&portfolio, &book_of(&portfolio));
        assert!(trial.balances(), "{trial:?}");
        let revenue = known.first().map_or(Range::exact(0.0), |(_, low, high)| Range { low: *low, high: *high });
        assert_eq!(trial.debits, burn.plus(revenue));
        assert_eq!(trial.left_out.len(), portfolio.lists.lines.len() - 2 - known.len());
    }
}

#[test]
fn booking_sites_come_in_the_agreed_order_until_a_commission_says_otherwise() {
    let names = |portfolio: &Portfolio| {
        let sequence = booking_sites::sequence(portfolio, &book_of(portfolio));
        let names: Vec<String> = sequence.iter().map(|scored| scored.site.name.clone()).collect();
        (names, booking_sites::agrees(&sequence))
    };
    let (order, agrees) = names(&portfolio());
    assert_eq!(order, ["Sailo", "GetMyBoat", "Viator", "GetYourGuide"]);
    assert!(agrees);
    let (order, agrees) = names(&with(&[("commission-getmyboat", 10.0, 12.0), ("commission-sailo", 25.0, 25.0)]));
    assert_eq!(order[0], "GetMyBoat");
    assert!(!agrees);
}

#[test]
fn a_planned_expense_is_judged_by_its_tier_and_the_three_rules() {
    let spend = |rules: &str, amount: f64| {
        let mut files = Files::embedded();
        let text = files.0.get_mut("finance.toml").expect("the file");
        text.push_str(&format!(
            "\n[[spend]]\nid = \"x\"\nentity = \"group\"\ntitle = \"X\"\namount = \"x\"\n{rules}\n\
             [figure.x]\nentity = \"group\"\nlabel = \"X\"\nunit = \"usd\"\nvalue = {amount}\nsource = \"a\"\nas_of = 2026-11-21\n"
        ));
        let mut portfolio = Portfolio::read(&files);
        assert_eq!(portfolio.faults, []);
        for (id, value) in [("cac", 50.0), ("ltv", 250.0), ("nps", 40.0), ("burn", 200.0)] {
            let figure = portfolio.figures.get_mut(id).expect("a figure");
            figure.known = Some(Known { value: Range::exact(value), source: "a".to_owned(), as_of: TODAY });
        }
        let book = book_of(&portfolio);
        let judged = capital::judge(&portfolio, &book);
        let one = judged.last().expect("the last");
        (one.tier, [one.kpi, one.acquisition, one.infrastructure], one.verdict())
    };
    use Ruled::{Broken, Kept, NotAsked, Open};
    let wins = "kpi = \"nps\"\nacquisition = { cac = \"cac\", ltv = \"ltv\" }"; // 50 ÷ 250 = 20 %
    let loses = "kpi = \"nps\"\nacquisition = { cac = \"cac\", ltv = \"burn\" }"; // 50 ÷ 200 = 25 %
    let carried = "kpi = \"nps\"\ninfrastructure = { cost = \"x\", revenue = \"contacts\" }"; // 500 ÷ 3,676 = 13.6 %
    for (rules, amount, expected) in [
        ("", 0.0, (Tier::ZeroCost, [NotAsked; 3], Verdict::Deploy)),
        ("", 1_000.0, (Tier::LowCost, [Broken, NotAsked, NotAsked], Verdict::DoNotDeploy)),
        ("kpi = \"mrr\"", 1_000.0, (Tier::LowCost, [Open, NotAsked, NotAsked], Verdict::Wait)),
        (wins, 2_000.0, (Tier::LowCost, [Kept, Kept, NotAsked], Verdict::Deploy)),
        (wins, 3_000.0, (Tier::Outside, [Kept, Kept, NotAsked], Verdict::DoNotDeploy)),
        (loses, 8_000.0, (Tier::RevenueProducing, [Kept, Broken, NotAsked], Verdict::DoNotDeploy)),
        (carried, 500.0, (Tier::LowCost, [Kept, NotAsked, Kept], Verdict::Deploy)),
        (carried, 600.0, (Tier::LowCost, [Kept, NotAsked, Broken], Verdict::DoNotDeploy)), // 16.3 %
    ] {
        assert_eq!(spend(rules, amount), expected, "{rules} {amount}");
    }
}

#[test]
fn actions_are_ranked_by_value_over_effort_and_done_ones_are_gone() {
    let mut portfolio = portfolio();
    let ranks = ranking::actions(&portfolio, ReportId::Cto, TODAY);
    let worth = |action: &crate::report::Action| f64::from(action.value.points()) / f64::from(action.effort.points());
    assert!(ranks.windows(2).all(|two| worth(&two[0]) >= worth(&two[1])));
    assert_eq!(
        ranks.iter().map(|action| action.priority).collect::<Vec<_>>(),
        (1..=ranks.len() as u32).collect::<Vec<_>>()
    );
    let first = &ranks[0].id;
    let action = portfolio.lists.actions.iter_mut().find(|action| *action.id == **first).expect("it is there");
    action.done = action.due;
    let due = action.due.expect("a day").0;
    let is_there = |day| ranking::actions(&portfolio, ReportId::Cto, day).iter().any(|action| action.id == *first);
    assert!(is_there(TODAY) && !is_there(due));
}

#[test]
fn the_agenda_of_the_chief_spans_thirty_days() {
    let portfolio = portfolio();
    let agenda = |day| ranking::actions(&portfolio, ReportId::Ceo, day).len();
    let listed = portfolio.lists.actions.iter().filter(|action| action.reports.contains(&ReportId::Ceo)).count();
    assert_eq!(agenda(date(2027, 12, 31)), listed);
    assert!(agenda(TODAY) > 0 && agenda(TODAY) < listed);
    assert_eq!(agenda(date(2026, 1, 1)), 0);
}

#[test]
fn a_milestone_is_reached_due_or_late() {
    let mut portfolio = portfolio();
    let due = portfolio.lists.milestones[0].due.0;
    let report = portfolio.lists.milestones[0].reports[0];
    portfolio.lists.milestones.truncate(1);
    let stands = |portfolio: &Portfolio, day| timeline::of(portfolio, report, day)[0].stands;
    assert_eq!(stands(&portfolio, due), Stands::DueInDays(0));
    assert_eq!(stands(&portfolio, due.yesterday().expect("a day")), Stands::DueInDays(1));
    assert_eq!(stands(&portfolio, due.tomorrow().expect("a day")), Stands::LateByDays(1));
    portfolio.lists.milestones[0].done = Some(portfolio.lists.milestones[0].due);
    assert_eq!(stands(&portfolio, due), Stands::Reached(due));
}

#[test]
fn what_was_read_becomes_figures_and_what_was_not_says_why() {
    let read = |data| Reading::Read { source: "table sails".to_owned(), as_of: TODAY, data };
    let month = |month, completed, cancelled| SailMonth {
        month: date(2026, month, 1),
        open: 1,
        completed,
        cancelled,
        guest_places: 0,
    };
    let live = Live {
        sails: read(vec![month(9, 4, 0), month(10, 7, 1), month(11, 20, 0)]),
        roles: Reading::Failed { error: "AccessDenied".to_owned() },
        ..Live::default()
    };
    let book = book(&portfolio(), &live, TODAY);
    // November is not over: (4 + 7) ÷ 2.
    assert_eq!(book.value("sails-a-month"), Some(Range::exact(5.5)));
    // 1 of 3 + 31 + 1 = 35.
    assert_eq!(book.shown("cancelled-share").words(), "2.86 %");
    let missing = book.missing(["roles-filled-share", "commits-a-week"]);
    let told: Vec<_> = missing.iter().map(|gap| (gap.name.as_str(), gap.reason.as_deref())).collect();
    assert!(told.contains(&("Table of roles", Some("it could not be read: AccessDenied"))), "{told:?}");
    assert!(told.contains(&("Activity in the repository", Some("it is not configured here"))), "{told:?}");
}

#[test]
fn the_stacks_are_counted_only_where_all_of_them_speak() {
    let secret = |changed, plaintext| SecretAge {
        name: "jwt".to_owned(),
        changed: Some(changed),
        rotate_after_days: Some(90),
        plaintext,
    };
    let told = StackAudit {
        secrets: Some(vec![secret(date(2026, 8, 1), false), secret(date(2026, 11, 1), true)]),
        endpoints: Some(Vec::new()),
        ..StackAudit::default()
    };
    let silent = StackAudit { secrets: Some(Vec::new()), ..StackAudit::default() };
    let data = vec![told, silent];
    let stacks = Reading::Read { source: "export".to_owned(), as_of: TODAY, data };
    let book = book(&portfolio(), &Live { stacks, ..Live::default() }, TODAY);
    assert_eq!(book.value("secrets-overdue"), Some(Range::exact(1.0)));
    assert_eq!(book.value("secrets-plaintext"), Some(Range::exact(1.0)));
    assert_eq!(book.value("endpoints-open"), None);
}

#[test]
fn means_of_activity_span_the_last_weeks() {
    let week = |week, deploys, rollbacks, lead_time_minutes| GitWeek {
        week,
        commits: 10,
        deploys,
        rollbacks,
        lead_time_minutes,
    };
    let data = vec![week(date(2026, 11, 2), 3, 1, Some(30.0)), week(date(2026, 11, 9), 5, 0, None)];
    let git = Reading::Read { source: "export".to_owned(), as_of: TODAY, data };
    let roles = Roles { slots: 10, filled: 8, captain_slots: 2, captain_filled: 2, captains: 1 };
    let roles = Reading::Read { source: "table roles".to_owned(), as_of: TODAY, data: roles };
    let book = book(&portfolio(), &Live { git, roles, ..Live::default() }, TODAY);
    for (id, value) in [
        ("deploys-a-week", 4.0),
        ("lead-time", 30.0),
        ("change-failure-share", 12.5), // 1 of 8
        ("roles-filled-share", 80.0),
    ] {
        assert_eq!(book.value(id), Some(Range::exact(value)), "{id}");
    }
}
