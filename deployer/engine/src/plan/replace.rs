//! Replacements: what cannot change in place is made anew beside the old one, under another name where it has one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Planner, Present, retired};
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::kind::Desired;
use crate::resource::{Facts, Holds, LiveValue, OnRemove};
use crate::state::Standing;

impl<C: Send + Sync + 'static> Planner<'_, C> {
    /// A replacement was cut off after its creation: the old object still has to go.
    pub(super) fn doom_replaced(&mut self, address: &Address) {
        let old =
            self.state.current(address).and_then(|record| Some((record, self.world.at_record(address, &record.id)?)));
        self.doomed.extend(old.map(|(record, live)| (record.clone(), live.clone(), true)));
    }

    pub(super) fn refuse_foreign(&mut self, desired: &Desired, live: &LiveValue) {
        let message =
            format!("{} {} exists already and is not of this stack", desired.type_name.replace('_', " "), live.id);
        let hint = "give the declaration another name in its environment's `override`, or delete what is there if nobody needs it";
        self.refused.push(Diagnostic::error("foreign", message).at(desired.location.clone()).hint(hint));
    }

    pub(super) fn replace(
        &mut self,
        desired: &Desired,
        inputs: Value,
        depends: BTreeSet<Address>,
        facts: &Facts,
        present: Present<'_>,
    ) {
        if let OnRemove::Retain(_) = facts.on_remove {
            return self.create(desired, inputs, depends, retired(facts), false);
        }
        if facts.holds == Holds::Data || desired.protect {
            let differs =
                facts.replace_on.iter().filter(|field| inputs.get(**field) != present.live.inputs.get(**field));
            let message = format!(
                "{} would have to be replaced to change {}, and {}",
                desired.address,
                differs.map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and "),
                if desired.protect { "it is protected" } else { "it holds data" }
            );
            let hint = "that cannot be changed in place: declare it under a new name, move the data, then remove the old declaration";
            self.refused.push(Diagnostic::error("protected", message).at(desired.location.clone()).hint(hint));
            return;
        }
        if let Some(field) = facts.name_field
            && inputs.get(field) == present.live.inputs.get(field)
            && let Some(name) = inputs.get(field).and_then(Value::as_str)
        {
            self.names.insert(desired.address.clone(), next_name(name));
            return;
        }
        if let Some(record) = present.record {
            self.doomed.push((record.clone(), present.live.clone(), true));
        }
        self.create(desired, inputs, depends, Standing::Deposed, true);
    }
}

/// `name-2` for `name`, `name-3` for `name-2`.
fn next_name(name: &str) -> String {
    let numbered = name.rsplit_once('-').and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)));
    match numbered {
        Some((stem, number)) if number >= 2 => format!("{stem}-{}", number + 1),
        _ => format!("{name}-2"),
    }
}
