//! Who may do what: every operation of the document × every sort of caller × one's own, another's and an unknown
//! object. An operation that no row names is a fault.

pub mod rows;
pub mod scene;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::http::Method;
use functions_shared::testing::Log;

use super::leaks;
use rows::{CALLERS, ROWS};
use scene::{Scene, operations};

#[test]
fn every_operation_answers_every_caller_as_the_table_says_and_nothing_personal_comes_out_beside() {
    let operations = operations();
    let named: BTreeSet<&str> = ROWS.iter().map(|row| row.operation).collect();
    let all: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    assert_eq!(named, all, "each operation of the document has a row, and no other has");

    let log = Log::default();
    let (table, wrong) = log.of(async {
        let (mut table, mut wrong) = (String::new(), Vec::new());
        // Who only reads leaves the scene as it was.
        let mut readers = Vec::new();
        for who in CALLERS {
            readers.push(Scene::of(who).await);
        }
        for row in ROWS {
            let operation = &operations[row.operation];
            write!(table, "{:<18} {:<12} ", row.operation, row.object).expect("a text");
            for ((who, expected), reader) in CALLERS.into_iter().zip(row.statuses).zip(&readers) {
                let writer = if operation.0 == Method::GET { None } else { Some(Scene::of(who).await) };
                let scene = writer.as_ref().unwrap_or(reader);
                let answer = scene.answer(row, who, operation).await;
                let found = answer.status.as_u16();
                write!(table, "{found:>9}").expect("a text");
                if found != expected {
                    wrong.push(format!("{} of {} by {who}: {found}, not {expected}", row.operation, row.object));
                }
                scene.world.run_errands().await;
                wrong.extend(leaks::of_request(scene, row, who, &answer, &log));
                wrong.extend(leaks::of_lines(scene));
                wrong.extend(leaks::of_mails(&scene.world));
            }
            table.push('\n');
        }
        (table, wrong)
    });
    let head = CALLERS.map(|who| format!("{who:>9}")).concat();
    println!("{} of {} operations\n{:<18} {:<12} {head}\n{table}", named.len(), all.len(), "operation", "object");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every operation that does something is done by somebody in the table: none is refused to all for a reason that has
/// nothing to do with who asks.
#[test]
fn every_operation_succeeds_for_somebody() {
    let done: BTreeSet<&str> = ROWS
        .iter()
        .filter(|row| row.statuses.iter().any(|status| (200..300).contains(status)))
        .map(|row| row.operation)
        .collect();
    let named: BTreeSet<&str> = ROWS.iter().map(|row| row.operation).collect();
    assert_eq!(done, named);
}
