//! The command on a laptop: writes the reports to a folder, and sends them when asked to.

mod told;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use functions_shared::zone;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::invocation::make;
use crate::live::Live;
use crate::portfolio::{Files, Portfolio};
use crate::render::{Links, Rendered, STYLESHEET, STYLESHEET_NAME, render};
use crate::report::{Failed, Report, ReportId};

pub use told::{Ended, Told};

/// Writes the executive reports as HTML, text and pictures, without AWS. On AWS the same program mails them.
#[derive(Debug, Parser)]
#[command(name = "report-mailer", version)]
pub struct Arguments {
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "send")]
    pub out: Option<PathBuf>,
    /// Only these reports, between commas: ceo, cto, accounting, cmo, cfo, rental, yacht-delivery, client-portfolio
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<ReportId>,
    /// The day for which they are made: the same data and day make the same bytes [default: now]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub as_of: Option<Date>,
    /// A folder with portfolio files, instead of those compiled in
    #[arg(long, value_name = "DIR")]
    pub portfolio: Option<PathBuf>,
    /// A file with live readings as JSON, instead of none
    #[arg(long, value_name = "FILE")]
    pub live: Option<PathBuf>,
    /// The summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Mail them as the function does, configured by the same variables, with the portfolio compiled in
    #[arg(long, conflicts_with_all = ["as_of", "portfolio", "live"])]
    pub send: bool,
}

/// What stops the command before all reports are done.
#[derive(Debug)]
pub struct CommandError {
    /// The file or folder.
    path: PathBuf,
    /// What is wrong with it.
    why: String,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for CommandError {}

/// Makes the reports and writes `<report>.html`, `.txt`, `.web.html` and a picture for each chart of lines; what an
/// earlier run left of a report is taken away. `progress` is told each report as it is done.
pub fn write(
    arguments: &Arguments,
    folder: &Path,
    now: Timestamp,
    progress: &dyn Fn(&Told),
) -> Result<Vec<Told>, CommandError> {
    let files = match &arguments.portfolio {
        Some(folder) => Files::in_folder(folder).map_err(|(path, error)| at(&path, error))?,
        None => Files::embedded(),
    };
    let live = match &arguments.live {
        Some(path) => live(path)?,
        None => Live::default(),
    };
    let made = arguments.as_of.map_or(now, start_of);
    std::fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
    put(folder, STYLESHEET_NAME, STYLESHEET.as_bytes())?;
    let mut all = Vec::new();
    for report in make(&Portfolio::read(&files), &live, made, &arguments.only) {
        let told = one(report, made, folder)?;
        progress(&told);
        all.push(told);
    }
    Ok(all)
}

fn one(report: Result<Report, Failed>, made: Timestamp, folder: &Path) -> Result<Told, CommandError> {
    let name = report.as_ref().map_or_else(|failed| failed.report, |report| report.id).name();
    // Who looks into the folder after a failure finds no page of last week.
    clear(name, folder)?;
    let report = match report {
        Ok(report) => report,
        Err(failed) => return Ok(Told::failed(name, failed)),
    };
    match render(&report, made, &Links::default()) {
        Ok(rendered) => {
            save(&rendered, folder)?;
            Ok(Told::written(&rendered))
        }
        Err(error) => Ok(Told::failed(name, error)),
    }
}

/// Takes away every file that an earlier run may have written of a report.
fn clear(name: &str, folder: &Path) -> Result<(), CommandError> {
    let fixed = [".html", ".txt", ".web.html"].map(|form| format!("{name}{form}"));
    let picture = format!("{name}-chart-");
    for entry in std::fs::read_dir(folder).map_err(|error| at(folder, error))? {
        let path = entry.map_err(|error| at(folder, error))?.path();
        let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if fixed.iter().any(|each| each == file) || file.starts_with(&picture) && file.ends_with(".png") {
            std::fs::remove_file(&path).map_err(|error| at(&path, error))?;
        }
    }
    Ok(())
}

fn save(rendered: &Rendered, folder: &Path) -> Result<(), CommandError> {
    let name = rendered.name;
    // A picture of the mail is a file beside it here.
    let html = rendered.html.replace("src=\"cid:", &format!("src=\"{name}-"));
    let html = rendered.pictures.iter().fold(html, |html, picture| {
        html.replace(&format!("src=\"{name}-{}\"", picture.id), &format!("src=\"{name}-{}.png\"", picture.id))
    });
    put(folder, &format!("{name}.html"), html.as_bytes())?;
    put(folder, &format!("{name}.txt"), rendered.text.as_bytes())?;
    put(folder, &format!("{name}.web.html"), rendered.web.as_bytes())?;
    let mut pictures = rendered.pictures.iter();
    pictures.try_for_each(|picture| put(folder, &format!("{name}-{}.png", picture.id), &picture.png))
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), CommandError> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|error| at(&path, error))
}

fn at(path: &Path, error: io::Error) -> CommandError {
    CommandError { path: path.to_owned(), why: error.to_string() }
}

/// A day as people write it for programs.
fn date(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "write a day as YYYY-MM-DD, such as 2026-11-21")
}

/// The first moment of a day in San Diego; a day so far away that none is known is taken as it is in UTC.
fn start_of(day: Date) -> Timestamp {
    let start = day.to_zoned(zone::SAN_DIEGO).or_else(|_| day.to_zoned(TimeZone::UTC));
    start.map_or(Timestamp::MIN, |start| start.timestamp())
}

fn live(path: &Path) -> Result<Live, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| at(path, error))?;
    serde_json::from_str(&text).map_err(|error| CommandError { path: path.to_owned(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::parse_from(std::iter::once("report-mailer").chain(line.split_whitespace()))
    }

    fn written(arguments: &Arguments, now: Timestamp) -> (Vec<Told>, BTreeMap<String, Vec<u8>>) {
        let folder = tempfile::tempdir().expect("a folder");
        let told = write(arguments, folder.path(), now, &|_| {}).expect("written");
        let files = std::fs::read_dir(folder.path()).expect("a folder").map(|entry| {
            let entry = entry.expect("an entry");
            (entry.file_name().into_string().expect("a name"), std::fs::read(entry.path()).expect("a file"))
        });
        (told, files.collect())
    }

    #[test]
    fn every_form_of_every_report_is_written() {
        let (told, files) = written(&arguments("--out x"), Timestamp::UNIX_EPOCH);
        assert_eq!(told.iter().map(|told| told.report).collect::<Vec<_>>(), ReportId::ALL.map(ReportId::name));
        assert!(told.iter().all(Told::is_written));
        for name in ReportId::ALL.map(ReportId::name) {
            for (form, beginning) in [("html", "<!doctype html>"), ("web.html", "<!doctype html>"), ("txt", "")] {
                let text = String::from_utf8(files[&format!("{name}.{form}")].clone()).expect("text");
                assert!(text.starts_with(beginning), "{name}.{form}");
                let pictures = text.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
                assert!(pictures.into_iter().all(|picture| files.contains_key(picture)), "{name}.{form}");
            }
        }
        assert!(files.contains_key(STYLESHEET_NAME));
    }

    #[test]
    fn the_same_data_and_day_make_the_same_bytes_whenever_it_runs() {
        let arguments = arguments("--out x --as-of 2026-11-21");
        let later = "2027-01-01T00:00:00Z".parse().expect("a moment");
        assert_eq!(written(&arguments, Timestamp::UNIX_EPOCH).1, written(&arguments, later).1);
    }

    #[test]
    fn what_cannot_be_read_or_written_is_told_with_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").expect("written");
        let line = |more: &str| arguments(&format!("--out x {more}"));
        let told = |arguments: &Arguments, out: &Path| {
            write(arguments, out, Timestamp::UNIX_EPOCH, &|_| {}).expect_err("refused").to_string()
        };
        let file_name = file.display().to_string();
        assert!(told(&line(""), &file).starts_with(&format!("{file_name}: ")), "a file is no folder");
        let none = folder.path().join("none.json");
        assert!(told(&line(&format!("--live {}", none.display())), folder.path()).contains("none.json: "));
        assert!(told(&line(&format!("--live {file_name}")), folder.path()).contains("line 1 column"), "no JSON");
        let portfolio = told(&line(&format!("--portfolio {}", folder.path().display())), folder.path());
        assert!(portfolio.contains("group.toml: "), "{portfolio}");
        let day = Arguments::try_parse_from(["report-mailer", "--out", "x", "--as-of", "21.11.2026"]);
        assert!(day.is_err_and(|error| error.to_string().contains("YYYY-MM-DD, such as 2026-11-21")));
    }

    #[test]
    fn a_report_that_fails_leaves_no_files_of_an_earlier_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, broken) = (folder.path().join("out"), folder.path().join("portfolio"));
        std::fs::create_dir_all(&broken).expect("a folder");
        for (name, text) in Files::embedded().0 {
            let text = if name == "rental.toml" { "[[rate]]\nid = 1\n".to_owned() } else { text };
            std::fs::write(broken.join(name), text).expect("written");
        }
        let live = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/live.json");
        let now = Timestamp::UNIX_EPOCH;
        write(&arguments(&format!("--out x --live {live}")), &out, now, &|_| {}).expect("written");
        std::fs::write(out.join("notes.txt"), "somebody else's").expect("written");
        let told = write(&arguments(&format!("--out x --portfolio {}", broken.display())), &out, now, &|_| {});
        assert_eq!(told.expect("told").iter().filter(|told| !told.is_written()).count(), 1);
        let there = |name: &str| out.join(name).exists();
        assert!(!["rental.html", "rental.txt", "rental.web.html", "cfo-chart-1.png"].into_iter().any(there));
        assert!(["cfo.html", "notes.txt"].into_iter().all(there));
    }

    #[test]
    fn only_what_is_asked_for_is_written() {
        let (told, files) = written(&arguments("--out x --only ceo,yacht-delivery"), Timestamp::UNIX_EPOCH);
        assert_eq!(told.iter().map(|told| told.report).collect::<Vec<_>>(), ["ceo", "yacht-delivery"]);
        assert!(!files.contains_key("cto.html"));
        assert!(Arguments::try_parse_from(["report-mailer", "--out", "x", "--only", "cio"]).is_err());
    }

    #[test]
    fn a_folder_or_sending_is_asked_for() {
        assert!(Arguments::try_parse_from(["report-mailer"]).is_err());
        assert!(Arguments::try_parse_from(["report-mailer", "--send", "--as-of", "2026-11-21"]).is_err());
        assert!(Arguments::try_parse_from(["report-mailer", "--send"]).is_ok());
    }

    #[test]
    fn faults_of_a_portfolio_are_told_with_their_place() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in Files::embedded().0 {
            let text = text.replace("entity = \"jada\"", "entity = \"jade\"");
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let arguments = arguments(&format!("--out x --portfolio {}", folder.path().display()));
        let (told, files) = written(&arguments, Timestamp::UNIX_EPOCH);
        let failed: Vec<&Told> = told.iter().filter(|told| !told.is_written()).collect();
        assert!(
            !failed.is_empty() && failed.iter().all(|told| told.error.as_ref().is_some_and(|e| e.contains(".toml:")))
        );
        assert!(failed.iter().all(|told| !files.contains_key(&format!("{}.html", told.report))));
    }
}
