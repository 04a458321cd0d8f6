//! What a run leaves in the history of its stack: who did what, and when.

use deployer_engine::apply::Applied;
use deployer_engine::history::{Run, remember};
use deployer_engine::step::{Action, Plan};

use crate::error::Failure;
use crate::store::Writer;

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
        ..begun(verb)
    }
}

/// A run of now that has done nothing yet.
fn begun(verb: &str) -> Run {
    let at = jiff::Timestamp::now().strftime("%FT%TZ").to_string();
    Run { at, by: by(), verb: verb.to_owned(), made: 0, changed: 0, deleted: 0, ran: 0, left: 0 }
}

/// Remembers and saves that a command without a plan changed one object.
pub async fn changed_one(verb: &str, writer: &mut dyn Writer) -> Result<(), Failure> {
    let run = Run { changed: 1, ..begun(verb) };
    writer.amend(&mut |state| remember(&mut state.history, run.clone()));
    writer.save().await
}

/// Who runs this: the user as the shell names him, and the machine.
fn by() -> String {
    let user = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    user.map_or_else(|| host.clone(), |user| format!("{user}@{host}"))
}
