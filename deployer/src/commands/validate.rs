//! `deployer validate`: every fault of the stack files, without asking AWS.

use deployer_aws::collisions::{Scoped, shared_names};
use deployer_aws::limits::refused;
use deployer_aws::resources;
use deployer_engine::diagnostic::Severity;
use deployer_engine::graph::Graph;
use deployer_engine::kind::{Artifacts, Names, Wanted, expand};
use deployer_engine::resolve::{Environment, environment_name};
use deployer_engine::stack::StackFile;

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command: every stack (or the named one) in every environment (or the named one).
pub fn run(project: &Project, globals: &Globals, report: &Reporter) -> Result<Exit, Failure> {
    let mut faults = Vec::new();
    let mut checked = Vec::new();
    let mut valid = Vec::new();
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        // A stack that lives nowhere is no stack that is valid everywhere.
        faults.extend(file.environments.is_empty().then(|| environment_name(&file, None).err()).flatten());
        let every: Vec<String> = file.environments.iter().map(|(key, _)| key.name.clone()).collect();
        for environment in every.iter().filter(|each| globals.environment.as_ref().is_none_or(|asked| asked == *each)) {
            checked.push(format!("{} in {environment}", file.name));
            let globals = Globals { environment: Some(environment.clone()), ..globals.clone() };
            match check(project, &file, &globals, report) {
                Ok(wanted) => valid.push(wanted),
                Err(failure) => {
                    let errors = failure.diagnostics.into_iter().filter(|each| each.severity == Severity::Error);
                    // What is wrong in every environment is said once.
                    faults.extend(errors.filter(|each| !faults.contains(each)).collect::<Vec<_>>());
                }
            }
        }
    }
    if let (Some(asked), true, true) = (&globals.environment, checked.is_empty(), faults.is_empty()) {
        return Err(Failure::usage(format!("no stack has an environment `{}`", asked.escape_debug()))
            .hint("`[env.NAME]` declares one; leave `-e` out to check them all"));
    }
    let scopes: Vec<Scoped<'_>> = valid.iter().map(|(environment, wanted)| (environment, &wanted.desired)).collect();
    faults.extend(shared_names(&resources::all(), &scopes));
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.location.as_ref().map(|at| (at.file.clone(), at.line, at.column)));
        return Err(Failure { exit: Exit::Usage, diagnostics: faults });
    }
    report.say(&format!("valid: {}", checked.join(", ")));
    Ok(Exit::Done)
}

fn check(
    project: &Project,
    file: &StackFile,
    globals: &Globals,
    report: &Reporter,
) -> Result<(Environment, Wanted), Failure> {
    let context = Context::open(project, file, globals, &Others::unread_in(project, file)?, report)?;
    // What cannot be built hides no fault of the stack file.
    let (artifacts, mut faults) = match context.artifacts.inspect(&context.requests) {
        Ok(artifacts) => (artifacts, Vec::new()),
        Err(faults) => (Artifacts::new(), faults),
    };
    let expanded = expand(&context.stack, &artifacts, &Names::new()).map_err(|found| faults.extend(found));
    let (Ok(wanted), true) = (expanded, faults.is_empty()) else { return Err(faults.into()) };
    report.warnings(&wanted.warnings);
    Graph::new(&wanted.desired)?;
    let refused = refused(&context.registry, &wanted.desired);
    if !refused.is_empty() {
        return Err(refused.into());
    }
    Ok((context.stack.environment, wanted))
}
