//! Texts and numbers: constants, ranges, lengths and patterns.

use regex_lite::Regex;
use serde_json::Value;

use super::check::{Checker, Found, description, holds_reference, plain};
use super::words::{constants, expected, list, one_of, range};
use crate::diagnostic::{Diagnostic, did_you_mean, shown};
use crate::stack::Node;

impl<'a> Checker<'a> {
    pub(super) fn constant(&self, schema: &Value, node: &Node, path: &str, found: &mut Found) {
        let value = node.to_json();
        if let Some(values) = constants(schema).filter(|values| !values.contains(&&value)) {
            let all: Vec<String> =
                values.iter().map(|each| each.as_str().map_or_else(|| each.to_string(), str::to_owned)).collect();
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            found.push((node.span, self.not_allowed(&all, node, path)));
        }
    }

    /// The fault of a value that is none of those allowed.
    pub(super) fn not_allowed(&self, all: &[&str], node: &Node, path: &str) -> Diagnostic {
        let given = node.as_str().map_or_else(|| node.to_json().to_string(), str::to_owned);
        let fault = Diagnostic::error(
            "not-allowed",
            format!("{} is {}, not `{}`", self.named(path), one_of(all), shown(&given)),
        );
        match did_you_mean(&given, all.iter().copied()) {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }

    pub(super) fn text(&self, schema: &'a Value, text: &str, node: &Node, path: &str, found: &mut Found) {
        if holds_reference(text) {
            return;
        }
        self.constant(schema, node, path, found);
        let text = plain(text);
        let length = text.chars().count() as u64;
        self.length(schema, ("minLength", "maxLength", "characters"), length, node, path, found);
        let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else {
            return;
        };
        if !self.matches(pattern, &text) {
            let fault = Diagnostic::error("bad-pattern", format!("{} cannot be `{}`", self.named(path), shown(&text)));
            let example = list(schema, "examples")
                .first()
                .and_then(Value::as_str)
                .map(|example| format!("it looks like `{example}`"));
            let hint = example.or_else(|| description(schema)).unwrap_or_else(|| format!("it matches `{pattern}`"));
            found.push((node.span, fault.hint(hint)));
        }
    }

    pub(super) fn number(&self, schema: &Value, number: f64, node: &Node, path: &str, found: &mut Found) {
        self.constant(schema, node, path, found);
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        let fits = bound("minimum").is_none_or(|low| number >= low)
            && bound("maximum").is_none_or(|high| number <= high)
            && bound("exclusiveMinimum").is_none_or(|low| number > low)
            && bound("exclusiveMaximum").is_none_or(|high| number < high);
        if !fits {
            let expected = match schema.get("type") {
                Some(_) => expected(self.root, schema),
                None => range(schema).unwrap_or_default(),
            };
            found.push((
                node.span,
                Diagnostic::error(
                    "out-of-range",
                    format!("{} is {expected}, not {}", self.named(path), node.to_json()),
                ),
            ));
        }
    }

    /// Whether the text matches the pattern. A pattern that cannot be read matches everything.
    pub(super) fn matches(&self, pattern: &'a str, text: &str) -> bool {
        let mut patterns = self.patterns.borrow_mut();
        let regex = patterns.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    pub(super) fn length(
        &self,
        schema: &Value,
        words: (&str, &str, &str),
        length: u64,
        node: &Node,
        path: &str,
        found: &mut Found,
    ) {
        let (least, most, what) = words;
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        let rule = match (bound(least), bound(most)) {
            (Some(least), _) if length < least => format!("at least {least}"),
            (_, Some(most)) if length > most => format!("at most {most}"),
            _ => return,
        };
        found.push((
            node.span,
            Diagnostic::error("bad-length", format!("{} has {rule} {what}, not {length}", self.named(path))),
        ));
    }
}
