//! How reports speak.

use jiff::civil::date;

use super::*;
use crate::render::{Links, render};

/// How long prose and tables of a report are.
const WORDS: std::ops::RangeInclusive<usize> = 1_500..=2_500;
/// The reports that may be shorter, and never under this: of nights, deliveries and hours nothing is recorded yet, so
/// that they have forms and models where the others have figures. More words would be padding.
const SHORTER: ([ReportId; 3], usize) = ([ReportId::Rental, ReportId::YachtDelivery, ReportId::ClientPortfolio], 1_000);

#[test]
fn a_report_is_as_long_as_its_data_carry() {
    let live = serde_json::from_str(include_str!("../../../examples/live.json")).expect("readings");
    for report in made(&portfolio(), &live) {
        let rendered = render(&report, jiff::Timestamp::UNIX_EPOCH, &Links::default()).expect("sound templates");
        let words = rendered.words();
        let least = if SHORTER.0.contains(&report.id) { SHORTER.1 } else { *WORDS.start() };
        assert!((least..=*WORDS.end()).contains(&words), "{}: {words} words", report.title);
        assert!(words < rendered.text.split_whitespace().count(), "{}: lists are no prose", report.title);
    }
}

/// Every count is one: a plural behind it would be wrong.
#[test]
fn one_thing_is_never_told_as_many() {
    const NO_PLURAL: [&str; 4] = ["as", "has", "is", "was"];
    let mut portfolio = portfolio();
    let ids: Vec<String> = portfolio.figures.keys().cloned().collect();
    ids.iter().for_each(|id| know(&mut portfolio, id, 1.0));
    let Reading::Read { data: mut functions, source, as_of } = all_read().functions else { panic!("read") };
    functions[0] = FunctionHealth { invocations: 1, errors: 1, ..functions[0].clone() };
    let month = SailMonth { month: date(2026, 10, 1), open: 1, completed: 1, cancelled: 1, guest_places: 1 };
    let live = Live {
        roles: Reading::Read {
            source: source.clone(),
            as_of,
            data: Roles { slots: 1, filled: 1, captain_slots: 1, captain_filled: 1, captains: 1 },
        },
        sails: Reading::Read { source: source.clone(), as_of, data: vec![month] },
        functions: Reading::Read { source, as_of, data: functions },
        ..all_read()
    };
    for report in made(&portfolio, &live).into_iter().chain(worlds()) {
        for prose in sentences(&report) {
            let words: Vec<&str> = prose.text.split([' ', '\n']).collect();
            let plural = words.windows(2).find(|two| {
                let next = two[1].trim_matches(|letter: char| !letter.is_alphanumeric());
                two[0].trim_start_matches('(') == "1" && next.ends_with('s') && !NO_PLURAL.contains(&next)
            });
            assert_eq!(plural, None, "{}: {}", report.title, prose.text);
        }
    }
}
