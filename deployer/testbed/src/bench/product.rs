//! The standard stack: how long its life takes, which calls that is, and how it is far from its region.

use std::collections::BTreeSet;
use std::time::Duration;

use super::figures::Figures;
use super::files::{PRODUCT, product};
use super::measured::{Measured, Peers};
use super::peers::of_product;
use super::project::{Machine, Project, Step, Way};
use super::table::{Limit, Row, Table, Unit};
use crate::Exchange;

/// What a distant region adds to each call.
const FAR: Duration = Duration::from_millis(80);
/// The mutating calls beside S3 that a script makes for the standard stack: first, for no change, for a change.
const REFERENCE: [(Step, usize); 3] = [(Step::First, 27), (Step::Unchanged, 0), (Step::Changed, 3)];

/// Measures it.
pub async fn add(machine: &Machine, table: &mut Table) -> Result<(), String> {
    let project = Project::new(machine, PRODUCT, product()).await?;
    let measured = Measured::of(&project, &Step::ALL).await?;
    let peers = if machine.peers { of_product(&project, table).await? } else { Peers::default() };
    for (step, what, limits) in promises(&measured, &peers) {
        table.add(measured.rows(step, what, limits, &peers));
    }
    table.add(calls(&measured));
    table.add(distant(&project).await?);
    table.add(used(&measured));
    Ok(())
}

fn promises(measured: &Measured, peers: &Peers) -> [(Step, &'static str, Vec<Limit>); 5] {
    let floor = |step| measured.floor(step).map(|figures| figures.median);
    let faster = |times: f64, step| {
        Limit::new(format!("{times} × faster than the best"), peers.best(step).map(|best| best / times))
    };
    let above = |step, more: f64| Limit::new(format!("≤ floor + {more} ms"), floor(step).map(|floor| floor + more));
    [
        (
            Step::First,
            "first `up`",
            vec![Limit::new("≤ 1.3 × floor + 100 ms", floor(Step::First).map(|floor| 1.3 * floor + 100.0))],
        ),
        (Step::Unchanged, "no-change `up`", vec![above(Step::Unchanged, 40.0), faster(15.0, Step::Unchanged)]),
        (Step::Planned, "`plan` with a change pending", vec![above(Step::Planned, 40.0)]),
        (
            Step::Changed,
            "one Lambda, one file, invalidation",
            vec![
                Limit::new("≤ 3 × floor + 60 ms", floor(Step::Changed).map(|floor| 3.0 * floor + 60.0)),
                faster(12.0, Step::Changed),
            ],
        ),
        (Step::Down, "`down`", vec![Limit::new("≤ 150 ms", 150.0)]),
    ]
}

/// The calls of each step, beside those that move files.
fn calls(measured: &Measured) -> Vec<Row> {
    let count = |what: String, count: usize, limits| Row {
        unit: Unit::Calls,
        ..Row::time(what, Figures::of([approximate(count)]), limits)
    };
    let mut rows = Vec::new();
    for (step, reference) in REFERENCE {
        let exchanges = measured.recorded.get(&step).map(|seen| seen.exchanges.as_slice()).unwrap_or_default();
        let (mutating, reads) = beside_s3(exchanges);
        let most = approximate(reference) * 1.15;
        let name = step.name();
        rows.push(count(
            format!("calls beside S3, {name}: mutating"),
            mutating.len(),
            vec![Limit::new(format!("≤ 1.15 × {reference}"), most)],
        ));
        rows.push(count(format!("calls beside S3, {name}: reads"), reads.len(), Vec::new()));
        rows.push(count(format!("reads asked twice, {name}"), repeated(exchanges), vec![Limit::new("none", 0.0)]));
    }
    rows
}

/// A count as a figure of the table.
fn approximate(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Mutating calls and reads of all services but S3.
fn beside_s3(exchanges: &[Exchange]) -> (Vec<&Exchange>, Vec<&Exchange>) {
    exchanges.iter().filter(|each| !each.operation.starts_with("s3:")).partition(|each| each.mutating)
}

/// How many reads beside S3 were asked before in the same words, with nothing of their service changed in between.
fn repeated(exchanges: &[Exchange]) -> usize {
    fn service(operation: &str) -> &str {
        operation.split(':').next().unwrap_or_default()
    }
    let mut asked: BTreeSet<(&str, String, &[u8])> = BTreeSet::new();
    let mut again = 0;
    for each in exchanges.iter().filter(|each| !each.operation.starts_with("s3:")) {
        if each.mutating {
            asked.retain(|(operation, ..)| service(operation) != service(&each.operation));
        } else if !asked.insert((&each.operation, each.parts.uri.to_string(), &each.body)) {
            again += 1;
        }
    }
    again
}

/// The same with a time added to each call.
async fn distant(project: &Project) -> Result<Vec<Row>, String> {
    let mut lives = Vec::new();
    for _ in 0..project.machine.rounds {
        lives.push(project.life(&Step::ALL, Way::Far(FAR)).await?);
    }
    let far = FAR.as_secs_f64() * 1e3;
    let row = |step: Step| {
        let figures = Figures::of_times(lives.iter().filter_map(|life| Some(life.get(&step)?.usage.wall)));
        let limits = match step {
            Step::Unchanged => vec![Limit::new("≤ 4 × 80 ms + 100 ms", 4.0 * far + 100.0)],
            _ => Vec::new(),
        };
        Row::time(format!("80 ms more a call: {}", step.name()), figures, limits)
    };
    Ok(Step::ALL.into_iter().map(row).collect())
}

/// Processor time and memory of an `up` that changes nothing.
fn used(measured: &Measured) -> [Row; 2] {
    let runs = || measured.runs.get(&Step::Unchanged).into_iter().flatten();
    let cpu = Figures::of_times(runs().map(|usage| usage.cpu));
    let peak = Figures::of(runs().map(|usage| megabytes(usage.peak_bytes)));
    [
        Row::time("no-change `up`: processor time", cpu, vec![Limit::new("≤ 100 ms", 100.0)]),
        Row {
            unit: Unit::Megabytes,
            ..Row::time("no-change `up`: peak memory", peak, vec![Limit::new("≤ 40 MB", 40.0)])
        },
    ]
}

/// Bytes as megabytes.
pub fn megabytes(bytes: u64) -> f64 {
    approximate(usize::try_from(bytes / 1_000).unwrap_or(usize::MAX)) / 1e3
}

#[cfg(test)]
mod tests {
    use super::super::replay::tests::exchange;
    use super::*;

    #[test]
    fn calls_beside_s3_are_counted_and_a_read_in_the_same_words_is_a_repetition_unless_its_service_was_changed() {
        let call = |operation: &str, mutating, body: &'static str| Exchange {
            operation: operation.to_owned(),
            mutating,
            body: body.into(),
            ..exchange(0, 1)
        };
        let exchanges = [
            call("s3:PutObject", true, ""),
            call("ssm:PutParameter", true, "a"),
            call("ssm:GetParameters", false, "a"),
            call("ssm:GetParameters", false, "b"),
            call("ssm:GetParameters", false, "a"),
            call("lambda:UpdateFunctionCode", true, ""),
            call("ssm:GetParameters", false, "b"),
            call("ssm:PutParameter", true, "a"),
            call("ssm:GetParameters", false, "a"),
        ];
        let (mutating, reads) = beside_s3(&exchanges);
        assert_eq!((mutating.len(), reads.len(), repeated(&exchanges)), (3, 5, 2));
    }

    #[test]
    fn megabytes_keep_their_fractions() {
        assert!((megabytes(40_500_000) - 40.5).abs() < 0.01);
    }
}
