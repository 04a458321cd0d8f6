//! What was done to a stack, run by run: the last runs are kept with its state.

use serde::{Deserialize, Serialize};

/// The most runs that are kept: a month of busy days.
pub const MAX_RUNS: usize = 200;

/// One run that changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it ended, RFC 3339 in UTC; when it began, if it is not over.
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
    /// Whether it is not over: it is under way, was killed, or its journal could not be written any more. So each run
    /// begins; the counts are of what is known of it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Adds a run; the oldest goes when there are too many.
pub fn remember(runs: &mut Vec<Run>, run: Run) {
    runs.push(run);
    runs.drain(..runs.len().saturating_sub(MAX_RUNS));
}

/// Puts what is known now of a run in the place of what was remembered when it was not over.
pub fn conclude(runs: &mut Vec<Run>, begun: &Run, now: Run) {
    if runs
        .last()
        .is_some_and(|last| last.cut && (&last.at, &last.by, &last.verb) == (&begun.at, &begun.by, &begun.verb))
    {
        runs.pop();
    }
    remember(runs, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at: usize) -> Run {
        Run {
            at: at.to_string(),
            by: "ci@runner".to_owned(),
            verb: "up".to_owned(),
            made: 1,
            changed: 0,
            deleted: 0,
            ran: 0,
            left: 0,
            cut: false,
        }
    }

    #[test]
    fn what_came_of_a_run_replaces_its_beginning_and_no_other_run() {
        let (killed, begun, ended) = (Run { cut: true, ..run(1) }, Run { cut: true, made: 0, ..run(2) }, run(3));
        let mut runs = vec![killed.clone()];
        for now in [begun.clone(), Run { made: 2, ..begun.clone() }, ended.clone()] {
            conclude(&mut runs, &begun, now.clone());
            assert_eq!(runs, [killed.clone(), now]);
        }
        conclude(&mut runs, &begun, begun.clone());
        assert_eq!(runs, [killed, ended, begun]);
    }

    #[test]
    fn the_last_runs_are_kept() {
        let mut runs = Vec::new();
        (0..MAX_RUNS + 3).for_each(|at| remember(&mut runs, run(at)));
        assert_eq!((runs.len(), runs[0].at.as_str()), (MAX_RUNS, "3"));
    }
}
