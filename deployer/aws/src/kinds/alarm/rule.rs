//! When an alarm goes off, as people write it: `errors > 0`, `5xx > 1% of 50`, `age > 15m`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::duration::Period;

/// Most digits of a number: more are a mistake.
const MAX_DIGITS: usize = 9;

/// A figure and what it must not be above.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rule {
    /// The figure, such as `errors`.
    pub figure: String,
    /// What it must not be above.
    pub above: Bound,
}

/// What a figure must not be above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number of things.
    Count(u32),
    /// A span of time.
    Time(Period),
    /// A share in percent, which counts where there are so many at least.
    Share {
        /// Percent: `1` is one of a hundred.
        percent: f64,
        /// Of how many at least; fewer tell nothing.
        of: Option<u32>,
    },
}

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule(String);

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.escape_debug();
        write!(f, "`{text}` is no rule: write `errors > 0`, `age > 15m`, or a share of so many: `5xx > 1% of 50`")
    }
}

impl std::error::Error for BadRule {}

impl TryFrom<String> for Rule {
    type Error = BadRule;

    fn try_from(text: String) -> Result<Self, BadRule> {
        let words: Vec<&str> = text.split(' ').collect();
        let parsed = match words[..] {
            [figure, ">", bound] => bound_of(bound, None).map(|above| (figure, above)),
            [figure, ">", bound, "of", least] => number(least)
                .filter(|least| *least > 0)
                .and_then(|least| bound_of(bound, Some(least)))
                .map(|above| (figure, above)),
            _ => None,
        };
        let parsed = parsed.filter(|(figure, _)| !figure.is_empty());
        parsed.map(|(figure, above)| Self { figure: figure.to_owned(), above }).ok_or(BadRule(text))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > ", self.figure)?;
        match self.above {
            Bound::Count(count) => write!(f, "{count}"),
            Bound::Time(period) => write!(f, "{period}"),
            Bound::Share { percent, of: None } => write!(f, "{percent}%"),
            Bound::Share { percent, of: Some(least) } => write!(f, "{percent}% of {least}"),
        }
    }
}

fn bound_of(text: &str, of: Option<u32>) -> Option<Bound> {
    if let Some(percent) = text.strip_suffix('%') {
        let plain = percent.len() <= MAX_DIGITS && percent.bytes().all(|each| each.is_ascii_digit() || each == b'.');
        let percent = plain.then(|| percent.parse::<f64>().ok()).flatten().filter(|percent| *percent < 100.0)?;
        return Some(Bound::Share { percent, of });
    }
    if of.is_some() {
        return None;
    }
    number(text).map(Bound::Count).or_else(|| text.parse().ok().map(Bound::Time))
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= MAX_DIGITS && text.bytes().all(|each| each.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9-]+ > ([0-9]+[smhd]?|[0-9.]+%( of [0-9]+)?)$",
            "description": "A figure and what it must not be above: `errors > 0`, `age > 15m`, `5xx > 1% of 50`.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_figure_and_a_number_a_time_or_a_share() {
        for (text, above) in [
            ("errors > 0", Bound::Count(0)),
            ("age > 15m", Bound::Time(Period::from_seconds(900))),
            ("bounces > 5%", Bound::Share { percent: 5.0, of: None }),
            ("5xx > 0.5% of 50", Bound::Share { percent: 0.5, of: Some(50) }),
        ] {
            let rule = Rule::try_from(text.to_owned()).unwrap();
            assert_eq!((rule.above, rule.to_string().as_str()), (above, text));
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "errors",
            "errors > ",
            "errors >0",
            "errors < 1",
            "5xx > 1% of 0",
            "5xx > 1 of 50",
            "5xx > 100%",
            "5xx > 1% of",
            "> 0",
            " > 0",
            "x > -1",
            "x > 1.5",
        ] {
            assert!(Rule::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
