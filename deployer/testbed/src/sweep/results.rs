//! What came of the cases: kept in a file, so that a sweep can be continued, and told as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::case::{Case, Outcome};

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    /// Which deployer it was.
    build: String,
    /// Which case.
    case: String,
    /// Stack and situation.
    situation: String,
    /// Whether everything held.
    passed: bool,
    /// Plain reruns until it was done.
    reruns: usize,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// What came of the cases of one deployer.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    build: String,
    lines: BTreeMap<String, Line>,
}

impl Results {
    /// Opens the file; what is in it of another deployer does not count. `build` tells deployers apart.
    pub fn open(path: &Path, build: &str) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            text => text.unwrap_or_default(),
        };
        // A line that was cut off is a case that did not end.
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let lines = lines.filter(|line| line.build == build).map(|line| (line.case.clone(), line)).collect();
        Ok(Self { path: path.to_owned(), build: build.to_owned(), lines })
    }

    /// Whether a case has passed.
    pub fn has_passed(&self, case: &Case) -> bool {
        self.lines.get(&case.key()).is_some_and(|line| line.passed)
    }

    /// Writes down what came of a case.
    pub fn add(&mut self, case: &Case, outcome: &Outcome) -> io::Result<()> {
        let line = Line {
            build: self.build.clone(),
            case: case.key(),
            situation: format!("{} {}", case.stack, case.situation.name),
            passed: outcome.failures.is_empty(),
            reruns: outcome.reruns,
            took_ms: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        };
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        writeln!(file, "{}", serde_json::to_string(&line)?)?;
        self.lines.insert(line.case.clone(), line);
        Ok(())
    }

    /// The table of these cases: a situation a line.
    pub fn table(&self, cases: &[Case]) -> String {
        let mut rows = BTreeMap::<&str, Vec<&Line>>::new();
        for line in cases.iter().filter_map(|case| self.lines.get(&case.key())) {
            rows.entry(&line.situation).or_default().push(line);
        }
        let mut text = format!(
            "{:<28} {:>6} {:>7} {:>12} {:>9} {:>12}\n",
            "situation", "cases", "passed", "in one run", "slowest", "most reruns"
        );
        for (situation, lines) in rows {
            let count = |fits: fn(&Line) -> bool| lines.iter().filter(|line| fits(line)).count();
            let slowest = lines.iter().map(|line| line.took_ms).max().unwrap_or_default();
            let reruns = lines.iter().map(|line| line.reruns).max().unwrap_or_default();
            let _ = writeln!(
                text,
                "{situation:<28} {:>6} {:>7} {:>12} {:>7.1} s {reruns:>12}",
                lines.len(),
                count(|line| line.passed),
                count(|line| line.reruns == 0),
                Duration::from_millis(slowest).as_secs_f64(),
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::baseline::{Calls, Point};
    use crate::sweep::{MODES, situation};

    fn case(resource: &str) -> Case {
        let point = Point { operation: "ssm:PutParameter".to_owned(), resource: resource.to_owned(), before: 0 };
        Case { stack: "crew", situation: situation("down"), mode: &MODES[0], calls: Calls::Mutating, number: 0, point }
    }

    #[test]
    fn what_passed_is_known_to_the_next_sweep_of_the_same_deployer_and_to_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults/results.jsonl");
        let mut results = Results::open(&path, "one").expect("a file");
        let failed = Outcome { failures: vec!["an orphan".to_owned()], reruns: 2, took: Duration::from_millis(1500) };
        results.add(&case("a"), &Outcome::default()).expect("written");
        results.add(&case("b"), &failed).expect("written");
        let passed = |build| {
            let results = Results::open(&path, build).expect("a file");
            ["a", "b", "c"].map(|name| results.has_passed(&case(name)))
        };
        assert_eq!(passed("one"), [true, false, false]);
        assert_eq!(passed("other"), [false; 3]);
        let table = results.table(&[case("a"), case("b"), case("c")]);
        assert_eq!(
            table.lines().nth(1).map(|line| line.split_whitespace().collect::<Vec<_>>()),
            Some(vec!["crew", "down", "2", "1", "1", "1.5", "s", "2"])
        );
    }
}
