//! The findings that somebody has looked at: `leaks.toml`, each with a reason, a name and a date.

use std::path::Path;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use super::Leak;
use crate::error::{Exit, Failure};

/// The file, in the project's folder.
pub const ALLOW_FILE: &str = "leaks.toml";
/// How long a review counts, in days.
const REVIEW_DAYS: i64 = 366;

/// What is allowed.
#[derive(Debug, Default)]
pub struct Allowed {
    entries: Vec<(Entry, GlobMatcher)>,
    /// The day that reviews are compared with.
    today: Option<jiff::civil::Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    allow: Vec<Entry>,
}

/// One entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Which files: a path, or a pattern of one.
    path: String,
    /// Which rule.
    rule: String,
    /// Why it is no key that matters.
    why: String,
    /// Who looked at it.
    by: String,
    /// When; it counts for a year.
    reviewed: jiff::civil::Date,
}

impl Allowed {
    /// What the project allows. Entries without a reason or a reviewer are faults; those of more than a year ago count no
    /// more.
    pub fn read(project: &Path) -> Result<Self, Failure> {
        let path = project.join(ALLOW_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, jiff::Zoned::now().date()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::file(&path, &error)),
        }
    }

    fn parse(text: &str, today: jiff::civil::Date) -> Result<Self, Failure> {
        let bad = |what: String| Failure::new(Exit::Usage, "bad-allow-list", format!("{ALLOW_FILE}: {what}"));
        let file: File = toml::from_str(text).map_err(|error| bad(error.message().to_owned()))?;
        let matched = |entry: Entry| {
            if entry.why.trim().is_empty() || entry.by.trim().is_empty() {
                return Err(bad(format!(
                    "the entry of `{}` says not why, or not who looked",
                    entry.path.escape_debug()
                ))
                .hint("a reason and a name: `why = \"…\"`, `by = \"…\"`"));
            }
            let glob = Glob::new(&entry.path).map_err(|error| bad(error.to_string()))?;
            Ok((entry, glob.compile_matcher()))
        };
        let entries = file.allow.into_iter().map(matched).collect::<Result<_, _>>()?;
        Ok(Self { entries, today: Some(today) })
    }

    /// Whether somebody has looked at this, not too long ago.
    pub fn covers(&self, leak: &Leak) -> bool {
        let fresh = |entry: &Entry| {
            self.today.is_some_and(|today| {
                today.since(entry.reviewed).is_ok_and(|age| (0..=REVIEW_DAYS).contains(&i64::from(age.get_days())))
            })
        };
        self.entries.iter().any(|(entry, path)| entry.rule == leak.rule && path.is_match(&leak.path) && fresh(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Text, scan};
    use super::*;

    const ENTRY: &str = "[[allow]]\npath = \"tests/**\"\nrule = \"random-text\"\nwhy = \"made up\"\nby = \"admin\"\nreviewed = \"2026-11-21\"\n";

    fn leak(path: &str) -> Leak {
        let text = format!("token = \"{}\"", "9fK2mQ7xLpVb3RtYw8ZcNd5HsJg6AeUi");
        scan(path, text.as_bytes(), Text::Written).remove(0)
    }

    #[test]
    fn a_review_counts_for_its_path_its_rule_and_a_year() {
        let on = |day: &str| Allowed::parse(ENTRY, day.parse().unwrap()).unwrap();
        assert!(on("2026-11-21").covers(&leak("tests/a.txt")));
        assert!(on("2027-11-20").covers(&leak("tests/b/c.txt")));
        assert!(!on("2027-12-01").covers(&leak("tests/a.txt")), "it is too old");
        assert!(!on("2026-11-20").covers(&leak("tests/a.txt")), "it is not written yet");
        assert!(!on("2026-11-21").covers(&leak("src/a.txt")));
        assert!(!on("2026-11-21").covers(&Leak { rule: "aws-key", ..leak("tests/a.txt") }));
    }

    #[test]
    fn an_entry_says_why_who_and_when() {
        let today = "2026-11-21".parse().unwrap();
        for wrong in [("why = \"made up\"", "why = \"\""), ("by = \"admin\"\n", ""), ("2026-11-21", "soon")] {
            assert!(Allowed::parse(&ENTRY.replace(wrong.0, wrong.1), today).is_err(), "{wrong:?}");
        }
    }
}
