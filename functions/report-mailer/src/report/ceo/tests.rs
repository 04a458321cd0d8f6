use super::*;
use crate::figure::Range;
use crate::portfolio::{Files, Known};

fn portfolio() -> Portfolio {
    Portfolio::parse(&Files::embedded()).expect("sound")
}

fn made(portfolio: &Portfolio) -> Report {
    report(portfolio, "2026-11-21T16:00:00Z".parse().expect("a moment"))
}

fn know(portfolio: &mut Portfolio, figure: &str, value: f64) {
    let figure = portfolio.figures.get_mut(figure).expect("a figure");
    figure.known =
        Some(Known { value: Range::exact(value), source: "books".to_owned(), as_of: "2026-10-31".to_owned() });
}

#[test]
fn the_findings_say_what_the_figures_say() {
    assert_eq!(
        made(&portfolio()).findings,
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
    assert!(before.contains(&"Figure: Cash at hand".to_owned()));
    know(&mut portfolio, "cash", 36_000.0);
    let after = made(&portfolio);
    assert_eq!(after.missing.len(), before.len() - 1);
    // 36,000 ÷ 9,000 and 36,000 ÷ 7,000
    let runway = after.kpis.iter().find(|kpi| kpi.label == "Runway without revenue");
    assert_eq!(runway.expect("a runway").value, Cell::known("4.0–5.1 months"));
}

#[test]
fn every_figure_has_a_row_with_its_source_and_day_or_is_missing() {
    let portfolio = portfolio();
    let sources = made(&portfolio).sources;
    let rows = portfolio.figures.len() + models::all(&portfolio).len();
    assert_eq!(sources.len(), rows);
    for row in &sources {
        let sourced = !row.source.is_empty() && !row.as_of.is_empty();
        assert!(row.value.missing || sourced, "{row:?}");
    }
}

#[test]
fn a_computed_figure_is_as_old_as_its_oldest_input() {
    let mut portfolio = portfolio();
    know(&mut portfolio, "cash", 36_000.0);
    let sources = made(&portfolio).sources;
    let runway = sources.iter().find(|row| row.label == "Runway without revenue");
    assert_eq!(runway.expect("a runway").as_of, "2026-10-31");
}

#[test]
fn a_report_of_nothing_is_still_a_report() {
    let mut empty = portfolio();
    for figure in empty.figures.values_mut() {
        figure.known = None;
    }
    let report = made(&empty);
    assert!(report.kpis.iter().all(|kpi| kpi.value.missing));
    assert!(report.sections.iter().all(|section| section.bars.is_empty()));
    let uncounted = |text: &String| text.contains("nobody has counted them");
    assert!(report.findings.iter().any(uncounted));
}

#[test]
fn tables_are_rectangular_and_bars_within_their_frame() {
    for section in made(&portfolio()).sections {
        let columns = section.head.len();
        assert!(section.rows.iter().all(|row| row.len() == columns), "{}", section.title);
        assert!(section.bars.iter().all(|bar| (1..=100).contains(&bar.percent)));
    }
}

#[test]
fn the_agenda_is_in_the_order_of_priority() {
    let actions = made(&portfolio()).actions;
    let priorities: Vec<u32> = actions.iter().map(|action| action.priority).collect();
    assert_eq!(priorities, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(actions[0].owner.missing);
    assert_eq!(actions[5].owner, Cell::known("operator"));
}
