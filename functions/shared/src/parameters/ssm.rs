//! Parameters in SSM Parameter Store.

use std::sync::Arc;

use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::Parameter;
use futures::future::try_join_all;

use super::secret::{ACCEPTED, CURRENT};
use super::{ParameterError, ParameterValue, Parameters, SecretValues};
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

    /// `selector` is a name, or a name and a version: `/crew/key:3`.
    async fn get(&self, selector: String) -> Result<ParameterValue, ParameterError> {
        let client = self.aws.ssm().await;
        let answer = client.get_parameter().name(selector).with_decryption(true).send().await;
        match answer {
            Ok(answer) => answer.parameter.and_then(value).ok_or(ParameterError::Missing),
            Err(error) if error.as_service_error().is_some_and(is_missing) => Err(ParameterError::Missing),
            Err(error) => {
                let error = CallError::new("GetParameter", &error);
                Err(ParameterError::Unavailable(error.to_string()))
            }
        }
    }
}

/// A parameter of an answer.
fn value(parameter: Parameter) -> Option<ParameterValue> {
    let version = u32::try_from(parameter.version).unwrap_or_default();
    parameter.value.map(|value| ParameterValue::new(value, version))
}

impl SsmParameters {
    /// What a name and its labels stand for, asked for at once. Each has a call of its own: AWS does not say what it makes
    /// of one name under several labels in one call.
    async fn labelled(&self, name: &ParameterName) -> Result<SecretValues, ParameterError> {
        let find = |label: Option<&'static str>| async move {
            let selector = label.map_or_else(|| name.as_str().to_owned(), |label| format!("{}:{label}", name.as_str()));
            match self.get(selector).await {
                Ok(value) => Ok(Some((label, value))),
                Err(ParameterError::Missing) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let labels = std::iter::once(CURRENT).chain(ACCEPTED).map(Some);
        let found = try_join_all(std::iter::once(None).chain(labels).map(find)).await?;
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        let of = |wanted: Option<&str>| {
            let at = found.iter().position(|(label, _)| *label == wanted)?;
            Some(found.swap_remove(at).1)
        };
        SecretValues::of(of).ok_or(ParameterError::Missing)
    }
}

impl Parameters for SsmParameters {
    fn read<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        Box::pin(self.get(name.as_str().to_owned()))
    }

    fn read_secret<'a>(&'a self, name: &'a ParameterName) -> BoxFuture<'a, Result<SecretValues, ParameterError>> {
        Box::pin(self.labelled(name))
    }

    fn read_version<'a>(
        &'a self,
        name: &'a ParameterName,
        version: u32,
    ) -> BoxFuture<'a, Result<ParameterValue, ParameterError>> {
        Box::pin(self.get(format!("{}:{version}", name.as_str())))
    }
}

fn is_missing(error: &GetParameterError) -> bool {
    error.is_parameter_not_found() || error.is_parameter_version_not_found()
}
