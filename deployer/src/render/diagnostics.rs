//! Diagnostics as rustc shows them: what, where with the line itself, and what to do.

use std::io::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use deployer_engine::diagnostic::{Diagnostic, Location, Severity};

use super::plain;
use super::text::harmful;

/// Writes one diagnostic to stderr.
pub fn write(diagnostic: &Diagnostic) {
    let _ = writeln!(anstream::stderr(), "{}\n", rendered(diagnostic, &Renderer::styled()));
}

fn rendered(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(plain(&diagnostic.message));
    let mut group = match &diagnostic.location {
        Some(location) => Group::with_title(title).element(snippet(location)),
        None => Group::with_title(title),
    };
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(plain(hint)));
    }
    renderer.render(&[group])
}

fn snippet(location: &Location) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    // One character for another: the columns stay what they are.
    let source: String = location.text.chars().map(|each| if harmful(each) { '\u{fffd}' } else { each }).collect();
    let byte = |characters: usize| source.char_indices().nth(characters).map_or(source.len(), |(at, _)| at);
    let (start, end) = (byte(location.column - 1), byte(location.column - 1 + location.width));
    Snippet::source(source)
        .line_start(location.line)
        .path(plain(&location.file))
        .annotation(AnnotationKind::Primary.span(start..end))
}

#[cfg(test)]
mod tests {
    use deployer_engine::diagnostic::{Source, Span};

    use super::*;

    #[test]
    fn a_fault_is_shown_with_its_line_and_what_to_do() {
        let source = Source::new("stacks/a.toml", "[function.api]\nmemry = 256\n");
        let fault = Diagnostic::error("unknown-key", "unknown key `memry` in function.api")
            .at(source.locate(Span { start: 15, end: 20 }))
            .hint("did you mean `memory`?");
        insta::assert_snapshot!(rendered(&fault, &Renderer::plain()), @r"
        error: unknown key `memry` in function.api
         --> stacks/a.toml:2:1
          |
        2 | memry = 256
          | ^^^^^
          |
          = help: did you mean `memory`?
        ");
    }
}
