//! A plan that was looked at, kept to be done later: what it was made of and what it does, as digests. Done is what is
//! planned anew, and only when that is the same.

use std::io::Read as _;
use std::path::Path;

use deployer_engine::state::Scope;
use deployer_engine::step::Plan;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::arguments::Selection;
use crate::error::{Exit, Failure};

/// The form of the file; another number is another form, and refused.
const FORMAT: u32 = 1;
/// The largest file that is read, in bytes: a line a step, and as many steps as a state has records.
const MAX_BYTES: u64 = 64 << 20;

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
    /// SHA-256 of the whole plan with all that was read for it and what it was told to leave out, lower-case hex.
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
            plan_sha256: sha256(&canonical(plan, selection, delete_data)),
            target: selection.target.clone(),
            exclude: selection.exclude.clone(),
            delete_data,
            steps: plan.steps.iter().map(step).collect(),
        }
    }

    /// Reads one.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let mut text = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| {
            Failure::file(path, &error)
                .hint("`up FILE` does what `plan --out FILE` kept; a stack is named by `-s NAME`")
        })?;
        file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(|error| Failure::file(path, &error))?;
        Self::parse(&text).map_err(|why| {
            Failure::usage(format!("{} is no plan that can be done: {why}", path.display()))
                .hint("`deployer plan --out FILE` writes one")
        })
    }

    /// What a file says, or why it is no plan that can be done.
    fn parse(text: &[u8]) -> Result<Self, String> {
        if text.len() as u64 > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes"));
        }
        let file: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if file.format != FORMAT || file.deployer != env!("CARGO_PKG_VERSION") {
            return Err(format!("version {} of the deployer wrote it", file.deployer));
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

/// The plan with all that was read for it, and what it was told to leave out. Object keys have one order; the lineage of
/// a state that was never written is another one each time.
fn canonical(plan: &Plan, selection: &Selection, delete_data: bool) -> Vec<u8> {
    let mut value = serde_json::to_value(plan).unwrap_or(Value::Null);
    if plan.base_serial == 0 {
        value["lineage"] = Value::Null;
    }
    value.sort_all_objects();
    json!([value, selection.target, selection.exclude, delete_data]).to_string().into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use deployer_engine::state::Scope;

    const STACK: &str = "stack = { name = \"shop\" }\n";

    fn plan() -> Plan {
        Plan {
            scope: Scope {
                stack: "shop".to_owned(),
                environment: "local".to_owned(),
                account: "000000000000".to_owned(),
                region: "us-west-2".to_owned(),
            },
            lineage: "0123456789abcdef".to_owned(),
            base_serial: 3,
            steps: Vec::new(),
            notes: Vec::new(),
            outputs: BTreeMap::new(),
            told: BTreeMap::new(),
            unchanged: 2,
            whole: false,
        }
    }

    /// A plan of a selection as it is written down.
    fn written() -> Vec<u8> {
        let only = |name: &str| vec![name.to_owned()];
        let selection = Selection { all: false, target: only("table.é"), exclude: only("site.web") };
        serde_json::to_vec_pretty(&PlanFile::new(&plan(), STACK, &selection, false)).expect("plain data")
    }

    /// Whether a file of that content would be done.
    fn is_done(content: &[u8]) -> bool {
        PlanFile::parse(content).is_ok_and(|file| file.agrees(&plan(), STACK).is_ok())
    }

    #[test]
    fn nothing_is_done_by_a_plan_file_of_which_a_part_is_missing() {
        let whole = written();
        assert!(is_done(&whole));
        for end in 0..whole.len() {
            assert!(!is_done(&whole[..end]), "{end} bytes");
        }
    }

    #[test]
    fn nothing_is_done_by_a_plan_file_with_a_flipped_bit() {
        let whole = written();
        let meant: Value = serde_json::from_slice(&whole).expect("JSON");
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                // White space and other spellings of the same content are no damage.
                if serde_json::from_slice::<Value>(&bent).is_ok_and(|each| each == meant) {
                    continue;
                }
                assert!(!is_done(&bent), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn what_is_no_plan_file_is_refused_with_a_reason() {
        let whole: Value = serde_json::from_slice(&written()).expect("JSON");
        let with = |field: &str, value: Value| {
            let mut other = whole.clone();
            other[field] = value;
            other.to_string()
        };
        for (content, reason) in [
            (with("format", json!(2)), "of the deployer wrote it"),
            (with("also", json!(true)), "unknown field `also`"),
            ("[".repeat(100_000), "line 1 column"),
            (" ".repeat((64 << 20) + 1), "it has more than"),
            (String::new(), "EOF"),
        ] {
            let refused = PlanFile::parse(content.as_bytes()).expect_err(reason);
            assert!(refused.contains(reason), "{reason}: {refused}");
        }
    }
}
