//! `deployer explain`: what a declaration expands to, whom it needs, why it would change, and what it may do.

use std::collections::BTreeMap;

use clap::Args;
use deployer_aws::policy::{Grant, grants};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Desired, expand};
use deployer_engine::plan::recorded_names;
use deployer_engine::state::State;
use deployer_engine::step::Plan;
use serde_json::json;

use super::build::describe;
use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::net::Net;
use crate::planning::prepare;
use crate::project::Project;
use crate::reach::Others;
use crate::render::{Reporter, plain};

/// What the command line says.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The declaration, such as `function.crew-api`
    #[arg(value_name = "ADDRESS")]
    address: String,
}

/// Runs the command. AWS is only read; where it cannot be asked the rest is told all the same.
pub async fn run(project: &Project, globals: &Globals, options: &Options, report: &Reporter) -> Result<Exit, Failure> {
    let (file, address) = project.declaring(globals.stack.as_deref(), &options.address)?;
    let others = Others::read(project, &file, globals, &[], false, report).await?;
    let context = Context::open(project, &file, globals, &others, report)?;
    let state = context.load(globals, report).await?.state;
    let plan = match context.cloud(globals, false, report).await {
        Ok(cloud) => Some(prepare(&context, &cloud, state.clone(), None, true, report).await?.plan),
        Err(failure) => {
            report.note(&format!("what lives is not told: {failure}"));
            None
        }
    };
    let (artifacts, _) = context.known_artifacts(&state)?;
    let wanted = expand(&context.stack, &artifacts, &recorded_names(&state))?;
    let own: Vec<&Desired> = wanted.desired.values().filter(|each| *each.address.declaration() == address).collect();
    let net = Net::of(&context.stack);
    let needs = net.needs.get(&address.to_string()).cloned().unwrap_or_default();
    let needed_by: Vec<String> = net.needed_by(&address.to_string()).into_iter().map(str::to_owned).collect();
    let may: Vec<Grant> = own.iter().flat_map(|each| grants(each.type_name, &each.inputs)).collect();
    let changes = changes(&context, &address, plan.as_ref());

    let location = context.stack.declared(&address).map(|declared| declared.location.to_string()).unwrap_or_default();
    let mut lines = vec![format!("{address}  {location}"), String::new(), "it expands to".to_owned()];
    lines.extend(parts(&own, &state));
    for (heading, texts) in [
        ("it needs", needs.iter().cloned().collect::<Vec<_>>()),
        ("it is needed by", needed_by.clone()),
        ("it would change", changes.clone()),
        ("it may", may.iter().map(ToString::to_string).collect()),
    ] {
        if !texts.is_empty() {
            lines.extend([String::new(), heading.to_owned()]);
            lines.extend(texts.iter().map(|text| format!("  {text}")));
        }
    }
    if plan.is_some() && changes.is_empty() {
        lines.extend([String::new(), "it is as the stack file says".to_owned()]);
    }
    let resources: BTreeMap<String, &str> = own.iter().map(|each| (each.address.to_string(), each.type_name)).collect();
    let told = json!({ "type": "explanation", "address": address, "location": location, "resources": resources, "needs": needs, "needed_by": needed_by, "changes": changes, "may": may });
    report.result(&lines.join("\n"), &told);
    Ok(Exit::Done)
}

/// A line for each resource: its part, its type, and its id when it is up.
fn parts(own: &[&Desired], state: &State) -> Vec<String> {
    let widest = own.iter().map(|each| each.address.part().len()).max().unwrap_or_default();
    let kinds = own.iter().map(|each| each.type_name.len()).max().unwrap_or_default();
    let line = |each: &&Desired| {
        let id = state.current(&each.address).map_or("not up", |record| record.id.as_str());
        plain(&format!("  {:widest$}  {:kinds$}  {id}", each.address.part(), each.type_name.replace('_', " ")))
    };
    own.iter().map(line).collect()
}

/// Why each of its resources would change.
fn changes(context: &Context, address: &DeclarationAddress, plan: Option<&Plan>) -> Vec<String> {
    let steps = plan.into_iter().flat_map(|plan| &plan.steps).filter(|step| step.address.declaration() == address);
    steps.flat_map(|step| crate::render::why(step, &|step| describe(context, step))).collect()
}
