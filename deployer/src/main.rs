//! `deployer`: from the command line to an exit code, and nothing else.

mod activity;
mod applying;
mod arguments;
mod artifacts;
mod bringing_up;
mod browser;
mod commands;
mod context;
mod dev;
mod endpoint;
mod error;
mod layout;
mod leaks;
mod machine;
mod measured;
mod net;
mod plan_file;
mod planning;
mod project;
mod reach;
mod recorded;
mod remembering;
mod render;
mod repository;
mod signals;
mod starter;
mod store;
mod tail;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::arguments::Arguments;
use crate::error::Exit;
use crate::render::Reporter;
use crate::signals::Signals;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return code(if asked { Exit::Done } else { Exit::Usage });
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads can be started: {error}");
            return code(Exit::Other);
        }
    };
    let report = Reporter::new(&arguments.globals);
    let exit = runtime.block_on(async {
        let signals = Signals::listen(arguments.globals.timeout);
        match signals.unless_stopped(commands::run(&arguments, &report, &signals)).await {
            Ok(exit) => exit,
            Err(failure) => {
                report.failure(&failure);
                failure.exit
            }
        }
    });
    // Calls in flight are the journal's business; threads that still wait must not hold us up.
    runtime.shutdown_background();
    code(exit)
}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}
