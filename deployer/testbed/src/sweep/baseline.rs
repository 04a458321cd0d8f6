//! A situation undisturbed: what it calls and what it leaves.

use std::collections::BTreeMap;

use serde_json::Value;

use super::project::Project;
use super::rows::{Before, Situation, StateIn};
use super::stacks::{STATE_BUCKET, Version};
use crate::compare::settled;
use crate::wire::Call;

/// Which calls are spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Those that may change something.
    Mutating,
    /// Every one, reads too.
    All,
}

/// One call of a situation, told so that another run has it, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// `service:Operation`.
    pub operation: String,
    /// What it is about.
    pub resource: String,
    /// How many of the same come before it.
    pub before: usize,
}

/// A situation undisturbed.
#[derive(Debug)]
pub struct Baseline {
    /// Its calls in one order, whatever order they came in.
    calls: Vec<(Point, bool)>,
    /// What exists afterwards.
    pub leaves: BTreeMap<String, Value>,
    /// How many things bear each address of the stack.
    pub addresses: BTreeMap<String, usize>,
}

impl Baseline {
    /// The calls that can be spoilt. Their places are the `K` of a case.
    pub fn points(&self, which: Calls) -> Vec<Point> {
        let chosen = self.calls.iter().filter(|(_, mutating)| which == Calls::All || *mutating);
        chosen.map(|(point, _)| point.clone()).collect()
    }
}

/// Brings a project to where a situation begins.
pub async fn prepare(project: &Project, stack: &str, situation: &Situation) -> Result<(), String> {
    project.forget(stack, situation.state).await;
    for step in situation.before {
        match step {
            Before::Change => {
                let bucket = (situation.state == StateIn::Bucket).then_some(stack);
                project.write(Version::Second, bucket);
            }
            Before::Run(verb) => done(project, stack, verb).await?,
        }
    }
    project.wire.clear();
    Ok(())
}

/// Runs a situation undisturbed.
pub async fn undisturbed(project: &Project, stack: &str, situation: &Situation) -> Result<Baseline, String> {
    prepare(project, stack, situation).await?;
    // A run that builds reads twice; those that are spoilt will find everything built.
    done(project, stack, "build").await?;
    project.wire.clear();
    done(project, stack, situation.verb).await?;
    let mut calls = points(&project.wire.calls());
    calls.retain(|(point, _)| comes_always(point));
    calls.sort();
    if let Some(verb) = situation.then {
        done(project, stack, verb).await?;
    }
    let inventory = project.inventory().await;
    let addresses = addresses(&project.addressed(&inventory, stack));
    Ok(Baseline { calls, leaves: settled(&inventory), addresses })
}

/// How many things bear each address.
pub fn addresses(addressed: &[(String, String)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, address) in addressed {
        *counts.entry(address.clone()).or_default() += 1;
    }
    counts
}

async fn done(project: &Project, stack: &str, verb: &str) -> Result<(), String> {
    let ran = project.run(stack, verb).await;
    if ran.status.success() { Ok(()) } else { Err(format!("an undisturbed `{verb}` of {stack} failed: {ran}")) }
}

/// Whether every run makes the call. How often a state in a bucket is written, and its lock renewed, time decides.
fn comes_always(point: &Point) -> bool {
    point.before == 0 || !point.resource.starts_with(STATE_BUCKET)
}

fn points(calls: &[Call]) -> Vec<(Point, bool)> {
    let mut often = BTreeMap::<(&str, &str), usize>::new();
    let mut in_order: Vec<_> = calls.iter().collect();
    in_order.sort_by_key(|call| call.sequence);
    let mut found = Vec::new();
    for call in in_order {
        let (operation, resource) = (call.operation.clone(), call.resource.clone());
        let count = often.entry((&call.operation, &call.resource)).or_default();
        found.push((Point { operation, resource, before: *count }, call.mutating));
        *count += 1;
    }
    found
}
