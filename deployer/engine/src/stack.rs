//! Stack files: what stands in them, and where.
//!
//! A stack file is TOML that is data only. Beside the header `stack`, the environments `[env.x]` and
//! the named values `[output]` every table is a declaration `[kind.name]`. Headers, inline tables
//! and dotted keys are all equal.

mod header;
mod node;
mod syntax;

use std::collections::BTreeMap;

use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Faults, Source, Span, shown};

pub use header::{MAX_NAME_LENGTH, MAX_TAGS};
pub(crate) use header::{check_name, check_region};
pub use node::{Key, Node, NodeValue};
pub use syntax::{MAX_DEPTH, MAX_FILE_BYTES, MAX_LINE_BYTES};

/// Most declarations of a file: each becomes several objects, and a plan of more nobody reads.
pub const MAX_DECLARATIONS: usize = 10_000;

/// Words that stand for sections of the file and so are no kinds.
pub const RESERVED_WORDS: [&str; 3] = ["stack", "env", "output"];

/// A stack file as it is written: no environment chosen, no expression resolved, no kind known.
#[derive(Clone, Debug)]
pub struct StackFile {
    /// Its text.
    pub source: Source,
    /// The name of the stack.
    pub name: String,
    /// The region where no environment says otherwise.
    pub region: String,
    /// Tags for every object of the stack.
    pub tags: BTreeMap<String, String>,
    /// The tables `[env.x]`, in file order.
    pub environments: Vec<(Key, Node)>,
    /// The tables `[kind.name]`, in file order.
    pub declarations: Vec<Declaration>,
    /// The keys of `[output]`, in file order.
    pub outputs: Vec<(Key, Node)>,
}

/// One `[kind.name]` as it is written.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Its address.
    pub address: DeclarationAddress,
    /// Its table.
    pub node: Node,
    /// Where its header or its key stands.
    pub span: Span,
}

/// Reads a stack file; all its faults at once, in file order.
pub fn parse(source: Source) -> Result<StackFile, Vec<Diagnostic>> {
    let mut faults = Faults::new(&source);
    let root = syntax::read(&source, &mut faults);
    if !faults.is_empty() {
        return Err(faults.finish());
    }
    let header = header::read(root.iter().find(|(key, _)| key.name == "stack"), &mut faults);
    let mut environments = Vec::new();
    let mut declarations = Vec::new();
    let mut outputs = Vec::new();
    for (key, node) in root {
        match key.name.as_str() {
            "stack" => {}
            "env" => environments = read_environments(node, &mut faults),
            "output" => outputs = read_outputs(node, &mut faults),
            _ => read_kind(&key, node, &mut declarations, &mut faults),
        }
    }
    if let Some(first) = declarations.get(MAX_DECLARATIONS) {
        let message = format!("there are {} declarations, more than {MAX_DECLARATIONS}", declarations.len());
        faults.add(first.span, || Diagnostic::error("too-large", message).hint("split the file into several stacks"));
    }
    if !faults.is_empty() {
        return Err(faults.finish());
    }
    declarations.sort_by_key(|each| each.span.start);
    let header::Header { name, region, tags } = header;
    Ok(StackFile { source, name, region, tags, environments, declarations, outputs })
}

fn read_environments(node: Node, faults: &mut Faults<'_>) -> Vec<(Key, Node)> {
    let NodeValue::Table(environments) = node.value else {
        faults.add(node.span, || {
            Diagnostic::error("wrong-type", format!("`env` is a table of environments, not {}", node.what()))
                .hint("write `[env.staging]`")
        });
        return Vec::new();
    };
    for (key, each) in &environments {
        if let Err(fault) = check_name(&key.name) {
            faults.add(key.span, || fault);
        }
        if !matches!(each.value, NodeValue::Table(_)) {
            faults.add(key.span, || {
                let message = format!("env.{} is a table, not {}", shown(&key.name), each.what());
                Diagnostic::error("wrong-type", message).hint("values stand below an environment: `[env.staging]`")
            });
        }
    }
    environments
}

fn read_outputs(node: Node, faults: &mut Faults<'_>) -> Vec<(Key, Node)> {
    let NodeValue::Table(outputs) = node.value else {
        faults.add(node.span, || {
            Diagnostic::error("wrong-type", format!("`output` is a table of named values, not {}", node.what()))
                .hint("write `[output]` and `url = \"${cdn.main.url}\"` below it")
        });
        return Vec::new();
    };
    for (key, each) in &outputs {
        if let Err(bad) = DeclarationAddress::new("output", &key.name) {
            faults.add(key.span, || Diagnostic::error("bad-name", bad.to_string()));
        }
        if each.as_str().is_none() {
            faults.add(each.span, || {
                Diagnostic::error("wrong-type", format!("output.{} is a string, not {}", shown(&key.name), each.what()))
                    .hint("put it in quotes")
            });
        }
    }
    outputs
}

fn read_kind(kind: &Key, node: Node, declarations: &mut Vec<Declaration>, faults: &mut Faults<'_>) {
    let NodeValue::Table(named) = node.value else {
        faults.add(kind.span, || {
            let message = format!("`{}` stands outside of every declaration", shown(&kind.name));
            Diagnostic::error("not-a-declaration", message)
                .hint("beside `stack` the file has tables only: `[kind.name]`, `[env.x]` and `[output]`")
        });
        return;
    };
    for (key, node) in named {
        let address = match DeclarationAddress::new(&kind.name, &key.name) {
            Ok(address) => address,
            Err(bad) => {
                faults.add(key.span, || Diagnostic::error("bad-name", bad.to_string()));
                continue;
            }
        };
        if !matches!(node.value, NodeValue::Table(_)) {
            faults.add(key.span, || {
                let message = format!("{address} is a table, not {}", node.what());
                Diagnostic::error("not-a-declaration", message)
                    .hint(format!("a declaration is `[{}.name]` with its keys below", kind.name))
            });
            continue;
        }
        let span = if node.span.start <= key.span.start { node.span } else { key.span };
        declarations.push(Declaration { address, node, span });
    }
}
