//! Overrides: fields that an environment sets by their addresses.

use std::collections::BTreeMap;

use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Faults, did_you_mean, shown};
use crate::stack::{Key, MAX_DEPTH, Node, NodeValue};

const FORM: &str = "write `override = { \"kind.name.key\" = value }`, the address in quotes";

/// One field that an environment sets.
pub(super) struct Override<'a> {
    /// The keys from the declaration inward.
    path: Vec<&'a str>,
    key: &'a Key,
    value: &'a Node,
}

/// The overrides of an environment, by declaration.
pub(super) type Overrides<'a> = BTreeMap<DeclarationAddress, Vec<Override<'a>>>;

/// Reads the table `override`. Every declaration that it names is among `known`.
pub(super) fn read<'a>(
    table: Option<&'a Node>,
    known: &[&DeclarationAddress],
    faults: &mut Faults<'_>,
) -> Overrides<'a> {
    let mut found = Overrides::new();
    let Some(table) = table else {
        return found;
    };
    if !matches!(table.value, NodeValue::Table(_)) {
        faults.add(table.span, || {
            Diagnostic::error("wrong-type", format!("`override` is a table, not {}", table.what())).hint(FORM)
        });
    }
    for (key, value) in table.entries() {
        let mut path: Vec<&str> = key.name.split('.').collect();
        let well_formed = (3..=MAX_DEPTH).contains(&path.len()) && path.iter().all(|each| !each.is_empty());
        let address = if well_formed { DeclarationAddress::new(path[0], path[1]).ok() } else { None };
        let Some(address) = address else {
            faults.add(key.span, || {
                Diagnostic::error("bad-override", format!("`{}` is no address of a field", shown(&key.name))).hint(FORM)
            });
            continue;
        };
        if known.binary_search(&&address).is_err() {
            faults.add(key.span, || {
                let names: Vec<String> = known.iter().map(ToString::to_string).collect();
                let hint = did_you_mean(&address.to_string(), names.iter().map(String::as_str));
                Diagnostic::error("unknown-declaration", format!("the file declares no {address}"))
                    .hint(hint.unwrap_or_else(|| FORM.to_owned()))
            });
            continue;
        }
        let path = path.split_off(2);
        found.entry(address).or_default().push(Override { path, key, value });
    }
    found
}

impl Override<'_> {
    /// Sets the field in the declaration's table.
    pub(super) fn apply(&self, declaration: &mut Node, faults: &mut Faults<'_>) {
        if let Err(step) = set(declaration, &self.path, self) {
            faults.add(self.key.span, || {
                let fault = Diagnostic::error(
                    "bad-override",
                    format!("`{}` leads nowhere: there is no place for `{}`", shown(&self.key.name), shown(step)),
                );
                fault.hint("set the field above it as a whole")
            });
        }
    }
}

/// Sets what the path leads to, or answers the step that leads nowhere.
fn set<'a>(node: &mut Node, path: &[&'a str], from: &Override<'_>) -> Result<(), &'a str> {
    let Some((first, rest)) = path.split_first() else {
        *node = from.value.clone();
        return Ok(());
    };
    let next = match &mut node.value {
        NodeValue::Table(entries) => {
            let at = entries.iter().position(|(key, _)| key.name == *first).unwrap_or_else(|| {
                let key = Key { name: (*first).to_owned(), span: from.key.span };
                entries.push((key, Node { value: NodeValue::Table(Vec::new()), span: from.key.span }));
                entries.len() - 1
            });
            &mut entries[at].1
        }
        NodeValue::Array(items) => first.parse::<usize>().ok().and_then(|index| items.get_mut(index)).ok_or(*first)?,
        _ => return Err(first),
    };
    set(next, rest, from)
}
