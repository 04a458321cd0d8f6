//! JSON lines, with the event names that readers of Terraform's know.

use deployer_engine::apply::{Applied, Event, STOP_WITHIN};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::diff::Cause;
use deployer_engine::step::{Action, Plan, Step};
use serde_json::{Value, json};

/// The version of these lines. It grows when a reader would have to change.
const FORMAT: &str = "1.0";

/// The first line of every output.
pub fn version() -> Value {
    json!({ "type": "version", "deployer": env!("CARGO_PKG_VERSION"), "ui": FORMAT })
}

/// A diagnostic.
pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({ "type": "diagnostic", "diagnostic": diagnostic })
}

fn action(step: &Step) -> &'static str {
    match step.action {
        Action::Create if step.replaces => "replace",
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Run => "run",
    }
}

fn resource(step: &Step) -> Value {
    json!({ "addr": step.address, "resource_type": step.type_name, "declaration": step.address.declaration() })
}

/// A plan: drift, changes, their number.
pub fn plan(plan: &Plan) -> Vec<Value> {
    let drift = plan.drifted().map(|step| {
        let changes: Vec<_> = step.changes.iter().filter(|change| change.cause == Cause::Drift).collect();
        json!({ "type": "resource_drift", "change": { "resource": resource(step), "action": action(step), "changes": changes } })
    });
    let planned = plan.steps.iter().map(|step| json!({ "type": "planned_change", "change": { "resource": resource(step), "action": action(step), "changes": step.changes } }));
    drift.chain(planned).chain([summary(plan, "plan")]).collect()
}

fn summary(plan: &Plan, operation: &str) -> Value {
    json!({ "type": "change_summary", "stack": plan.scope.stack, "environment": plan.scope.environment, "changes": {
        "add": plan.count(Action::Create), "change": plan.count(Action::Update), "remove": plan.count(Action::Delete), "run": plan.count(Action::Run),
        "unchanged": plan.unchanged, "operation": operation,
    } })
}

/// What happens to a step; what was not tried has no line of its own.
pub fn event(event: &Event<'_>) -> Option<Value> {
    Some(match event {
        Event::Started(step) => {
            json!({ "type": "apply_start", "hook": { "resource": resource(step), "action": action(step) } })
        }
        Event::Progress(address, what) => {
            json!({ "type": "apply_progress", "hook": { "resource": { "addr": address }, "message": what } })
        }
        Event::Finished(step, took) => {
            json!({ "type": "apply_complete", "hook": { "resource": resource(step), "action": action(step), "elapsed_seconds": took.as_secs_f64() } })
        }
        Event::Failed(step, error) => {
            json!({ "type": "apply_errored", "hook": { "resource": resource(step), "action": action(step), "error": error } })
        }
        Event::Stopping(under_way) => {
            json!({ "type": "apply_stopping", "under_way": under_way, "within_seconds": STOP_WITHIN.as_secs() })
        }
        Event::Skipped(_) => return None,
    })
}

/// How a plan went.
pub fn applied(plan: &Plan, applied: &Applied) -> Value {
    let mut told = summary(plan, "apply");
    told["result"] = json!({ "done": applied.done.len(), "failed": applied.failed.len(), "skipped": applied.skipped.len(), "stopped": applied.stopped });
    told
}
