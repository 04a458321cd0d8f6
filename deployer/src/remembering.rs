//! What a run leaves in the history of its stack: who did what, and when.

use std::collections::BTreeMap;

use deployer_engine::address::Address;
use deployer_engine::apply::Applied;
use deployer_engine::history::{Run, remember};
use deployer_engine::journal::{Entry, Journal, JournalError};
use deployer_engine::step::{Action, Plan};
use futures::future::{BoxFuture, FutureExt as _};

use crate::error::Failure;
use crate::store::Writer;

/// A journal that keeps, beside what it is told, what the run has done by then.
pub struct Noting<'a> {
    journal: &'a mut dyn Journal,
    run: Run,
    /// What is done at each address, beside deletions.
    actions: BTreeMap<&'a Address, Action>,
    is_open: bool,
}

impl<'a> Noting<'a> {
    /// Nothing of the plan is done yet.
    pub fn new(journal: &'a mut dyn Journal, plan: &'a Plan, begun: Run) -> Self {
        let stays = plan.steps.iter().filter(|step| step.action != Action::Delete);
        let actions = stays.map(|step| (&step.address, step.action)).collect();
        Self { journal, run: Run { left: plan.steps.len(), ..begun }, actions, is_open: false }
    }

    /// Counts a step that is done; whether it is one.
    fn count(&mut self, entry: &Entry) -> bool {
        let action = match entry {
            Entry::Done { record, .. } => self.actions.get(&record.address).copied(),
            Entry::Removed { .. } => Some(Action::Delete),
            _ => None,
        };
        let count = match action {
            Some(Action::Create) => &mut self.run.made,
            Some(Action::Update) => &mut self.run.changed,
            Some(Action::Delete) => &mut self.run.deleted,
            Some(Action::Run) => &mut self.run.ran,
            None => return false,
        };
        *count += 1;
        self.run.left = self.run.left.saturating_sub(1);
        true
    }
}

impl Journal for Noting<'_> {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        async move {
            // What opens the journal tells what was found: nothing of that was done by this run.
            let tells = match std::mem::replace(&mut self.is_open, true) {
                true => entries.iter().filter(|entry| self.count(entry)).count() > 0,
                false => self.run.left > 0,
            };
            if !tells {
                return self.journal.append(entries).await;
            }
            let tallied = [Entry::Tallied { run: self.run.clone() }];
            self.journal.append(&[entries, &tallied].concat()).await
        }
        .boxed()
    }

    fn is_dear(&self) -> bool {
        self.journal.is_dear()
    }
}

/// What a run has done, for the history.
pub fn run_of(begun: &Run, plan: &Plan, applied: &Applied) -> Run {
    let done = |action: Action| {
        plan.steps.iter().filter(|step| step.action == action && applied.done.contains(&step.id)).count()
    };
    Run {
        made: done(Action::Create),
        changed: done(Action::Update),
        deleted: done(Action::Delete),
        ran: done(Action::Run),
        left: plan.steps.len() - applied.done.len(),
        ..begun.clone()
    }
}

/// A run of now that has done nothing yet.
pub fn begun(verb: &str) -> Run {
    // To the millisecond: one that is killed is told from the next, which may follow within the second.
    let at = jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string();
    Run { at, by: by(), verb: verb.to_owned(), made: 0, changed: 0, deleted: 0, ran: 0, left: 0, cut: true }
}

/// A run that ends now.
pub fn over(run: Run) -> Run {
    Run { at: jiff::Timestamp::now().strftime("%FT%TZ").to_string(), cut: false, ..run }
}

/// Remembers and saves that a command without a plan changed one object.
pub async fn changed_one(verb: &str, writer: &mut dyn Writer) -> Result<(), Failure> {
    let run = over(Run { changed: 1, ..begun(verb) });
    writer.amend(&mut |state| remember(&mut state.history, run.clone()));
    writer.save().await
}

/// Who runs this: the user as the shell names him, and the machine.
fn by() -> String {
    let user = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    user.map_or_else(|| host.clone(), |user| format!("{user}@{host}"))
}
