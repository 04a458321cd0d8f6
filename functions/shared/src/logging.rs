//! Structured logs: one JSON object a line on standard output.
//!
//! Names, addresses and texts that people wrote have no place in a log; ids, counts, codes and
//! durations do. The AWS SDK is kept at warnings, since its finer levels print requests.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The crates whose events follow `LOG_LEVEL`.
const OURS: [&str; 5] = ["functions_shared", "crew_api", "ptb_nudge", "report_mailer", "lambda_runtime"];

/// Starts logging; `LOG_LEVEL` is error, warn, info (where absent), debug or trace. A second call
/// changes nothing.
pub fn start() {
    let level = std::env::var("LOG_LEVEL").ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = Targets::new().with_default(LevelFilter::WARN.min(level)).with_targets(OURS.map(|name| (name, level)));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    // A second subscriber is refused: the first one stays.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
    tell_panics_by_place();
}

/// From now on a panic is logged by its place alone: its words may hold what people wrote.
pub fn tell_panics_by_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}
