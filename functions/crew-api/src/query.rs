//! Query strings, read strictly: an unknown field is a fault, not something to ignore.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use functions_shared::problem::FieldError;

use crate::refusal::Refusal;

/// The fields of a query string, and what is wrong with them.
pub struct Query {
    fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Splits and decodes; `known` are the fields that may be there, each once.
    pub fn new(uri: &Uri, known: &[&str]) -> Self {
        let fields = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
        let fields = fields.map(|fields| fields.0).unwrap_or_default();
        let mut errors = Vec::new();
        for (at, (name, _)) in fields.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                errors.push(FieldError::new(name, "is not a field of this request"));
            } else if fields[..at].iter().any(|(earlier, _)| earlier == name) {
                errors.push(FieldError::new(name, "is there twice"));
            }
        }
        Self { fields, errors }
    }

    /// A field that may be absent. A fault is kept for [`Query::finish`].
    pub fn optional<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let (_, text) = self.fields.iter().find(|(field, _)| field == name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(reason) => {
                self.errors.push(FieldError::new(name, reason.to_string()));
                None
            }
        }
    }

    /// The value, or every fault.
    pub fn finish<T>(self, value: T) -> Result<T, Refusal> {
        match self.errors.is_empty() {
            true => Ok(value),
            false => Err(Refusal::invalid(self.errors)),
        }
    }
}
