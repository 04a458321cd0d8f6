//! What is shipped: the figures of the functions, which measure themselves.

use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

use super::figures::Figures;
use super::project::Machine;
use super::table::{Limit, Row, Table, Unit};

/// What measures them, and prints a line of JSON for each figure.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/functions.py");

/// One line of the program.
#[derive(Debug, Deserialize)]
struct Line {
    what: String,
    found: f64,
    unit: LineUnit,
    limit: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum LineUnit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "MB")]
    Megabytes,
}

/// Measures the functions. What is built for that is built in profile release, as it is shipped.
pub async fn add(machine: &Machine, table: &mut Table) -> Result<(), String> {
    let output = Command::new(&machine.python)
        // Nothing is left beside the sources.
        .args(["-B", PROGRAM])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("{PROGRAM}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{PROGRAM} ended with {}", output.status));
    }
    table.add(rows(&String::from_utf8_lossy(&output.stdout))?);
    Ok(())
}

fn rows(told: &str) -> Result<Vec<Row>, String> {
    let row = |line: &str| {
        let Line { what, found, unit, limit } =
            serde_json::from_str(line).map_err(|error| format!("{PROGRAM}: {error}: {line}"))?;
        let (unit, shown) = match unit {
            LineUnit::Milliseconds => (Unit::Milliseconds, "ms"),
            LineUnit::Megabytes => (Unit::Megabytes, "MB"),
        };
        let limits = limit.into_iter().map(|most| Limit::new(format!("≤ {most} {shown}"), most)).collect();
        Ok(Row { what, unit, figures: Figures::of([found]), limits })
    };
    told.lines().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_own_lines_become_rows_with_their_limits() {
        let told = "{\"what\": \"start\", \"found\": 12.5, \"unit\": \"ms\", \"limit\": 50}\n{\"what\": \"zip\", \"found\": 4.1, \"unit\": \"MB\", \"limit\": null}\n";
        let mut table = Table::default();
        table.add(rows(told).expect("both are lines"));
        let shown = table.to_string();
        for wanted in ["| start | 12.5 ms | 12.5 ms | 12.5 ms | ≤ 50 ms | met |", "| zip   |  4.1 MB |"] {
            assert!(shown.contains(wanted), "{shown}");
        }
        assert!(rows("{\"what\": \"start\"}").is_err());
    }
}
