//! The command line: what can be said, and nothing about what it does.

mod nouns;
pub mod secrets;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use self::secrets::SecretsCommand;

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

/// What every command understands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The stack, by name or file
    #[arg(short, long, global = true, env = "DEPLOYER_STACK", value_name = "NAME")]
    pub stack: Option<String>,
    /// The environment, such as `local` or `prod`
    #[arg(short, long = "env", global = true, env = "DEPLOYER_ENV", value_name = "NAME")]
    pub environment: Option<String>,
    /// The project's folder
    #[arg(short = 'C', global = true, env = "DEPLOYER_DIR", default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
    /// The profile of the AWS configuration; the local AWS needs none
    #[arg(long, global = true, env = "DEPLOYER_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// How results are written
    #[arg(long, global = true, env = "DEPLOYER_OUTPUT", value_enum, default_value_t = Output::Human)]
    pub output: Output,
    /// The same as `--output jsonl`
    #[arg(long, global = true, env = "DEPLOYER_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// No colours (also `NO_COLOR`)
    #[arg(long, global = true, env = "DEPLOYER_NO_COLOR", value_parser = FalseyValueParser::new())]
    pub no_color: bool,
    /// Never ask; a command that would have to ask stops
    #[arg(long, global = true, env = "DEPLOYER_NO_INPUT", value_parser = FalseyValueParser::new())]
    pub no_input: bool,
    /// Answer yes to the question
    #[arg(short, long, global = true, env = "DEPLOYER_YES", value_parser = FalseyValueParser::new())]
    pub yes: bool,
    /// How long to wait for another deployer's lock, such as `5m`
    #[arg(long, global = true, env = "DEPLOYER_LOCK_WAIT", value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub lock_wait: Duration,
    /// How many steps run at a time
    #[arg(long, global = true, env = "DEPLOYER_PARALLELISM", value_name = "N", default_value_t = 16)]
    pub parallelism: usize,
    /// How long the command may take, such as `20m`
    #[arg(long, global = true, env = "DEPLOYER_TIMEOUT", value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Treat the local AWS as AWS: pace calls, and look patiently for what was just made; for tests of both
    #[arg(long, global = true, env = "DEPLOYER_AS_AWS", hide = true, value_parser = FalseyValueParser::new())]
    pub as_aws: bool,
    /// Show every resource; twice: every input
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Human,
    /// For programs: one JSON object a line.
    Jsonl,
    /// For pull requests.
    Markdown,
    /// Errors only.
    Quiet,
}

/// What `up` waits for in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wait {
    /// Nothing but what is made: what would wait until every edge has followed is left to a later `up`.
    None,
    /// Everything is made and works; edges far away may follow within minutes.
    Ready,
    /// Every edge of CloudFront serves it.
    Edge,
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

impl Globals {
    /// How results are written, `--json` included.
    pub fn output(&self) -> Output {
        if self.json { Output::Jsonl } else { self.output }
    }

    /// Whether a question can be asked.
    pub fn may_ask(&self) -> bool {
        use std::io::IsTerminal as _;
        !self.no_input
            && std::env::var_os("CI").is_none()
            && std::io::stdin().is_terminal()
            && std::io::stderr().is_terminal()
    }
}

/// A span of time such as `90s`, `5m` or `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write a number and `s`, `m` or `h`, such as `5m`");
    let (number, unit) = text.split_at(text.find(|each: char| !each.is_ascii_digit()).ok_or_else(wrong)?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for text in ["", "5", "m", "-1s", "5d", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
