//! Checks across entries and files, each fault with its line.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, To};
use super::lists::{FigureEntry, Lists, with_every_list};
use super::value::Key;
use super::{Fault, Figure, Known};
use crate::figure::Range;

/// One file that was read.
pub(super) struct Source<'a> {
    pub(super) file: &'static str,
    pub(super) text: &'a str,
}

/// The keys that other entries refer to.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<To, BTreeSet<String>>);

impl Source<'_> {
    /// A fault at a byte of the file.
    pub(super) fn fault(&self, at: usize, message: impl Into<String>) -> Fault {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Fault { file: self.file.to_owned(), line, message: message.into() }
    }
}

impl Keys {
    /// Takes up the keys of a file. Each has the form of a key and is there once, whatever the file.
    pub(super) fn take(&mut self, source: &Source<'_>, lists: &Lists, faults: &mut Vec<Fault>) {
        for id in lists.figures.keys() {
            if !self.0.entry(To::Figure).or_default().insert(id.clone()) {
                let at = source.text.find(&format!("[figure.{id}]")).unwrap_or_default();
                faults.push(source.fault(at, format!("the figure `{id}` is in another file already")));
            }
        }
        macro_rules! take {
            ($($list:ident),*) => { $(self.take_list(source, &lists.$list, faults);)* };
        }
        with_every_list!(take);
        numbers(source, lists.accounts.iter().map(|account| (&account.id, account.number)), faults);
        numbers(source, lists.opportunities.iter().map(|step| (&step.id, step.order)), faults);
    }

    fn take_list<E: Entry>(&mut self, source: &Source<'_>, list: &[E], faults: &mut Vec<Fault>) {
        let mut seen = BTreeSet::new();
        for id in list.iter().map(Entry::id) {
            let others = E::IS.map(|is| self.0.entry(is).or_default());
            let is_new = seen.insert(&**id) && others.is_none_or(|others| others.insert(id.to_string()));
            if !id.is_sound() {
                faults.push(source.fault(id.at(), format!("`{}` is no id: lower case letters, digits and '-'", &**id)));
            } else if !is_new {
                faults.push(source.fault(id.at(), format!("the id `{}` is there twice", &**id)));
            }
        }
    }

    /// Each reference of a file leads to something.
    pub(super) fn check(&self, source: &Source<'_>, lists: &Lists, faults: &mut Vec<Fault>) {
        let entities = lists.figures.values().map(|figure| (To::Entity, &figure.entity));
        let mut references: Vec<(To, &Key)> = entities.collect();
        macro_rules! collect {
            ($($list:ident),*) => { $(references.extend(lists.$list.iter().flat_map(Entry::references));)* };
        }
        with_every_list!(collect);
        for (to, key) in references {
            if !self.0.get(&to).is_some_and(|keys| keys.contains(&**key)) {
                faults.push(source.fault(key.at(), format!("there is no {} `{}`", to.words(), &**key)));
            }
        }
    }
}

/// Each number is there once.
fn numbers<'a>(source: &Source<'_>, list: impl Iterator<Item = (&'a Key, u32)>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (id, number) in list {
        if !seen.insert(number) {
            faults.push(source.fault(id.at(), format!("the number {number} is there twice")));
        }
    }
}

/// The figures of a file; one with a fault is missing.
pub(super) fn figures(
    source: &Source<'_>,
    entries: &BTreeMap<String, FigureEntry>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Figure> {
    let figure = |(id, entry): (&String, &FigureEntry)| {
        let known = known(entry).unwrap_or_else(|message| {
            faults.push(source.fault(entry.entity.at(), message));
            None
        });
        let figure = Figure { entity: entry.entity.to_string(), label: entry.label.clone(), unit: entry.unit, known };
        (id.clone(), figure)
    };
    entries.iter().map(figure).collect()
}

/// The number of a figure: exactly one of its three forms.
fn known(entry: &FigureEntry) -> Result<Option<Known>, &'static str> {
    let value = match (entry.value, entry.low, entry.high, entry.missing) {
        (None, None, None, Some(true)) if entry.source.is_none() && entry.as_of.is_none() => return Ok(None),
        (None, None, None, Some(true)) => return Err("what is missing has no source and no day"),
        (Some(value), None, None, None) => Range::exact(value),
        (None, Some(low), Some(high), None) if low <= high => Range { low, high },
        (None, Some(_), Some(_), None) => return Err("`low` is over `high`"),
        _ => return Err("needs exactly one of `value`, `low` with `high`, or `missing = true`"),
    };
    if !value.low.is_finite() || !value.high.is_finite() {
        return Err("is no finite number");
    }
    let (Some(source), Some(as_of)) = (&entry.source, entry.as_of) else {
        return Err("a number needs `source` and the day `as_of`");
    };
    Ok(Some(Known { value, source: source.clone(), as_of: as_of.0 }))
}
