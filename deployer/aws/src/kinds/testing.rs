//! Stack texts expanded, and shown so that a test can be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::{Diagnostic, Source};
use deployer_engine::kind::{Artifact, Artifacts, Names, Stack, Wanted, expand};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::stack::parse;
use deployer_engine::value::is_digest;
use serde_json::Value;

/// A stack in three environments: the local AWS, an unprotected one and a protected one.
pub const HEADER: &str = r#"
stack = { name = "crew", region = "us-west-2" }
[env.local]
endpoint = "local"
[env.staging]
account = "444455556666"
[env.prod]
account = "111122223333"
protect = true
"#;

/// The stack of [`HEADER`] and these declarations, read in an environment.
pub fn stack(declarations: &str, environment: &str) -> Result<Stack, Vec<Diagnostic>> {
    let file = parse(Source::new("stack.toml", &format!("{HEADER}{declarations}")))?;
    let resolved = resolve(&file, environment, &|_, _| Foreign::Missing("no other stack".to_owned()))?;
    Stack::read(resolved, &super::all())
}

/// What the declarations want to exist. Functions named in `built` are built.
pub fn wanted(declarations: &str, environment: &str, built: &[&str]) -> Result<Wanted, Vec<Diagnostic>> {
    let artifact = |name: &&str| {
        let address = DeclarationAddress::new("function", name).expect("a test names a function");
        (address, Artifact { source_sha256: "5e".repeat(32), built: Some("emlw".to_owned()) })
    };
    let artifacts: Artifacts = built.iter().map(artifact).collect();
    expand(&stack(declarations, environment)?, &artifacts, &Names::new())
}

/// The parts of a declaration: each with its type, what it waits for beside what it refers to, and
/// its inputs without tags, one a line.
pub fn shown(wanted: &Wanted, declaration: &str) -> String {
    let mut text = String::new();
    for desired in wanted.desired.values().filter(|each| each.address.declaration().to_string() == declaration) {
        let after: Vec<String> = desired.after.iter().map(ToString::to_string).collect();
        let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(", ")) };
        writeln!(text, "{} ({}){after}", desired.address.part(), desired.type_name).expect("memory takes it");
        let fields: BTreeMap<_, _> =
            desired.inputs.as_object().into_iter().flatten().filter(|(key, _)| *key != "tags").collect();
        for (key, value) in fields {
            writeln!(text, "  {key}: {}", brief(value)).expect("memory takes it");
        }
    }
    text
}

/// Digests are long trees: only that there is one is shown.
fn brief(value: &Value) -> String {
    match value {
        digest if is_digest(digest) => {
            let tree = digest.as_object().and_then(|members| members.values().next()).and_then(Value::as_object);
            format!(
                "digest of {}",
                tree.into_iter().flat_map(|members| members.keys().cloned()).collect::<Vec<_>>().join(" ")
            )
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The faults of the declarations: line of the declarations, column, code, message, hint.
pub fn faults(declarations: &str, environment: &str) -> String {
    let header_lines = HEADER.lines().count() + 1;
    let told = |fault: Diagnostic| {
        let place =
            fault.location.map(|at| format!("{}:{}", at.line + 1 - header_lines, at.column)).unwrap_or_default();
        format!("{place} {} {} ({})\n", fault.code, fault.message, fault.hint.unwrap_or_default())
    };
    match wanted(declarations, environment, &[]) {
        Ok(_) => String::new(),
        Err(faults) => faults.into_iter().map(told).collect(),
    }
}
