//! The values of the files: keys that know their line, and days.

use std::borrow::Cow;
use std::ops::Deref;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;

/// An id, or the id of something else, with its place in the file.
#[derive(Clone, Debug)]
pub struct Key(Spanned<String>);

impl Key {
    /// The byte of the file at which it begins.
    pub(super) fn at(&self) -> usize {
        self.0.span().start
    }

    /// Whether it has the form of an id.
    pub(super) fn is_sound(&self) -> bool {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !self.is_empty() && self.chars().all(allowed)
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.get_ref()
    }
}

/// The place in the file does not count.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Key {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9-]+$" })
    }
}

/// A day without a time: `2026-11-21`, without quotes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Day(pub Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Datetime::deserialize(deserializer)?;
        let day = read.date.filter(|_| read.time.is_none());
        let date = day.and_then(|day| day.to_string().parse().ok());
        date.map(Self).ok_or_else(|| D::Error::custom(format!("`{read}` is no day, as in 2026-11-21")))
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}
