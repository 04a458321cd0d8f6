//! Ownership: what carries our tags is ours, what carries none of them is somebody else's.

use crate::resource::{Facts, LiveValue};
use crate::state::Scope;

/// The tag that names the stack. Permanent.
pub const STACK_TAG: &str = "deployer:stack";
/// The tag that names the environment. Permanent.
pub const ENVIRONMENT_TAG: &str = "deployer:env";
/// The tag that names the resource's address. Permanent.
pub const ADDRESS_TAG: &str = "deployer:address";

/// Whose an object is that we have no record of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Ours: its tags say so, or it cannot carry any and hangs on its parent or its name.
    Ours,
    /// Somebody else's, or another stack's.
    Foreign,
}

/// Judges by the object's tags. The address may differ from the tagged one (`was`): the stack and the environment may not.
pub fn claim(facts: &Facts, scope: &Scope, live: &LiveValue) -> Claim {
    if !facts.tagged {
        return Claim::Ours;
    }
    let tag = |key: &str| live.inputs.get("tags").and_then(|tags| tags.get(key)).and_then(|value| value.as_str());
    if tag(STACK_TAG) == Some(scope.stack.as_str()) && tag(ENVIRONMENT_TAG) == Some(scope.environment.as_str()) {
        Claim::Ours
    } else {
        Claim::Foreign
    }
}
