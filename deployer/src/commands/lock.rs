//! `deployer lock`: who holds the lock of a state, and taking it away.

use serde_json::json;

use crate::applying::{confirmed, may_go_on};
use crate::arguments::{Globals, LockCommand};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::store::holder::Holder;
use crate::store::{Held, StateStore, who};

/// Runs the command. It asks nobody but the store of the state.
pub async fn run(
    project: &Project,
    globals: &Globals,
    command: &LockCommand,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let shows = matches!(command, LockCommand::Show);
    for file in project.select(globals.stack.as_deref(), shows && globals.stack.is_none())? {
        let context = Context::open(project, &file, globals, &Others::unread(), report)?;
        let store = context.store(globals, false, report).await?;
        let held = store.held().await?;
        tell(&context, &*store, held.as_ref(), report);
        if let (LockCommand::Break, Some(held)) = (command, held) {
            return take_away(globals, &*store, &held, report).await;
        }
    }
    Ok(Exit::Done)
}

fn tell(context: &Context, store: &dyn StateStore, held: Option<&Held>, report: &Reporter) {
    let scope = &context.scope;
    let holder = held.and_then(|held| held.holder.as_ref());
    let is_gone = holder.is_some_and(|holder| holder.is_gone(&Holder::here("deployer lock show")));
    let told = match held {
        None => "free".to_owned(),
        Some(held) if is_gone => format!("held by {}, which is gone: whoever comes next takes it over", who(held)),
        Some(held) => {
            let renewed = held.silent_for.map(|silent| format!(", renewed {} s ago", silent.as_secs()));
            format!("held by {}{}", who(held), renewed.unwrap_or_default())
        }
    };
    let line = json!({
        "type": "lock", "stack": scope.stack, "environment": scope.environment, "place": store.place(),
        "held": held.is_some(), "gone": is_gone, "renewed_seconds_ago": held.and_then(|held| held.silent_for).map(|each| each.as_secs()),
        "pid": holder.map(|each| each.pid), "host": holder.map(|each| &each.host),
        "command": holder.map(|each| &each.command), "since": holder.map(|each| &each.since),
    });
    report.result(&format!("{} · {}: {told}\n  {}", scope.stack, scope.environment, store.place()), &line);
}

async fn take_away(globals: &Globals, store: &dyn StateStore, held: &Held, report: &Reporter) -> Result<Exit, Failure> {
    may_go_on(globals)?;
    let question = "Whoever holds it writes the state no more, but calls that it began go on. Take it away? [y/N]";
    if !confirmed(globals, report, question, &["y", "yes"]).await? {
        return Ok(Exit::Other);
    }
    if store.break_lock(held).await? {
        report.say("the lock is free");
    } else {
        report.say("the lock was given back meanwhile, or is another's");
    }
    Ok(Exit::Done)
}
