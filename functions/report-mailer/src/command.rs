//! The command on a laptop: writes the reports to a folder instead of sending them.

use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use jiff::Timestamp;

use crate::invocation::make;
use crate::portfolio::{Files, Portfolio};

/// Writes the executive reports as HTML and text. On AWS the same program mails them.
#[derive(Debug, Parser)]
#[command(name = "report-mailer", version)]
pub struct Arguments {
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A folder with portfolio files, instead of those compiled in
    #[arg(long, value_name = "DIR")]
    pub portfolio: Option<PathBuf>,
}

/// What the command did: lines for people, and whether everything worked.
#[derive(Debug, Eq, PartialEq)]
pub struct Done {
    /// One line a file, or a fault.
    pub lines: Vec<String>,
    /// Whether every report was written.
    pub complete: bool,
}

/// Makes the reports and writes `<report>.html` and `<report>.txt`.
pub fn write(arguments: &Arguments, now: Timestamp) -> io::Result<Done> {
    let files = match &arguments.portfolio {
        Some(folder) => Files::in_folder(folder)?,
        None => Files::embedded(),
    };
    let portfolio = Portfolio::read(&files);
    if !portfolio.faults.is_empty() {
        return Ok(Done { lines: portfolio.faults.iter().map(ToString::to_string).collect(), complete: false });
    }
    std::fs::create_dir_all(&arguments.out)?;
    let mut done = Done { lines: Vec::new(), complete: true };
    for made in make(&portfolio, now, None) {
        match made {
            Ok(rendered) => {
                let files = [("html", &rendered.html), ("txt", &rendered.text)];
                for (form, text) in files {
                    let path = arguments.out.join(format!("{}.{form}", rendered.name));
                    done.lines.push(save(&path, text)?);
                }
            }
            Err(failed) => {
                let error = failed.error.unwrap_or_default();
                done.lines.push(format!("{}: {error}", failed.report));
                done.complete = false;
            }
        }
    }
    Ok(done)
}

fn save(path: &Path, text: &str) -> io::Result<String> {
    std::fs::write(path, text)?;
    Ok(format!("wrote {}, {} bytes", path.display(), text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_every_report_are_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = Arguments { out: folder.path().join("reports"), portfolio: None };
        let done = write(&arguments, Timestamp::UNIX_EPOCH).expect("written");
        assert!(done.complete);
        let html = std::fs::read_to_string(arguments.out.join("ceo.html")).expect("HTML");
        assert!(html.starts_with("<!doctype html>"));
        let text = std::fs::read_to_string(arguments.out.join("ceo.txt")).expect("text");
        assert!(text.starts_with("CEO report\n"));
    }

    #[test]
    fn faults_of_a_portfolio_are_told_and_nothing_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in Files::embedded().0 {
            let text = text.replace("entity = \"jada\"", "entity = \"jade\"");
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let arguments = Arguments { out: folder.path().join("reports"), portfolio: Some(folder.path().to_owned()) };
        let done = write(&arguments, Timestamp::UNIX_EPOCH).expect("read");
        assert!(!done.complete && !arguments.out.exists());
        assert!(done.lines.len() > 1);
        assert!(done.lines.iter().all(|line| line.contains(".toml:")), "{:?}", done.lines);
    }
}
