//! `deployer completions`: what a shell completes.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::arguments::Arguments;
use crate::error::{Exit, Failure};
use crate::render::Reporter;

/// The program's name in a shell.
const PROGRAM: &str = "deployer";

/// Runs the command: a script for the shell.
pub fn run(shell: Shell, report: &Reporter) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), PROGRAM, &mut script);
    report.out(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Done)
}
