//! The stack language: what is read from a file, and what is said about a broken one.

mod hostile;
mod parse;
mod resolve;
mod schema;

use deployer_engine::diagnostic::{Diagnostic, Source};
use deployer_engine::resolve::{self as resolving, Declared, Foreign, Resolved};
use deployer_engine::stack::{self, StackFile};

/// A stack file with nearly every form of the language.
const EXAMPLE: &str = include_str!("example.toml");

/// A header and one environment for cases that are about something else.
const HEAD: &str = "stack = { name = \"shop\", region = \"us-west-2\" }\nenv.local.endpoint = \"local\"\n";

fn read(text: &str) -> Result<StackFile, Vec<Diagnostic>> {
    stack::parse(Source::new("a.toml", text))
}

fn no_stack(_: &str, _: &str) -> Foreign {
    Foreign::Missing("it was never brought up".to_owned())
}

fn resolve_in(environment: &str, text: &str) -> Result<Resolved, Vec<Diagnostic>> {
    resolving::resolve(&read(text)?, environment, &no_stack)
}

/// The only declaration of `[kind.x]` lines below the usual head.
fn declared(lines: &str) -> Declared {
    let mut resolved = resolve_in("local", &format!("{HEAD}{lines}")).expect("the lines are well-formed");
    assert_eq!(resolved.declarations.len(), 1);
    resolved.declarations.remove(0)
}

fn shown(faults: &[Diagnostic]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The faults of a file whose syntax or structure is broken.
fn faults(text: &str) -> String {
    shown(&read(text).expect_err("the file is broken"))
}

/// The faults of a file that is broken in the environment.
fn faults_in(environment: &str, text: &str) -> String {
    shown(&resolve_in(environment, text).expect_err("the file is broken"))
}
