//! Filling expressions in, as far as the environment and the other stacks know them.

use std::collections::BTreeSet;

use super::environment::{Read, SETTINGS, Values};
use super::expression::{Builder, Expression, has_expression, place, unclosed, unescaped};
use super::{Absent, Environment, Foreign};
use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Faults, Source, Span, did_you_mean, shown};
use crate::stack::{Node, NodeValue, StackFile};
use crate::value::{Piece, literal, pieces};

/// The value of an expression.
enum Filled {
    Value(NodeValue),
    /// Text that stays an expression, without `${` and `}`.
    Later(String),
    /// The environment lacks it, though another has it.
    Absent(String),
}

/// Fills in the expressions of one stack in one environment.
pub(super) struct Fill<'a> {
    pub(super) faults: Faults<'a>,
    source: &'a Source,
    environment: &'a Environment,
    values: &'a Values<'a>,
    everywhere: BTreeSet<&'a str>,
    foreign: &'a dyn Fn(&str, &str) -> Foreign,
    used: BTreeSet<String>,
    absent: Vec<Absent>,
}

impl<'a> Fill<'a> {
    pub(super) fn new(
        file: &'a StackFile,
        read: &'a Read<'a>,
        foreign: &'a dyn Fn(&str, &str) -> Foreign,
        faults: Faults<'a>,
    ) -> Self {
        let keys = file.environments.iter().flat_map(|(_, table)| table.entries()).map(|(key, _)| key.name.as_str());
        let everywhere = keys.filter(|each| !SETTINGS.contains(each)).collect();
        Self {
            faults,
            source: &file.source,
            environment: &read.environment,
            values: &read.values,
            everywhere,
            foreign,
            used: BTreeSet::new(),
            absent: Vec::new(),
        }
    }

    /// The faults, and a warning for each value that nobody uses.
    pub(super) fn finish(self) -> (Faults<'a>, Vec<Diagnostic>) {
        let mut unused = Faults::new(self.source);
        for (name, (key, _)) in self.values.iter().filter(|(name, _)| !self.used.contains(**name)) {
            unused.add(key.span, || {
                let hint = did_you_mean(name, SETTINGS)
                    .unwrap_or_else(|| format!("remove it, or use it as `${{env.{}}}`", shown(name)));
                Diagnostic::warning("unused-value", format!("nothing uses the value `{}`", shown(name))).hint(hint)
            });
        }
        (self.faults, unused.finish())
    }

    /// What was absent since the last call.
    pub(super) fn take_absent(&mut self) -> Vec<Absent> {
        std::mem::take(&mut self.absent)
    }

    /// The node with its expressions filled in; `None` when it is one that the environment lacks.
    pub(super) fn node(&mut self, node: &Node) -> Option<Node> {
        self.fill(node).ok()
    }

    /// The node, or the name of the value that the environment lacks.
    fn fill(&mut self, node: &Node) -> Result<Node, String> {
        let value = match &node.value {
            NodeValue::String(text) => self.string(text, node.span)?,
            NodeValue::Array(items) => NodeValue::Array(items.iter().filter_map(|each| self.fill(each).ok()).collect()),
            NodeValue::Table(entries) => {
                let mut filled = Vec::with_capacity(entries.len());
                for (key, each) in entries {
                    match self.fill(each) {
                        Ok(each) => filled.push((key.clone(), each)),
                        Err(value) => self.absent.push(Absent {
                            table: node.span,
                            key: key.name.clone(),
                            value,
                            environment: self.environment.name.clone(),
                        }),
                    }
                }
                NodeValue::Table(filled)
            }
            other => other.clone(),
        };
        Ok(Node { value, span: node.span })
    }

    fn string(&mut self, text: &str, span: Span) -> Result<NodeValue, String> {
        if let Some(at) = unclosed(text) {
            self.faults.add(place(self.source, span, text, at..at + 2), || {
                Diagnostic::error("bad-expression", "`${` is never closed").hint("`$${` is a literal `${`")
            });
        }
        let parts = pieces(text);
        if let [Piece::Expression(body, at)] = parts[..] {
            return match self.expression(body, place(self.source, span, text, at - 2..at + body.len() + 1)) {
                Some(Filled::Value(value)) => Ok(value),
                Some(Filled::Later(body)) => Ok(NodeValue::String(format!("${{{body}}}"))),
                Some(Filled::Absent(value)) => Err(value),
                None => Ok(NodeValue::String(String::new())),
            };
        }
        let mut builder = Builder::default();
        for part in parts {
            match part {
                Piece::Text(plain) => builder.text(&plain),
                Piece::Expression(body, at) => {
                    let here = place(self.source, span, text, at - 2..at + body.len() + 1);
                    if let Some(filled) = self.expression(body, here) {
                        self.splice(filled, &mut builder, here);
                    }
                }
            }
        }
        Ok(NodeValue::String(builder.finish()))
    }

    /// Puts the value of an expression into a longer text.
    fn splice(&mut self, filled: Filled, builder: &mut Builder, here: Span) {
        match filled {
            Filled::Value(NodeValue::String(text)) => builder.text(&unescaped(&text)),
            Filled::Value(NodeValue::Integer(number)) => builder.text(&number.to_string()),
            Filled::Value(NodeValue::Bool(yes)) => builder.text(&yes.to_string()),
            Filled::Value(_) => self.faults.add(here, || {
                Diagnostic::error("wrong-type", "a list stands inside a longer text")
                    .hint("make the expression the whole value")
            }),
            Filled::Later(body) => {
                if let Err(fault) = builder.expression(&body) {
                    self.faults.add(here, || fault);
                }
            }
            Filled::Absent(value) => self.faults.add(here, || {
                let fault = Diagnostic::error(
                    "missing-value",
                    format!("the environment `{}` has no `{}`", self.environment.name, shown(&value)),
                );
                fault.hint(format!(
                    "set it below [env.{}]: only a key whose whole value is `${{env.{}}}` may be absent",
                    self.environment.name,
                    shown(&value)
                ))
            }),
        }
    }

    /// The value of one expression; `None` after a fault.
    fn expression(&mut self, body: &str, here: Span) -> Option<Filled> {
        let text = |text: &str| Some(Filled::Value(NodeValue::String(text.to_owned())));
        match Expression::parse(body) {
            Ok(Expression::Account) => text(&self.environment.account),
            Ok(Expression::Region) => text(&self.environment.region),
            Ok(Expression::Stack) => text(&self.environment.stack),
            Ok(Expression::Env(key)) => self.env(key, here),
            Ok(Expression::Output(stack, output)) => self.output(stack, output, here),
            Ok(Expression::Attribute) => Some(Filled::Later(body.to_owned())),
            Err(fault) => {
                self.faults.add(here, || fault);
                None
            }
        }
    }

    fn env(&mut self, key: &str, here: Span) -> Option<Filled> {
        if let Some((_, node)) = self.values.get(key) {
            self.used.insert(key.to_owned());
            return Some(Filled::Value(node.value.clone()));
        }
        if self.everywhere.contains(key) {
            return Some(Filled::Absent(key.to_owned()));
        }
        if key == "name" {
            return Some(Filled::Value(NodeValue::String(self.environment.name.clone())));
        }
        let everywhere = &self.everywhere;
        self.faults.add(here, || match key {
            "account" | "region" => {
                Diagnostic::error("unknown-value", format!("`{key}` is a setting of the environment, not a value"))
                    .hint(format!("write `${{{key}}}`"))
            }
            _ if SETTINGS.contains(&key) => {
                Diagnostic::error("unknown-value", format!("`{key}` is a setting of the environment, not a value"))
            }
            _ => {
                let hint = did_you_mean(key, everywhere.iter().copied())
                    .unwrap_or_else(|| format!("set `{}` below the environments that have it", shown(key)));
                Diagnostic::error("unknown-value", format!("no environment has a value `{}`", shown(key))).hint(hint)
            }
        });
        None
    }

    fn output(&mut self, stack: &str, output: &str, here: Span) -> Option<Filled> {
        if stack == self.environment.stack {
            self.faults.add(here, || {
                let fault = Diagnostic::error(
                    "bad-expression",
                    format!("`${{stack.{stack}.{output}}}` is an output of this very stack"),
                );
                fault.hint("refer to the declaration instead: `${kind.name.attribute}`")
            });
            return None;
        }
        match (self.foreign)(stack, output) {
            Foreign::Known(text) => Some(Filled::Value(NodeValue::String(literal(&text)))),
            Foreign::NotYet => Some(Filled::Later(format!("stack.{stack}/output#{output}"))),
            Foreign::Missing(reason) => {
                self.faults.add(here, || {
                    let fault = Diagnostic::error(
                        "missing-output",
                        format!("`${{stack.{stack}.{output}}}` is not there: {reason}"),
                    );
                    fault.hint(format!(
                        "bring that stack up first: `deployer up -s {stack} -e {}`, or all of them with `--all`",
                        self.environment.name
                    ))
                });
                None
            }
        }
    }

    /// The text of an output.
    pub(super) fn plain(&mut self, name: &str, node: &Node) -> Option<String> {
        match &node.value {
            NodeValue::String(text) => Some(text.clone()),
            NodeValue::Integer(number) => Some(number.to_string()),
            NodeValue::Bool(yes) => Some(yes.to_string()),
            _ => {
                self.faults.add(node.span, || {
                    Diagnostic::error("wrong-type", format!("output.{} is text, not {}", shown(name), node.what()))
                });
                None
            }
        }
    }

    /// The physical name that an environment pins.
    pub(super) fn pinned(&mut self, address: &DeclarationAddress, node: &Node) -> Option<String> {
        match node.as_str() {
            Some(name) if !name.is_empty() && !has_expression(name) => Some(unescaped(name)),
            _ => {
                self.faults.add(node.span, || {
                    Diagnostic::error(
                        "bad-name",
                        format!("the physical name of {address} is text that is known before anything is made"),
                    )
                });
                None
            }
        }
    }
}
