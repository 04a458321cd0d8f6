//! What another tool found about dependencies: the report of `cargo deny --format json check advisories`.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Exit, Failure};

/// The sort of a line that tells what was found, and of the last one.
const DIAGNOSTIC: &str = "diagnostic";
const SUMMARY: &str = "summary";
/// How bad what counts is: what is less was looked at and put up with.
const COUNTS: [&str; 2] = ["error", "warning"];

/// One line of the report, as far as it matters here. Source: cargo-deny 0.20, `--format json`.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    sort: String,
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    /// What sort of weakness it is: `vulnerability`, `unmaintained` …
    code: Option<String>,
    severity: Option<String>,
    /// Absent where a diagnostic is about something else.
    advisory: Option<Advisory>,
    /// In the last line, where advisories were looked at.
    advisories: Option<Value>,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    package: String,
}

/// The advisories of a report, each with its id, package and sort. One that was cut off, or is of another check, is
/// refused: it would tell too few.
pub fn read(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    found(&text).ok_or_else(|| {
        let what = format!("{} is no whole report of advisories", path.display());
        Failure::new(Exit::Usage, "no-advisories", what)
            .hint("`cargo deny --format json check advisories 2>FILE` writes one, also where it ends with an error")
    })
}

fn found(text: &str) -> Option<Vec<Value>> {
    let lines = text.lines().map(|line| serde_json::from_str(line).ok()).collect::<Option<Vec<Line>>>()?;
    let looked = lines.iter().any(|line| line.sort == SUMMARY && line.fields.advisories.is_some());
    let weak = |Line { sort, fields }: Line| {
        let Fields { code, severity, advisory, .. } = fields;
        let counts = sort == DIAGNOSTIC && severity.is_some_and(|severity| COUNTS.contains(&severity.as_str()));
        let (code, Advisory { id, package }) = code.zip(advisory).filter(|_| counts)?;
        Some(json!({ "id": id, "package": package, "severity": code }))
    };
    looked.then(|| lines.into_iter().filter_map(weak).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEAK: &str = r#"{"fields":{"advisory":{"id":"RUSTSEC-2026-0001","package":"x","title":"X"},"code":"unmaintained","graphs":[],"labels":[],"message":"x","severity":"error"},"type":"diagnostic"}"#;
    const OTHER: &str = r#"{"fields":{"code":"advisory-not-detected","labels":[],"message":"x","severity":"warning"},"type":"diagnostic"}"#;
    const LOG: &str = r#"{"fields":{"level":"WARN","message":"x","timestamp":"2026-11-21T16:00:00Z"},"type":"log"}"#;
    const LOOKED: &str = r#"{"fields":{"advisories":{"errors":1,"helps":0,"notes":0,"warnings":1}},"type":"summary"}"#;
    const ELSEWHERE: &str = r#"{"fields":{"bans":{"errors":0,"helps":0,"notes":0,"warnings":0}},"type":"summary"}"#;

    #[test]
    fn what_is_weak_is_found_in_a_whole_report_and_a_cut_one_is_none() {
        let weak = json!({ "id": "RUSTSEC-2026-0001", "package": "x", "severity": "unmaintained" });
        let found = |lines: &[&str]| found(&lines.join("\n"));
        assert_eq!(found(&[LOG, WEAK, OTHER, LOOKED]), Some(vec![weak]));
        assert_eq!(found(&[LOOKED]), Some(Vec::new()));
        for not_whole in [&[WEAK][..], &[WEAK, ELSEWHERE], &[], &["advisories ok"], &[&WEAK[..90], LOOKED]] {
            assert_eq!(found(not_whole), None, "{not_whole:?}");
        }
    }
}
