//! One environment of a stack: its settings, and the values that `${env.x}` stands for.

use std::collections::BTreeMap;

use super::Environment;
use super::expression::has_expression;
use super::state_bucket;
use crate::diagnostic::{Diagnostic, Faults, Span, did_you_mean, shown};
use crate::stack::{Key, Node, NodeValue, StackFile, check_region};

/// Keys of `[env.x]` that are settings; every other key is a value for `${env.x}`.
pub(super) const SETTINGS: [&str; 6] = ["endpoint", "account", "region", "protect", "override", "state"];

/// The account of an environment on this machine: no account of AWS has it.
pub const LOCAL_ACCOUNT: &str = "000000000000";
/// Digits of an AWS account.
const ACCOUNT_DIGITS: usize = 12;

/// What `${env.x}` stands for, by `x`.
pub(super) type Values<'a> = BTreeMap<&'a str, (&'a Key, &'a Node)>;

/// An environment as it was read.
pub(super) struct Read<'a> {
    pub(super) environment: Environment,
    /// What `${env.x}` stands for.
    pub(super) values: Values<'a>,
    /// The table of overrides.
    pub(super) overrides: Option<&'a Node>,
}

/// Reads the environment; settings with faults are empty in the answer.
pub(super) fn read<'a>(file: &'a StackFile, key: &Key, table: &'a Node, faults: &mut Faults<'_>) -> Read<'a> {
    let local = read_endpoint(table, faults);
    let account = read_account(table, key, local, faults);
    let region = match text(table, "region", faults) {
        Some((region, span)) => {
            if let Err(fault) = check_region(region) {
                faults.add(span, || fault);
            }
            region.to_owned()
        }
        None => file.region.clone(),
    };
    let protect = match table.get("protect").map(|node| (&node.value, node)) {
        Some((NodeValue::Bool(protect), _)) => *protect,
        None => false,
        Some((_, node)) => {
            faults.add(node.span, || {
                Diagnostic::error("wrong-type", format!("`protect` is `true` or `false`, not {}", node.what()))
            });
            false
        }
    };
    let environment = Environment {
        stack: file.name.clone(),
        name: key.name.clone(),
        account,
        region,
        local,
        protect,
        state: state_bucket::read(table, faults),
        tags: file.tags.clone(),
    };
    Read { environment, values: read_values(table, faults), overrides: table.get("override") }
}

fn text<'a>(table: &'a Node, key: &str, faults: &mut Faults<'_>) -> Option<(&'a str, Span)> {
    let node = table.get(key)?;
    if node.as_str().is_none() {
        faults.add(node.span, || {
            Diagnostic::error("wrong-type", format!("`{key}` is a string, not {}", node.what()))
                .hint("put it in quotes")
        });
    }
    Some((node.as_str().unwrap_or_default(), node.span))
}

fn read_endpoint(table: &Node, faults: &mut Faults<'_>) -> bool {
    let Some((endpoint, span)) = text(table, "endpoint", faults) else {
        return false;
    };
    if endpoint != "local" {
        faults.add(span, || {
            let fault =
                Diagnostic::error("not-allowed", "`endpoint` takes the one word `local`: the emulator of this machine");
            fault.hint("any other endpoint comes from a variable, so that no file can send credentials elsewhere")
        });
    }
    true
}

fn read_account(table: &Node, environment: &Key, local: bool, faults: &mut Faults<'_>) -> String {
    let name = &environment.name;
    let Some(node) = table.get("account") else {
        if !local {
            let near = || table.entries().iter().find(|(each, _)| did_you_mean(&each.name, ["account"]).is_some());
            faults.add(environment.span, || {
                let hint =
                    near().map(|(each, _)| format!("did you mean `account` where it says `{}`?", shown(&each.name)));
                let fault = Diagnostic::error("missing-key", format!("the environment `{name}` has no `account`"));
                fault.hint(hint.unwrap_or_else(|| {
                    "name the AWS account that it lives in, 12 digits in quotes, or `endpoint = \"local\"`".to_owned()
                }))
            });
        }
        return LOCAL_ACCOUNT.to_owned();
    };
    let account = node.as_str().unwrap_or_default();
    if account.len() != ACCOUNT_DIGITS || !account.bytes().all(|each| each.is_ascii_digit()) {
        faults.add(node.span, || {
            Diagnostic::error("bad-account", "`account` is the 12 digits of an AWS account, in quotes")
        });
    }
    account.to_owned()
}

fn read_values<'a>(table: &'a Node, faults: &mut Faults<'_>) -> Values<'a> {
    let mut values = BTreeMap::new();
    for (key, node) in table.entries().iter().filter(|(key, _)| !SETTINGS.contains(&key.name.as_str())) {
        check_value(key, node, faults);
        values.insert(key.name.as_str(), (key, node));
    }
    values
}

fn check_value(key: &Key, node: &Node, faults: &mut Faults<'_>) {
    let scalar = |node: &Node| matches!(node.value, NodeValue::String(_) | NodeValue::Integer(_) | NodeValue::Bool(_));
    let fits = match &node.value {
        NodeValue::Array(items) => items.iter().all(scalar),
        _ => scalar(node),
    };
    if !fits {
        faults.add(node.span, || {
            let message = format!(
                "`{}` is a string, an integer, `true`, `false` or a list of them, not {}",
                shown(&key.name),
                words(node)
            );
            let settings = SETTINGS.map(|each| format!("`{each}`")).join(", ");
            let hint = did_you_mean(&key.name, SETTINGS).unwrap_or_else(|| {
                format!("the settings of an environment are {settings}; every other key is a value for `${{env.x}}`")
            });
            Diagnostic::error("wrong-type", message).hint(hint)
        });
    }
    node.visit_strings(&mut |text, span| {
        if has_expression(text) {
            let fault = || Diagnostic::error("not-allowed", format!("`{}` holds an expression", shown(&key.name)));
            faults.add(span, || fault().hint("values of an environment are plain; `$${` is a literal `${`"));
        }
    });
}

fn words(node: &Node) -> &'static str {
    match node.value {
        NodeValue::Array(_) => "a list of lists or tables",
        _ => node.what(),
    }
}
