//! Parameters in SSM Parameter Store.

use std::sync::Arc;

use super::{ParameterError, ParameterValue, Parameters};
use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use crate::config::ParameterName;

/// Reads parameters of the account in which the function runs.
pub struct SsmParameters {
    aws: Arc<Aws>,
}

impl SsmParameters {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws }
    }

    async fn get(&self, name: &ParameterName) -> Result<ParameterValue, ParameterError> {
        let client = self.aws.ssm().await;
        let answer = client.get_parameter().name(name.as_str()).with_decryption(true).send().await;
        match answer {
            Ok(answer) => answer
                .parameter
                .and_then(|parameter| parameter.value)
                .map(ParameterValue::new)
                .ok_or(ParameterError::Missing),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_parameter_not_found()) => {
                Err(ParameterError::Missing)
            }
            Err(error) => {
                let error = CallError::new("GetParameter", &error);
                Err(ParameterError::Unavailable(error.to_string()))
            }
        }
    }
}

impl Parameters for SsmParameters {
    fn read<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        Box::pin(self.get(name))
    }
}
