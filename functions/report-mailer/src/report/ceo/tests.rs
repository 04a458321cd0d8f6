use super::*;
use crate::figure::Range;
use crate::live::Reading;
use crate::portfolio::{Files, Known};

fn portfolio() -> Portfolio {
    Portfolio::read(&Files::embedded())
}

fn made(portfolio: &Portfolio) -> Report {
    report(portfolio, &Live::default(), jiff::civil::date(2026, 11, 21))
}

fn know(portfolio: &mut Portfolio, figure: &str, value: f64) {
    let figure = portfolio.figures.get_mut(figure).expect("a figure");
    figure.known =
        Some(Known { value: Range::exact(value), source: "books".to_owned(), as_of: "2026-10-31".to_owned() });
}

#[test]
fn the_findings_say_what_the_figures_say() {
    let findings: Vec<String> = made(&portfolio()).findings.into_iter().map(|finding| finding.text.text).collect();
    assert_eq!(
        findings,
        [
            "The group burns $7,000–9,000 a month. 6 charters a month break even if each leaves \
             $1,167–1,500.",
            "Revenue is recorded for 0 of 7 entities: whether the group earns its burn cannot be \
             told.",
            "8 critical shortfalls are counted; 4 have evidence here, at least 4 are not \
             described.",
            "9 KPIs are not measured: Monthly recurring revenue (MRR), Customer acquisition cost \
             (CAC), Churn, Net promoter score (NPS), and 5 that have no name here.",
            "The largest potential with a figure is the mail to 3,676 contacts: $10,000–50,000, \
             or 1.1–7.1 months of burn.",
            "6 of the 8 actions below have no owner yet.",
        ]
    );
}

#[test]
fn what_becomes_known_is_no_longer_missing() {
    let mut portfolio = portfolio();
    let before = made(&portfolio).missing;
    assert!(before.iter().any(|gap| gap.name == "Cash at hand"));
    know(&mut portfolio, "cash", 36_000.0);
    let after = made(&portfolio);
    assert_eq!(after.missing.len(), before.len() - 1);
    // 36,000 ÷ 9,000 and 36,000 ÷ 7,000
    let runway = after.kpis.iter().find(|kpi| kpi.label == "Runway without revenue");
    assert_eq!(runway.expect("a runway").figure.words(), "4.0–5.1 months");
}

#[test]
fn every_figure_has_a_row_with_its_source_and_day_or_is_missing() {
    let portfolio = portfolio();
    let appendix = made(&portfolio).appendix;
    assert_eq!(appendix.len(), portfolio.figures.len() + models::all(&portfolio).len());
    for row in &appendix {
        let sourced = !row.source.is_empty() && row.as_of.is_some();
        assert!(row.figure.value.is_none() || sourced, "{row:?}");
    }
}

#[test]
fn a_computed_figure_is_as_old_as_its_oldest_input() {
    let mut portfolio = portfolio();
    know(&mut portfolio, "cash", 36_000.0);
    let appendix = made(&portfolio).appendix;
    let runway = appendix.iter().find(|row| row.id == "runway");
    assert_eq!(runway.expect("a runway").as_of, Some(jiff::civil::date(2026, 10, 31)));
}

#[test]
fn a_source_that_was_not_read_is_named_with_its_reason() {
    let live = Live { git: Reading::Failed { error: "AccessDenied".to_owned() }, ..Live::default() };
    let missing = report(&portfolio(), &live, jiff::civil::date(2026, 11, 21)).missing;
    let reason = |name: &str| missing.iter().find(|gap| gap.name == name).and_then(|gap| gap.reason.clone());
    assert_eq!(reason("Activity in the repositories").as_deref(), Some("it could not be read: AccessDenied"));
    assert_eq!(reason("Table of sails").as_deref(), Some("it is not configured here"));
}

#[test]
fn the_agenda_is_in_the_order_of_priority() {
    let actions = made(&portfolio()).actions;
    let priorities: Vec<u32> = actions.iter().map(|action| action.priority).collect();
    assert_eq!(priorities, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(actions[0].owner, None);
    assert_eq!(actions[5].owner.as_deref(), Some("operator"));
}
