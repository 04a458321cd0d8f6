//! Spans of time as people write them in stack files: `90s`, `10m`, `1h`, `30d`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// The units, largest first: letter, seconds, word.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// Most digits of the number: 999,999 days are more than any AWS setting takes.
const MAX_DIGITS: usize = 6;

/// A span of time, at least a second, written as a whole number and `s`, `m`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    seconds: u64,
}

impl Period {
    /// So many seconds, at least one.
    pub const fn from_seconds(seconds: u64) -> Self {
        assert!(seconds > 0, "a period is at least a second");
        Self { seconds }
    }

    /// So many days, at least one.
    pub const fn from_days(days: u64) -> Self {
        Self::from_seconds(days * 86_400)
    }

    /// The whole span in seconds.
    pub const fn seconds(self) -> u64 {
        self.seconds
    }

    /// The whole span in days, when it is a whole number of them.
    pub const fn whole_days(self) -> Option<u64> {
        if self.seconds.is_multiple_of(86_400) { Some(self.seconds / 86_400) } else { None }
    }
}

/// A text that is no period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPeriod(String);

impl fmt::Display for BadPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no span of time: write a whole number and `s`, `m`, `h` or `d`, such as `90s` or `30d`",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for BadPeriod {}

impl FromStr for Period {
    type Err = BadPeriod;
    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod(text.to_owned());
        let unit =
            text.chars().last().and_then(|last| UNITS.iter().find(|(letter, _)| *letter == last)).ok_or_else(bad)?;
        let number = &text[..text.len() - 1];
        let plain =
            !number.starts_with('0') && number.len() <= MAX_DIGITS && number.bytes().all(|each| each.is_ascii_digit());
        let count: u64 = if plain { number.parse().map_err(|_| bad())? } else { return Err(bad()) };
        Ok(Self { seconds: count * unit.1 })
    }
}

impl fmt::Display for Period {
    /// In the largest unit that needs no fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS.iter().find(|(_, seconds)| self.seconds.is_multiple_of(*seconds));
        let (letter, seconds) = fits.copied().unwrap_or(('s', 1));
        write!(f, "{}{letter}", self.seconds / seconds)
    }
}

impl TryFrom<String> for Period {
    type Error = BadPeriod;
    fn try_from(text: String) -> Result<Self, BadPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5}[smhd]$",
            "description": "A span of time: a whole number and `s`, `m`, `h` or `d`, such as `90s` or `30d`.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read_and_written() {
        for (text, seconds) in
            [("1s", 1), ("90s", 90), ("10m", 600), ("1h", 3_600), ("30d", 2_592_000), ("999999d", 86_399_913_600)]
        {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.seconds(), seconds, "{text}");
            assert_eq!(period.to_string().parse::<Period>().unwrap(), period, "{text}");
        }
        assert_eq!(Period::from_seconds(90).to_string(), "90s");
        assert_eq!(Period::from_seconds(7_200).to_string(), "2h");
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in
            ["", "s", "0s", "01s", "10", "10 s", "1.5h", "-1s", "+1s", "1w", "10ms", "1234567s", "\u{661}s", "1é", "1S"]
        {
            assert!(text.parse::<Period>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_whole_days_are_days() {
        assert_eq!(Period::from_days(30).whole_days(), Some(30));
        assert_eq!(Period::from_seconds(86_401).whole_days(), None);
    }
}
