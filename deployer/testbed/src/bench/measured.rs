//! Several lives of one stack, and the same calls raw.

use std::collections::BTreeMap;
use std::time::Duration;

use super::figures::Figures;
use super::meter::Usage;
use super::project::{Project, Seen, Step, Way};
use super::replay::Replayed;
use super::table::{Limit, Row};

/// What was measured of a stack.
#[derive(Debug, Default)]
pub struct Measured {
    /// The deployer's own runs.
    pub runs: BTreeMap<Step, Vec<Usage>>,
    /// The calls of one run.
    pub recorded: BTreeMap<Step, Seen>,
    /// The same calls, raw.
    pub floors: BTreeMap<Step, Vec<Replayed>>,
}

impl Measured {
    /// Measures it.
    pub async fn of(project: &Project, steps: &[Step]) -> Result<Self, String> {
        let mut measured = Self { recorded: project.life(steps, Way::Recorded).await?, ..Self::default() };
        // In turn, so that what else goes on on this machine disturbs both alike.
        for _ in 0..project.machine.rounds {
            for (step, seen) in project.life(steps, Way::Straight).await? {
                measured.runs.entry(step).or_default().push(seen.usage);
            }
            for (step, replayed) in project.replayed(&measured.recorded).await? {
                measured.floors.entry(step).or_default().push(replayed);
            }
        }
        Ok(measured)
    }

    /// How long the deployer took for a step.
    pub fn wall(&self, step: Step) -> Option<Figures> {
        Figures::of_times(self.runs.get(&step)?.iter().map(|usage| usage.wall))
    }

    /// How long its calls take raw.
    pub fn floor(&self, step: Step) -> Option<Figures> {
        Figures::of_times(self.floors.get(&step)?.iter().map(|replayed| replayed.took))
    }

    /// The rows of a step: the deployer's with its limits, the floor's, other tools'.
    pub fn rows(&self, step: Step, what: &str, limits: Vec<Limit>, peers: &Peers) -> Vec<Row> {
        let calls = self.recorded.get(&step).map_or(0, |seen| seen.exchanges.len());
        let other =
            self.floors.get(&step).into_iter().flatten().map(|each| each.other_answers).max().unwrap_or_default();
        let floor = match other {
            0 => format!("its {calls} calls raw (the floor)"),
            other => format!("its {calls} calls raw (the floor; {other} answered otherwise)"),
        };
        let ours = Row::time(what, self.wall(step), limits);
        let peers = peers.of(step).map(|(name, figures)| Row::beside(name, Some(figures)));
        [ours, Row::beside(floor, self.floor(step))].into_iter().chain(peers).collect()
    }
}

/// How long other tools took.
#[derive(Debug, Default)]
pub struct Peers {
    times: Vec<(String, BTreeMap<Step, Vec<Duration>>)>,
}

impl Peers {
    /// Adds a tool.
    pub fn add(&mut self, name: &str, times: BTreeMap<Step, Vec<Duration>>) {
        self.times.push((name.to_owned(), times));
    }

    /// The tools that did a step.
    pub fn of(&self, step: Step) -> impl Iterator<Item = (&str, Figures)> {
        let figures = move |times: &BTreeMap<Step, Vec<Duration>>| Figures::of_times(times.get(&step)?.iter().copied());
        self.times.iter().filter_map(move |(name, times)| Some((name.as_str(), figures(times)?)))
    }

    /// The median of the fastest.
    pub fn best(&self, step: Step) -> Option<f64> {
        self.of(step).map(|(_, figures)| figures.median).reduce(f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_others_is_the_least_median_of_those_that_did_the_step() {
        let milliseconds = |times: &[u64]| times.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let mut peers = Peers::default();
        assert_eq!(peers.best(Step::First), None);
        peers.add("slow once", [(Step::First, milliseconds(&[10, 900, 20]))].into());
        peers.add("steady", [(Step::First, milliseconds(&[30, 30, 30])), (Step::Down, milliseconds(&[5]))].into());
        assert_eq!((peers.best(Step::First), peers.best(Step::Down)), (Some(20.0), Some(5.0)));
        assert_eq!(peers.of(Step::Down).map(|(name, _)| name).collect::<Vec<_>>(), ["steady"]);
    }
}
