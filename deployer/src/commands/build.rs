//! `deployer build`: builds functions and sites; and what other verbs need of building.

use std::collections::BTreeSet;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::Artifacts;
use deployer_engine::step::Step;

use crate::arguments::Globals;
use crate::artifacts::{ArtifactError, BuildEvent, BuildStep};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::{Reporter, bytes, seconds};

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    addresses: &[String],
    report: &Reporter,
) -> Result<Exit, Failure> {
    let all = globals.stack.is_none();
    let mut found = BTreeSet::new();
    for file in project.select(globals.stack.as_deref(), all)? {
        let context = Context::open_for_build(project, &file, globals, report)?;
        let asked: BTreeSet<_> = context
            .shipping()
            .into_iter()
            .filter(|each| addresses.is_empty() || addresses.contains(&each.to_string()))
            .collect();
        found.extend(asked.iter().map(ToString::to_string));
        build(&context, Some(&asked), report).await?;
    }
    if let Some(unknown) = addresses.iter().find(|each| !found.contains(*each)) {
        return Err(Failure::usage(format!("there is nothing to build at `{unknown}`"))
            .hint("functions and sites are built: `deployer build` builds them all"));
    }
    report.say(&format!("built: {}", found.into_iter().collect::<Vec<_>>().join(", ")));
    Ok(Exit::Done)
}

/// Builds what of `only` (absent: of everything) is not in the cache; what is built then.
pub async fn build(
    context: &Context,
    only: Option<&BTreeSet<DeclarationAddress>>,
    report: &Reporter,
) -> Result<Artifacts, Failure> {
    let all;
    let only = match only {
        Some(only) => only,
        None => {
            all = context.shipping();
            &all
        }
    };
    Ok(context.artifacts.build(&context.requests, only, &|event| tell(&event, report)).await?)
}

/// Tells what a build does.
pub fn tell(event: &BuildEvent, report: &Reporter) {
    let names = event.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match &event.what {
        BuildStep::Started(command) => {
            report.note(&format!("building {names}: {command}"));
            report.working(&names, "building");
        }
        BuildStep::Line(line) => {
            report.detail(line);
            report.working(&names, line);
        }
        BuildStep::Ended => report.worked(&names),
        BuildStep::Notice(text) => report.note(&format!("  {text}")),
        BuildStep::Finished { bytes: size, elapsed_ms } => {
            report.note(&format!(
                "  built {names}: {} in {}",
                bytes(*size),
                seconds(std::time::Duration::from_millis(*elapsed_ms))
            ));
        }
    }
}

/// What a step ships anew, such as `3 files, 4.1 → 4.2 MB`; absent when it ships nothing new.
pub fn describe(context: &Context, step: &Step) -> Option<String> {
    step.changes.iter().find(|change| deployer_aws::is_shipped_field(&change.path))?;
    let (old, _) = deployer_aws::shipped(&step.type_name, &step.live.as_ref()?.inputs)?;
    let new = deployer_aws::source_of(&step.type_name, &step.inputs)?;
    let told = if old == new {
        Some("built again".to_owned())
    } else {
        context.artifacts.describe_change(step.address.declaration(), &old, &new)
    };
    Some(told.filter(|text| !text.is_empty()).unwrap_or_else(|| "new code".to_owned()))
}

impl From<ArtifactError> for Failure {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::Faults(faults) => Self::from(faults),
            other => {
                let failure = Self::new(Exit::Other, "build", other.to_string());
                match other.hint() {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
        }
    }
}
