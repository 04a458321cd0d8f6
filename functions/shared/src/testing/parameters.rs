//! Parameters that a test sets.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::BoxFuture;
use crate::config::ParameterName;
use crate::parameters::{ParameterError, ParameterValue, Parameters};

/// Parameters in memory, with a count of reads.
#[derive(Debug, Default)]
pub struct MemoryParameters {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    values: HashMap<String, Vec<String>>,
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

    /// Deletes a parameter.
    pub fn remove(&self, name: &str) {
        self.state.lock().expect("never poisoned").values.remove(name);
    }

    /// From now on nothing answers, or everything does again.
    pub fn set_down(&self, down: bool) {
        self.state.lock().expect("never poisoned").down = down;
    }

    /// How often a parameter was asked for.
    pub fn reads(&self) -> u32 {
        self.state.lock().expect("never poisoned").reads
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

    fn read_version<'a>(
        &'a self,
        name: &'a ParameterName,
        version: u32,
    ) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        let result = self.get(name.as_str(), Some(version));
        Box::pin(async { result })
    }
}
