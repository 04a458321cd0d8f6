//! What is ours and has no record, because its state was lost.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::kind::Wanted;
use crate::owner::{Claim, claim};
use crate::refresh::World;
use crate::resource::Registry;
use crate::state::{Record, Standing, State};

/// The state and the world with records of what lives and is ours but has no record: its state was
/// lost. What cannot carry tags counts where something of the same declaration does, or is recorded.
pub fn found_again<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    wanted: &Wanted,
    graph: &Graph,
    mut state: State,
    mut world: World,
) -> (State, World) {
    let mut known: BTreeSet<_> = state.records.iter().map(|each| each.address.declaration().clone()).collect();
    for tagged in [true, false] {
        for desired in wanted.desired.values().filter(|each| registry.facts(each.type_name).tagged == tagged) {
            let Some(live) = world.at_wanted(&desired.address).cloned() else { continue };
            let facts = registry.facts(desired.type_name);
            let ours = claim(facts, &state.scope, &live) == Claim::Ours
                && (tagged || known.contains(desired.address.declaration()));
            if ours {
                known.insert(desired.address.declaration().clone());
                let depends = graph.dependencies(&desired.address).cloned().collect();
                let (region, inputs) = (&state.scope.region, live.inputs.clone());
                let record = Record::of(facts, region, &desired.address, &live, inputs, depends, Standing::Current);
                state.put(record, Standing::Deposed);
                world.record(desired.address.clone(), live);
            }
        }
    }
    (state, world)
}
