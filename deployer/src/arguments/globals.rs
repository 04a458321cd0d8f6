//! What every command understands.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

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

/// A span of time such as `90s`, `5m`, `1h` or `7d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write a number and `s`, `m`, `h` or `d`, such as `5m`");
    let (number, unit) = text.split_at(text.find(|each: char| !each.is_ascii_digit()).ok_or_else(wrong)?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "5", "m", "-1s", "5w", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
