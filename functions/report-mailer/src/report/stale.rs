//! Figures that are too old to steer by.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::Trace;

/// After so many days what somebody recorded should have been looked at again: a quarter.
const QUARTER_DAYS: i64 = 92;

/// What a report shows although it is old.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Stale {
    /// The key of the figure: the `id` of its trace.
    pub id: String,
    /// Its name for readers.
    pub label: String,
    /// The day on which it was recorded, or on which its oldest input was.
    pub as_of: Date,
    /// Whether somebody recorded it, and can look at it again; what is computed is as old as that.
    pub recorded: bool,
}

/// The figures that are older than a quarter on a day, the oldest first.
pub(super) fn stale(appendix: &[Trace], today: Date) -> Vec<Stale> {
    let oldest = today.saturating_sub(QUARTER_DAYS.days());
    let old = |trace: &Trace| {
        let as_of = trace.as_of.filter(|as_of| *as_of < oldest)?;
        Some(Stale { id: trace.id.clone(), label: trace.label.clone(), as_of, recorded: trace.inputs.is_empty() })
    };
    let mut stale: Vec<Stale> = appendix.iter().filter_map(old).collect();
    stale.sort_by_key(|one| one.as_of);
    stale
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::book::{Book, Formula};
    use crate::figure::{Range, Unit};

    #[test]
    fn what_is_older_than_a_quarter_is_told_with_all_that_follows_from_it() {
        let mut book = Book::default();
        let today = date(2026, 11, 21);
        let days = |days: i64| today.saturating_sub(days.days());
        for (id, day) in [("fresh", days(92)), ("old", days(93)), ("older", days(400))] {
            book.record(id, id, Unit::Usd, Range::exact(1.0), "books", day);
        }
        book.not_recorded("none", "none", Unit::Usd);
        book.compute(Formula::new("sum", "sum", Unit::Usd, "fresh + old", &["fresh", "old"]), |v| {
            Some(v[0].plus(v[1]))
        });
        let told = stale(&book.traces(["sum", "older", "none"]), today);
        let told: Vec<_> = told.iter().map(|one| (one.id.as_str(), one.recorded)).collect();
        assert_eq!(told, [("older", true), ("old", true), ("sum", false)]);
    }
}
