//! Makes and renders every report, and says how long that took and how much memory the process needed:
//! `cargo run --release -p report-mailer --example rendering [DIR]` also writes what the command writes, to DIR.
//! The live readings are made up (`live.json` beside this), so that every chart is drawn; the day is theirs.

use std::path::Path;
use std::time::Instant;

use clap::Parser;
use report_mailer::command::{self, Arguments};
use report_mailer::live::Live;
use report_mailer::portfolio::{Files, Portfolio};
use report_mailer::render::{Links, render};
use report_mailer::report;

/// The day of the live readings.
const DAY: &str = "2026-11-21";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = jiff::Timestamp::now();
    let live: Live = serde_json::from_str(include_str!("live.json"))?;
    let began = Instant::now();
    let portfolio = Portfolio::read(&Files::embedded());
    let reports = report::all(&portfolio, &live, DAY.parse()?);
    let made = began.elapsed();
    println!(
        "{:18} {:>8} {:>10} {:>10} {:>10} {:>8} {:>10}",
        "report", "words", "HTML", "text", "page", "pictures", "ms"
    );
    for report in reports {
        let report = report.map_err(|failed| failed.to_string())?;
        let began = Instant::now();
        let rendered = render(&report, now, &Links::default())?;
        let ms = began.elapsed().as_secs_f64() * 1e3;
        let (html, text, web) = (rendered.html.len(), rendered.text.len(), rendered.web.len());
        let (name, words, pictures) = (rendered.name, rendered.words(), rendered.pictures.len());
        println!("{name:18} {words:>8} {html:>10} {text:>10} {web:>10} {pictures:>8} {ms:>10.1}");
    }
    println!("made in {made:?}, made and rendered in {:?}", began.elapsed());
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
    if let Some(folder) = std::env::args().nth(1) {
        let live = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/live.json");
        let arguments =
            Arguments::parse_from(["report-mailer", "--out", folder.as_str(), "--live", live, "--as-of", DAY]);
        command::write(&arguments, Path::new(&folder), now, &|_| {})?;
    }
    Ok(())
}
