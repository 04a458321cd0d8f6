//! `deployer state rebuild`: makes a lost state again from names and tags. AWS is only read.

use std::collections::BTreeSet;
use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Names, expand};
use deployer_engine::rebuild::rebuild;
use deployer_engine::state::{Record, State};
use serde_json::json;

use super::state::line;
use crate::applying::{confirmed, may_go_on, under_lock};
use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::{Reporter, plain};
use crate::signals::Signals;
use crate::store::{DAMAGED, Writer};

/// Runs the command. Stacks that others need come first: these read what they tell.
pub async fn run(
    project: &Project,
    globals: &Globals,
    all: bool,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    may_go_on(globals)?;
    for file in project.select(globals.stack.as_deref(), all)? {
        let others = Others::read(project, &file, globals, &[], true, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
        let cloud = context.cloud(globals, true, report).await?;
        let work = async |writer: &mut dyn Writer| rebuilt(&context, &cloud, globals, writer, report).await;
        let exit = under_lock(&context, globals, "state rebuild", report, signals, work).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

async fn rebuilt(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    writer: &mut dyn Writer,
    report: &Reporter,
) -> Result<Exit, Failure> {
    match writer.load().await {
        Ok(_) => {}
        Err(failure) if failure.is(DAMAGED) => {
            failure.diagnostics.iter().for_each(|each| report.note(&each.message));
            writer.anew().await?;
        }
        Err(failure) => return Err(failure),
    }
    let former = writer.state().clone();
    let empty = State { records: Vec::new(), intents: Vec::new(), outputs: [].into(), ..former.clone() };
    let mut wanted = |state: &State, names: &Names| {
        let (artifacts, _) = context.known_artifacts(state)?;
        Ok::<_, Failure>(expand(&context.stack, &artifacts, &renamed(context, names))?)
    };
    let state = rebuild(&context.registry, &cloud.context(), empty, &mut wanted).await?;
    tell(context, &former, &state, report);
    if !confirmed(globals, report, "Write this as the state? [y/N]", &["y", "yes"]).await? {
        return Ok(Exit::Other);
    }
    writer.amend(&mut |old| *old = state.clone());
    writer.save().await?;
    report.say("the state is written; `deployer plan` shows what is left to do");
    Ok(Exit::Done)
}

/// The names with those of renamed declarations under their present addresses: tags tell the former ones.
fn renamed(context: &Context, names: &Names) -> Names {
    let mut names = names.clone();
    let was = |address: &DeclarationAddress| {
        let was = context.stack.declared(address)?.was.clone()?;
        DeclarationAddress::new(address.kind(), &was).ok()
    };
    for (former, address) in context.stack.addresses().filter_map(|address| Some((was(address)?, address))) {
        let moved: Vec<_> = names
            .iter()
            .filter(|(each, _)| *each.declaration() == former)
            .map(|(each, name)| (address.part(each.part()), name.clone()))
            .collect();
        moved.into_iter().for_each(|(address, name)| {
            names.entry(address).or_insert(name);
        });
    }
    names
}

fn tell(context: &Context, former: &State, state: &State, report: &Reporter) {
    let key = |each: &Record| (each.address.clone(), each.id.clone());
    let known: BTreeSet<_> = former.records.iter().map(key).collect();
    let found: BTreeSet<_> = state.records.iter().map(key).collect();
    for record in &state.records {
        let told = json!({ "type": "record", "stack": context.scope.stack, "record": record });
        report.result(&format!("  {}", plain(&line(record))), &told);
    }
    report.say(&format!(
        "{} · {}: {} found, {} of them recorded before; {} recorded before were not found",
        context.scope.stack,
        context.scope.environment,
        state.records.len(),
        found.intersection(&known).count(),
        known.difference(&found).count(),
    ));
}
