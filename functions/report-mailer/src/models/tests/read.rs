//! Hand-computed cases of what is read live.

use jiff::civil::date;

use super::super::book;
use super::{TODAY, portfolio};
use crate::figure::Range;
use crate::live::{Audit, GitWeek, Leak, Live, Reading, Roles, SailMonth, SecretAge, StackAudit};

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
fn the_mean_of_sails_counts_months_without_any() {
    let month = |month, completed| SailMonth { month, open: 0, completed, cancelled: 0, guest_places: 0 };
    let data = vec![month(date(2026, 7, 1), 6), month(date(2026, 9, 1), 2), month(date(2026, 12, 1), 0)];
    let sails = Reading::Read { source: "table".to_owned(), as_of: TODAY, data };
    let book = book(&portfolio(), &Live { sails, ..Live::default() }, TODAY);
    // July to October: (6 + 0 + 2 + 0) ÷ 4. November is not over, December has not begun.
    assert_eq!(book.value("sails-a-month"), Some(Range::exact(2.0)));
}

#[test]
fn the_stacks_are_counted_only_where_all_of_them_speak() {
    let told = StackAudit { endpoints: Some(Vec::new()), drifted: Some(2), ..StackAudit::default() };
    let silent = StackAudit { drifted: Some(1), ..StackAudit::default() };
    let stacks = Reading::Read { source: "export".to_owned(), as_of: TODAY, data: vec![told, silent] };
    let book = book(&portfolio(), &Live { stacks, ..Live::default() }, TODAY);
    assert_eq!(book.value("stack-drift"), Some(Range::exact(3.0)));
    assert_eq!(book.value("endpoints-open"), None);
}

#[test]
fn secrets_are_counted_on_the_day_of_the_audit_and_only_where_all_are_known() {
    let secret = |changed, plaintext| SecretAge {
        stack: "crew".to_owned(),
        env: "prod".to_owned(),
        name: "secret.jwt".to_owned(),
        changed,
        rotate_after_days: Some(90),
        plaintext,
    };
    let leak = Leak { path: "a.sh".to_owned(), line: 1, what: "an AWS access key".to_owned() };
    let day = |month, day| Some(date(2026, month, day));
    let values = |secrets: Vec<SecretAge>| {
        let data = Audit { secrets, leaks: vec![leak.clone()], advisories: None };
        let audit = Reading::Read { source: "export".to_owned(), as_of: date(2026, 11, 1), data };
        let book = book(&portfolio(), &Live { audit, ..Live::default() }, TODAY);
        ["secrets-overdue", "secrets-plaintext", "advisories"].map(|id| book.value(id).map(|value| value.low))
    };
    // The second is overdue today, and was not on the day of the audit. A key in a file is one in plain text.
    let known = vec![secret(day(7, 1), Some(false)), secret(day(8, 10), Some(true))];
    assert_eq!(values(known), [Some(1.0), Some(2.0), None]);
    assert_eq!(values(vec![secret(day(7, 1), None)]), [Some(1.0), None, None]);
    assert_eq!(values(vec![secret(None, Some(false))]), [None, Some(1.0), None]);
}

#[test]
fn means_of_activity_span_the_last_full_weeks() {
    let week = |week, deploys, rollbacks, lead_time_minutes| GitWeek {
        week,
        commits: 10,
        deploys,
        rollbacks,
        lead_time_minutes,
    };
    // The last of them is not over: it is in no mean.
    let data = vec![
        week(date(2026, 11, 2), 3, 1, Some(30.0)),
        week(date(2026, 11, 9), 4, 0, None),
        week(date(2026, 11, 16), 1, 0, None),
    ];
    let git = Reading::Read { source: "export".to_owned(), as_of: TODAY, data };
    let roles = Roles { slots: 10, filled: 8, captain_slots: 2, captain_filled: 2, captains: 1 };
    let roles = Reading::Read { source: "table roles".to_owned(), as_of: TODAY, data: roles };
    let book = book(&portfolio(), &Live { git, roles, ..Live::default() }, TODAY);
    for (id, value) in [
        ("deploys-a-week", 3.5),
        ("commits-a-week", 10.0),
        ("lead-time", 30.0),
        ("change-failure-share", 12.5), // 1 of 8
        ("roles-filled-share", 80.0),
    ] {
        assert_eq!(book.value(id), Some(Range::exact(value)), "{id}");
    }
}
