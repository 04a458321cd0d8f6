//! Whether this deployer can work with what a state tells.

use serde_json::Value;

use crate::address::Address;
use crate::diagnostic::{Diagnostic, MAX_FAULTS, shown};
use crate::resource::Registry;
use crate::state::{Record, State};

/// What a state tells of one object.
struct Told<'a> {
    address: &'a Address,
    type_name: &'a str,
    inputs: &'a Value,
    /// The version of the inputs' form; absent of an intent, which lives from one run to the next.
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
        schema: None,
    });
    let unknown = records.chain(intents).filter_map(|told| fault(&told, registry));
    let elsewhere = state.records.iter().filter_map(|record| elsewhere(record, &state.scope.region, registry));
    unknown.chain(elsewhere).take(MAX_FAULTS).collect()
}

fn fault<C: Send + Sync + 'static>(told: &Told<'_>, registry: &Registry<C>) -> Option<Diagnostic> {
    let Told { address, type_name, inputs, schema } = told;
    let Some(resource) = registry.get(type_name) else {
        let what = format!("{address} is recorded as a `{}`, which this deployer does not know", shown(type_name));
        return Some(newer(what));
    };
    let known = resource.facts().schema;
    match schema {
        Some(schema) if *schema > known => Some(newer(format!(
            "the record of {address} has form {schema} of a {type_name}, this deployer knows {known}"
        ))),
        Some(schema) if *schema < known => Some(older(format!(
            "the record of {address} has form {schema} of a {type_name}, this deployer writes {known}"
        ))),
        _ => {
            let why = resource.reads(inputs).err()?;
            Some(older(format!("the record of {address} cannot be read: {}", shown(&why))))
        }
    }
}

fn elsewhere<C: Send + Sync + 'static>(
    record: &Record,
    stack_region: &str,
    registry: &Registry<C>,
) -> Option<Diagnostic> {
    let expected = registry.get(&record.type_name)?.facts().place.region(stack_region);
    if record.region.is_empty() || record.region == expected {
        return None;
    }
    Some(older(format!("{} is recorded in {}, and belongs in {expected}", record.address, shown(&record.region))))
}

fn newer(what: String) -> Diagnostic {
    Diagnostic::error("bad-record", what).hint("a newer deployer wrote it: use that one; nothing was changed")
}

fn older(what: String) -> Diagnostic {
    let hint = "`deployer state rebuild` records anew what is there; nothing was changed";
    Diagnostic::error("bad-record", what).hint(hint)
}
