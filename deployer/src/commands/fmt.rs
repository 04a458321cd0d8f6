//! `deployer fmt`: the layout of stack files.

use clap::Args;
use deployer_engine::diagnostic::Diagnostic;

use crate::arguments::Globals;
use crate::error::{Exit, Failure};
use crate::layout::laid_out;
use crate::project::Project;
use crate::render::Reporter;

/// What the command line says.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Change nothing; end with 2 when something is not laid out
    #[arg(long)]
    check: bool,
}

/// Runs the command on the named stack, or on every one. Faults of a file are told by `validate`; here it need only be TOML.
pub fn run(project: &Project, globals: &Globals, options: &Options, report: &Reporter) -> Result<Exit, Failure> {
    let mut other = false;
    for path in project.stack_paths()? {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if globals
            .stack
            .as_deref()
            .is_some_and(|asked| asked.trim_end_matches(".toml").rsplit('/').next() != Some(name))
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        let shown = path.strip_prefix(&project.folder).unwrap_or(&path).display().to_string();
        let Some(written) = laid_out(&text) else {
            let fault = Diagnostic::error("syntax", format!("{shown} is no TOML"));
            return Err(fault.hint("`deployer validate` shows where").into());
        };
        if written == text {
            continue;
        }
        other = true;
        report.say(&format!("{} {shown}", if options.check { "not laid out:" } else { "laid out:" }));
        if !options.check {
            replace(&path, &written)?;
        }
    }
    Ok(if other && options.check { Exit::Differences } else { Exit::Done })
}

/// Puts the text in the file's place at once: whoever reads it meanwhile reads the old one or the new one.
pub fn replace(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let folder = path.parent().unwrap_or(path);
    let mut part = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut part, text.as_bytes()).map_err(failed)?;
    let mode = std::fs::metadata(path).map_err(failed)?.permissions();
    part.as_file().set_permissions(mode).map_err(failed)?;
    part.persist(path).map(drop).map_err(|error| failed(error.error))
}
