//! The scale of a chart on the page.

use super::*;

/// Letters that have room beside the scale.
const ROOM: usize = 13;

#[test]
fn numbers_beside_the_scale_have_room_and_say_once_what_they_count() {
    let mut report = full();
    let line = Line { label: "Base".to_owned(), values: vec![Some(0.0), Some(1_234_567.0)], figures: Vec::new() };
    for (unit, behind) in [(Unit::ChartersPerMonth, "charters a month"), (Unit::UsdPerMonth, "a month")] {
        let at = vec!["Oct 2026".to_owned(), "Nov 2026".to_owned()];
        let chart = Chart::Lines { title: "Over time".to_owned(), unit, at, lines: vec![line.clone()] };
        report.sections = vec![Section { title: "Money".to_owned(), blocks: vec![Block::Chart(chart)] }];
        let web = rendered(&report).web;
        let beside = web.split("<text text-anchor=\"end\" x=\"102\"").skip(1);
        let words: Vec<&str> = beside.filter_map(|rest| rest.split_once('>')?.1.split('<').next()).collect();
        assert!(words.len() > 2 && words.iter().all(|words| words.chars().count() <= ROOM), "{words:?}");
        assert!(web.contains(&format!(" Base; {behind}</p>")), "{web}");
    }
}
