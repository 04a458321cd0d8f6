//! What declarations become: resources that should exist, as they are being collected.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Expand;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Location};
use crate::resource::{Effect, Resource, to_value};

/// One resource that should exist.
#[derive(Clone, Debug)]
pub struct Desired {
    /// Its address.
    pub address: Address,
    /// The type of resource or effect, such as `log_group`.
    pub type_name: &'static str,
    /// Its inputs, unknown leaves as placeholders.
    pub inputs: Value,
    /// What must exist before it although no value of it is needed.
    pub after: BTreeSet<Address>,
    /// Whether replacing and deleting it is refused.
    pub protect: bool,
    /// Where the declaration stands.
    pub location: Location,
}

/// The resources of a stack as they are being collected.
#[derive(Default)]
pub struct Expansion {
    /// Found so far, by address.
    pub desired: BTreeMap<Address, Desired>,
    /// Faults so far.
    pub faults: Vec<Diagnostic>,
}

/// A resource just added: refer to its outputs, or order it.
pub struct Added<'a> {
    desired: &'a mut Desired,
}

impl Added<'_> {
    /// Makes it wait until `other` exists.
    #[must_use]
    pub fn after(self, other: Address) -> Self {
        self.desired.after.insert(other);
        self
    }

    /// Its address.
    pub fn address(self) -> Address {
        self.desired.address.clone()
    }
}

impl Expansion {
    /// Adds a resource as a part of the declaration that expands.
    ///
    /// # Panics
    /// When the part is taken: parts are written in code.
    pub fn resource<R: Resource>(&mut self, cx: &Expand<'_>, part: &str, inputs: &R) -> Added<'_> {
        self.add(cx, part, R::TYPE, to_value(inputs))
    }

    /// Adds an effect as a part of the declaration that expands.
    ///
    /// # Panics
    /// When the part is taken: parts are written in code.
    pub fn effect<E: Effect>(&mut self, cx: &Expand<'_>, part: &str, inputs: &E) -> Added<'_> {
        self.add(cx, part, E::TYPE, to_value(inputs))
    }

    fn add(&mut self, cx: &Expand<'_>, part: &str, type_name: &'static str, inputs: Value) -> Added<'_> {
        let address = cx.address.part(part);
        let declared = cx.stack.declared(cx.address).expect("an expanding declaration is in its stack");
        let protect = declared.protect.unwrap_or(false);
        let desired = Desired {
            address: address.clone(),
            type_name,
            inputs,
            after: BTreeSet::new(),
            protect,
            location: declared.location.clone(),
        };
        assert!(self.desired.insert(address.clone(), desired).is_none(), "{address} is added twice");
        Added { desired: self.desired.get_mut(&address).expect("it was just added") }
    }

    /// Reports a fault of the declaration at the key that `path` leads to.
    pub fn fault(
        &mut self,
        cx: &Expand<'_>,
        path: &[&str],
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.faults.push(Diagnostic::error(code, message).at(cx.location(path)).hint(hint));
    }

    /// Reports what somebody should look at, at the key that `path` leads to.
    pub fn warn(
        &mut self,
        cx: &Expand<'_>,
        path: &[&str],
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.faults.push(Diagnostic::warning(code, message).at(cx.location(path)).hint(hint));
    }
}
