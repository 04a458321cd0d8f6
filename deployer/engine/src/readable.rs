//! Whether this deployer can work with what a state tells.

use serde_json::Value;

use crate::address::Address;
use crate::diagnostic::{Diagnostic, MAX_FAULTS, shown};
use crate::resource::Registry;
use crate::state::{Record, State};

/// The version of the shape of an intent's inputs: an intent lives from one run to the next.
const OF_NOW: Option<u32> = None;

/// What a state tells of one object.
struct Told<'a> {
    address: &'a Address,
    type_name: &'a str,
    inputs: &'a Value,
    schema: Option<u32>,
}

/// Faults of records and intents that this deployer cannot work with: of types that it does not know, with inputs that
/// the type does not have any more, or not yet, and of objects in a region where it would not look for them.
pub fn unreadable<C: Send + Sync + 'static>(state: &State, registry: &Registry<C>) -> Vec<Diagnostic> {
    let records = state.records.iter().map(|each| Told {
        address: &each.address,
        type_name: &each.type_name,
        inputs: &each.inputs,
        schema: Some(each.schema),
    });
    let intents = state.intents.iter().map(|each| Told {
        address: &each.address,
        type_name: &each.type_name,
        inputs: &each.inputs,
        schema: OF_NOW,
    });
    let unknown = records.chain(intents).filter_map(|told| fault(&told, registry));
    let elsewhere = state.records.iter().filter_map(|record| elsewhere(record, &state.scope.region, registry));
    unknown.chain(elsewhere).take(MAX_FAULTS).collect()
}

fn fault<C: Send + Sync + 'static>(told: &Told<'_>, registry: &Registry<C>) -> Option<Diagnostic> {
    let Told { address, type_name, inputs, schema } = told;
    let newer = |what: String| {
        let fault = Diagnostic::error("bad-record", what);
        Some(fault.hint("a newer deployer wrote it: use that one; nothing was changed"))
    };
    let Some(resource) = registry.get(type_name) else {
        return newer(format!("{address} is recorded as a `{}`, which this deployer does not know", shown(type_name)));
    };
    let known = resource.facts().schema;
    match schema {
        Some(schema) if *schema > known => {
            newer(format!("the record of {address} has form {schema} of a {type_name}, this deployer knows {known}"))
        }
        Some(schema) if *schema < known => {
            rebuild(format!("the record of {address} has form {schema} of a {type_name}, this deployer writes {known}"))
        }
        _ => resource
            .reads(inputs)
            .err()
            .and_then(|why| rebuild(format!("the record of {address} cannot be read: {}", shown(&why)))),
    }
}

fn elsewhere<C: Send + Sync + 'static>(
    record: &Record,
    stack_region: &str,
    registry: &Registry<C>,
) -> Option<Diagnostic> {
    let expected = registry.get(&record.type_name)?.facts().place.region(stack_region);
    let fits = record.region.is_empty() || record.region == expected;
    if fits {
        return None;
    }
    rebuild(format!("{} is recorded in {}, and belongs in {expected}", record.address, shown(&record.region)))
}

fn rebuild(what: String) -> Option<Diagnostic> {
    let hint = "`deployer state rebuild` records anew what is there; nothing was changed";
    Some(Diagnostic::error("bad-record", what).hint(hint))
}
