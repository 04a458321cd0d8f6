//! `deployer permissions`: the least-privilege policy that a role needs.

use deployer_aws::permissions;
use deployer_engine::kind::{Names, expand};

use crate::arguments::{Globals, Role};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command: an IAM policy document on stdout, one a stack.
pub fn run(project: &Project, globals: &Globals, role: Role, all: bool, report: &Reporter) -> Result<Exit, Failure> {
    let role = match role {
        Role::Deploy => permissions::Role::Deploy,
        Role::Plan => permissions::Role::Plan,
        Role::Rotate => permissions::Role::Rotate,
    };
    let files = project.select(globals.stack.as_deref(), all)?;
    for file in &files {
        let context = Context::open(project, file, globals, &Others::unread(), report)?;
        let artifacts = context.artifacts.inspect(&context.requests)?;
        let wanted = expand(&context.stack, &artifacts, &Names::new())?;
        let policy = permissions::role_policy(
            role,
            &context.registry,
            &context.stack.environment,
            &wanted.desired,
            &deployer_aws::objects::statements(&context.stack.environment),
        );
        report.result(&serde_json::to_string_pretty(&policy).unwrap_or_default(), &policy);
    }
    Ok(Exit::Done)
}
