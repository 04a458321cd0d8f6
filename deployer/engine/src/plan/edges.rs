//! What the edges use: narrowed or taken away only when every edge knows that it may be.

use std::collections::BTreeSet;

use super::Planner;
use crate::resource::Spread;
use crate::step::{Action, StepId};

impl<C: Send + Sync + 'static> Planner<'_, C> {
    /// Lets steps that narrow or take away what the edges use wait for all that spreads slowly and stays, whether
    /// this plan changes it or one before did.
    pub(super) fn follow_edges(&mut self) {
        if self.fronts.is_empty() {
            return;
        }
        let spreads = |type_name: &str| self.registry.facts(type_name).spread;
        let changed = self.steps.iter().filter(|step| spreads(&step.type_name) == Spread::Slowly);
        let changed: BTreeSet<StepId> = changed.map(|step| step.id).collect();
        for step in &mut self.steps {
            let resource = self.registry.get(&step.type_name).expect("planned types are registered");
            let takes_away = match (step.action, &step.live) {
                (Action::Delete, _) => true,
                (Action::Update, Some(live)) => resource.narrows(&step.inputs, &live.inputs),
                _ => false,
            };
            if takes_away && resource.facts().spread == Spread::UsedAtTheEdge {
                step.once_spread.clone_from(&self.fronts);
                // A step waits for steps before it alone; kinds see to it that what the edges carry comes first.
                step.after.extend(changed.range(..step.id));
            }
        }
    }
}
