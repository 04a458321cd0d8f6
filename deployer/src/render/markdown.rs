//! A plan for a pull request.

use std::fmt::Write as _;

use super::plain;
use super::plan::View;

/// The plan as Markdown.
pub fn plan(view: &View) -> String {
    let mut text = format!("### {}\n\n{}\n", inline(&view.title), inline(&view.summary));
    for (heading, lines) in &view.sections {
        let _ = write!(text, "\n#### {heading}\n\n| | what | |\n|---|---|---|\n");
        for line in lines {
            let _ = writeln!(text, "| `{}` | `{}` | {} |", line.mark, cell(&line.what), inline(&line.detail));
        }
    }
    text
}

/// Text in a code span of a table.
fn cell(text: &str) -> String {
    plain(text).replace('`', "'").replace('|', "\\|").replace('\n', " ")
}

/// Text that Markdown must not read as anything else.
fn inline(text: &str) -> String {
    let mut answer = String::new();
    for each in plain(text).replace('\n', " ").chars() {
        if matches!(each, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '@' | '&') {
            answer.push('\\');
        }
        answer.push(each);
    }
    answer
}
