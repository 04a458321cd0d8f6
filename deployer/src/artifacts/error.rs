//! What can go wrong while artifacts are hashed and built.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Diagnostic;

/// Why an artifact could not be made.
#[derive(Debug)]
pub enum ArtifactError {
    /// The stack file or the project asks for something impossible; every fault at once.
    Faults(Vec<Diagnostic>),
    /// A file could not be read or written.
    Io {
        /// What was being done, such as `writing`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program that the build needs is missing or cannot be set up.
    Tool {
        /// The program, such as `cargo`.
        tool: &'static str,
        /// What is wrong, one sentence.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// A build ran and failed.
    Build {
        /// What was to be built.
        addresses: Vec<DeclarationAddress>,
        /// The command as a person would type it.
        command: String,
        /// How it ended, such as `exit status: 101`.
        ended: String,
        /// The last of what it printed, ready to show.
        output: String,
    },
    /// What was built cannot run where it is to run.
    Unfit {
        /// What was built.
        address: DeclarationAddress,
        /// Why it cannot run there.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// The sources changed again and again while they were being built.
    Unsteady {
        /// What was being built.
        address: DeclarationAddress,
    },
}

impl ArtifactError {
    /// An error of the system at a path.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// What to do about it, where one sentence can say so.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Tool { hint, .. } | Self::Unfit { hint, .. } => Some(hint),
            Self::Unsteady { .. } => Some("wait until nothing writes to the project, then run it again"),
            Self::Faults(_) | Self::Io { .. } | Self::Build { .. } => None,
        }
    }
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults(faults) => {
                let lines = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
                write!(f, "{}", lines.join("\n"))
            }
            Self::Io { doing, path, .. } => write!(f, "{doing} {} failed", path.display()),
            Self::Tool { tool, message, .. } => write!(f, "{tool}: {message}"),
            Self::Build { addresses, command, ended, output } => {
                write!(f, "building {} failed: `{command}` ended with {ended}", listed(addresses))?;
                if output.is_empty() { Ok(()) } else { write!(f, "\n{output}") }
            }
            Self::Unfit { address, message, .. } => write!(f, "{address}: {message}"),
            Self::Unsteady { address } => write!(f, "the sources of {address} change while they are being built"),
        }
    }
}

impl std::error::Error for ArtifactError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Addresses as a sentence names them.
pub(super) fn listed(addresses: &[DeclarationAddress]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
