//! `deployer man`: the manual, a page a verb.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::error::{Exit, Failure};
use crate::render::Reporter;

/// Runs the command: pages into a folder, or the first page on stdout.
pub fn run(folder: Option<&Path>, report: &Reporter) -> Result<Exit, Failure> {
    // The words of globals and subcommands are in place only when it is built.
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
            clap_mangen::generate_to(command, folder).map_err(|error| Failure::file(folder, &error))?;
            report.say(&format!("written: man -l {}", folder.join("deployer.1").display()));
        }
        None => {
            let mut page = Vec::new();
            let path = Path::new("deployer.1");
            Man::new(command).render(&mut page).map_err(|error| Failure::file(path, &error))?;
            report.out(String::from_utf8_lossy(&page).trim_end());
        }
    }
    Ok(Exit::Done)
}
