//! `deployer logs`: what functions have written, and write.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use deployer_aws::log_events::{LogEvent, groups};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use jiff::Timestamp;
use regex_lite::Regex;

use crate::arguments::{Globals, duration};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::tail::{Source, Tail};

/// How often is looked for more on this machine, and on AWS, which allows five looks a second to all.
const LOOK_EVERY: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(2));

/// What the command line says.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The function, such as `function.crew-api`; absent: every function
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Go on with what is written from now on
    #[arg(short, long)]
    follow: bool,
    /// How far back to begin, such as `30s`, `10m` or `2h`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    since: Duration,
    /// Only events that match this regular expression
    #[arg(long, value_name = "PATTERN")]
    grep: Option<String>,
}

impl Options {
    /// The same, going on with what is written from now on.
    pub fn following(self) -> Self {
        Self { follow: true, ..self }
    }
}

/// Runs the command.
pub async fn run(project: &Project, globals: &Globals, options: &Options, report: &Reporter) -> Result<Exit, Failure> {
    let pattern = options.grep.as_deref().map(pattern).transpose()?;
    let wanted = |event: &LogEvent| pattern.as_ref().is_none_or(|pattern| pattern.is_match(&event.message));
    let sources = sources(project, globals, options.address.as_deref(), report).await?;
    let mut tail = Tail::since(since_ms(options.since));
    let local = sources.iter().all(|source| source.cloud.is_local());
    loop {
        let mut events = tail.next(&sources).await?;
        events.retain(|(_, event)| wanted(event));
        tail.show(&sources, &events, report);
        if !options.follow {
            return Ok(Exit::Done);
        }
        tokio::time::sleep(if local { LOOK_EVERY.0 } else { LOOK_EVERY.1 }).await;
    }
}

/// So long ago, in milliseconds since 1970.
pub fn since_ms(ago: Duration) -> i64 {
    let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    Timestamp::now().as_millisecond().saturating_sub(ago).max(0)
}

fn pattern(text: &str) -> Result<Regex, Failure> {
    Regex::new(text).map_err(|error| {
        Failure::usage(format!("`{}` is no regular expression: {error}", text.escape_debug()))
            .hint("a backslash takes the meaning from a character: `\\(` is a bracket")
    })
}

/// The functions that are meant and up.
pub async fn sources(
    project: &Project,
    globals: &Globals,
    address: Option<&str>,
    report: &Reporter,
) -> Result<Vec<Source>, Failure> {
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        let context = Context::open(project, &file, globals, &Others::unread(), report)?;
        known.extend(context.requests.functions.iter().map(|each| each.address.to_string()));
        let groups = groups(&context.load(globals, report).await?.state);
        let asked = |each: &DeclarationAddress| address.is_none_or(|address| address == each.to_string());
        let groups: Vec<_> = groups.into_iter().filter(|(each, _)| asked(each)).collect();
        if groups.is_empty() {
            continue;
        }
        let cloud = context.cloud(globals, false, report).await?;
        found.extend(groups.into_iter().map(|(address, group)| Source { address, group, cloud: Arc::clone(&cloud) }));
    }
    match address {
        Some(address) if !known.iter().any(|each| each == address) && found.is_empty() => {
            let hint = did_you_mean(address, known.iter().map(String::as_str));
            Err(Failure::usage(format!("there is no function `{}`", address.escape_debug()))
                .hint(hint.unwrap_or_else(|| format!("the functions are {}", known.join(", ")))))
        }
        _ if found.is_empty() => {
            Err(Failure::usage("no function is up here").hint("`deployer up` brings it up; then it writes its log"))
        }
        _ => Ok(found),
    }
}
