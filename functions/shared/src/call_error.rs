//! Why a call to AWS gave no result, and whether it may have had an effect all the same.

use std::fmt;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;

/// A call that gave no result. It holds nothing that people wrote, so it may be logged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallError {
    /// The API operation, such as `PutItem`.
    pub operation: &'static str,
    /// The service's error code, or what happened on the way.
    pub code: String,
    /// The service's name for this call, where it answered.
    pub request_id: Option<String>,
    /// What is known of the call's effect.
    pub effect: Effect,
}

/// What is known of a failed call's effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// It was refused, or never sent.
    None,
    /// No answer that tells: it may have happened.
    Unknown,
}

impl CallError {
    /// Classifies an error of the SDK. The service's message is left out: it may name people.
    pub fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let (code, effect) = match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status();
                let effect = match status.is_client_error() {
                    true => Effect::None,
                    false => Effect::Unknown,
                };
                let code = answer.err().code().map(str::to_owned);
                (code.unwrap_or_else(|| format!("status {status}")), effect)
            }
            SdkError::ConstructionFailure(_) => ("not sent".to_owned(), Effect::None),
            SdkError::TimeoutError(_) => ("no answer in time".to_owned(), Effect::Unknown),
            SdkError::DispatchFailure(failure) if failure.is_user() => ("not sent".to_owned(), Effect::None),
            SdkError::DispatchFailure(_) => ("no connection".to_owned(), Effect::Unknown),
            _ => ("an answer that cannot be read".to_owned(), Effect::Unknown),
        };
        Self { operation, code, request_id: error.request_id().map(str::to_owned), effect }
    }

    /// An error of our own making about a call's result.
    pub fn odd_result(operation: &'static str, code: impl Into<String>) -> Self {
        Self { operation, code: code.into(), request_id: None, effect: Effect::Unknown }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.code)?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CallError {}
