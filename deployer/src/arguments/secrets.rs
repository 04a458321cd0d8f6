//! What can be said after `deployer secrets`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What can be done with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Every declared secret: its version, its age, when it is due, who reads it, who changed it last
    List {
        /// Every stack of the project
        #[arg(long)]
        all: bool,
    },
    /// Show what is known of a secret, and with `--reveal` its value, on a terminal only
    Get {
        /// `secret.name`
        address: String,
        /// Show the value; nothing that a program reads gets it
        #[arg(long)]
        reveal: bool,
    },
    /// Put the value of an `external` secret in place: asked for, or from stdin or a file, never from an argument
    Set {
        /// `secret.name`
        address: String,
        /// The file whose content is the value, less a newline at its end
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Rotate what is due, or these secrets now; a rotation that is under way goes on
    Rotate {
        /// `secret.name`; none: every secret that is due
        #[arg(value_name = "ADDRESS")]
        addresses: Vec<String>,
        #[command(flatten)]
        going: Going,
        /// Wait for nothing: the former value is refused as soon as functions forget it, and so is whoever still uses it
        #[arg(long, requires = "addresses")]
        emergency: bool,
    },
    /// Go on with rotations that are under way, as far as their waits are over
    Resume {
        /// `secret.name`; none: every one
        #[arg(value_name = "ADDRESS")]
        addresses: Vec<String>,
        #[command(flatten)]
        going: Going,
    },
    /// Take back a value that is published and not used yet
    Abort {
        /// `secret.name`
        address: String,
        #[command(flatten)]
        time: Time,
    },
    /// End the overlap: the former value is accepted no more
    Retire {
        /// `secret.name`
        address: String,
        /// Do not wait for the overlap to pass
        #[arg(long)]
        emergency: bool,
        #[command(flatten)]
        time: Time,
    },
    /// Move a plaintext `.env` file into Parameter Store: its names into the stack file, its values to AWS alone
    Import {
        /// The file, such as `repos.env`
        file: PathBuf,
        /// This name is no secret, whatever it looks like; repeatable
        #[arg(long, value_name = "NAME")]
        plain: Vec<String>,
        /// This name is a secret, whatever it looks like; repeatable
        #[arg(long, value_name = "NAME")]
        secret: Vec<String>,
        /// The function that reads them: it gets their names in its environment and the right to read each
        #[arg(long, value_name = "ADDRESS")]
        reader: Option<String>,
        /// Show what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Exit with 2 when a secret is overdue, missing, unread or stuck in a rotation
    Audit {
        /// Every stack of the project
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        time: Time,
    },
}

/// How far a rotation goes in this run.
#[derive(Clone, Debug, Args)]
pub struct Going {
    /// The last turn that is made
    #[arg(long, value_enum, default_value_t = Until::Retire)]
    pub until: Until,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Stay until the rotation is done instead of saying when to come back
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,
    #[command(flatten)]
    pub time: Time,
}

/// The time that is taken for now.
#[derive(Clone, Copy, Debug, Args)]
pub struct Time {
    /// Take another time for now, in epoch seconds: only on the local AWS, where waits would be in the way
    #[arg(long, hide = true, value_name = "SECONDS")]
    pub at: Option<u64>,
}

/// The turns that a rotation can be ended after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// The new value is accepted, and the present one used.
    Publish,
    /// The new value is used, and the former one accepted.
    Activate,
    /// The former value is refused.
    Retire,
}
