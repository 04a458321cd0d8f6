//! Not one fault but many: a run of which a share of all calls fails, and so of its reruns.

use std::time::Instant;

use super::baseline::{Baseline, prepare};
use super::case::Outcome;
use super::invariants;
use super::kept::Kept;
use super::project::Project;
use super::rows::Situation;
use crate::{Fault, Rule};

/// Reruns that are promised to be enough.
const MOST_RERUNS: usize = 3;
/// How calls fail, each as often as the others. Together one call of ten.
const WEATHER: [(Fault, u32); 3] =
    [(Fault::Answer(500, "InternalError"), 4), (Fault::Answer(429, "ThrottlingException"), 3), (Fault::CutAfter, 3)];

/// Runs a situation in it.
pub async fn run(project: &Project, stack: &str, situation: &Situation, baseline: &Baseline, seed: u64) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome::default();
    if let Err(failure) = prepare(project, stack, situation).await {
        outcome.failures.push(failure);
        return outcome;
    }
    let before = Kept::read(project, stack, situation.state).await;
    for (number, (fault, percent)) in (0..).zip(WEATHER) {
        project.wire.script(Rule::always("**", fault).odds(percent, seed * 10 + number));
    }
    let mut ran = project.run(stack, situation.verb).await;
    let mut said = ran.said.clone();
    while !situation.is_over(ran.status.success(), outcome.reruns) && outcome.reruns < MOST_RERUNS {
        outcome.reruns += 1;
        ran = project.run(stack, situation.last_verb()).await;
        said.push_str(&ran.said);
    }
    if !ran.status.success() {
        outcome.failures.push(format!("not done after {MOST_RERUNS} reruns: {ran}"));
    }
    if project.wire.spoilt() == 0 {
        outcome.failures.push("no call failed".to_owned());
    }
    project.wire.clear();
    outcome.failures.extend(invariants::check(project, stack, situation, baseline, before.as_ref(), &said).await);
    outcome.took = started.elapsed();
    outcome
}
