//! How long browsers and edges may keep a site's files.

use std::borrow::Cow;
use std::collections::BTreeMap;

use globset::GlobBuilder;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::duration::{BadPeriod, Period};

/// `Cache-Control` of files that no rule is about.
pub(super) const OTHERWISE: &str = "public, max-age=3600";
/// Characters of the hash that bundlers put into names: `index-CQVsjE6V.js`.
const HASH_CHARS: usize = 8;

/// How long a file may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum CacheRule {
    /// For ever: its name changes with its content.
    Immutable,
    /// Never without asking whether it is still the same.
    NoCache,
    /// So long.
    For(Period),
}

impl CacheRule {
    /// The header `Cache-Control` that says so.
    pub fn header(self) -> String {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable".to_owned(),
            Self::NoCache => "no-cache".to_owned(),
            Self::For(period) => format!("public, max-age={}", period.seconds()),
        }
    }
}

impl TryFrom<String> for CacheRule {
    type Error = BadPeriod;
    fn try_from(text: String) -> Result<Self, BadPeriod> {
        match text.as_str() {
            "immutable" => Ok(Self::Immutable),
            "no-cache" => Ok(Self::NoCache),
            _ => text.parse().map(Self::For),
        }
    }
}

impl JsonSchema for CacheRule {
    fn schema_name() -> Cow<'static, str> {
        "CacheRule".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(immutable|no-cache|[1-9][0-9]{0,5}[smhd])$",
            "description": "`\"immutable\"`, `\"no-cache\"`, or a time such as `\"10m\"`.",
        })
    }
}

/// The declared rules, the longest pattern first, and ours behind them.
pub(super) fn rules(declared: &BTreeMap<String, CacheRule>) -> Vec<(String, String)> {
    let mut rules: Vec<_> = declared.iter().map(|(pattern, rule)| (pattern.clone(), rule.header())).collect();
    rules.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.chars().count()));
    rules.push(("*.html".to_owned(), CacheRule::NoCache.header()));
    rules.push((hashed(), CacheRule::Immutable.header()));
    rules
}

/// Files in `assets` with a hash in their name. A hash has a capital somewhere (all but 1 in 60 have),
/// and so is told from a word.
fn hashed() -> String {
    let capital_at = |at: usize| (0..HASH_CHARS).map(|each| if each == at { "[A-Z]" } else { "?" }).collect::<String>();
    format!("assets/**/*-{{{}}}.*", (0..HASH_CHARS).map(capital_at).collect::<Vec<_>>().join(","))
}

/// Whether a pattern can be read.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("it is empty".to_owned());
    }
    GlobBuilder::new(pattern).literal_separator(true).build().map(drop).map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(rules: &[(String, String)], path: &str) -> String {
        let matches = |pattern: &str| {
            let anywhere = if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
            GlobBuilder::new(&anywhere).literal_separator(true).build().unwrap().compile_matcher().is_match(path)
        };
        rules.iter().find(|(pattern, _)| matches(pattern)).map_or(OTHERWISE.to_owned(), |(_, header)| header.clone())
    }

    #[test]
    fn without_rules_pages_are_asked_for_and_hashed_assets_are_kept_for_ever() {
        let rules = rules(&BTreeMap::new());
        let immutable = CacheRule::Immutable.header();
        for (path, expected) in [
            ("index.html", "no-cache"),
            ("help/index.html", "no-cache"),
            ("assets/index-CQVsjE6V.css", &immutable),
            ("assets/js/index-CTjaNap4.js.map", &immutable),
            ("assets/page-12345678.html", "no-cache"),
            ("assets/our-favorite.png", OTHERWISE),
            ("assets/img-1024x768.png", OTHERWISE),
            ("logo-CQVsjE6V.svg", OTHERWISE),
            ("favicon.svg", OTHERWISE),
        ] {
            assert_eq!(header(&rules, path), expected, "{path}");
        }
    }

    #[test]
    fn the_longest_declared_pattern_counts_and_stands_before_ours() {
        let minutes = CacheRule::For(Period::from_seconds(600));
        let rules = rules(&BTreeMap::from([
            ("*".to_owned(), minutes),
            ("*.html".to_owned(), CacheRule::Immutable),
            ("assets/**".to_owned(), CacheRule::NoCache),
        ]));
        assert_eq!(header(&rules, "robots.txt"), "public, max-age=600");
        assert_eq!(header(&rules, "index.html"), "public, max-age=31536000, immutable");
        assert_eq!(header(&rules, "assets/deep/index-CQVsjE6V.css"), "no-cache");
    }
}
