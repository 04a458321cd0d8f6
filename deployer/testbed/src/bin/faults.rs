//! `make faults`: runs the table of faults, or a part of it, and prints what came of it.
//!
//! The environment says which part: `STACK`, `SITUATION`, `MODE` (`all`: every one), `K` (the number of a call),
//! `CALLS=all` (reads, too), `SHARD=2/8`; `JOBS` cases run at a time; `FRESH=1` runs again what has passed.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::UNIX_EPOCH;

use deployer_testbed::sweep::{Calls, Case, Outcome, Results, Runner, Selection, Shard, sample};

/// The results of this folder.
const RESULTS: &str = ".deployer/faults/results.jsonl";
/// Cases at a time where nothing is said.
const JOBS: usize = 2;

fn main() -> ExitCode {
    match sweep() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a worker tells.
enum News {
    /// The cases of the selection, all workers' together.
    Cases(Vec<Case>),
    Done(Box<(Case, Outcome)>),
    Broken(String),
}

/// What every worker is to do.
#[derive(Clone)]
struct Order {
    deployer: PathBuf,
    selection: Selection,
    fresh: bool,
    build: String,
}

/// Runs it. Whether every case passed.
fn sweep() -> Result<bool, String> {
    let deployer = PathBuf::from(said("DEPLOYER").unwrap_or_else(|| ".deployer/bin/deployer".to_owned()));
    let deployer = deployer.canonicalize().map_err(|error| format!("{}: {error}", deployer.display()))?;
    let order = Order { build: build(&deployer)?, deployer, selection: selection()?, fresh: said("FRESH").is_some() };
    let shard: Shard = said("SHARD").map_or(Ok(Shard::WHOLE), |text| text.parse())?;
    let jobs = if order.selection.number.is_some() { 1 } else { number("JOBS")?.unwrap_or(JOBS) };
    let (tell, news) = mpsc::channel();
    for job in 1..=jobs {
        let (order, tell, shard) = (order.clone(), tell.clone(), shard.part(job, jobs));
        std::thread::spawn(move || {
            if let Err(error) = work(&order, shard, &tell) {
                // Nobody listens any more: another worker is broken.
                let _ = tell.send(News::Broken(error));
            }
        });
    }
    drop(tell);
    collect(&order, &news)
}

/// Runs a part of the cases, one after the other.
fn work(order: &Order, shard: Shard, tell: &mpsc::Sender<News>) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let known = Results::open(Path::new(RESULTS), &order.build).map_err(|error| format!("{RESULTS}: {error}"))?;
        let mut runner = Runner::new(&order.deployer).await;
        let mut cases = runner.cases(&order.selection).await?;
        // A sweep that is stopped has seen every operation in every situation.
        let first: BTreeSet<String> = sample(&cases, 1).iter().map(Case::key).collect();
        cases.sort_by_key(|case| !first.contains(&case.key()));
        let mine: Vec<Case> =
            cases.into_iter().enumerate().filter(|(at, _)| shard.has(*at)).map(|(_, case)| case).collect();
        let _ = tell.send(News::Cases(mine.clone()));
        for case in mine.into_iter().filter(|case| order.fresh || !known.has_passed(case)) {
            let outcome = runner.run(&case).await;
            if tell.send(News::Done(Box::new((case, outcome)))).is_err() {
                break;
            }
        }
        Ok(())
    })
}

fn collect(order: &Order, news: &mpsc::Receiver<News>) -> Result<bool, String> {
    let wrong = |error: std::io::Error| format!("{RESULTS}: {error}");
    let mut results = Results::open(Path::new(RESULTS), &order.build).map_err(wrong)?;
    let (mut cases, mut done) = (Vec::new(), 0_usize);
    for each in news {
        match each {
            News::Cases(these) => cases.extend(these),
            News::Done(case) => {
                let (case, outcome) = *case;
                results.add(&case, &outcome).map_err(wrong)?;
                done += 1;
                tell(&case, &outcome, done);
            }
            News::Broken(error) => return Err(error),
        }
    }
    let failed = cases.iter().filter(|case| !results.has_passed(case)).count();
    println!("\n{}", results.table(&cases));
    println!("{} cases, {failed} failed; {done} run now", cases.len());
    Ok(failed == 0)
}

fn tell(case: &Case, outcome: &Outcome, done: usize) {
    if outcome.failures.is_empty() {
        println!("{done:>5}  ok      {case}  {:.1} s, reruns: {}", outcome.took.as_secs_f64(), outcome.reruns);
        return;
    }
    println!("{done:>5}  FAILED  {case}\n       {}", case.replay());
    for failure in &outcome.failures {
        println!("       - {}", failure.replace('\n', "\n         "));
    }
}

fn selection() -> Result<Selection, String> {
    let calls = match said("CALLS").as_deref() {
        None => Calls::Mutating,
        Some("all") => Calls::All,
        Some(other) => return Err(format!("CALLS is `{other}`: leave it out, or say `all`")),
    };
    Ok(Selection {
        stack: said("STACK"),
        situation: said("SITUATION"),
        mode: said("MODE"),
        number: number("K")?,
        calls,
    })
}

/// A variable that is set and not empty.
fn said(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str) -> Result<Option<usize>, String> {
    said(name).map(|text| text.parse().map_err(|_| format!("{name} is `{text}`, which is no number"))).transpose()
}

/// What tells this deployer from others: when and how large it was built.
fn build(deployer: &Path) -> Result<String, String> {
    let facts = deployer.metadata().map_err(|error| format!("{}: {error}", deployer.display()))?;
    let built = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(format!("{}-{}", built.as_secs(), facts.len()))
}
