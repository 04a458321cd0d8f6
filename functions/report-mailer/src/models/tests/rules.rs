//! Hand-computed cases of what is judged, ranked and balanced.

use jiff::civil::date;

use super::super::capital::{self, Ruled, Tier, Verdict};
use super::super::timeline::{self, Stands};
use super::super::{accounting, booking_sites, ranking};
use super::{TODAY, book_of, portfolio, with};
use crate::figure::Range;
use crate::portfolio::{Files, Known, Portfolio};
use crate::report::ReportId;

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
fn expenses_beyond_the_burn_leave_no_negative_rest_and_say_by_how_much() {
    let portfolio = with(&[("expense-insurance", 8_950.0, 9_010.0)]);
    let book = book_of(&portfolio);
    assert_eq!(book.value("burn-rest"), None);
    // 7,000 − 50 − 8,950 and 9,000 − 84 − 9,010
    assert_eq!(book.value("burn-excess"), Some(Range::exact(2_000.0)));
    let trial = accounting::trial(&portfolio, &book);
    assert!(trial.balances() && trial.left_out.iter().any(|line| line.figure.is_none()), "{trial:?}");
    assert!(trial.rows.iter().all(|row| row.debit.low >= 0.0 && row.credit.low >= 0.0), "{trial:?}");
    assert_eq!(book_of(&with(&[])).value("burn-excess"), None);
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
