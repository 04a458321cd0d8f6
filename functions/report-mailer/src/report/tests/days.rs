//! What changes with the day.

use jiff::civil::{Date, date};

use super::*;

#[test]
fn a_question_is_asked_by_the_day_of_its_action_until_that_is_done() {
    let mut portfolio = portfolio();
    let asked = |portfolio: &Portfolio| {
        let ceo = made(portfolio, &Live::default()).swap_remove(0);
        let question =
            ceo.decide.into_iter().find(|decision| decision.question.text.starts_with("Do we send the mail"));
        question.map(|decision| decision.by)
    };
    let action = portfolio.lists.actions.iter_mut().find(|action| &*action.id == "send-blast").expect("an action");
    let due = action.due;
    action.done = due;
    assert_eq!(asked(&portfolio), Some(due.map(|due| due.0)), "it is not done yet");
    let action = portfolio.lists.actions.iter_mut().find(|action| &*action.id == "send-blast").expect("an action");
    action.done = Some(crate::portfolio::Day(TODAY));
    assert_eq!(asked(&portfolio), None);
}

#[test]
fn questions_come_by_day_and_one_whose_day_is_over_says_so() {
    for report in worlds() {
        let days: Vec<Date> = report.decide.iter().map(|decision| decision.by.unwrap_or(Date::MAX)).collect();
        assert!(days.is_sorted(), "{}: {days:?}", report.title);
        assert!(report.decide.iter().all(|decision| !decision.overdue), "{}", report.title);
    }
    let later = all(&portfolio(), &Live::default(), date(2027, 6, 1)).swap_remove(0).expect("made");
    assert!(later.decide.iter().any(|decision| decision.by.is_some() && decision.overdue));
    assert!(later.decide.iter().all(|decision| decision.overdue == decision.by.is_some()));
}

#[test]
fn an_old_export_is_named_in_the_reports_that_show_it() {
    let data = vec![StackAudit { distributions: Some(Vec::new()), ..StackAudit::default() }];
    let source = "export status.jsonl".to_owned();
    let stacks = Reading::Read { source, as_of: date(2026, 11, 1), data };
    let reports = made(&portfolio(), &Live { stacks, ..all_read() });
    let says = |report: &Report| {
        report.findings.iter().any(|finding| {
            finding.mark == Mark::Watch && finding.text.text.contains("export status.jsonl is of 1 Nov 2026")
        })
    };
    let named: Vec<&str> = reports.iter().filter(|report| says(report)).map(|report| report.id.name()).collect();
    assert_eq!(named, ["cto"]);
    assert_eq!(reports[1].stale.old.iter().filter(|old| old.export).count(), 1);
}

#[test]
fn the_insurer_is_asked_in_the_season_of_hurricanes_only() {
    let asks = |day| {
        let mut reports = all(&portfolio(), &Live::default(), day);
        let delivery = reports.swap_remove(6).expect("made");
        delivery.decide.iter().any(|decision| decision.question.text.contains("hurricane"))
    };
    assert!(asks(date(2026, 11, 21)) && !asks(date(2026, 12, 1)));
}
