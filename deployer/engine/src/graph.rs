//! The graph: which resource waits for which.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::kind::Desired;
use crate::value::references;

/// What each resource waits for: the minted values that it uses, and what must exist before it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    dependencies: BTreeMap<Address, BTreeSet<Address>>,
    order: Vec<Address>,
}

impl Graph {
    /// The graph of the wanted resources. A cycle is an error that names its path.
    pub fn new(desired: &BTreeMap<Address, Desired>) -> Result<Self, Vec<Diagnostic>> {
        let dependencies: BTreeMap<_, _> =
            desired.values().map(|each| (each.address.clone(), dependencies_of(each, desired))).collect();
        let order = ordered(&dependencies).map_err(|cycle| vec![describe(&cycle, desired)])?;
        Ok(Self { dependencies, order })
    }

    /// What the resource waits for, directly.
    pub fn dependencies(&self, address: &Address) -> impl Iterator<Item = &Address> {
        self.dependencies.get(address).into_iter().flatten()
    }

    /// Every resource, each after all that it waits for; otherwise by address.
    pub fn order(&self) -> &[Address] {
        &self.order
    }
}

/// What waits for the outside (an artifact, another stack's output) has no edge: nothing here makes it.
fn dependencies_of(each: &Desired, desired: &BTreeMap<Address, Desired>) -> BTreeSet<Address> {
    let minted = references(&each.inputs).into_iter().map(|found| found.address);
    minted.chain(each.after.iter().cloned()).filter(|other| desired.contains_key(other)).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Open,
    Closed,
}

/// Depth first, without recursion: a chain may be as long as a stack. The path from the first to the repeated
/// resource when there is a cycle.
fn ordered(dependencies: &BTreeMap<Address, BTreeSet<Address>>) -> Result<Vec<Address>, Vec<Address>> {
    let mut marks: BTreeMap<&Address, Mark> = BTreeMap::new();
    let mut order = Vec::with_capacity(dependencies.len());
    for root in dependencies.keys() {
        let mut path = Vec::new();
        let mut next = Some(root);
        while let Some(address) = next {
            match marks.get(address) {
                Some(Mark::Closed) => {}
                Some(Mark::Open) => {
                    let walked = path.iter().map(|(each, _)| *each).skip_while(|each| *each != address);
                    return Err(walked.chain([address]).cloned().collect());
                }
                None => {
                    marks.insert(address, Mark::Open);
                    path.push((address, dependencies[address].iter()));
                }
            }
            next = loop {
                let Some((open, rest)) = path.last_mut() else { break None };
                if let Some(other) = rest.next() {
                    break Some(other);
                }
                marks.insert(open, Mark::Closed);
                order.push((*open).clone());
                path.pop();
            };
        }
    }
    Ok(order)
}

fn describe(cycle: &[Address], desired: &BTreeMap<Address, Desired>) -> Diagnostic {
    let path = cycle.iter().map(Address::to_string).collect::<Vec<_>>().join(" → ");
    let fault = Diagnostic::error("cycle", format!("these wait for each other: {path}"));
    let fault =
        fault.hint("let one of them read the value at run time, from a parameter that is written after the other");
    match cycle.first().and_then(|first| desired.get(first)) {
        Some(first) => fault.at(first.location.clone()),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::MAX_DECLARATIONS;
    use crate::testing::{desired, wanted_one};

    #[test]
    fn what_is_minted_comes_before_what_uses_it() {
        let wanted = desired([
            ("a.x/thing", json!({"id": "${b.x/thing#id}"})),
            ("b.x/thing", json!({})),
            ("c.x/thing", json!({})),
        ]);
        let graph = Graph::new(&wanted).unwrap();
        assert_eq!(
            graph.order().iter().map(Address::to_string).collect::<Vec<_>>(),
            ["b.x/thing", "a.x/thing", "c.x/thing"]
        );
    }

    #[test]
    fn a_chain_may_be_as_long_as_a_stack() {
        let link = |at: usize| {
            let links = if at == 0 { json!({}) } else { json!({"id": format!("${{c.x{}/thing#id}}", at - 1)}) };
            wanted_one(&format!("c.x{at}/thing"), "named", links)
        };
        let wanted = (0..MAX_DECLARATIONS).map(link).collect();
        let order = Graph::new(&wanted).unwrap().order().to_vec();
        let told = [&order[0], &order[1], &order[MAX_DECLARATIONS - 1]].map(Address::to_string);
        assert_eq!(told, ["c.x0/thing", "c.x1/thing", "c.x9999/thing"]);
    }

    #[test]
    fn a_cycle_is_an_error_that_names_its_path() {
        let wanted = desired([
            ("a.x/thing", json!({"id": "${b.x/thing#id}"})),
            ("b.x/thing", json!({"id": "${c.x/thing#id}"})),
            ("c.x/thing", json!({"id": "${b.x/thing#id}"})),
        ]);
        let faults = Graph::new(&wanted).unwrap_err();
        assert_eq!(faults[0].message, "these wait for each other: b.x/thing → c.x/thing → b.x/thing");
    }
}
