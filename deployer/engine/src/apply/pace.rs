//! When a dear journal is written: early while there is room for it, else once a level of the plan.

use std::collections::BTreeMap;

use crate::step::{Step, StepId};

/// Writes for each level of a plan: one would do, the other lets what is ready begin before its level is.
const WRITES_PER_LEVEL: usize = 2;

/// How many writes a run may still make, and how many it cannot do without.
pub(super) struct Pace {
    left: usize,
    /// How many steps, one after another, hang on each step; itself counts.
    heights: BTreeMap<StepId, usize>,
}

impl Pace {
    /// The pace of a plan: each step stands after those that it waits for.
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut heights: BTreeMap<StepId, usize> = BTreeMap::new();
        for step in steps.iter().rev() {
            let height = *heights.entry(step.id).or_insert(1);
            for before in &step.after {
                let known = heights.entry(*before).or_insert(1);
                *known = (*known).max(height + 1);
            }
        }
        let levels = heights.values().copied().max().unwrap_or(1);
        Self { left: WRITES_PER_LEVEL * levels, heights }
    }

    /// Whether a write now leaves enough for these steps, which it does not begin: one for each of their
    /// levels, and one for the last results.
    pub(super) fn has_spare(&self, waiting: impl Iterator<Item = StepId>) -> bool {
        let levels = waiting.filter_map(|id| self.heights.get(&id)).copied().max().unwrap_or(0);
        self.left > levels + 1
    }

    /// A write is made.
    pub(super) fn spend(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}
