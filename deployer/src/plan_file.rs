//! A plan that was looked at, kept to be done later: what it was made of and what it does, as digests. Done is what is
//! planned anew, and only when that is the same.

use std::path::Path;

use deployer_engine::state::Scope;
use deployer_engine::step::Plan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::arguments::Selection;
use crate::error::{Exit, Failure};

/// The form of the file; another number is another form, and refused.
const FORMAT: u32 = 1;

/// A plan as a file holds it. No value of a resource is in it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    format: u32,
    /// The version of the deployer that made it: another one may plan otherwise.
    deployer: String,
    /// Whose plan it is.
    pub scope: Scope,
    /// SHA-256 of the stack file, lower-case hex.
    stack_file_sha256: String,
    /// SHA-256 of the whole plan with all that was read for it, lower-case hex.
    plan_sha256: String,
    /// Which steps are meant: declarations.
    #[serde(default)]
    target: Vec<String>,
    /// Which are not.
    #[serde(default)]
    exclude: Vec<String>,
    /// Whether data may be lost.
    pub delete_data: bool,
    /// What it does, a line a step, for people.
    steps: Vec<String>,
}

impl PlanFile {
    /// The file of a plan.
    pub fn new(plan: &Plan, stack_file: &str, selection: &Selection, delete_data: bool) -> Self {
        let step = |step: &deployer_engine::step::Step| format!("{} {}", word(step), step.address);
        Self {
            format: FORMAT,
            deployer: env!("CARGO_PKG_VERSION").to_owned(),
            scope: plan.scope.clone(),
            stack_file_sha256: sha256(stack_file.as_bytes()),
            plan_sha256: sha256(&canonical(plan)),
            target: selection.target.clone(),
            exclude: selection.exclude.clone(),
            delete_data,
            steps: plan.steps.iter().map(step).collect(),
        }
    }

    /// Reads one.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let unusable = |why: String| {
            Failure::usage(format!("{} is no plan that can be done: {why}", path.display()))
                .hint("`deployer plan --out FILE` writes one")
        };
        let file: Self = serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
        if file.format != FORMAT || file.deployer != env!("CARGO_PKG_VERSION") {
            return Err(unusable(format!("version {} of the deployer wrote it", file.deployer)));
        }
        Ok(file)
    }

    /// Writes it for its owner alone.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).expect("a plan file is plain data");
        deployer_local::private::write(path, &text).map_err(|error| Failure::file(path, &error))
    }

    /// Which steps are meant.
    pub fn selection(&self) -> Selection {
        Selection { all: false, target: self.target.clone(), exclude: self.exclude.clone() }
    }

    /// Refuses what is planned now when it is not what was looked at.
    pub fn agrees(&self, plan: &Plan, stack_file: &str) -> Result<(), Failure> {
        let now = Self::new(plan, stack_file, &self.selection(), self.delete_data);
        if now == *self {
            return Ok(());
        }
        let what = if now.stack_file_sha256 != self.stack_file_sha256 {
            "the stack file is another one"
        } else if now.steps != self.steps {
            "other steps would be done"
        } else {
            "what is shipped or what lives is not as it was"
        };
        Err(Failure::new(Exit::Stale, "stale-plan", format!("the plan is stale: {what}"))
            .hint("look at `deployer plan` again, and write it anew with `--out`"))
    }
}

fn word(step: &deployer_engine::step::Step) -> String {
    serde_json::to_value(step.action).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The plan with all that was read for it. Object keys have one order; the lineage of a state that was never written is
/// another one each time.
fn canonical(plan: &Plan) -> Vec<u8> {
    let mut value = serde_json::to_value(plan).unwrap_or(Value::Null);
    if plan.base_serial == 0 {
        value["lineage"] = Value::Null;
    }
    value.sort_all_objects();
    value.to_string().into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
