//! What every declaration may say beside its kind's own keys: `was`, `protect` and, from an
//! environment, `name`.

use std::collections::BTreeMap;

use super::Declared;
use super::fill::Fill;
use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Faults};
use crate::stack::{Declaration, Node, NodeValue, StackFile};

/// Refuses a physical name that stands in the declaration itself, for every environment at once.
pub(super) fn refuse_name(node: &mut Node, declaration: &Declaration, faults: &mut Faults<'_>) {
    if let Some((key, _)) = node.remove("name") {
        faults.add(key.span, || {
            let fault = Diagnostic::error(
                "not-allowed",
                format!("{} names its object for every environment at once", declaration.address),
            );
            fault.hint(format!(
                "a physical name belongs inside an environment: `override = {{ \"{}.name\" = \"…\" }}`",
                declaration.address
            ))
        });
    }
}

/// The declaration with its expressions filled in and its common keys taken out.
pub(super) fn declare(file: &StackFile, declaration: &Declaration, node: &Node, fill: &mut Fill<'_>) -> Declared {
    let address = declaration.address.clone();
    // A declaration is a table, and a table is never absent.
    let mut node = fill.node(node).unwrap_or_else(|| declaration.node.clone());
    let absent = fill.take_absent();
    let was = former_name(&mut node, &address, fill);
    let protect = node.remove("protect").and_then(|(_, protect)| match protect.value {
        NodeValue::Bool(protect) => Some(protect),
        _ => {
            fill.faults.add(protect.span, || {
                Diagnostic::error("wrong-type", format!("`protect` is `true` or `false`, not {}", protect.what()))
            });
            None
        }
    });
    let pinned_name = node.remove("name").and_then(|(_, name)| fill.pinned(&address, &name));
    let location = file.source.locate(declaration.span);
    Declared { address, node, source: file.source.clone(), location, was, protect, pinned_name, absent }
}

fn former_name(node: &mut Node, address: &DeclarationAddress, fill: &mut Fill<'_>) -> Option<String> {
    let (_, was) = node.remove("was")?;
    let name = was.as_str().filter(|name| DeclarationAddress::new(address.kind(), name).is_ok());
    if name.is_none() {
        fill.faults.add(was.span, || {
            let message = format!("`was` is the former name of {address}, without its kind");
            Diagnostic::error("bad-name", message).hint("write `was = \"old-name\"`")
        });
    }
    name.map(str::to_owned)
}

/// Refuses former names that two declarations claim, or that one still has.
pub(super) fn check_former_names(
    file: &StackFile,
    declarations: &[Declared],
    living: &[&DeclarationAddress],
    faults: &mut Faults<'_>,
) {
    let mut taken: BTreeMap<DeclarationAddress, &DeclarationAddress> = BTreeMap::new();
    for (declared, written) in declarations.iter().zip(&file.declarations) {
        let former = declared.was.as_ref().and_then(|was| DeclarationAddress::new(declared.address.kind(), was).ok());
        let Some(former) = former else { continue };
        let span = written.node.get("was").map_or(written.span, |was| was.span);
        if living.binary_search(&&former).is_ok() {
            faults.add(span, || {
                let fault = Diagnostic::error(
                    "was-collides",
                    format!("{} cannot have been {former}: that is declared still", declared.address),
                );
                fault.hint("remove `was`, or the other declaration")
            });
        } else if let Some(other) = taken.insert(former.clone(), &declared.address) {
            faults.add(span, || {
                let fault = Diagnostic::error(
                    "was-collides",
                    format!("both {other} and {} say that they were {former}", declared.address),
                );
                fault.hint("only one of them can take its objects over")
            });
        }
    }
}
