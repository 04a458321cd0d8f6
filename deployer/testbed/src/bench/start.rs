//! What the program costs before it does anything, and what planning costs without an AWS.

use std::collections::BTreeMap;
use std::path::Path;

use super::figures::Figures;
use super::meter::Metered;
use super::product::megabytes;
use super::project::Machine;
use super::table::{Limit, Row, Table, Unit};

/// A start is short: it is measured so many times in a round.
const STARTS: usize = 10;

/// Measures `--help`, the program, and plans on the fake cloud by the engine's example.
pub async fn add(machine: &Machine, scale: &Path, table: &mut Table) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let run = async |words: Vec<String>| {
        Metered { words, environment: std::env::vars().collect() }.run(&machine.python, folder.path()).await
    };
    let program = machine.deployer.display().to_string();
    let mut starts = Vec::new();
    for _ in 0..STARTS * machine.rounds {
        starts.push(run(vec![program.clone(), "--help".to_owned()]).await?.wall);
    }
    let size = machine.deployer.metadata().map_err(|error| format!("{program}: {error}"))?.len();
    table.add([
        Row::time("`--help`", Figures::of_times(starts), vec![Limit::new("≤ 10 ms", 10.0)]),
        Row {
            unit: Unit::Megabytes,
            ..Row::time("the program", Figures::of([megabytes(size)]), vec![Limit::new("≤ 20 MB", 20.0)])
        },
    ]);
    let mut plans: BTreeMap<usize, Vec<Planned>> = BTreeMap::new();
    for _ in 0..machine.rounds {
        for planned in planned(&run(vec![scale.display().to_string()]).await?.said) {
            plans.entry(planned.resources).or_default().push(planned);
        }
    }
    table.add(plans.into_iter().flat_map(|(resources, plans)| rows(resources, &plans)));
    Ok(())
}

/// One plan of the example.
#[derive(Clone, Debug, PartialEq)]
struct Planned {
    resources: usize,
    milliseconds: f64,
    peak_megabytes: f64,
}

/// Reads what the example prints: a line `1000 resources`, then lines that end with `… steps 12.3 ms 45 MB`.
fn planned(said: &str) -> Vec<Planned> {
    let mut resources = 0;
    let mut plans = Vec::new();
    for line in said.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [count, "resources"] => resources = count.parse().unwrap_or_default(),
            [.., "steps", time, "ms", peak, "MB"] => {
                if let (Ok(milliseconds), Ok(peak_megabytes)) = (time.parse(), peak.parse()) {
                    plans.push(Planned { resources, milliseconds, peak_megabytes });
                }
            }
            _ => {}
        }
    }
    plans
}

/// The promise is 0.2 ms a resource; memory is shown beside, to be compared between the sizes.
fn rows(resources: usize, plans: &[Planned]) -> [Row; 2] {
    let most = f64::from(u32::try_from(resources).unwrap_or(u32::MAX)) * 0.2;
    let limit = Limit::new(format!("≤ {most} ms"), most);
    [
        Row::time(
            format!("`plan` of {resources} resources, no AWS"),
            Figures::of(plans.iter().map(|each| each.milliseconds)),
            vec![limit],
        ),
        Row {
            unit: Unit::Megabytes,
            ..Row::beside("its peak of memory", Figures::of(plans.iter().map(|each| each.peak_megabytes)))
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_read_as_the_example_prints_them() {
        let said = "1000 resources\n  first             1000 steps      33.5 ms      12 MB\n  unchanged            0 steps      40.0 ms      14 MB\n10000 resources\n  first            10000 steps     400.1 ms      90 MB\n";
        let of = |resources, milliseconds, peak_megabytes| Planned { resources, milliseconds, peak_megabytes };
        assert_eq!(planned(said), [of(1000, 33.5, 12.0), of(1000, 40.0, 14.0), of(10_000, 400.1, 90.0)]);
    }
}
