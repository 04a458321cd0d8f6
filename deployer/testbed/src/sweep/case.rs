//! One case: a run that is spoilt once, a plain rerun, and what must hold then.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::baseline::{Baseline, Calls, Point, prepare};
use super::invariants;
use super::kept::Kept;
use super::project::{Project, Ran};
use super::rows::{Ends, Mode, Situation};
use crate::Rule;

/// Reruns after which a case has failed. One is promised.
const MOST_RERUNS: usize = 3;
/// The exit code of a run of which some is done.
const PARTIAL: i32 = 7;

/// One call of one situation, spoilt in one way.
#[derive(Clone, Debug)]
pub struct Case {
    /// The stack.
    pub stack: &'static str,
    /// The situation.
    pub situation: &'static Situation,
    /// How the call is spoilt.
    pub mode: &'static Mode,
    /// Which of the calls are numbered.
    pub calls: Calls,
    /// The number of the call among them.
    pub number: usize,
    /// The call.
    pub point: Point,
}

/// How a case went.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What did not hold.
    pub failures: Vec<String>,
    /// Plain reruns until it was done.
    pub reruns: usize,
    /// How long all of it took.
    pub took: Duration,
}

impl Case {
    /// What tells it from all others, whatever its number.
    pub fn key(&self) -> String {
        let Point { operation, resource, before } = &self.point;
        format!("{} {} {} {operation} {resource}#{before}", self.stack, self.situation.name, self.mode.name)
    }

    /// The command that runs this case alone.
    pub fn replay(&self) -> String {
        let calls = if self.calls == Calls::All { " CALLS=all" } else { "" };
        format!(
            "make faults STACK={} SITUATION={} MODE={} K={}{calls}",
            self.stack, self.situation.name, self.mode.name, self.number
        )
    }

    /// Whether nobody stops the run that is spoilt.
    pub fn goes_on(&self) -> bool {
        self.mode.ends == Ends::ByItself
    }

    /// Runs it.
    pub(super) async fn run(&self, project: &Project, baseline: &Baseline) -> Outcome {
        let started = Instant::now();
        let mut outcome = Outcome::default();
        match prepare(project, self.stack, self.situation).await {
            Err(failure) => outcome.failures.push(failure),
            Ok(()) => self.spoil(project, baseline, &mut outcome).await,
        }
        outcome.took = started.elapsed();
        outcome
    }

    async fn spoil(&self, project: &Project, baseline: &Baseline, outcome: &mut Outcome) {
        let before = Kept::read(project, self.stack, self.situation.state).await;
        let Point { operation, resource, before: skipped } = &self.point;
        project.wire.script(Rule::once(operation, self.mode.fault).about(resource).after(*skipped));
        let mut ran = project.run(self.stack, self.situation.verb).await;
        if project.wire.spoilt() == 0 {
            outcome.failures.push(format!("the call never came: {ran}"));
        }
        outcome.failures.extend(self.mode.ends.fault(&ran));
        let mut said = ran.said.clone();
        outcome.failures.extend(invariants::site_is_whole(project).await);
        while !self.situation.is_over(ran.status.success(), outcome.reruns) && outcome.reruns < MOST_RERUNS {
            outcome.reruns += 1;
            project.wire.clear();
            let again = project.run(self.stack, self.situation.last_verb()).await;
            if !again.status.success() {
                outcome
                    .failures
                    .push(format!("rerun {} did not end well: {again}\nit was spoilt so: {ran}", outcome.reruns));
            }
            said.push_str(&again.said);
            ran = again;
        }
        let found = invariants::check(project, self.stack, self.situation, baseline, before.as_ref(), &said).await;
        outcome.failures.extend(found);
    }
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point { operation, resource, .. } = &self.point;
        write!(
            out,
            "{} {}: {} at call {} ({operation} {resource})",
            self.stack, self.situation.name, self.mode.name, self.number
        )
    }
}

impl Ends {
    /// What is wrong with the way in which a spoilt run ended.
    fn fault(self, ran: &Ran) -> Option<String> {
        let code = ran.status.code();
        let fine = match self {
            Self::Killed => ran.status.signal() == Some(Signal::KILL.as_raw()),
            Self::Stopped(expected) => code == Some(expected) || code == Some(0),
            Self::ByItself => code == Some(0) || code == Some(PARTIAL),
        };
        (!fine).then(|| format!("the spoilt run ended otherwise than it should ({self:?}): {ran}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{MODES, situation};

    #[test]
    fn a_case_tells_the_command_that_replays_it() {
        let point = Point { operation: "lambda:CreateFunction".to_owned(), resource: "api".to_owned(), before: 1 };
        let case = Case {
            stack: "shipcaptaincrew",
            situation: situation("first-up"),
            mode: &MODES[0],
            calls: Calls::All,
            number: 17,
            point,
        };
        assert_eq!(
            case.replay(),
            "make faults STACK=shipcaptaincrew SITUATION=first-up MODE=kill-before K=17 CALLS=all"
        );
        assert_eq!(case.key(), "shipcaptaincrew first-up kill-before lambda:CreateFunction api#1");
    }
}
