//! Makes all reports of the portfolio that is compiled in, with no live source, and says how long it took:
//! `cargo run --release -p report-mailer --example reports [DIR]` writes them to DIR as JSON.

use std::path::PathBuf;
use std::time::Instant;

use report_mailer::live::Live;
use report_mailer::portfolio::{Files, Portfolio};
use report_mailer::report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let as_of = jiff::Zoned::now().date();
    let began = Instant::now();
    let reports = report::all(&Portfolio::read(&Files::embedded()), &Live::default(), as_of);
    let took = began.elapsed();
    println!("{:18} {:>8} {:>8} {:>8} {:>8} {:>8}", "report", "tables", "figures", "actions", "missing", "bytes");
    for made in reports {
        let report = made.map_err(|failed| failed.to_string())?;
        let json = serde_json::to_string_pretty(&report)?;
        let blocks = report.sections.iter().flat_map(|section| &section.blocks);
        let tables = blocks.filter(|block| matches!(block, report::Block::Table(_))).count();
        println!(
            "{:18} {tables:>8} {:>8} {:>8} {:>8} {:>8}",
            report.id.name(),
            report.appendix.len(),
            report.actions.len(),
            report.missing.len(),
            json.len()
        );
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join(format!("{}.json", report.id.name())), json)?;
        }
    }
    println!("made in {took:?}");
    Ok(())
}
