//! Configuration from environment variables: typed, and all faults told at once.
//!
//! ```
//! use functions_shared::config::{Reader, TableName};
//!
//! struct Settings { events_table: TableName }
//!
//! let mut read = Reader::new(|name| (name == "EVENTS_TABLE").then(|| "events".to_owned()));
//! let events_table = read.required::<TableName>("EVENTS_TABLE");
//! let settings = read.finish(|| Some(Settings { events_table: events_table? }));
//! assert_eq!(settings.expect("complete").events_table.as_str(), "events");
//! ```

mod names;

use std::fmt;
use std::str::FromStr;

pub use names::{BucketName, ConfigurationSet, FunctionName, ParameterName, TableName, WebAddress};

/// Reads variables and remembers every fault until [`Reader::finish`].
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    faults: Vec<Fault>,
}

/// A variable's value by its name.
type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// One variable that is missing or cannot be used. Its value is never shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The variable's name.
    pub variable: String,
    /// What is wrong with it, in words.
    pub reason: String,
}

/// Everything that is wrong with the environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    /// One entry a variable, in the order in which they were read.
    pub faults: Vec<Fault>,
}

impl Reader<'static> {
    /// Reads the environment of this process.
    pub fn process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }
}

impl<'a> Reader<'a> {
    /// Reads from a lookup function.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self { lookup: Box::new(lookup), faults: Vec::new() }
    }

    /// A variable that must be there and not be blank.
    pub fn required<T: FromStr<Err: fmt::Display>>(&mut self, variable: &str) -> Option<T> {
        match self.value(variable) {
            Some(text) => self.parse(variable, &text),
            None => {
                self.fault(variable, "is missing");
                None
            }
        }
    }

    /// A variable that may be absent or blank. The outer `None` is a fault, already noted.
    pub fn optional<T: FromStr<Err: fmt::Display>>(&mut self, variable: &str) -> Option<Option<T>> {
        match self.value(variable) {
            Some(text) => self.parse(variable, &text).map(Some),
            None => Some(None),
        }
    }

    /// A variable with values between commas, of which there is at least one.
    pub fn list<T: FromStr<Err: fmt::Display>>(&mut self, variable: &str) -> Option<Vec<T>> {
        let parsed = self.optional_list(variable)?;
        if parsed.is_empty() {
            self.fault(variable, "is missing");
            return None;
        }
        Some(parsed)
    }

    /// A variable with values between commas, of which there may be none. `None` is a fault, already noted.
    pub fn optional_list<T: FromStr<Err: fmt::Display>>(&mut self, variable: &str) -> Option<Vec<T>> {
        let text = self.value(variable).unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let parsed: Vec<Option<T>> = parts.map(|part| self.parse(variable, part)).collect();
        parsed.into_iter().collect()
    }

    /// Notes a fault that a parser cannot see, such as two variables that contradict.
    pub fn fault(&mut self, variable: &str, reason: impl Into<String>) {
        self.faults.push(Fault { variable: variable.to_owned(), reason: reason.into() });
    }

    /// The settings, or every fault. `settings` is called when there is no fault, and gives
    /// `None` only where a reading method gave `None`.
    pub fn finish<T>(self, settings: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        let faults = self.faults;
        if faults.is_empty()
            && let Some(settings) = settings()
        {
            return Ok(settings);
        }
        Err(ConfigError { faults })
    }

    fn value(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).filter(|text| !text.trim().is_empty())
    }

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, variable: &str, text: &str) -> Option<T> {
        match text.trim().parse() {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fault(variable, reason.to_string());
                None
            }
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment is not complete")?;
        for fault in &self.faults {
            write!(f, "; {} {}", fault.variable, fault.reason)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader<'a>(variables: &'a [(&'a str, &'a str)]) -> Reader<'a> {
        Reader::new(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_fault_is_told_at_once_and_no_value_with_it() {
        let variables = [("ROLES_TABLE", "two words"), ("NUDGES_TABLE", "  ")];
        let mut read = reader(&variables);
        let events = read.required::<TableName>("EVENTS_TABLE");
        let roles = read.required::<TableName>("ROLES_TABLE");
        let nudges = read.required::<TableName>("NUDGES_TABLE");
        let error = read.finish(|| Some((events?, roles?, nudges?))).expect_err("three faults");
        let names: Vec<&str> = error.faults.iter().map(|f| f.variable.as_str()).collect();
        assert_eq!(names, ["EVENTS_TABLE", "ROLES_TABLE", "NUDGES_TABLE"]);
        assert!(!error.to_string().contains("two words"));
    }

    #[test]
    fn an_optional_variable_may_be_absent_but_not_wrong() {
        let mut read = reader(&[]);
        let set = read.optional::<ConfigurationSet>("MAIL_CONFIGURATION_SET");
        assert_eq!(read.finish(|| set), Ok(None));

        let mut read = reader(&[("MAIL_CONFIGURATION_SET", "a b")]);
        let set = read.optional::<ConfigurationSet>("MAIL_CONFIGURATION_SET");
        assert!(read.finish(|| set).is_err());
    }

    #[test]
    fn a_list_is_cut_at_commas() {
        let mut read = reader(&[("TABLES", "one, two ,,three")]);
        let tables = read.list::<TableName>("TABLES");
        let tables = read.finish(|| tables).expect("three names");
        let names: Vec<&str> = tables.iter().map(TableName::as_str).collect();
        assert_eq!(names, ["one", "two", "three"]);
    }

    #[test]
    fn a_list_of_nothing_is_a_fault() {
        let mut read = reader(&[("TABLES", ",")]);
        let tables = read.list::<TableName>("TABLES");
        assert!(read.finish(|| tables).is_err());
    }
}
