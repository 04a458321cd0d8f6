//! Values from Parameter Store, read by name while the function runs.

mod kept;
mod rotating;
mod secret;
mod ssm;

use std::fmt;

use zeroize::Zeroize;

use crate::BoxFuture;
use crate::config::ParameterName;

pub use kept::KeptParameter;
pub use rotating::RotatingSecret;
pub use secret::{KeptSecret, SecretValues};
pub use ssm::SsmParameters;

/// Where parameters are read.
pub trait Parameters: Send + Sync {
    /// The present value, decrypted.
    fn read<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<ParameterValue, ParameterError>>;
    /// The values of a secret that count at present, decrypted: the one to use, and those that a rotation lets be accepted
    /// beside it.
    fn read_secret<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<SecretValues, ParameterError>>;
    /// The value that a version of the parameter had, decrypted. Parameter Store keeps the latest hundred.
    fn read_version<'a>(
        &'a self,
        name: &'a ParameterName,
        version: u32,
    ) -> BoxFuture<'a, Result<ParameterValue, ParameterError>>;
}

/// A parameter's value. It may be secret: it has neither `Debug` nor `Display`, cannot be
/// serialised, and is wiped from memory when it is dropped.
pub struct ParameterValue {
    value: String,
    version: u32,
}

/// Why there is no value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParameterError {
    /// There is no such parameter, or its value cannot be used.
    Missing,
    /// Parameter Store did not tell; with its code.
    Unavailable(String),
}

impl ParameterValue {
    /// A value from elsewhere, and which version of the parameter it is, from 1.
    pub fn new(value: impl Into<String>, version: u32) -> Self {
        Self { value: value.into(), version }
    }

    /// Which version of the parameter it is, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The value in clear: for comparing and for use, never for output.
    pub fn expose(&self) -> &str {
        &self.value
    }
}

impl Drop for ParameterValue {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the parameter is missing or cannot be used"),
            Self::Unavailable(code) => write!(f, "Parameter Store did not answer: {code}"),
        }
    }
}

impl std::error::Error for ParameterError {}
