//! Schemas: whether a declaration is what its kind expects, and what editors are told of a file.

mod check;
mod choice;
mod editor;
mod reference;
mod scalar;
mod table;
mod words;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::resolve::Declared;
use check::{Checker, Found};

pub use editor::stack_schema;
pub use reference::kinds_reference;

/// Every fault of a declaration against its kind's JSON Schema, in file order.
///
/// The schema is draft 2020-12 as `schemars` writes it. A text that still holds a `${…}` reference
/// fits wherever text fits.
pub fn check(declared: &Declared, schema: &Value) -> Vec<Diagnostic> {
    let mut found = Found::new();
    Checker::new(declared, schema).node(schema, &declared.node, "", &mut found);
    found.sort_by_key(|(span, _)| span.start);
    let place = |(span, fault): (_, Diagnostic)| {
        let location =
            if span == declared.node.span { declared.location.clone() } else { declared.source.locate(span) };
        fault.at(location)
    };
    found.into_iter().map(place).collect()
}
