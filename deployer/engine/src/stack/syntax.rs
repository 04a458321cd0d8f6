//! From text to nodes: TOML with limits, every syntax fault with its place.

use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};
use toml_parser::decoder::Encoding;
use toml_parser::parser::EventReceiver;
use toml_parser::{ErrorSink, ParseError};

use super::{Key, Node, NodeValue};
use crate::diagnostic::{Diagnostic, Faults, MAX_FAULTS, Source, Span, shown};

/// Largest file in bytes. A large stack is some 20 KiB; what is a hundred times that is no stack file.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Longest line in bytes: every fault and every declaration keeps its line to show it.
pub const MAX_LINE_BYTES: usize = 8 << 10;
/// Deepest nesting of tables and lists. Kinds need five; the tree is walked recursively.
pub const MAX_DEPTH: usize = 32;

/// The entries of the file's root table in file order, or none after a fault.
pub(super) fn read(source: &Source, faults: &mut Faults<'_>) -> Vec<(Key, Node)> {
    check_size(source, faults);
    if faults.is_empty() {
        check_depth(source, faults);
    }
    if !faults.is_empty() {
        return Vec::new();
    }
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let span = error.span().map_or(Span::default(), |at| Span { start: at.start, end: at.end });
        faults.add(span, || Diagnostic::error("syntax", shown_sentence(error.message())));
    }
    if errors.is_empty() { entries(root.into_inner(), 1, faults) } else { Vec::new() }
}

fn check_size(source: &Source, faults: &mut Faults<'_>) {
    let start = Span::default();
    if source.text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes, more than {MAX_FILE_BYTES}", source.text.len());
        return faults.add(start, || Diagnostic::error("too-large", message).hint("split it into several stacks"));
    }
    let mut line_start = 0;
    for line in source.text.split('\n') {
        if line.len() > MAX_LINE_BYTES {
            let message = format!("the line has {} bytes, more than {MAX_LINE_BYTES}", line.len());
            faults.add(Span { start: line_start, end: line_start }, || {
                Diagnostic::error("too-large", message).hint("break it: tables and lists may go over several lines")
            });
        }
        line_start += line.len() + 1;
    }
}

/// Refuses deep nesting and endless faults before a tree is made: trees are built and dropped recursively.
fn check_depth(source: &Source, faults: &mut Faults<'_>) {
    let text = toml_parser::Source::new(&source.text);
    let tokens = text.lex().into_vec();
    let mut errors = FirstErrors::default();
    let mut depth = Depth::new();
    toml_parser::parser::parse_document(&tokens, &mut depth, &mut errors);
    if let Some(span) = depth.too_deep {
        let message = format!("tables and lists are nested more than {MAX_DEPTH} deep");
        faults.add(span_of(span), || Diagnostic::error("too-deep", message).hint("flatten it"));
    } else if errors.count > MAX_FAULTS {
        for error in errors.first {
            let span = error.unexpected().map_or(Span::default(), span_of);
            faults.add(span, || Diagnostic::error("syntax", shown_sentence(error.description())));
        }
        let end = source.text.len();
        faults.add(Span { start: end, end }, || Diagnostic::error("syntax", "this is no TOML file"));
    }
}

fn span_of(span: toml_parser::Span) -> Span {
    Span { start: span.start(), end: span.end() }
}

fn shown_sentence(message: &str) -> String {
    message.chars().map(|each| if each.is_control() { ' ' } else { each }).collect()
}

/// Counts the faults of syntax and keeps the first ones.
#[derive(Default)]
struct FirstErrors {
    first: Vec<ParseError>,
    count: usize,
}

impl ErrorSink for FirstErrors {
    fn report_error(&mut self, error: ParseError) {
        self.count += 1;
        if self.first.len() < MAX_FAULTS / 2 {
            self.first.push(error);
        }
    }
}

/// Watches how deep the value being read is: open brackets, and the dots of the keys before them.
struct Depth {
    dots: Vec<usize>,
    after_dot: bool,
    too_deep: Option<toml_parser::Span>,
}

impl Depth {
    fn new() -> Self {
        Self { dots: vec![0], after_dot: false, too_deep: None }
    }

    fn check(&mut self, span: toml_parser::Span) -> bool {
        let deep = self.dots.len() - 1 + self.dots.iter().sum::<usize>() > MAX_DEPTH;
        if deep {
            self.too_deep.get_or_insert(span);
        }
        !deep
    }

    fn open(&mut self, span: toml_parser::Span) -> bool {
        self.dots.push(0);
        self.check(span)
    }

    fn close(&mut self) {
        if self.dots.len() > 1 {
            self.dots.pop();
        }
    }
}

impl EventReceiver for Depth {
    fn inline_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span)
    }
    fn inline_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close();
    }
    fn array_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span)
    }
    fn array_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close();
    }
    fn simple_key(&mut self, _: toml_parser::Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        if let (false, Some(dots)) = (self.after_dot, self.dots.last_mut()) {
            *dots = 0;
        }
        self.after_dot = false;
    }
    fn key_sep(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        if let Some(dots) = self.dots.last_mut() {
            *dots += 1;
        }
        self.after_dot = true;
        self.check(span);
    }
}

fn entries(table: DeTable<'_>, depth: usize, faults: &mut Faults<'_>) -> Vec<(Key, Node)> {
    let mut found = Vec::with_capacity(table.len());
    for (key, value) in table {
        let span = Span { start: key.span().start, end: key.span().end };
        let name = key.into_inner().into_owned();
        if name.contains("${") || name.starts_with('$') {
            faults.add(span, || {
                let message = format!("the key `{}` holds an expression", shown(&name));
                Diagnostic::error("expression-in-key", message)
                    .hint("expressions stand in values only; no key begins with `$`")
            });
        }
        if let Some(node) = node(value, depth, faults) {
            found.push((Key { name, span }, node));
        }
    }
    found.sort_by_key(|(key, _)| key.span.start);
    found
}

fn node(value: Spanned<DeValue<'_>>, depth: usize, faults: &mut Faults<'_>) -> Option<Node> {
    let span = Span { start: value.span().start, end: value.span().end };
    let value = match value.into_inner() {
        DeValue::String(text) => NodeValue::String(text.into_owned()),
        DeValue::Boolean(value) => NodeValue::Bool(value),
        DeValue::Integer(number) => NodeValue::Integer(integer(&number, span, faults)?),
        DeValue::Float(number) => NodeValue::Float(float(&number, span, faults)?),
        DeValue::Datetime(_) => {
            faults.add(span, || {
                Diagnostic::error("no-dates", "a stack file has no dates").hint("put it in quotes to make it text")
            });
            return None;
        }
        DeValue::Array(_) | DeValue::Table(_) if depth > MAX_DEPTH => {
            let message = format!("tables and lists are nested more than {MAX_DEPTH} deep");
            faults.add(span, || Diagnostic::error("too-deep", message).hint("flatten it"));
            return None;
        }
        DeValue::Array(items) => {
            NodeValue::Array(items.into_iter().filter_map(|each| node(each, depth + 1, faults)).collect())
        }
        DeValue::Table(table) => NodeValue::Table(entries(table, depth + 1, faults)),
    };
    Some(Node { value, span })
}

fn integer(number: &DeInteger<'_>, span: Span, faults: &mut Faults<'_>) -> Option<i64> {
    let found = i64::from_str_radix(number.as_str(), number.radix()).ok();
    if found.is_none() {
        faults.add(span, || Diagnostic::error("out-of-range", "the number is too large").hint("numbers have 64 bits"));
    }
    found
}

fn float(number: &DeFloat<'_>, span: Span, faults: &mut Faults<'_>) -> Option<f64> {
    let found = number.as_str().parse::<f64>().ok().filter(|value| value.is_finite());
    if found.is_none() {
        faults.add(span, || Diagnostic::error("out-of-range", "this is no finite number"));
    }
    found
}
