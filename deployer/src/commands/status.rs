//! `deployer status`: what is up, and whether it is as the stack file says.

use std::collections::BTreeMap;

use deployer_engine::diff::Cause;
use deployer_engine::state::Standing;
use serde_json::json;

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::planning::prepare;
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command. It reads everything live and changes nothing.
pub async fn run(project: &Project, globals: &Globals, all: bool, report: &Reporter) -> Result<Exit, Failure> {
    let mut before = Vec::new();
    for file in project.select(globals.stack.as_deref(), all || globals.stack.is_none())? {
        let others = Others::read(project, &file, globals, &before, false, report).await?;
        let context = Context::open(project, &file, globals, &others, report)?;
        before.push(file.name.clone());
        let cloud = context.cloud(globals, false, report).await?;
        let loaded = context.load(globals, report).await?;
        let interrupted = loaded.interrupted;
        let records = loaded.state.records.clone();
        let prepared = prepare(&context, &cloud, loaded.state, None, false, report).await?;
        let mut pending: BTreeMap<String, usize> = BTreeMap::new();
        prepared
            .plan
            .steps
            .iter()
            .for_each(|step| *pending.entry(step.address.declaration().to_string()).or_default() += 1);
        let drifted = prepared
            .plan
            .steps
            .iter()
            .filter(|step| step.changes.iter().any(|change| change.cause == Cause::Drift))
            .count();
        let mut up: BTreeMap<String, usize> = BTreeMap::new();
        records
            .iter()
            .filter(|each| each.standing == Standing::Current)
            .for_each(|each| *up.entry(each.address.declaration().to_string()).or_default() += 1);
        let mut lines = vec![format!(
            "{} · {}: {} resources, {} to do, {drifted} drifted",
            context.scope.stack,
            context.scope.environment,
            records.len(),
            prepared.plan.steps.len()
        )];
        if interrupted {
            lines.push("  a run was interrupted: `deployer up` goes on with it".to_owned());
        }
        let widest = context.stack.addresses().map(|each| each.to_string().len()).max().unwrap_or_default();
        for address in context.stack.addresses().map(ToString::to_string) {
            let how = match (up.get(&address), pending.get(&address)) {
                (None, _) => "not up".to_owned(),
                (Some(count), None) => format!("up, {count} resources"),
                (Some(_), Some(steps)) => format!("up, {steps} changes pending"),
            };
            lines.push(format!("  {address:widest$}  {how}"));
        }
        lines.extend(
            prepared.plan.told.iter().map(|(name, value)| format!("  {name}: {}", crate::render::plain(value))),
        );
        let told = json!({ "type": "status", "stack": context.scope.stack, "environment": context.scope.environment, "resources": up, "pending": pending, "drifted": drifted, "interrupted": interrupted, "outputs": prepared.plan.told });
        report.result(&lines.join("\n"), &told);
    }
    Ok(Exit::Done)
}
