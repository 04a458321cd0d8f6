//! Hand-computed cases of what is read live.

use jiff::civil::date;

use super::super::book;
use super::{TODAY, portfolio};
use crate::figure::Range;
use crate::live::{GitWeek, Live, Reading, Roles, SailMonth, SecretAge, StackAudit};

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
        plaintext: Some(plaintext),
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
fn where_nobody_has_looked_at_a_secret_nothing_is_said_of_all() {
    let secret = |plaintext| SecretAge { name: "jwt".to_owned(), changed: None, rotate_after_days: None, plaintext };
    let data = vec![StackAudit { secrets: Some(vec![secret(Some(false)), secret(None)]), ..StackAudit::default() }];
    let stacks = Reading::Read { source: "export".to_owned(), as_of: TODAY, data };
    let book = book(&portfolio(), &Live { stacks, ..Live::default() }, TODAY);
    assert_eq!(book.value("secrets-plaintext"), None);
    assert_eq!(book.value("secrets-overdue"), None);
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
