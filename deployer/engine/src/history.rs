//! What was done to a stack, run by run: the last runs are kept with its state.

use serde::{Deserialize, Serialize};

/// The most runs that are kept: a month of busy days.
pub const MAX_RUNS: usize = 200;

/// One run that changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it ended, RFC 3339 in UTC.
    pub at: String,
    /// Who ran it: a user and a machine.
    pub by: String,
    /// The verb: `up`, `down`, `secrets rotate`.
    pub verb: String,
    /// How many objects were made.
    pub made: usize,
    /// How many objects were changed.
    pub changed: usize,
    /// How many objects were deleted.
    pub deleted: usize,
    /// How many effects ran.
    pub ran: usize,
    /// How many steps failed or were not tried any more.
    pub left: usize,
}

/// Adds a run; the oldest goes when there are too many.
pub fn remember(runs: &mut Vec<Run>, run: Run) {
    runs.push(run);
    runs.drain(..runs.len().saturating_sub(MAX_RUNS));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_runs_are_kept() {
        let run = |at: usize| Run {
            at: at.to_string(),
            by: "ci@runner".to_owned(),
            verb: "up".to_owned(),
            made: 1,
            changed: 0,
            deleted: 0,
            ran: 0,
            left: 0,
        };
        let mut runs = Vec::new();
        (0..MAX_RUNS + 3).for_each(|at| remember(&mut runs, run(at)));
        assert_eq!((runs.len(), runs[0].at.as_str()), (MAX_RUNS, "3"));
    }
}
