//! What holds of every report.

use jiff::civil::{Date, date};

use super::*;
use crate::figure::Range;
use crate::live::{Audit, FunctionHealth, GitWeek, Reading, Roles, SailMonth, StackAudit};
use crate::portfolio::{Files, Known};

mod contents;
mod days;
mod words;

const TODAY: Date = date(2026, 11, 21);

fn portfolio() -> Portfolio {
    Portfolio::read(&Files::embedded())
}

fn made(portfolio: &Portfolio, live: &Live) -> Vec<Report> {
    all(portfolio, live, TODAY).into_iter().map(|report| report.expect("made")).collect()
}

fn know(portfolio: &mut Portfolio, figure: &str, value: f64) {
    let figure = portfolio.figures.get_mut(figure).expect("a figure");
    figure.known = Some(Known { value: Range::exact(value), source: "books".to_owned(), as_of: date(2026, 10, 31) });
}

/// A portfolio in which every figure is known.
fn all_known() -> Portfolio {
    let mut portfolio = portfolio();
    let missing: Vec<String> =
        portfolio.figures.iter().filter(|(_, figure)| figure.known.is_none()).map(|(id, _)| id.clone()).collect();
    for id in missing {
        know(&mut portfolio, &id, 10.0);
    }
    portfolio
}

/// Sources that all answered.
fn all_read() -> Live {
    fn read<T>(data: T) -> Reading<T> {
        Reading::Read { source: "a source".to_owned(), as_of: TODAY, data }
    }
    let month = |month| SailMonth { month, open: 1, completed: 5, cancelled: 1, guest_places: 30 };
    let week = |week| GitWeek { week, commits: 40, deploys: 9, rollbacks: 1, lead_time_minutes: Some(25.0) };
    let function = FunctionHealth {
        function: "shipcaptaincrew-prod-crew-api".to_owned(),
        days: 7,
        invocations: 1_000,
        errors: 2,
        throttles: 0,
        mean_ms: Some(40.0),
        longest_ms: Some(900.0),
    };
    let stack = StackAudit {
        stack: "shipcaptaincrew".to_owned(),
        env: "prod".to_owned(),
        released: Some(TODAY),
        distributions: Some(Vec::new()),
        ..StackAudit::default()
    };
    Live {
        sails: read(vec![month(date(2026, 9, 1)), month(date(2026, 10, 1))]),
        roles: read(Roles { slots: 10, filled: 8, captain_slots: 3, captain_filled: 3, captains: 2 }),
        functions: read(vec![function]),
        stacks: read(vec![stack]),
        audit: read(Audit::default()),
        git: read(vec![week(date(2026, 11, 2)), week(date(2026, 11, 9)), week(date(2026, 11, 16))]),
        ..Live::default()
    }
}

/// Every sentence of a report.
fn sentences(report: &Report) -> Vec<&Prose> {
    let mut all: Vec<&Prose> = report.summary.iter().collect();
    all.extend(report.decide.iter().flat_map(|decision| [&decision.question, &decision.recommendation]));
    all.extend(report.findings.iter().map(|finding| &finding.text));
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Paragraph(prose) | Block::Note(prose) => all.push(prose),
            Block::List(points) => all.extend(points),
            Block::Table(_) | Block::Chart(_) => {}
        }
    }
    all
}

fn tables(report: &Report) -> impl Iterator<Item = &Table> {
    report.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}

fn charts(report: &Report) -> impl Iterator<Item = &Chart> {
    report.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    })
}

/// The worlds in which every rule must hold: nothing known but what is recorded, everything known.
fn worlds() -> Vec<Report> {
    let mut all = made(&portfolio(), &Live::default());
    all.extend(made(&all_known(), &all_read()));
    all
}

#[test]
fn all_eight_are_made_in_the_order_of_sending() {
    let names: Vec<&str> = made(&portfolio(), &Live::default()).iter().map(|report| report.id.name()).collect();
    let order = ["ceo", "cto", "accounting", "cmo", "cfo", "rental", "yacht-delivery", "client-portfolio"];
    assert_eq!(names, order);
}

#[test]
fn the_same_data_and_day_make_the_same_bytes() {
    let bytes = || serde_json::to_vec(&made(&portfolio(), &all_read())).expect("JSON");
    assert_eq!(bytes(), bytes());
}

#[test]
fn every_name_in_the_texts_is_known() {
    for report in worlds() {
        for prose in sentences(&report) {
            assert!(!prose.text.contains('‹') && !prose.text.contains('{'), "{}: {}", report.title, prose.text);
        }
    }
}

#[test]
fn no_sentence_has_a_hole_where_a_figure_is_missing() {
    for report in worlds() {
        for prose in sentences(&report) {
            assert!(!prose.text.contains(": missing]"), "{}: {}", report.title, prose.text);
        }
    }
}

#[test]
fn every_figure_that_is_shown_can_be_traced() {
    for report in worlds() {
        let shown = draft::figures(&report);
        let traced: Vec<&str> = report.appendix.iter().map(|trace| trace.id.as_str()).collect();
        for id in shown {
            assert!(traced.contains(&id.as_str()), "{}: {id}", report.title);
        }
        for trace in &report.appendix {
            let is_sound = trace.figure.value.is_none() || (!trace.source.is_empty() && trace.as_of.is_some());
            let has_inputs = trace.inputs.iter().all(|input| traced.contains(&input.as_str()));
            assert!(is_sound && has_inputs, "{}: {trace:?}", report.title);
        }
    }
}

#[test]
fn what_is_missing_is_named_and_what_becomes_known_is_not() {
    for report in made(&portfolio(), &Live::default()) {
        for trace in report.appendix.iter().filter(|trace| trace.inputs.is_empty() && trace.figure.value.is_none()) {
            let is_of = |gap: &Missing| match gap.kind {
                MissingKind::Source => trace.source.starts_with(&gap.name),
                _ => gap.name == trace.label,
            };
            let named = report.missing.iter().any(is_of);
            assert!(named, "{}: {}", report.title, trace.label);
        }
        assert!(!report.missing.is_empty());
    }
    let portfolio = all_known();
    let recorded: Vec<&str> = portfolio.figures.values().map(|figure| figure.label.as_str()).collect();
    for report in made(&portfolio, &all_read()) {
        let mut gaps = report.missing.iter();
        assert!(!gaps.any(|gap| recorded.contains(&gap.name.as_str())), "{}: {:?}", report.title, report.missing);
    }
}

#[test]
fn a_source_that_failed_is_named_with_its_class_and_the_reports_go_out() {
    let live = Live { git: Reading::Failed { error: "AccessDenied".to_owned() }, ..all_read() };
    let cto = made(&portfolio(), &live).swap_remove(1);
    let gap = cto.missing.iter().find(|gap| gap.name == "Activity in the repository").expect("named");
    assert_eq!((gap.kind, gap.reason.as_deref()), (MissingKind::Source, Some("it could not be read: AccessDenied")));
    assert!(gap.unlocks.contains(&"Releases a week".to_owned()), "{gap:?}");
}

#[test]
fn a_broken_file_fails_the_reports_that_need_it_and_no_other() {
    for (file, failing) in [("rental.toml", 1), ("finance.toml", 2), ("group.toml", 8)] {
        let mut files = Files::embedded();
        files.0.insert(file.to_owned(), "[[rate]]\nid = 1\n".to_owned());
        let reports = all(&Portfolio::read(&files), &Live::default(), TODAY);
        let failed: Vec<&Failed> = reports.iter().filter_map(|report| report.as_ref().err()).collect();
        assert_eq!(failed.len(), failing, "{file}: {failed:?}");
        assert!(failed[0].to_string().contains(&format!("{file}:2: ")), "{}", failed[0]);
    }
}

#[test]
fn the_first_screen_asks_what_only_the_reader_can_decide() {
    for report in worlds() {
        assert!((1..=4).contains(&report.decide.len()), "{}", report.title);
        for decision in &report.decide {
            assert!(decision.question.text.ends_with('?') && !decision.recommendation.text.is_empty());
        }
        assert!(!report.summary.is_empty() && report.findings.len() >= 4 && report.kpis.len() >= 5, "{}", report.title);
    }
}

#[test]
fn tables_are_rectangular_and_charts_have_something_to_show() {
    for report in worlds() {
        for table in tables(&report) {
            let columns = table.columns.len();
            let mut rows = table.rows.iter().chain(&table.total);
            assert!(
                rows.all(|row| row.len() == columns) && !table.rows.is_empty(),
                "{}: {}",
                report.title,
                table.caption
            );
            assert!(columns <= 6, "{} is too wide for a mail", table.caption);
        }
        for chart in charts(&report) {
            let points = match chart {
                Chart::Bars { bars, .. } => bars.len(),
                Chart::Lines { at, lines, .. } => {
                    assert!(lines.iter().all(|line| line.values.len() == at.len()), "{}", chart.title());
                    at.len()
                }
            };
            assert!(points >= 2 && chart.highest() > 0.0, "{}", chart.title());
        }
    }
}

#[test]
fn a_report_of_nothing_is_still_a_report() {
    let mut empty = portfolio();
    for figure in empty.figures.values_mut() {
        figure.known = None;
    }
    for report in made(&empty, &Live::default()) {
        assert!(!report.decide.is_empty() && !report.sections.is_empty(), "{}", report.title);
    }
}
