//! What is too old to rely on.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::{Kept, Trace};

/// After so many days what somebody recorded should have been looked at again: a quarter.
const RECORDED_DAYS: i64 = 92;
/// After so many days what a system exported should have been exported again: a week, and a day for being late.
const READ_DAYS: i64 = 8;

/// What a report shows although it is old.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Stale {
    /// What somebody recorded and can look at again, and the exports that somebody can make again; the oldest first.
    pub old: Vec<Old>,
    /// The keys of all figures that are old: of these, and of what is computed from them.
    pub figures: Vec<String>,
}

/// One thing that is old.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Old {
    /// Its name for readers: a figure's label, or the name of an export.
    pub label: String,
    /// Of when it is.
    pub as_of: Date,
    /// Whether it is an export, whose figures are not named one by one.
    pub export: bool,
}

/// What is too old on a day. In the appendix inputs come before what is computed from them.
pub(super) fn stale(appendix: &[Trace], today: Date) -> Stale {
    let mut stale = Stale::default();
    for trace in appendix {
        let Some(as_of) = trace.as_of else { continue };
        let is_old = match trace.kept {
            Kept::Recorded => as_of < today.saturating_sub(RECORDED_DAYS.days()),
            Kept::Read => as_of < today.saturating_sub(READ_DAYS.days()),
            Kept::Computed => trace.inputs.iter().any(|input| stale.figures.contains(input)),
        };
        if !is_old {
            continue;
        }
        stale.figures.push(trace.id.clone());
        let (label, export) = match trace.kept {
            Kept::Recorded => (trace.label.clone(), false),
            Kept::Read => (trace.source.clone(), true),
            Kept::Computed => continue,
        };
        let old = Old { label, as_of, export };
        if !(export && stale.old.contains(&old)) {
            stale.old.push(old);
        }
    }
    stale.old.sort_by_key(|old| old.as_of);
    stale
}

impl Stale {
    /// A sentence for each export that is old.
    pub(super) fn exports(&self) -> impl Iterator<Item = String> {
        self.old.iter().filter(|old| old.export).map(|old| {
            let day = old.as_of.strftime("%-d %b %Y");
            format!("What comes from the {} is of {day}, and may be otherwise by now.", old.label)
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::book::{Book, Formula};
    use crate::figure::{Range, Unit};

    const TODAY: Date = date(2026, 11, 21);

    fn ago(days: i64) -> Date {
        TODAY.saturating_sub(days.days())
    }

    fn labels(stale: &Stale) -> Vec<&str> {
        stale.old.iter().map(|old| old.label.as_str()).collect()
    }

    #[test]
    fn what_is_older_than_a_quarter_is_told_with_all_that_follows_from_it() {
        let mut book = Book::default();
        for (id, day) in [("fresh", ago(92)), ("old", ago(93)), ("older", ago(400))] {
            book.record(id, id, Unit::Usd, Range::exact(1.0), "books", day);
        }
        book.not_recorded("none", "none", Unit::Usd);
        book.compute(Formula::new("sum", "sum", Unit::Usd, "fresh + old", &["fresh", "old"]), |v| {
            Some(v[0].plus(v[1]))
        });
        book.compute(Formula::new("same", "same", Unit::Usd, "fresh", &["fresh"]), |v| Some(v[0]));
        let told = stale(&book.traces(["sum", "older", "none", "same"]), TODAY);
        assert_eq!(labels(&told), ["older", "old"]);
        assert_eq!(told.figures, ["old", "sum", "older"]);
        assert_eq!(told.exports().count(), 0);
    }

    #[test]
    fn an_export_is_old_after_a_week_and_is_named_once() {
        let mut book = Book::default();
        for (id, source, days) in [("a", "export git.json", 9), ("b", "export git.json", 9), ("c", "table", 8)] {
            book.read(id, id, Unit::Count, Range::exact(1.0), source, ago(days));
        }
        let told = stale(&book.traces(["a", "b", "c"]), TODAY);
        assert_eq!((labels(&told), told.figures.len()), (vec!["export git.json"], 2));
        let sentences: Vec<String> = told.exports().collect();
        assert_eq!(sentences, ["What comes from the export git.json is of 12 Nov 2026, and may be otherwise by now."]);
    }
}
