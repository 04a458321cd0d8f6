//! Resolving: one environment is chosen, overrides are applied and expressions filled in.
//!
//! What only kinds know, `${kind.name.attribute}`, stays as it is.

mod declare;
mod environment;
mod expression;
mod fill;
mod overrides;
mod state_bucket;

use std::collections::{BTreeMap, BTreeSet};

use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Faults, Location, Source, Span, did_you_mean, shown};
use crate::stack::{Node, StackFile};
use crate::value::{Piece, pieces};
pub use environment::LOCAL_ACCOUNT;
use expression::Expression;
use fill::Fill;
pub use state_bucket::StateBucket;

/// Where a stack lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The name of the stack.
    pub stack: String,
    /// The name of the environment, such as `staging`.
    pub name: String,
    /// The 12 digits of the AWS account.
    pub account: String,
    /// The AWS region.
    pub region: String,
    /// Whether it is the emulator of this machine.
    pub local: bool,
    /// Whether what holds data is protected unless a declaration says otherwise.
    pub protect: bool,
    /// The bucket that keeps the state; absent: the project's folder does.
    pub state: Option<StateBucket>,
    /// Tags for every object.
    pub tags: BTreeMap<String, String>,
}

/// One `[kind.name]` in one environment.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its address.
    pub address: DeclarationAddress,
    /// Its keys without `was`, `protect` and `name`.
    pub node: Node,
    /// The file.
    pub source: Source,
    /// Where its header or its key stands.
    pub location: Location,
    /// The name that it had before: its objects move, they are not replaced.
    pub was: Option<String>,
    /// What the declaration says of protection.
    pub protect: Option<bool>,
    /// The physical name that the environment pins.
    pub pinned_name: Option<String>,
    /// Keys that are absent because the environment lacks the value they take.
    pub absent: Vec<Absent>,
}

/// A key that is absent because the environment lacks the value that it takes.
#[derive(Clone, Debug)]
pub struct Absent {
    /// Where the table stands that lacks the key.
    pub table: Span,
    /// The key.
    pub key: String,
    /// The `x` of `${env.x}`.
    pub value: String,
    /// The environment.
    pub environment: String,
}

impl Declared {
    /// Where the declaration, or a key of it, stands. A path that leads nowhere ends at its deepest key.
    pub fn locate(&self, path: &[&str]) -> Location {
        let span = self.node.at(path);
        if span == self.node.span { self.location.clone() } else { self.source.locate(span) }
    }
}

/// A stack in one environment, its kinds not yet read.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The environment.
    pub environment: Environment,
    /// Every declaration, in file order.
    pub declarations: Vec<Declared>,
    /// The named values of `[output]`: name, text, place.
    pub outputs: Vec<(String, String, Location)>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
}

/// What another stack's output is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Known text.
    Known(String),
    /// Not known yet: that stack is brought up in the same run.
    NotYet,
    /// Missing, with the reason.
    Missing(String),
}

/// The environment that is meant: the one asked for, else the only one.
pub fn environment_name(file: &StackFile, asked: Option<&str>) -> Result<String, Diagnostic> {
    let names: Vec<&str> = file.environments.iter().map(|(key, _)| key.name.as_str()).collect();
    let all = names.iter().map(|each| format!("`{each}`")).collect::<Vec<_>>().join(", ");
    let first = file.environments.first().map_or(Span::default(), |(key, _)| key.span);
    let fault = |message: String, hint: String| {
        Err(Diagnostic::error("unknown-environment", message).at(file.source.locate(first)).hint(hint))
    };
    match (asked, names.as_slice()) {
        (_, []) => fault(
            format!("the stack `{}` declares no environment", file.name),
            "begin with `[env.local]` and `endpoint = \"local\"` below it".to_owned(),
        ),
        (Some(asked), _) if names.contains(&asked) => Ok(asked.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (Some(asked), _) => {
            let hint = did_you_mean(asked, names.iter().copied()).unwrap_or_else(|| format!("there are {all}"));
            fault(format!("there is no environment `{}`", shown(asked)), hint)
        }
        (None, _) => fault("which environment is meant?".to_owned(), format!("choose with `-e`: there are {all}")),
    }
}

/// The other stacks whose outputs the file refers to, in any environment.
pub fn stack_dependencies(file: &StackFile) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut see = |text: &str, _: Span| {
        for piece in pieces(text) {
            if let Piece::Expression(body, _) = piece
                && let Ok(Expression::Output(stack, _)) = Expression::parse(body)
            {
                found.insert(stack.to_owned());
            }
        }
    };
    let declared = file.declarations.iter().map(|each| &each.node);
    let named = file.outputs.iter().chain(&file.environments).map(|(_, node)| node);
    declared.chain(named).for_each(|node| node.visit_strings(&mut see));
    found.remove(&file.name);
    found
}

/// One environment of a stack by itself; all faults of its settings at once.
pub fn environment(file: &StackFile, name: &str) -> Result<Environment, Vec<Diagnostic>> {
    environment_name(file, Some(name)).map_err(|fault| vec![fault])?;
    let Some((key, table)) = file.environments.iter().find(|(key, _)| key.name == name) else {
        return Err(Vec::new());
    };
    let mut faults = Faults::new(&file.source);
    let read = environment::read(file, key, table, &mut faults);
    let faults = faults.finish();
    if faults.is_empty() { Ok(read.environment) } else { Err(faults) }
}

/// The stack in one environment; all faults at once, in file order.
pub fn resolve(
    file: &StackFile,
    environment: &str,
    foreign: &dyn Fn(&str, &str) -> Foreign,
) -> Result<Resolved, Vec<Diagnostic>> {
    environment_name(file, Some(environment)).map_err(|fault| vec![fault])?;
    let Some((key, table)) = file.environments.iter().find(|(key, _)| key.name == environment) else {
        return Err(Vec::new());
    };
    let mut faults = Faults::new(&file.source);
    let read = environment::read(file, key, table, &mut faults);
    let mut known: Vec<&DeclarationAddress> = file.declarations.iter().map(|each| &each.address).collect();
    known.sort();
    let overrides = overrides::read(read.overrides, &known, &mut faults);
    let mut fill = Fill::new(file, &read, foreign, faults);
    let mut declarations = Vec::with_capacity(file.declarations.len());
    for each in &file.declarations {
        let set = overrides.get(&each.address).map_or(&[][..], Vec::as_slice);
        let mut node = each.node.clone();
        declare::refuse_name(&mut node, each, &mut fill.faults);
        set.iter().for_each(|one| one.apply(&mut node, &mut fill.faults));
        declarations.push(declare::declare(file, each, &node, &mut fill));
    }
    let mut outputs = Vec::new();
    for (key, node) in &file.outputs {
        if let Some(text) = fill.node(node).and_then(|node| fill.plain(&key.name, &node)) {
            outputs.push((key.name.clone(), text, file.source.locate(node.span)));
        }
    }
    declare::check_former_names(file, &declarations, &known, &mut fill.faults);
    let (faults, warnings) = fill.finish();
    let faults = faults.finish();
    if faults.is_empty() {
        Ok(Resolved { environment: read.environment, declarations, outputs, warnings })
    } else {
        Err(faults)
    }
}
