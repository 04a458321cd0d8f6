//! What a reader sees of days that are over.

use jiff::civil::date;

use super::*;
use crate::report::{Decision, Old, Stale};

#[test]
fn what_is_out_of_date_is_said_in_every_form() {
    let mut report = full();
    assert!(!rendered(&report).html.contains("Out of date"));
    let cash = Old { label: "Cash in the bank".to_owned(), as_of: date(2026, 5, 4), export: false };
    report.stale = Stale { old: vec![cash], figures: vec![report.kpis[0].figure.id.clone(), "x".to_owned()] };
    let Rendered { html, text, web, .. } = rendered(&report);
    for form in [&html, &web] {
        assert!(form.contains("Out of date: 1") && form.contains("out of date</em>"), "{form}");
        assert!(form.contains("Cash in the bank: of 4\u{a0}May\u{a0}2026"), "{form}");
    }
    assert!(text.contains("OUT OF DATE: 1") && text.contains("Cash in the bank: of 4 May 2026"), "{text}");
    assert!(text.contains(", out of date"), "{text}");
}

#[test]
fn a_question_whose_day_is_over_says_so_in_every_form() {
    let mut report = full();
    for (overdue, words) in [(false, "By 4 Dec 2026."), (true, "Overdue since 4 Dec 2026.")] {
        report.decide[0] = Decision { by: Some(date(2026, 12, 4)), overdue, ..report.decide[0].clone() };
        let Rendered { html, text, web, .. } = rendered(&report);
        for form in [html, web, text] {
            let plain: Vec<&str> = form.split([' ', '\n', '\u{a0}']).filter(|word| !word.is_empty()).collect();
            let plain = plain.join(" ").replace("&nbsp;", " ");
            assert!(plain.contains(words), "{words}: {plain}");
        }
    }
}
