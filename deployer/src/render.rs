//! The only writers of stdout and stderr: results go to the one, progress and diagnostics to the other.

mod change;
mod diagnostics;
mod hidden;
pub mod dot;
pub mod drawing;
mod json;
pub mod log;
mod markdown;
mod plan;
mod progress;
mod text;

use std::io::Write as _;
use std::sync::Mutex;

use deployer_engine::apply::{Applied, Event};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::secret::Secret;
use deployer_engine::step::Plan;
use serde_json::{Value, json};

use crate::arguments::{Globals, Output};
use crate::error::{Failure, told_of};

pub use plan::why;
pub use progress::seconds;
pub use text::{bytes, counted, plain};

/// Says what a code step changes, such as `3 files, 4.1 → 4.2 MB`.
pub type DescribeCode<'a> = &'a dyn Fn(&deployer_engine::step::Step) -> Option<String>;

/// Writes what a command has to say, in the form that was asked for.
pub struct Reporter {
    output: Output,
    verbose: u8,
    progress: Mutex<progress::Progress>,
}

impl Reporter {
    /// A reporter for these options.
    pub fn new(globals: &Globals) -> Self {
        if globals.no_color {
            anstream::ColorChoice::Never.write_global();
        }
        let reporter = Self {
            output: globals.output(),
            verbose: globals.verbose,
            progress: Mutex::new(progress::Progress::new(globals)),
        };
        if reporter.output == Output::Jsonl {
            reporter.line(&json::version());
        }
        reporter
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, progress::Progress> {
        self.progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn line(&self, value: &Value) {
        self.out(&text::json(value));
    }

    /// A line of the result.
    pub fn out(&self, text: &str) {
        self.progress().suspended(|| {
            // A reader that went away (`| head`) is no error of ours.
            let _ = writeln!(anstream::stdout(), "{text}");
        });
    }

    /// A line of the result for people; nothing in other forms.
    pub fn say(&self, text: &str) {
        if matches!(self.output, Output::Human | Output::Markdown) {
            self.out(&plain(text));
        }
    }

    /// A result that programs read: the JSON in that form, else the text.
    pub fn result(&self, text: &str, value: &Value) {
        match self.output {
            Output::Jsonl => self.line(value),
            _ => self.out(&plain(text)),
        }
    }

    /// A line of a log: JSON for programs, else what is to be shown of it.
    pub fn line_of_log(&self, human: impl FnOnce() -> Option<String>, json: impl FnOnce() -> Value) {
        match self.output {
            Output::Jsonl => self.line(&json()),
            _ => human().iter().for_each(|text| self.out(text)),
        }
    }

    /// Whether more is asked for than usual.
    pub fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// What is going on, on stderr.
    pub fn note(&self, text: &str) {
        if matches!(self.output, Output::Human | Output::Markdown) {
            self.progress().note(&plain(text));
        }
    }

    /// What a build prints: shown when more is asked for.
    pub fn detail(&self, text: &str) {
        if self.verbose > 0 {
            self.note(text);
        }
    }

    /// What is being done under this name, which takes long: a live line on a terminal, elsewhere nothing.
    pub fn working(&self, name: &str, what: &str) {
        self.progress().working(name, &plain(what));
    }

    /// It is done no more.
    pub fn worked(&self, name: &str) {
        self.progress().worked(name);
    }

    /// What somebody should look at.
    pub fn warnings(&self, warnings: &[Diagnostic]) {
        self.diagnostics(warnings);
    }

    /// Why the command ends early.
    pub fn failure(&self, failure: &Failure) {
        self.diagnostics(&failure.diagnostics);
    }

    fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        match self.output {
            Output::Jsonl => diagnostics.iter().for_each(|each| self.line(&json::diagnostic(each))),
            _ => self.progress().suspended(|| diagnostics.iter().for_each(diagnostics::write)),
        }
    }

    /// What would be done.
    pub fn plan(&self, plan: &Plan, describe: DescribeCode<'_>) {
        match self.output {
            Output::Jsonl => json::plan(plan).iter().for_each(|line| self.line(line)),
            Output::Markdown => self.out(markdown::plan(&plan::view(plan, describe, self.verbose)).trim_end()),
            Output::Human => self.out(&plan::human(&plan::view(plan, describe, self.verbose))),
            Output::Quiet => {}
        }
    }

    /// The plan as Markdown.
    pub fn plan_markdown(&self, plan: &Plan, describe: DescribeCode<'_>) -> String {
        markdown::plan(&plan::view(plan, describe, self.verbose))
    }

    /// What happens while a plan is applied.
    pub fn event(&self, event: &Event<'_>) {
        match self.output {
            Output::Jsonl => json::event(event).iter().for_each(|line| self.line(line)),
            Output::Quiet => {}
            _ => self.progress().event(event),
        }
        if let Event::Failed(step, error) = event {
            self.diagnostics(&[told_of(Some(&step.address), step.location.as_ref(), error)]);
        }
    }

    /// How a plan went.
    pub fn applied(&self, plan: &Plan, applied: &Applied, took: std::time::Duration) {
        match self.output {
            Output::Jsonl => self.line(&json::applied(plan, applied)),
            Output::Quiet => {}
            _ => self.out(&plan::applied(plan, applied, took)),
        }
    }

    /// A stack's named values.
    pub fn outputs(&self, outputs: &std::collections::BTreeMap<String, String>) {
        match self.output {
            Output::Jsonl => self.line(&json!({ "type": "outputs", "outputs": outputs.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect::<serde_json::Map<_, _>>() })),
            Output::Quiet => {}
            _ => {
                let widest = outputs.keys().map(String::len).max().unwrap_or_default();
                outputs.iter().for_each(|(name, value)| self.out(&format!("  {name:widest$}  {}", plain(value))));
            }
        }
    }

    /// A value, for a person who asked to see it; nothing in it steers the terminal.
    pub fn secret(&self, value: &Secret<String>) {
        self.out(&zeroize::Zeroizing::new(plain(value.reveal())));
    }

    /// Asks for something that nobody may see, and gives it with its newline; empty when there is none.
    pub async fn ask_hidden(&self, question: &str) -> String {
        hidden::ask(question).await
    }

    /// Asks a question and gives the answer, empty when there is none. Signals are heard meanwhile.
    pub async fn ask(&self, question: &str) -> String {
        let mut error = anstream::stderr();
        let _ = write!(error, "{} ", plain(question)).and_then(|()| error.flush());
        let read = || {
            let mut given = String::new();
            std::io::stdin().read_line(&mut given).map(|_| given.trim().to_owned())
        };
        tokio::task::spawn_blocking(read).await.ok().and_then(Result::ok).unwrap_or_default()
    }
}
