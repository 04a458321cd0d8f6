//! The texts of the exports. Each says when it was written: whoever reads it later knows how old it is.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::activity::Week;
use crate::commands::audit::Looked;

/// Lines, the first of which says when they were written.
pub fn lines(at: Timestamp, lines: impl IntoIterator<Item = Value>) -> String {
    let first = json!({ "type": "export", "at": at.to_string() });
    std::iter::once(first).chain(lines).map(|line| format!("{line}\n")).collect()
}

/// Weeks of work on the code.
pub fn git(at: Timestamp, weeks: &[Week]) -> String {
    json!({ "at": at.to_string(), "weeks": weeks }).to_string()
}

/// Secrets, places in files that look like a key, and advisories where somebody has asked for them.
pub fn audit(at: Timestamp, secrets: Vec<Value>, looked: &Looked, advisories: Option<Vec<Value>>) -> String {
    let leak = |leak: &crate::leaks::Leak| json!({ "path": leak.path, "line": leak.line, "what": leak.what });
    let leaks: Vec<Value> = looked.found.iter().map(leak).collect();
    let leaks = json!({ "type": "leaks", "files": looked.files, "found": leaks });
    let advisories = advisories.map(|found| json!({ "type": "advisories", "found": found }));
    lines(at, secrets.into_iter().chain([leaks]).chain(advisories))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn every_export_says_when_it_was_written_and_none_of_advisories_that_nobody_asked_for() {
        let at: Timestamp = "2026-11-21T16:00:00Z".parse().expect("a moment");
        let first = json!({ "type": "export", "at": "2026-11-21T16:00:00Z" });
        let [status, secret] = ["status", "secret"].map(|sort| json!({ "type": sort }));
        assert_eq!(parsed(&lines(at, [status.clone()])), [first.clone(), status]);
        assert_eq!(parsed(&git(at, &[])), [json!({ "at": "2026-11-21T16:00:00Z", "weeks": [] })]);
        let looked = Looked { files: 3, found: Vec::new() };
        let leaks = json!({ "type": "leaks", "files": 3, "found": [] });
        assert_eq!(parsed(&audit(at, Vec::new(), &looked, None)), [first.clone(), leaks.clone()]);
        let asked = parsed(&audit(at, vec![secret.clone()], &looked, Some(Vec::new())));
        assert_eq!(asked, [first, secret, leaks, json!({ "type": "advisories", "found": [] })]);
    }
}
