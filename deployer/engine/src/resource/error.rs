//! Errors of the cloud, and what to do about them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What to do about an error of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// AWS said no: repeating it will not help.
    Refused,
    /// The caller may not do this.
    Denied,
    /// Too many calls: nothing happened, wait and repeat.
    Throttled,
    /// Something it needs is not there yet (a new role, an update under way): nothing happened, wait and repeat.
    NotYet,
    /// The object, or something that it needs, is not there: final, unless that was made a moment ago and is not
    /// known everywhere yet. Nothing happened.
    Missing,
    /// It changed between our look and our write: nothing happened, look again and repeat.
    Conflict,
    /// No answer, or a 5xx: it may have happened. Look before repeating.
    Unknown,
    /// The run was stopped before the call: nothing was sent.
    Stopped,
    /// Our inputs make no sense to AWS, or to us.
    Inputs,
    /// A person must do something first.
    NeedsPerson,
}

/// An error of the cloud with everything that a person needs to act on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudError {
    /// What to do about it.
    pub class: ErrorClass,
    /// Service and operation, such as `lambda:CreateFunction`.
    pub operation: String,
    /// The object that was worked on, such as its name. Empty when there is none.
    pub object: String,
    /// AWS's error code, such as `ResourceConflictException`; ours are lower-case words.
    pub code: String,
    /// AWS's message, or ours.
    pub message: String,
    /// AWS's request id, when there was an answer.
    pub request_id: Option<String>,
    /// The IAM action that is missing, when the caller may not do this.
    pub missing_action: Option<String>,
    /// How long AWS asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What a person can do about it, where more is known than the class tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl CloudError {
    /// An error of ours, without a call.
    pub fn new(class: ErrorClass, operation: &str, object: &str, code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            class,
            operation: operation.into(),
            object: object.into(),
            code: code.into(),
            message,
            request_id: None,
            missing_action: None,
            retry_after_ms: None,
            hint: None,
        }
    }

    /// Inputs that cannot be used: `what` says why.
    pub fn inputs(object: &str, what: impl Into<String>) -> Self {
        Self::new(ErrorClass::Inputs, "", object, "bad-inputs", what)
    }

    /// A call that is not made because the run was stopped.
    pub fn stopped(operation: &str) -> Self {
        Self::new(ErrorClass::Stopped, operation, "", "stopped", "stopped before this was asked of AWS")
    }

    /// Something that must be waited for, such as a new role or a running update.
    pub fn not_yet(operation: &str, object: &str, what: impl Into<String>) -> Self {
        Self::new(ErrorClass::NotYet, operation, object, "not-yet", what)
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation.is_empty() {
            write!(f, "{}", self.operation)?;
            if !self.object.is_empty() {
                write!(f, " on {}", self.object)?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{} [{}]", self.message, self.code)?;
        self.request_id.iter().try_for_each(|id| write!(f, " request {id}"))
    }
}

impl std::error::Error for CloudError {}
