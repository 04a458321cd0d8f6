//! Verbs that have verbs of their own.

use std::path::PathBuf;

use clap::Subcommand;

/// What can be done with the local AWS.
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Start it, when it does not run
    Up,
    /// Stop it; what it holds is kept for the next start
    Down {
        /// Delete what it holds, too
        #[arg(long)]
        purge: bool,
    },
    /// Whether it runs, and where
    Status,
    /// Open the console: stacks, tables, logs, invocations and mail, to look at in a browser
    Open,
    /// The mail that was sent: a list, or one message by its number
    Mail {
        /// The message's number in the list
        number: Option<usize>,
    },
    /// Shell exports for other tools: `eval "$(deployer local env)"`
    Env,
    /// Run it in the foreground (what `up` starts)
    #[command(hide = true)]
    Serve {
        /// Enforce IAM on every call
        #[arg(long)]
        auth: bool,
    },
}

/// What can be looked at in a state.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Every record, a line each
    List,
    /// One record, or one declaration's, whole
    Show {
        /// `kind.name` or `kind.name/part`
        address: String,
    },
    /// Make a lost state again from names and tags; AWS is only read
    Rebuild {
        /// Every stack of the project, in the order in which they need each other
        #[arg(long, conflicts_with = "stack")]
        all: bool,
    },
    /// Write the state as JSON
    Export {
        /// Into this file, which only its owner may read, and not to stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// What can be done with a lock.
#[derive(Debug, Subcommand)]
pub enum LockCommand {
    /// Who holds it, where and since when
    Show,
    /// Take it away from a holder that is known to be gone; asks first
    Break,
}
