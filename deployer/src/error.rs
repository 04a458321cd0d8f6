//! What can end a command early, what to do about it, and the exit code that tells.

use std::fmt;

use deployer_engine::address::Address;
use deployer_engine::diagnostic::{Diagnostic, Location};
use deployer_engine::refresh::Unread;
use deployer_engine::resource::{CloudError, ErrorClass};

/// How a command ends. Scripts rely on these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Anything that has no number of its own.
    Other = 1,
    /// With `--detailed-exitcode` or `--fail`: there are differences.
    Differences = 2,
    /// The command line or the stack file is wrong.
    Usage = 3,
    /// Credentials or permissions are missing.
    Denied = 4,
    /// A rule forbids it, such as touching what is not ours.
    Policy = 5,
    /// Somebody else holds the lock.
    Locked = 6,
    /// Some of it is done; running again continues.
    Partial = 7,
    /// The plan that was to be done is not what would be done now.
    Stale = 9,
    /// It took longer than it may.
    TimedOut = 10,
    /// It would replace or delete protected data.
    Protected = 11,
    /// A person must do something first.
    NeedsPerson = 12,
    /// Stopped by Ctrl-C; safe to run again.
    Interrupted = 130,
    /// Stopped by SIGTERM or SIGHUP; safe to run again.
    Terminated = 143,
}

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong, everything at once.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure that is not about a file.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, diagnostics: vec![Diagnostic::error(code, message)] }
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(last) = self.diagnostics.last_mut() {
            last.hint = Some(hint.into());
        }
        self
    }

    /// Whether this is why: the code of a diagnostic.
    pub fn is(&self, code: &str) -> bool {
        self.diagnostics.iter().any(|each| each.code == code)
    }

    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// A file or folder that cannot be used.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(Exit::Other, "file", format!("{}: {error}", path.display()))
    }
}

/// Faults of a stack file, or of a plan: the code of the gravest tells which.
impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        let has = |code: &str| diagnostics.iter().any(|each| each.code == code);
        let exit = if has("protected") {
            Exit::Protected
        } else if has("foreign") {
            Exit::Policy
        } else {
            Exit::Usage
        };
        Self { exit, diagnostics }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::from(vec![diagnostic])
    }
}

/// What could not be read: each with the resource that was asked for, and where it is declared.
impl From<Vec<Unread>> for Failure {
    fn from(unread: Vec<Unread>) -> Self {
        let exits = unread.iter().map(|each| exit_of(&each.error));
        let exit = exits.into_iter().find(|exit| *exit != Exit::Other).unwrap_or(Exit::Other);
        let told = unread.iter().map(|each| told_of(each.address.as_ref(), each.location.as_ref(), &each.error));
        Self { exit, diagnostics: told.collect() }
    }
}

/// An error of the cloud that is about no resource.
impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Self {
        Self::from(vec![Unread::from(error)])
    }
}

/// The exit code that an error of the cloud asks for.
pub fn exit_of(error: &CloudError) -> Exit {
    match error.class {
        ErrorClass::Denied => Exit::Denied,
        ErrorClass::NeedsPerson => Exit::NeedsPerson,
        _ => Exit::Other,
    }
}

/// An error of the cloud, with the resource that it is about and the place of its declaration.
pub fn told_of(address: Option<&Address>, location: Option<&Location>, error: &CloudError) -> Diagnostic {
    let fault = told(error);
    let message = address.map_or_else(|| fault.message.clone(), |address| format!("{address}: {}", fault.message));
    Diagnostic { message, location: location.cloned(), ..fault }
}

/// An error of the cloud in a person's words: what, on what, why, and what to do.
fn told(error: &CloudError) -> Diagnostic {
    let fault = Diagnostic::error("cloud", error.to_string());
    if let Some(hint) = &error.hint {
        return fault.hint(hint);
    }
    match (&error.missing_action, error.class) {
        (Some(action), _) => {
            fault.hint(format!("the caller lacks `{action}`; `deployer permissions` prints the whole policy"))
        }
        (None, ErrorClass::Denied) => fault.hint("check the credentials: `aws sts get-caller-identity` must answer"),
        (None, ErrorClass::Unknown) => {
            fault.hint("nobody knows whether it happened; run again: the deployer looks before it repeats")
        }
        (None, ErrorClass::Throttled | ErrorClass::NotYet | ErrorClass::Conflict | ErrorClass::Stopped) => {
            fault.hint("run again in a while: what is done stays done")
        }
        _ => fault,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.diagnostics.iter().map(Diagnostic::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl std::error::Error for Failure {}
