//! Progress on stderr: on a terminal one live line a running step, elsewhere one line an event.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use deployer_engine::address::Address;
use deployer_engine::apply::{Event, STOP_WITHIN};
use deployer_engine::step::{Action, Step};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plain;
use crate::arguments::{Globals, Output};

/// How often a live line moves.
const TICK: Duration = Duration::from_millis(120);

/// The lines that move.
pub struct Progress {
    bars: MultiProgress,
    running: BTreeMap<String, ProgressBar>,
    live: bool,
}

impl Progress {
    /// Live when stderr is a terminal and the output is for people.
    pub fn new(globals: &Globals) -> Self {
        let live = globals.output() == Output::Human
            && std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), running: BTreeMap::new(), live }
    }

    /// Writes something while the live lines stand aside.
    pub fn suspended<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bars.suspend(write)
    }

    /// A line that stays.
    pub fn note(&self, text: &str) {
        self.suspended(|| {
            let _ = writeln!(anstream::stderr(), "{text}");
        });
    }

    /// Shows what happens to a step.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started(step) => self.working(&step.address.to_string(), doing(step)),
            Event::Progress(address, what) => self.progress(address, &plain(what)),
            Event::Finished(step, took) => self.end(step, &format!("{} {}", done(step), seconds(*took))),
            Event::Failed(step, _) => self.end(step, "failed"),
            Event::Stopping(under_way) => self.note(&stopping(*under_way)),
            Event::Skipped(step) => self.note(&format!("  {} {}  not tried", super::plan::mark(step), step.address)),
        }
    }

    /// Shows, on a terminal, what is being done under this name.
    pub fn working(&mut self, name: &str, what: &str) {
        if !self.live {
            return;
        }
        let bars = &self.bars;
        let bar = self.running.entry(name.to_owned()).or_insert_with(|| {
            let style = ProgressStyle::with_template("  {spinner} {prefix}  {wide_msg} {elapsed}")
                .expect("the template is well formed");
            let bar = bars.add(ProgressBar::new_spinner().with_style(style).with_prefix(name.to_owned()));
            bar.enable_steady_tick(TICK);
            bar
        });
        bar.set_message(what.trim().to_owned());
    }

    /// Takes its line away.
    pub fn worked(&mut self, name: &str) {
        if let Some(bar) = self.running.remove(name) {
            bar.finish_and_clear();
        }
    }

    fn progress(&mut self, address: &Address, what: &str) {
        match self.running.get(&address.to_string()) {
            Some(bar) => bar.set_message(what.to_owned()),
            None => self.note(&format!("    {address}  {what}")),
        }
    }

    fn end(&mut self, step: &Step, how: &str) {
        self.worked(&step.address.to_string());
        self.note(&format!("  {} {}  {how}", super::plan::mark(step), step.address));
    }
}

fn stopping(under_way: usize) -> String {
    let steps = match under_way {
        0 => return "stopping: nothing is under way".to_owned(),
        1 => "1 step is".to_owned(),
        more => format!("{more} steps are"),
    };
    format!("stopping: {steps} under way, at most {} s more; once again to leave at once", STOP_WITHIN.as_secs())
}

fn doing(step: &Step) -> &'static str {
    match step.action {
        Action::Create => "creating",
        Action::Update => "changing",
        Action::Delete => "deleting",
        Action::Run => "running",
    }
}

fn done(step: &Step) -> &'static str {
    match step.action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Delete => "deleted",
        Action::Run => "done",
    }
}

/// A span of time in seconds with one digit, or in milliseconds when it is short.
pub fn seconds(took: Duration) -> String {
    if took < Duration::from_millis(100) {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}
