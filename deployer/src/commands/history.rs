//! `deployer history`: who did what to a stack, and when.

use deployer_engine::history::Run;
use serde_json::json;

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command: the newest run first. It asks nobody but the store of the state.
pub async fn run(project: &Project, globals: &Globals, most: usize, report: &Reporter) -> Result<Exit, Failure> {
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        let context = Context::open(project, &file, globals, &Others::unread(), report)?;
        let (stack, environment) = (&context.scope.stack, &context.scope.environment);
        let store = context.store(globals, false, report).await?;
        let loaded = context.checked(store.load().await?, report)?;
        let runs = loaded.state.history;
        let is_open = loaded.interrupted && runs.last().is_some_and(|run| run.cut);
        let is_under_way = is_open && store.held().await?.is_some_and(|held| held.is_alive());
        if runs.is_empty() {
            report.say(&format!("{stack} in {environment}: nothing has been done yet that is remembered"));
        }
        for (at, run) in runs.iter().rev().take(most).enumerate() {
            let is_under_way = is_under_way && at == 0;
            let told = json!({ "type": "run", "stack": stack, "environment": environment, "run": run, "under_way": is_under_way });
            report.result(&line(run, stack, is_under_way), &told);
        }
    }
    Ok(Exit::Done)
}

/// `2026-11-21T18:00:00Z  up  shipcaptaincrew  3 made, 1 changed  by ana@laptop`.
fn line(run: &Run, stack: &str, is_under_way: bool) -> String {
    let counts = [
        (run.made, "made"),
        (run.changed, "changed"),
        (run.deleted, "deleted"),
        (run.ran, "run"),
        (run.left, if is_under_way { "to do" } else { "left undone" }),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let end = match run.cut {
        true if is_under_way => Some("under way"),
        true => Some("then cut off"),
        false => None,
    };
    let told = counts.chain(end.map(str::to_owned)).collect::<Vec<_>>().join(", ");
    format!("{}  {}  {stack}  {told}  by {}", run.at, run.verb, run.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_line_without_what_did_not_happen() {
        let run = Run {
            at: "2026-11-21T18:00:00Z".to_owned(),
            by: "ana@laptop".to_owned(),
            verb: "up".to_owned(),
            made: 3,
            changed: 0,
            deleted: 1,
            ran: 0,
            left: 2,
            cut: false,
        };
        assert_eq!(
            line(&run, "crew", false),
            "2026-11-21T18:00:00Z  up  crew  3 made, 1 deleted, 2 left undone  by ana@laptop"
        );
        let killed = Run { cut: true, ..run };
        for (is_under_way, told) in [(false, "2 left undone, then cut off"), (true, "2 to do, under way")] {
            assert_eq!(
                line(&killed, "crew", is_under_way),
                format!("2026-11-21T18:00:00Z  up  crew  3 made, 1 deleted, {told}  by ana@laptop")
            );
        }
    }
}
