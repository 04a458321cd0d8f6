//! A part of the table in which every two things meet that meet in the whole.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::case::Case;

/// Cases in which every operation of each situation is spoilt, every service in every mode, every stack in every
/// mode. The seed decides which of those that would do.
pub fn sample(cases: &[Case], seed: u64) -> Vec<Case> {
    let mut in_turn: Vec<&Case> = cases.iter().collect();
    in_turn.sort_by_key(|case| {
        let mut hasher = DefaultHasher::new();
        (seed, case.key()).hash(&mut hasher);
        hasher.finish()
    });
    let mut met = BTreeSet::new();
    let chosen = in_turn.into_iter().filter(|case| pairs(case).map(|pair| met.insert(pair)).contains(&true));
    chosen.cloned().collect()
}

fn pairs(case: &Case) -> [(String, &str); 3] {
    let operation = case.point.operation.as_str();
    let service = operation.split(':').next().unwrap_or_default();
    let situation = case.situation.name;
    [
        (format!("{situation} {operation}"), ""),
        (format!("{situation} {service}"), case.mode.name),
        (format!("{situation} {}", case.stack), case.mode.name),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::baseline::{Calls, Point};
    use crate::sweep::{MODES, STACKS, situation};

    #[test]
    fn a_sample_is_small_and_has_every_pair() {
        let mut cases = Vec::new();
        for stack in STACKS {
            for mode in MODES {
                for number in 0..40 {
                    let operation = format!("service{}:Put{}", number % 4, number % 20);
                    let point = Point { operation, resource: number.to_string(), before: 0 };
                    let situation = situation("first-up");
                    cases.push(Case { stack, situation, mode, calls: Calls::Mutating, number, point });
                }
            }
        }
        let chosen = sample(&cases, 1);
        let met = |cases: &[Case]| {
            cases
                .iter()
                .flat_map(|case| pairs(case).map(|(one, other)| format!("{one} {other}")))
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(met(&chosen), met(&cases));
        assert!(chosen.len() < cases.len() / 10, "{} of {}", chosen.len(), cases.len());
        assert_ne!(
            chosen.iter().map(Case::key).collect::<Vec<_>>(),
            sample(&cases, 2).iter().map(Case::key).collect::<Vec<_>>()
        );
    }
}
