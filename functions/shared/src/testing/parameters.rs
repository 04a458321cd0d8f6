//! Parameters that a test sets.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::BoxFuture;
use crate::config::ParameterName;
use crate::parameters::{ParameterError, ParameterValue, Parameters, SecretValues};

/// Parameters in memory, with a count of reads.
#[derive(Debug, Default)]
pub struct MemoryParameters {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    values: HashMap<String, Vec<String>>,
    /// The version that each name and label stand for, from 1.
    labels: HashMap<(String, String), u32>,
    down: bool,
    reads: u32,
}

impl MemoryParameters {
    /// One parameter.
    pub fn with(name: &str, value: &str) -> Self {
        let parameters = Self::default();
        parameters.set(name, value);
        parameters
    }

    /// Writes a value: a new version.
    pub fn set(&self, name: &str, value: &str) {
        let mut state = self.state.lock().expect("never poisoned");
        state.values.entry(name.to_owned()).or_default().push(value.to_owned());
    }

    /// Moves a label to a version, from 1.
    pub fn label(&self, name: &str, label: &str, version: u32) {
        let mut state = self.state.lock().expect("never poisoned");
        state.labels.insert((name.to_owned(), label.to_owned()), version);
    }

    /// Deletes a parameter.
    pub fn remove(&self, name: &str) {
        let mut state = self.state.lock().expect("never poisoned");
        state.values.remove(name);
        state.labels.retain(|(labelled, _), _| labelled != name);
    }

    /// From now on nothing answers, or everything does again.
    pub fn set_down(&self, down: bool) {
        self.state.lock().expect("never poisoned").down = down;
    }

    /// How often a parameter was asked for.
    pub fn reads(&self) -> u32 {
        self.state.lock().expect("never poisoned").reads
    }

    fn labelled(&self, name: &str) -> Result<SecretValues, ParameterError> {
        let latest = self.get(name, None)?;
        let state = self.state.lock().expect("never poisoned");
        let mut latest = Some(latest);
        let find = |label: Option<&str>| match label {
            None => latest.take(),
            Some(label) => {
                let version = *state.labels.get(&(name.to_owned(), label.to_owned()))?;
                let value = state.values.get(name)?.get((version as usize).wrapping_sub(1))?;
                Some(ParameterValue::new(value.as_str(), version))
            }
        };
        SecretValues::of(find).ok_or(ParameterError::Missing)
    }

    fn get(&self, name: &str, version: Option<u32>) -> Result<ParameterValue, ParameterError> {
        let mut state = self.state.lock().expect("never poisoned");
        state.reads += 1;
        if state.down {
            return Err(ParameterError::Unavailable("a fault of the test".to_owned()));
        }
        let values = state.values.get(name).ok_or(ParameterError::Missing)?;
        let version = version.unwrap_or(u32::try_from(values.len()).unwrap_or(u32::MAX));
        let value = values.get((version as usize).wrapping_sub(1)).ok_or(ParameterError::Missing)?;
        Ok(ParameterValue::new(value.as_str(), version))
    }
}

impl Parameters for MemoryParameters {
    fn read<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        let result = self.get(name.as_str(), None);
        Box::pin(async { result })
    }

    fn read_secret<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<SecretValues, ParameterError>> {
        let result = self.labelled(name.as_str());
        Box::pin(async { result })
    }

    fn read_version<'a>(
        &'a self,
        name: &'a ParameterName,
        version: u32,
    ) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        let result = self.get(name.as_str(), Some(version));
        Box::pin(async { result })
    }
}
