//! The `${…}` expressions of a stack file: all the forms there are, and where they stand.

use crate::address::DeclarationAddress;
use crate::diagnostic::{Diagnostic, Source, Span, did_you_mean, shown};
use crate::stack::RESERVED_WORDS;
use crate::value::{Piece, literal, pieces};

/// Every form, for messages.
const FORMS: &str = "expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`";
/// The words that an expression may begin with when it names no declaration.
const WORDS: [&str; 4] = ["account", "region", "stack", "env.name"];

/// What stands between `${` and `}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expression<'a> {
    /// `${account}`.
    Account,
    /// `${region}`.
    Region,
    /// `${stack}`.
    Stack,
    /// `${env.x}`: a value of the environment.
    Env(&'a str),
    /// `${stack.NAME.OUTPUT}`: an output of another stack.
    Output(&'a str, &'a str),
    /// `${kind.name.attribute}`: for the kinds to fill in.
    Attribute,
}

impl<'a> Expression<'a> {
    pub(super) fn parse(body: &'a str) -> Result<Self, Diagnostic> {
        let parts: Vec<&str> = body.split('.').collect();
        match parts.as_slice() {
            ["account"] => Ok(Self::Account),
            ["region"] => Ok(Self::Region),
            ["stack"] => Ok(Self::Stack),
            ["env", key] if !key.is_empty() => Ok(Self::Env(key)),
            ["stack", name, output] if are_words(name, output) => Ok(Self::Output(name, output)),
            [kind, name, attribute]
                if !RESERVED_WORDS.contains(kind) && are_words(kind, name) && are_words(kind, attribute) =>
            {
                Ok(Self::Attribute)
            }
            _ => {
                let fault = Diagnostic::error("bad-expression", format!("`${{{}}}` is no expression", shown(body)));
                let near = match body {
                    "environment" => Some("did you mean `env.name`?".to_owned()),
                    _ if body.contains('.') => None,
                    _ => did_you_mean(body, WORDS),
                };
                Err(fault.hint(near.unwrap_or_else(|| format!("{FORMS}; `$${{` is a literal `${{`"))))
            }
        }
    }
}

fn are_words(one: &str, other: &str) -> bool {
    DeclarationAddress::new(one, other).is_ok()
}

/// The byte offset of a `${` that no `}` follows.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${") {
        let body = from + at + 2;
        from = match text[body..].find('}') {
            _ if text[from..from + at].ends_with('$') => body,
            Some(end) => body + end + 1,
            None => return Some(body - 2),
        };
    }
    None
}

/// Whether the text holds an expression or the beginning of one.
pub(super) fn has_expression(text: &str) -> bool {
    unclosed(text).is_some() || pieces(text).iter().any(|each| matches!(each, Piece::Expression(..)))
}

/// The text without its escapes. It holds no expression.
pub(super) fn unescaped(text: &str) -> String {
    let plain = |piece| match piece {
        Piece::Text(plain) => plain,
        Piece::Expression(body, _) => format!("${{{body}}}"),
    };
    pieces(text).into_iter().map(plain).collect()
}

/// The place of `range` (bytes of the text) inside the string that stands at `span`; the whole
/// string when it is written with escapes, so that its bytes are not those of the text.
pub(super) fn place(source: &Source, span: Span, text: &str, range: std::ops::Range<usize>) -> Span {
    let raw = source.text.get(span.start..span.end).unwrap_or_default();
    // Quotes before the text and after it; text in triple quotes may begin on the next line.
    let before = [(1, 1), (3, 3), (4, 3), (5, 3)].into_iter().find(|(before, after)| {
        raw.len() == before + text.len() + after && raw.get(*before..before + text.len()) == Some(text)
    });
    before.map_or(span, |(before, _)| Span {
        start: span.start + before + range.start,
        end: span.start + before + range.end,
    })
}

/// Text that is put together from plain text and expressions that stay.
#[derive(Default)]
pub(super) struct Builder {
    done: String,
    plain: String,
}

impl Builder {
    /// Adds text that is meant as it stands.
    pub(super) fn text(&mut self, plain: &str) {
        self.plain.push_str(plain);
    }

    /// Adds an expression that stays; a fault when the text before would turn it into text.
    pub(super) fn expression(&mut self, body: &str) -> Result<(), Diagnostic> {
        let escaped = self.plain.ends_with('$');
        self.done.push_str(&literal(&std::mem::take(&mut self.plain)));
        self.done.push_str(&format!("${{{body}}}"));
        let fault = || {
            Diagnostic::error(
                "bad-expression",
                format!("a value that ends in `$` stands right before `${{{}}}`", shown(body)),
            )
        };
        if escaped { Err(fault().hint("put something between them")) } else { Ok(()) }
    }

    /// The text in the form that values have: `$${` where a literal `${` is meant.
    pub(super) fn finish(self) -> String {
        self.done + &literal(&self.plain)
    }
}
