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
    values: HashMap<String, String>,
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

    /// Writes a value.
    pub fn set(&self, name: &str, value: &str) {
        let mut state = self.state.lock().expect("never poisoned");
        state.values.insert(name.to_owned(), value.to_owned());
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

    fn get(&self, name: &str) -> Result<ParameterValue, ParameterError> {
        let mut state = self.state.lock().expect("never poisoned");
        state.reads += 1;
        if state.down {
            return Err(ParameterError::Unavailable("a fault of the test".to_owned()));
        }
        let value = state.values.get(name).ok_or(ParameterError::Missing)?;
        Ok(ParameterValue::new(value.as_str()))
    }
}

impl Parameters for MemoryParameters {
    fn read<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        let result = self.get(name.as_str());
        Box::pin(async { result })
    }
}
