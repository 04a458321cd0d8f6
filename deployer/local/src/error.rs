//! What may go wrong with the local AWS, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the local AWS could not be started, stopped or asked.
#[derive(Debug)]
pub enum LocalError {
    /// A file or folder could not be used.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No Python is there that could run it, or it lacks `venv`.
    Python {
        /// What was tried and what it said.
        message: String,
    },
    /// The virtual environment could not be filled.
    Packages {
        /// The last lines of pip.
        output: String,
    },
    /// It did not start.
    NotStarted {
        /// What was seen.
        message: String,
        /// The last lines of its log.
        log: String,
    },
    /// It did not end in time.
    NotStopped {
        /// The process that still runs.
        pid: u32,
    },
    /// None runs in this folder.
    NotRunning,
    /// Another daemon of this folder runs already.
    AlreadyServed,
    /// It did not answer as expected.
    Answer {
        /// What was asked and what came.
        message: String,
    },
}

impl LocalError {
    /// Wraps what the system said of a path.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// What a person may do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Python { .. } => Some(
                "install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv; macOS: brew install python)",
            ),
            Self::Packages { .. } => {
                Some("the packages come from the Python package index once: check the network, then run it again")
            }
            Self::NotRunning => Some("start it: deployer local up"),
            Self::NotStarted { .. } | Self::NotStopped { .. } => {
                Some("the whole log is .deployer/local/log; deployer local down, then up, starts afresh")
            }
            Self::File { .. } | Self::AlreadyServed | Self::Answer { .. } => None,
        }
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => write!(out, "cannot use {}", path.display()),
            Self::Python { message } => write!(out, "the local AWS needs Python: {message}"),
            Self::Packages { output } => write!(out, "the local AWS could not be installed:\n{output}"),
            Self::NotStarted { message, log } if log.is_empty() => {
                write!(out, "the local AWS did not start: {message}")
            }
            Self::NotStarted { message, log } => {
                write!(out, "the local AWS did not start: {message}; its log ends with:\n{log}")
            }
            Self::NotStopped { pid } => write!(out, "the local AWS (process {pid}) does not end"),
            Self::NotRunning => out.write_str("no local AWS runs in this folder"),
            Self::AlreadyServed => out.write_str("a local AWS of this folder runs already"),
            Self::Answer { message } => write!(out, "the local AWS did not answer as expected: {message}"),
        }
    }
}

impl std::error::Error for LocalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
