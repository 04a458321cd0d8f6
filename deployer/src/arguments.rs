//! The command line: what can be said, and nothing about what it does.

mod globals;
mod nouns;
pub mod secrets;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::secrets::SecretsCommand;

pub use globals::{Globals, Output, Wait, duration};
pub use nouns::{LocalCommand, LockCommand, StateCommand};

/// Provisions and ships small serverless products on AWS from stack files.
#[derive(Debug, Parser)]
#[command(
    name = "deployer",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Begin with `deployer up --all -e local`; `deployer plan --all -e local` shows what would be, and changes nothing."
)]
pub struct Arguments {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// Which steps of a plan are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Every stack of the project, in the order in which they need each other
    #[arg(long)]
    pub all: bool,
    /// Only this declaration (`kind.name`) and what it waits for; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Not this declaration, nor what waits for it; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the bucket that keeps an environment's state; in an empty folder: a first stack file
    Init,
    /// Check the stack files without asking AWS
    Validate,
    /// Show what `up` would do; changes nothing
    #[command(visible_aliases = ["preview", "diff"])]
    Plan {
        #[command(flatten)]
        selection: Selection,
        /// Exit with 2 when there are changes
        #[arg(long)]
        detailed_exitcode: bool,
        /// Build first, to show exact sizes
        #[arg(long)]
        build: bool,
        /// Plan also what would delete data
        #[arg(long)]
        delete_data: bool,
        /// Also write the plan as Markdown to this file
        #[arg(long, value_name = "FILE")]
        md: Option<PathBuf>,
        /// Keep the plan in this file, as digests: `up FILE` does it, and nothing else
        #[arg(long, value_name = "FILE", conflicts_with = "all")]
        out: Option<PathBuf>,
    },
    /// Make the world as the stack files say
    #[command(visible_alias = "apply")]
    Up {
        /// A plan that `plan --out` kept: done without a question, or refused with 9 when it is stale
        #[arg(value_name = "PLAN", conflicts_with_all = ["all", "target", "exclude", "delete_data"])]
        plan: Option<PathBuf>,
        #[command(flatten)]
        selection: Selection,
        /// Let data be lost where the plan deletes what holds it
        #[arg(long)]
        delete_data: bool,
        /// What to wait for in the end
        #[arg(long, value_enum, default_value_t = Wait::Ready)]
        wait: Wait,
    },
    /// Delete what the stack made
    #[command(visible_alias = "destroy")]
    Down {
        /// Every stack of the project
        #[arg(long)]
        all: bool,
        /// Keep this declaration (`kind.name`); repeatable
        #[arg(long, value_name = "ADDRESS")]
        keep: Vec<String>,
        /// Let data be lost
        #[arg(long)]
        delete_data: bool,
    },
    /// The whole product on this machine: up, then shipped again whenever a file changes
    Dev,
    /// Show what functions have written, and write
    Logs(crate::commands::logs::Options),
    /// The same as `logs --follow`
    Tail(crate::commands::logs::Options),
    /// Show how often functions ran, how long and how well, by what their logs tell
    Metrics(crate::commands::metrics::Options),
    /// Open the product in a browser: the address that an output tells
    Open {
        /// The output, when it is not `url`
        name: Option<String>,
    },
    /// Say what a declaration expands to, whom it needs, why it would change, and what it may do
    Explain(crate::commands::explain::Options),
    /// Draw who needs whom in a stack
    Graph(crate::commands::graph::Options),
    /// Build functions and sites without shipping them
    Build {
        /// What to build (`kind.name`); absent: everything
        #[arg(value_name = "ADDRESS")]
        addresses: Vec<String>,
    },
    /// Show what is up, and whether it is as the stack file says
    Status {
        /// Every stack of the project
        #[arg(long)]
        all: bool,
    },
    /// Show who did what, and when, the newest first
    History {
        /// How many runs of each stack at most
        #[arg(short = 'n', long = "last", value_name = "N", default_value_t = 20)]
        most: usize,
    },
    /// Show the stack's named values
    Outputs {
        /// Every stack of the project
        #[arg(long)]
        all: bool,
        /// Only this value, bare
        name: Option<String>,
    },
    /// Leave the status of all stacks, an audit of secrets, commits and releases in a bucket, for the executive reports
    Export {
        /// The bucket, such as `bucket.reports`
        bucket: String,
        /// Known weaknesses of dependencies too: what `cargo deny --format json check advisories 2>FILE` wrote
        #[arg(long, value_name = "FILE")]
        advisories: Option<PathBuf>,
    },
    /// Call a function and show its answer
    Invoke {
        /// The function, such as `function.crew-api`
        address: String,
        /// The event: JSON, or `@file`
        #[arg(long, value_name = "JSON", default_value = "{}")]
        data: String,
    },
    /// The local AWS, for `-e local`
    Local {
        #[command(subcommand)]
        command: LocalCommand,
    },
    /// Look at what is recorded, or record anew what is there
    State {
        #[command(subcommand)]
        command: StateCommand,
    },
    /// Who holds the lock of the state
    Lock {
        #[command(subcommand)]
        command: LockCommand,
    },
    /// Secrets: how old they are, what they are, and rotating them
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Look through the files of the project for what should not be there
    Audit {
        /// For what looks like a key: exit with 2 when there is something
        #[arg(long, required = true)]
        secrets: bool,
    },
    /// Print the least-privilege policy that deploying the stack needs
    Permissions {
        /// Who gets it
        #[arg(long, value_enum, default_value_t = Role::Deploy)]
        role: Role,
        /// Every stack of the project
        #[arg(long, conflicts_with = "stack")]
        all: bool,
    },
    /// Look whether this machine has what the project takes, and with `-e` the account
    Doctor,
    /// Lay the stack files out in one way; comments stay
    Fmt(crate::commands::fmt::Options),
    /// Print what a shell completes: `source <(deployer completions bash)`
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual, or write it into a folder, a page a verb
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print the JSON Schema of stack files
    Schema {
        /// The reference of all kinds instead, as Markdown for people
        #[arg(long)]
        md: bool,
    },
}

/// Who gets a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Whoever runs every command.
    Deploy,
    /// Whoever only runs `plan`.
    Plan,
    /// Whoever only runs `secrets rotate` and `secrets audit`.
    Rotate,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
