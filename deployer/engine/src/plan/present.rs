//! What is wanted and lives already.

use serde_json::Value;

use super::Planner;
use crate::kind::Desired;
use crate::resource::{Facts, LiveValue};
use crate::state::{Record, Standing};
use crate::value::{finish, is_known};

/// What lives at a wanted address and what we set there.
pub(super) struct Present<'a> {
    pub(super) live: &'a LiveValue,
    pub(super) record: Option<&'a Record>,
}

impl<'a, C: Send + Sync + 'static> Planner<'a, C> {
    /// What is wanted, where it lives already: the recorded object; else, when that one is to be
    /// replaced, what a cut-off run made in its place, or an older one that was kept.
    pub(super) fn present(&self, desired: &Desired, inputs: &Value, facts: &Facts) -> Option<Present<'a>> {
        let Some(record) = self.state.current(&desired.address) else {
            return self.world.at_wanted(&desired.address).map(|live| Present { live, record: None });
        };
        let current = self.world.at_record(&desired.address, &record.id);
        if current.is_some_and(|live| same_object(facts, inputs, &live.inputs)) {
            return current.map(|live| Present { live, record: Some(record) });
        }
        let half_made = self
            .world
            .intents()
            .iter()
            .filter(|(intent, _)| intent.address == desired.address)
            .filter_map(|(_, live)| live.as_ref());
        let records = self.state.records_at(&desired.address).iter();
        let kept = records.filter(|each| each.standing == Standing::Retained);
        let kept = kept.filter_map(|each| self.world.at_record(&each.address, &each.id));
        match half_made.chain(kept).find(|live| same_object(facts, inputs, &live.inputs)) {
            Some(live) => Some(Present { live, record: None }),
            None => current.map(|live| Present { live, record: Some(record) }),
        }
    }
}

/// Whether both inputs are of one object: the same name, and the same in all that cannot change in place.
fn same_object(facts: &Facts, wanted: &Value, live: &Value) -> bool {
    let same = |field: &&str| is_known(&wanted[*field]) && finish(&wanted[*field]) == live[*field];
    facts.name_field.iter().chain(facts.replace_on).all(same)
}
