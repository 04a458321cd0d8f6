//! The book of figures: every number that a report may show, with where it comes from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::figure::{Range, Unit};
use crate::portfolio::Portfolio;
use crate::report::{Kept, Missing, MissingKind, Shown, Trace};

/// Every figure by its id: recorded in the portfolio, read live, or computed from others.
#[derive(Clone, Debug, Default)]
pub struct Book(BTreeMap<String, Entry>);

#[derive(Clone, Debug)]
struct Entry {
    label: String,
    unit: Unit,
    value: Option<Range>,
    origin: Origin,
}

/// Where a figure comes from, or why there is none.
#[derive(Clone, Debug)]
enum Origin {
    Recorded { source: String, as_of: Date },
    Read { source: String, as_of: Date },
    NotRecorded,
    NotRead { source: String, reason: String },
    Computed { formula: String, inputs: Vec<String> },
}

/// A figure that is computed from others.
#[derive(Clone, Debug)]
pub struct Formula {
    /// Its id.
    pub id: String,
    /// Its name for readers.
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    /// How it is computed, in words.
    pub words: String,
    /// The ids of what it is computed from.
    pub inputs: Vec<String>,
}

impl Formula {
    /// A figure that is computed from others.
    pub fn new(id: &str, label: &str, unit: Unit, words: &str, inputs: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            unit,
            words: words.to_owned(),
            inputs: inputs.iter().map(|id| (*id).to_owned()).collect(),
        }
    }
}

impl Book {
    /// The recorded figures of a portfolio.
    pub fn of(portfolio: &Portfolio) -> Self {
        let entry = |figure: &crate::portfolio::Figure| Entry {
            label: figure.label.clone(),
            unit: figure.unit,
            value: figure.known.as_ref().map(|known| known.value),
            origin: match &figure.known {
                Some(known) => Origin::Recorded { source: known.source.clone(), as_of: known.as_of },
                None => Origin::NotRecorded,
            },
        };
        Self(portfolio.figures.iter().map(|(id, figure)| (id.clone(), entry(figure))).collect())
    }

    /// Writes down what somebody said.
    pub fn record(&mut self, id: &str, label: &str, unit: Unit, value: Range, source: &str, as_of: Date) {
        let origin = Origin::Recorded { source: source.to_owned(), as_of };
        self.0.insert(id.to_owned(), Entry { label: label.to_owned(), unit, value: Some(value), origin });
    }

    /// Writes down what a source showed.
    pub fn read(&mut self, id: &str, label: &str, unit: Unit, value: Range, source: &str, as_of: Date) {
        let origin = Origin::Read { source: source.to_owned(), as_of };
        self.0.insert(id.to_owned(), Entry { label: label.to_owned(), unit, value: Some(value), origin });
    }

    /// Writes down that a source that would have shown a figure did not.
    pub fn not_read(&mut self, id: &str, label: &str, unit: Unit, source: &str, reason: &str) {
        let origin = Origin::NotRead { source: source.to_owned(), reason: reason.to_owned() };
        self.0.insert(id.to_owned(), Entry { label: label.to_owned(), unit, value: None, origin });
    }

    /// Writes down that nobody has recorded a figure that the portfolio's lists would give.
    pub fn not_recorded(&mut self, id: &str, label: &str, unit: Unit) {
        let entry = Entry { label: label.to_owned(), unit, value: None, origin: Origin::NotRecorded };
        self.0.insert(id.to_owned(), entry);
    }

    /// Computes a figure from those that are there; missing where an input is, or where there is no result.
    pub fn compute(&mut self, formula: Formula, compute: impl FnOnce(&[Range]) -> Option<Range>) {
        let inputs: Option<Vec<Range>> = formula.inputs.iter().map(|id| self.value(id)).collect();
        let value = inputs.and_then(|inputs| compute(&inputs));
        let origin = Origin::Computed { formula: formula.words, inputs: formula.inputs };
        self.0.insert(formula.id, Entry { label: formula.label, unit: formula.unit, value, origin });
    }

    /// The number, where it is known.
    pub fn value(&self, id: &str) -> Option<Range> {
        self.0.get(id)?.value
    }

    /// Whether there is such a figure, known or missing.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Its name for readers; its id where there is no such figure.
    pub fn label(&self, id: &str) -> String {
        self.0.get(id).map_or_else(|| id.to_owned(), |entry| entry.label.clone())
    }

    /// The figure where it is shown.
    pub fn shown(&self, id: &str) -> Shown {
        let unit = self.0.get(id).map_or(Unit::Count, |entry| entry.unit);
        Shown { id: id.to_owned(), value: self.value(id), unit }
    }

    /// Where figures come from, and what they are computed from: inputs first.
    pub fn traces<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<Trace> {
        let mut order = Vec::new();
        for id in ids {
            self.visit(id, &mut order);
        }
        order.into_iter().filter_map(|id| self.trace(id)).collect()
    }

    /// What keeps figures from being known: the source or the record that lacks, that which unlocks most first.
    pub fn missing<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<Missing> {
        let mut lacks: BTreeMap<(MissingKind, String), (Option<String>, BTreeSet<String>)> = BTreeMap::new();
        for id in ids.into_iter().filter(|id| self.value(id).is_none()) {
            let mut needed = Vec::new();
            self.visit(id, &mut needed);
            for leaf in needed.into_iter().filter(|leaf| self.value(leaf).is_none()) {
                let label = self.label(leaf);
                let (key, reason) = match self.0.get(leaf).map(|entry| &entry.origin) {
                    Some(Origin::NotRead { source, reason }) => {
                        ((MissingKind::Source, source.clone()), Some(reason.clone()))
                    }
                    Some(Origin::NotRecorded) => ((MissingKind::Figure, label.clone()), None),
                    Some(Origin::Recorded { .. } | Origin::Read { .. } | Origin::Computed { .. }) | None => continue,
                };
                let (_, unlocks) = lacks.entry(key).or_insert((reason, BTreeSet::new()));
                let is_more = id != leaf || matches!(self.0[leaf].origin, Origin::NotRead { .. });
                unlocks.extend(is_more.then(|| self.label(id)));
            }
        }
        let lack = |((kind, name), (reason, unlocks)): (_, (_, BTreeSet<String>))| Missing {
            kind,
            name,
            reason,
            unlocks: unlocks.into_iter().collect(),
        };
        let mut lacks: Vec<Missing> = lacks.into_iter().map(lack).collect();
        lacks.sort_by_key(|lack| (lack.kind, std::cmp::Reverse(lack.unlocks.len())));
        lacks
    }

    /// Puts a figure behind everything that it is computed from.
    fn visit<'a>(&'a self, id: &'a str, order: &mut Vec<&'a str>) {
        if order.contains(&id) {
            return;
        }
        if let Some(Entry { origin: Origin::Computed { inputs, .. }, .. }) = self.0.get(id) {
            for input in inputs {
                self.visit(input, order);
            }
        }
        order.push(id);
    }

    fn trace(&self, id: &str) -> Option<Trace> {
        let entry = self.0.get(id)?;
        let (kept, source, inputs) = match &entry.origin {
            Origin::Recorded { source, .. } => (Kept::Recorded, source.clone(), Vec::new()),
            Origin::NotRecorded => (Kept::Recorded, "nobody has recorded it".to_owned(), Vec::new()),
            Origin::Read { source, .. } => (Kept::Read, source.clone(), Vec::new()),
            Origin::NotRead { source, reason } => (Kept::Read, format!("{source}: {reason}"), Vec::new()),
            Origin::Computed { formula, inputs } => (Kept::Computed, formula.clone(), inputs.clone()),
        };
        Some(Trace {
            id: id.to_owned(),
            label: entry.label.clone(),
            figure: self.shown(id),
            kept,
            source,
            as_of: self.as_of(id).filter(|_| entry.value.is_some()),
            inputs,
        })
    }

    /// The day of a figure; a computed one is as old as its oldest input.
    fn as_of(&self, id: &str) -> Option<Date> {
        match &self.0.get(id)?.origin {
            Origin::Recorded { as_of, .. } | Origin::Read { as_of, .. } => Some(*as_of),
            Origin::Computed { inputs, .. } => inputs.iter().filter_map(|input| self.as_of(input)).min(),
            Origin::NotRecorded | Origin::NotRead { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn book() -> Book {
        let mut book = Book::default();
        book.record("a", "A", Unit::Usd, Range::exact(6.0), "books", date(2026, 10, 31));
        book.record("b", "B", Unit::Usd, Range::exact(2.0), "bank", date(2026, 11, 21));
        book.not_read("c", "C", Unit::Usd, "table of sails", "AccessDenied");
        book.not_recorded("d", "D", Unit::Usd);
        book.compute(Formula::new("sum", "Sum", Unit::Usd, "A + B", &["a", "b"]), |v| Some(v[0].plus(v[1])));
        book.compute(Formula::new("twice", "Twice", Unit::Usd, "sum × 2", &["sum"]), |v| Some(v[0].times(2.0)));
        book.compute(Formula::new("lost", "Lost", Unit::Usd, "C + D", &["c", "d"]), |v| Some(v[0].plus(v[1])));
        book.compute(Formula::new("over", "Over", Unit::Usd, "lost ÷ D", &["lost", "d"]), |v| v[0].over(v[1]));
        book
    }

    #[test]
    fn a_trace_leads_to_all_that_was_recorded_inputs_first_and_is_as_old_as_the_oldest() {
        let traces = book().traces(["twice", "a"]);
        let ids: Vec<_> = traces.iter().map(|trace| trace.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "sum", "twice"]);
        assert_eq!(traces[3].figure.words(), "$16");
        assert_eq!(traces[3].as_of, Some(date(2026, 10, 31)));
        assert_eq!(traces[3].inputs, ["sum"]);
        assert_eq!((traces[1].source.as_str(), traces[1].as_of), ("bank", Some(date(2026, 11, 21))));
    }

    #[test]
    fn what_lacks_is_named_once_with_all_that_it_would_tell() {
        let missing = book().missing(["over", "lost", "d", "twice"]);
        let told: Vec<_> = missing.iter().map(|gap| (gap.kind, gap.name.as_str(), gap.unlocks.as_slice())).collect();
        let both = ["Lost".to_owned(), "Over".to_owned()];
        assert_eq!(
            told,
            [(MissingKind::Source, "table of sails", both.as_slice()), (MissingKind::Figure, "D", both.as_slice()),]
        );
        assert_eq!(missing[0].reason.as_deref(), Some("AccessDenied"));
    }

    #[test]
    fn a_missing_input_makes_a_missing_result() {
        assert_eq!(book().value("over"), None);
        assert_eq!(book().shown("over").words(), "missing");
        assert_eq!(book().traces(["over"]).last().and_then(|trace| trace.as_of), None);
    }
}
