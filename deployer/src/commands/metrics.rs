//! `deployer metrics`: how often functions ran, how long, and how well, by what their logs tell.

use std::time::Duration;

use clap::Args;
use deployer_aws::log_events::LogEvent;
use serde_json::json;

use super::logs::{since_ms, sources};
use crate::arguments::{Globals, duration};
use crate::error::{Exit, Failure};
use crate::measured::{Measured, measured};
use crate::project::Project;
use crate::render::Reporter;
use crate::tail::Tail;

/// What the command line says.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The function, such as `function.crew-api`; absent: every function
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// How far back to look, such as `30m` or `24h`
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    since: Duration,
}

/// Runs the command.
pub async fn run(project: &Project, globals: &Globals, options: &Options, report: &Reporter) -> Result<Exit, Failure> {
    let sources = sources(project, globals, options.address.as_deref(), report).await?;
    let events = Tail::since(since_ms(options.since)).next(&sources).await?;
    let names: Vec<String> = sources.iter().map(|source| source.address.to_string()).collect();
    let widest = names.iter().map(String::len).max().unwrap_or_default();
    report.say(&format!(
        "{:widest$}  {:>6}  {:>6}  {:>9}  {:>9}  {:>9}  {:>12}",
        "", "runs", "errors", "median", "95 %", "longest", "memory"
    ));
    for (at, name) in names.iter().enumerate() {
        let own: Vec<&LogEvent> = events.iter().filter(|(from, _)| *from == at).map(|(_, event)| event).collect();
        let found = measured(own);
        let Measured { invocations, errors, median_ms, p95_ms, longest_ms, memory_mb, memory_limit_mb } = found;
        let times = [median_ms, p95_ms, longest_ms].map(|ms| ms.map_or("–".to_owned(), |ms| format!("{ms:.1} ms")));
        let memory = match (memory_mb, memory_limit_mb) {
            (_, None) => "–".to_owned(),
            (used, Some(limit)) => format!("{} of {limit} MB", used.map_or("–".to_owned(), |used| used.to_string())),
        };
        let line = format!(
            "{name:widest$}  {invocations:>6}  {errors:>6}  {:>9}  {:>9}  {:>9}  {memory:>12}",
            times[0], times[1], times[2]
        );
        report.result(&line, &json!({ "type": "metrics", "function": name, "measured": found }));
    }
    Ok(Exit::Done)
}
