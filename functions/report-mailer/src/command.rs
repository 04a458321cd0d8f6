//! The command on a laptop: writes the reports to a folder, and sends them when asked to.

mod told;

use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use functions_shared::zone;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::invocation::make;
use crate::live::Live;
use crate::portfolio::{Files, Portfolio};
use crate::render::{Links, Rendered, STYLESHEET, STYLESHEET_NAME, render};
use crate::report::{Failed, Report, ReportId};

pub use told::{Told, sent_table, table};

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
    #[arg(long, value_name = "DATE")]
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

/// Makes the reports and writes `<report>.html`, `.txt`, `.web.html` and a picture for each chart of lines. `progress`
/// is told each report as it is done.
pub fn write(arguments: &Arguments, folder: &Path, now: Timestamp, progress: &dyn Fn(&Told)) -> io::Result<Vec<Told>> {
    let files = match &arguments.portfolio {
        Some(folder) => Files::in_folder(folder)?,
        None => Files::embedded(),
    };
    let live = match &arguments.live {
        Some(path) => live(path)?,
        None => Live::default(),
    };
    let made = arguments.as_of.map_or(Ok(now), start_of)?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(STYLESHEET_NAME), STYLESHEET)?;
    let mut all = Vec::new();
    for report in make(&Portfolio::read(&files), &live, made, &arguments.only) {
        let told = one(report, made, folder)?;
        progress(&told);
        all.push(told);
    }
    Ok(all)
}

fn one(report: Result<Report, Failed>, made: Timestamp, folder: &Path) -> io::Result<Told> {
    let report = match report {
        Ok(report) => report,
        Err(failed) => return Ok(Told::failed(failed.report.name(), failed)),
    };
    match render(&report, made, &Links::default()) {
        Ok(rendered) => {
            save(&rendered, folder)?;
            Ok(Told::written(&rendered))
        }
        Err(error) => Ok(Told::failed(report.id.name(), error)),
    }
}

fn save(rendered: &Rendered, folder: &Path) -> io::Result<()> {
    let name = rendered.name;
    // A picture of the mail is a file beside it here.
    let html = rendered.html.replace("src=\"cid:", &format!("src=\"{name}-"));
    let html = rendered.pictures.iter().fold(html, |html, picture| {
        html.replace(&format!("src=\"{name}-{}\"", picture.id), &format!("src=\"{name}-{}.png\"", picture.id))
    });
    std::fs::write(folder.join(format!("{name}.html")), html)?;
    std::fs::write(folder.join(format!("{name}.txt")), &rendered.text)?;
    std::fs::write(folder.join(format!("{name}.web.html")), &rendered.web)?;
    let mut pictures = rendered.pictures.iter();
    pictures.try_for_each(|picture| std::fs::write(folder.join(format!("{name}-{}.png", picture.id)), &picture.png))
}

/// The first moment of a day in San Diego.
fn start_of(day: Date) -> io::Result<Timestamp> {
    let start = day.to_zoned(zone::SAN_DIEGO).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(start.timestamp())
}

fn live(path: &Path) -> io::Result<Live> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()));
    serde_json::from_str(&text).map_err(invalid)
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
