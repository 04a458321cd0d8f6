//! `deployer status`: what is up, and whether it is as the stack file says.

use std::collections::BTreeMap;

use deployer_aws::exposure::exposure;
use deployer_engine::state::{Record, Standing};
use serde_json::{Value, json};

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::planning::{Prepared, prepare};
use crate::project::Project;
use crate::reach::Others;
use crate::render::{Reporter, counted};

/// How one stack stands.
pub struct Status {
    /// The stack's name.
    pub stack: String,
    /// In words.
    pub text: String,
    /// For programs.
    pub told: Value,
    /// What is recorded of it.
    pub records: Vec<Record>,
}

/// Runs the command. It reads everything live and changes nothing.
pub async fn run(project: &Project, globals: &Globals, all: bool, report: &Reporter) -> Result<Exit, Failure> {
    each(project, globals, all || globals.stack.is_none(), report, |status| report.result(&status.text, &status.told))
        .await?;
    Ok(Exit::Done)
}

/// Looks at each stack, in the order in which they need each other.
pub async fn each(
    project: &Project,
    globals: &Globals,
    all: bool,
    report: &Reporter,
    mut tell: impl FnMut(Status),
) -> Result<(), Failure> {
    let mut before = Vec::new();
    for file in project.select(globals.stack.as_deref(), all)? {
        let others = Others::read(project, &file, globals, &before, false, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
        before.push(file.name.clone());
        let cloud = context.cloud(globals, false, report).await?;
        let loaded = context.load(globals, report).await?;
        let (interrupted, records) = (loaded.interrupted, loaded.state.records.clone());
        let prepared = prepare(&context, &cloud, loaded.state, None, false, report).await?;
        tell(of(&context, &prepared, records, interrupted));
    }
    Ok(())
}

fn of(context: &Context, prepared: &Prepared, records: Vec<Record>, interrupted: bool) -> Status {
    let steps = &prepared.plan.steps;
    let mut pending: BTreeMap<String, usize> = BTreeMap::new();
    steps.iter().for_each(|step| *pending.entry(step.address.declaration().to_string()).or_default() += 1);
    let drifted = prepared.plan.drifted().count();
    let mut up: BTreeMap<String, usize> = BTreeMap::new();
    records
        .iter()
        .filter(|each| each.standing == Standing::Current)
        .for_each(|each| *up.entry(each.address.declaration().to_string()).or_default() += 1);
    let (stack, environment) = (&context.scope.stack, &context.scope.environment);
    let (known, to_do) = (counted(records.len(), "resource"), steps.len());
    let mut lines = vec![format!("{stack} · {environment}: {known}, {to_do} to do, {drifted} drifted")];
    if interrupted {
        lines.push("  a run was interrupted: `deployer up` goes on with it".to_owned());
    }
    let declared: Vec<String> = context.stack.addresses().map(ToString::to_string).collect();
    let left: Vec<String> = up.keys().filter(|each| !declared.contains(*each)).cloned().collect();
    let widest = declared.iter().chain(&left).map(String::len).max().unwrap_or_default();
    for address in declared.iter().chain(&left) {
        let how = match (up.get(address), pending.get(address)) {
            _ if left.contains(address) => "up, no more in the stack file".to_owned(),
            (None, _) => "not up".to_owned(),
            (Some(count), None) => format!("up, {}", counted(*count, "resource")),
            (Some(_), Some(steps)) => format!("up, {} pending", counted(*steps, "change")),
        };
        lines.push(format!("  {address:widest$}  {how}"));
    }
    let outputs = &prepared.plan.told;
    lines.extend(outputs.iter().map(|(name, value)| format!("  {name}: {}", crate::render::plain(value))));
    let told = json!({
        "type": "status", "stack": stack, "environment": environment, "resources": up, "pending": pending,
        "drifted": drifted, "interrupted": interrupted, "outputs": outputs, "exposure": exposure(&records),
    });
    Status { stack: stack.clone(), text: lines.join("\n"), told, records }
}
