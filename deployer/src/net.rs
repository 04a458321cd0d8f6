//! Who needs whom among the declarations of a stack: what its file says, not what must wait for what.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::kind::Stack;

/// The kind by which another stack stands in the net.
pub const STACK: &str = "stack";

/// Declarations, and which of them mention which.
#[derive(Debug, Default, PartialEq)]
pub struct Net {
    /// Each node, `kind.name`, with what it needs.
    pub needs: BTreeMap<String, BTreeSet<String>>,
}

impl Net {
    /// The net of a stack.
    pub fn of(stack: &Stack) -> Self {
        let known: BTreeSet<String> = stack.addresses().map(ToString::to_string).collect();
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for address in stack.addresses() {
            let own = address.to_string();
            let mut found = BTreeSet::new();
            if let Some(declared) = stack.declared(address) {
                declared.node.visit_strings(&mut |text, _| found.extend(mentions(text, &known)));
            }
            found.remove(&own);
            for other in found.iter().filter(|other| !known.contains(*other)) {
                needs.entry(other.clone()).or_default();
            }
            needs.insert(own, found);
        }
        Self { needs }
    }

    /// The nodes that need this one.
    pub fn needed_by(&self, node: &str) -> Vec<&str> {
        let users = self.needs.iter().filter(|(_, needs)| needs.contains(node));
        users.map(|(name, _)| name.as_str()).collect()
    }
}

/// The declarations and other stacks that a text mentions: `${table.roles.name}`, `rw table.roles`, `function.nudge`.
fn mentions(text: &str, known: &BTreeSet<String>) -> BTreeSet<String> {
    let words = text.split(|each: char| !(each.is_ascii_alphanumeric() || matches!(each, '.' | '-' | '_')));
    let node = |word: &str| {
        let mut parts = word.split('.');
        let (kind, name) = (parts.next()?, parts.next()?);
        let node = format!("{kind}.{name}");
        let foreign = kind == STACK && parts.next().is_some();
        (known.contains(&node) || foreign).then_some(node)
    };
    words.filter_map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_mention_a_declaration_counts_and_nothing_else() {
        let known = BTreeSet::from(["table.roles", "function.nudge", "site.web"].map(str::to_owned));
        for (text, found) in [
            ("${table.roles.name}", vec!["table.roles"]),
            ("rw table.roles", vec!["table.roles"]),
            ("function.nudge", vec!["function.nudge"]),
            ("${stack.crew.url}/x ${site.web.domain}", vec!["site.web", "stack.crew"]),
            ("https://web.site.web.example", vec![]),
            ("table.rolesy stack.crew site", vec![]),
        ] {
            assert_eq!(mentions(text, &known).into_iter().collect::<Vec<_>>(), found, "{text}");
        }
    }
}
