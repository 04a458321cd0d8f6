//! `make bench`: prints how fast the deployer is, beside the same calls replayed raw and beside other tools.
//!
//! The environment says how: `ROUNDS` (how often each thing is measured, 5 where nothing is said), `PEERS=no` (no other
//! tools), `PART=start`, `product`, `bulk` or `functions` (one part
//! of the table), `TERRAFORM_PLUGINS` (a folder with Terraform's AWS
//! provider). `DEPLOYER` and `SCALE` name the programs.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use deployer_testbed::bench::{Machine, Table, bulk, functions, product, start};

/// Rounds where nothing is said.
const ROUNDS: usize = 5;
/// The parts of the table.
const PARTS: [&str; 4] = ["start", "product", "bulk", "functions"];

fn main() -> ExitCode {
    let mut table = Table::default();
    let ended = bench(&mut table);
    // What was measured before something failed is worth its time.
    print!("{table}");
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(table: &mut Table) -> Result<(), String> {
    let rounds = said("ROUNDS").map_or(Ok(ROUNDS), |text| match text.parse() {
        Ok(rounds) if rounds > 0 => Ok(rounds),
        _ => Err(format!("ROUNDS is `{text}`, which is no number of rounds")),
    })?;
    let part = said("PART");
    if let Some(part) = part.as_deref().filter(|part| !PARTS.contains(part)) {
        return Err(format!("PART is `{part}`: it is one of {}", PARTS.join(", ")));
    }
    let peers = said("PEERS").is_none_or(|text| text != "no");
    let (deployer, scale) = (program("DEPLOYER")?, program("SCALE")?);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let machine = Machine::new(deployer, rounds, peers).await;
        let before = load();
        for part in PARTS.into_iter().filter(|each| part.as_deref().is_none_or(|part| part == *each)) {
            eprintln!("{part} …");
            match part {
                "start" => start::add(&machine, &scale, table).await?,
                "product" => product::add(&machine, table).await?,
                "functions" => functions::add(&machine, table).await?,
                _ => bulk::add(&machine, table).await?,
            }
        }
        let date = jiff::Timestamp::now().strftime("%F %H:%M UTC");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        table.note(format!(
            "{date}; {rounds} rounds; {cores} cores; load (1, 5, 15 minutes) before: {before}, after: {}.",
            load()
        ));
        Ok(())
    })
}

/// What else this machine does, where it tells.
fn load() -> String {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let words: Vec<&str> = told.split(' ').take(3).collect();
    if words.len() == 3 { words.join(" ") } else { "unknown".to_owned() }
}

/// The program that a variable names.
fn program(name: &str) -> Result<PathBuf, String> {
    let path = said(name).ok_or_else(|| format!("{name} names no program: `make bench` does"))?;
    PathBuf::from(&path).canonicalize().map_err(|error| format!("{path}: {error}"))
}

/// A variable that is set and not empty.
fn said(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
