//! What a run leaves in the history of its stack: who did what, and when.

use deployer_engine::apply::Applied;
use deployer_engine::history::{Run, remember};
use deployer_engine::journal::{Entry, Journal, JournalError};
use deployer_engine::step::{Action, Plan};
use futures::future::{BoxFuture, FutureExt as _};

use crate::error::Failure;
use crate::store::Writer;

/// A journal that notes, with what is first written there, who began.
pub struct Noting<'a> {
    writer: &'a mut dyn Writer,
    begun: Option<Run>,
}

impl<'a> Noting<'a> {
    /// Nothing is written yet.
    pub fn new(writer: &'a mut dyn Writer, begun: Run) -> Self {
        Self { writer, begun: Some(begun) }
    }
}

impl Journal for Noting<'_> {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        async move {
            let Some(run) = self.begun.take() else { return self.writer.append(entries).await };
            // What opens the journal comes first.
            let (opening, rest) = entries.split_at(entries.len().min(1));
            self.writer.append(&[opening, &[Entry::Began { run }], rest].concat()).await
        }
        .boxed()
    }

    fn is_dear(&self) -> bool {
        self.writer.is_dear()
    }
}

/// What a run did, for the history.
pub fn run_of(verb: &str, plan: &Plan, applied: &Applied) -> Run {
    let done = |action: Action| {
        plan.steps.iter().filter(|step| step.action == action && applied.done.contains(&step.id)).count()
    };
    Run {
        made: done(Action::Create),
        changed: done(Action::Update),
        deleted: done(Action::Delete),
        ran: done(Action::Run),
        left: plan.steps.len() - applied.done.len(),
        cut: false,
        ..begun(verb)
    }
}

/// A run of now that has done nothing yet.
pub fn begun(verb: &str) -> Run {
    let at = jiff::Timestamp::now().strftime("%FT%TZ").to_string();
    Run { at, by: by(), verb: verb.to_owned(), made: 0, changed: 0, deleted: 0, ran: 0, left: 0, cut: true }
}

/// Remembers and saves that a command without a plan changed one object.
pub async fn changed_one(verb: &str, writer: &mut dyn Writer) -> Result<(), Failure> {
    let run = Run { changed: 1, cut: false, ..begun(verb) };
    writer.amend(&mut |state| remember(&mut state.history, run.clone()));
    writer.save().await
}

/// Who runs this: the user as the shell names him, and the machine.
fn by() -> String {
    let user = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    user.map_or_else(|| host.clone(), |user| format!("{user}@{host}"))
}
