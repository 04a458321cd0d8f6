//! Damaged stack files, as far as the kinds see them: each fault has its place, and nothing panics.

use std::fs;
use std::path::Path;

use deployer_aws::kinds;
use deployer_engine::diagnostic::{Diagnostic, Source};
use deployer_engine::kind::{Artifacts, Names, Stack, expand};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::stack::parse;

/// What may stand in the place of a value.
const HOSTILE: [&str; 12] = [
    "\"\"",
    "0",
    "-1",
    "9223372036854775807",
    "1.5",
    "true",
    "[]",
    "{}",
    "[[{ a = 1 }]]",
    "\"${table.roles.name} ${stack}\"",
    "\"\\u001b[31m::set-output\\u202e\"",
    "\"ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé\"",
];

/// The faults of a file in its first environment, from its text to its resources.
fn faults(text: &str) -> Vec<Diagnostic> {
    let read = || {
        let file = parse(Source::new("stacks/damaged.toml", text))?;
        let Some((first, _)) = file.environments.first() else { return Ok(()) };
        let resolved = resolve(&file, &first.name, &|_, _| Foreign::NotYet)?;
        let stack = Stack::read(resolved, &kinds::all())?;
        expand(&stack, &Artifacts::new(), &Names::new()).map(drop)
    };
    read().err().unwrap_or_default()
}

fn explained(text: &str) {
    for fault in faults(text) {
        let place = fault.location.as_ref().unwrap_or_else(|| panic!("no place: {fault}\n{text}"));
        assert!(place.line >= 1 && place.column >= 1 && !place.file.is_empty(), "{fault}");
        assert!(!fault.to_string().contains('\u{1b}'), "{fault:?}");
    }
}

/// Every line left out, every line twice, and every value made something else.
#[test]
fn every_line_of_a_shipped_stack_may_be_damaged() {
    for name in ["shipcaptaincrew", "exec-reports"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../stacks/{name}.toml"));
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(faults(&text).len(), 0, "{name} is whole");
        let with = |at: usize, instead: &[&str]| [&lines[..at], instead, &lines[at + 1..]].concat().join("\n");
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        {
            explained(&with(at, &[]));
            explained(&with(at, &[line, line]));
            if let Some((key, _)) = line.split_once('=') {
                for step in 0..2 {
                    let value = HOSTILE[(2 * at + step) % HOSTILE.len()];
                    explained(&with(at, &[&format!("{key}= {value}")]));
                }
            }
        }
    }
}
