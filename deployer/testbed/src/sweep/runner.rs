//! Who runs cases: one after the other, on a project and an AWS of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use super::baseline::{Baseline, Calls, undisturbed};
use super::case::{Case, Outcome};
use super::project::Project;
use super::rows::{MODES, SITUATIONS, Situation};
use super::stacks::STACKS;
use super::storm;

/// Which part of the table is meant.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Only this stack.
    pub stack: Option<String>,
    /// Only this situation.
    pub situation: Option<String>,
    /// Only this mode; absent: those that the whole table has; `all`: every one.
    pub mode: Option<String>,
    /// Only the call of this number.
    pub number: Option<usize>,
    /// Which calls are spoilt.
    pub calls: Calls,
}

impl Default for Selection {
    fn default() -> Self {
        Self { stack: None, situation: None, mode: None, number: None, calls: Calls::Mutating }
    }
}

/// One of several equal parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub part: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Self = Self { part: 1, of: 1 };

    /// One of several equal parts of this part.
    pub fn part(self, part: usize, of: usize) -> Self {
        Self { part: self.part + self.of * (part - 1), of: self.of * of }
    }

    /// Whether the thing in that place is in it.
    pub fn has(self, place: usize) -> bool {
        place % self.of == self.part - 1
    }
}

/// `2/8`: the second of eight.
impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err(format!("`{text}` is no part such as 2/8")),
        }
    }
}

/// Runs cases.
#[derive(Debug)]
pub struct Runner {
    project: Project,
    baselines: BTreeMap<(&'static str, &'static str), Baseline>,
}

impl Runner {
    /// A runner for the deployer at that path.
    pub async fn new(deployer: &Path) -> Self {
        Self { project: Project::new(deployer).await, baselines: BTreeMap::new() }
    }

    /// The project that it runs cases on.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The cases of a part of the table. Each of its situations is run undisturbed first.
    pub async fn cases(&mut self, selection: &Selection) -> Result<Vec<Case>, String> {
        let chosen = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let mut cases = Vec::new();
        for stack in STACKS.iter().copied().filter(|stack| chosen(&selection.stack, stack)) {
            for situation in SITUATIONS.iter().filter(|each| chosen(&selection.situation, each.name)) {
                let baseline = undisturbed(&self.project, stack, situation).await?;
                let points = baseline.points(selection.calls);
                self.baselines.insert((stack, situation.name), baseline);
                let points = points.into_iter().enumerate();
                for (number, point) in points.filter(|(at, _)| selection.number.is_none_or(|number| number == *at)) {
                    let modes = MODES.iter().filter(|mode| match selection.mode.as_deref() {
                        Some("all") => true,
                        Some(wanted) => mode.name == wanted,
                        None => mode.everywhere,
                    });
                    cases.extend(modes.map(|mode| Case {
                        stack,
                        situation,
                        mode,
                        calls: selection.calls,
                        number,
                        point: point.clone(),
                    }));
                }
            }
        }
        if cases.is_empty() { Err(format!("there is no such case: {selection:?}")) } else { Ok(cases) }
    }

    /// Runs a situation of which one call in ten fails, and so of its reruns. The seed decides which.
    pub async fn storm(&self, stack: &'static str, situation: &'static Situation, seed: u64) -> Outcome {
        storm::run(&self.project, stack, situation, self.baseline(stack, situation), seed).await
    }

    /// Runs one of its cases.
    pub async fn run(&self, case: &Case) -> Outcome {
        case.run(&self.project, self.baseline(case.stack, case.situation)).await
    }

    fn baseline(&self, stack: &'static str, situation: &Situation) -> &Baseline {
        let known = self.baselines.get(&(stack, situation.name));
        known.expect("a runner knows the situations of its cases")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_part_make_up_the_whole() {
        let second: Shard = "2/3".parse().expect("a part");
        let parts: Vec<Shard> = (1..=2).map(|part| second.part(part, 2)).collect();
        let all: Vec<Shard> = ["1/3", "3/3"].iter().map(|text| text.parse().expect("a part")).collect();
        for place in 0..30 {
            assert_eq!(all.iter().chain(&parts).filter(|shard| shard.has(place)).count(), 1, "{place}");
        }
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
