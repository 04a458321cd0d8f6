//! The layout of a stack file: one way to write what it says. What it says stays, and so does every comment.

use std::mem;

use toml_edit::visit_mut::{VisitMut, visit_table_mut};
use toml_edit::{Decor, DocumentMut, Item, Table};

/// The text laid out: `=` below `=` within a table, one blank line before each table, no spaces at the end of a line.
/// `None`: it is no TOML.
pub fn laid_out(text: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let mut layout = Layout { first: true };
    layout.visit_table_mut(document.as_table_mut());
    let written = without_trailing_spaces(&document.to_string());
    // Text in several lines may end them with spaces: then nothing but the whole stays as it was.
    let same = toml::from_str::<toml::Table>(&written).ok()? == toml::from_str::<toml::Table>(text).ok()?;
    Some(if same { written } else { text.to_owned() })
}

struct Layout {
    /// Whether nothing was written before.
    first: bool,
}

impl VisitMut for Layout {
    fn visit_table_mut(&mut self, table: &mut Table) {
        let is_written = table.position().is_some() && !table.is_implicit();
        if is_written {
            let first = mem::replace(&mut self.first, false);
            set_apart(table.decor_mut(), first);
        }
        let widest = table
            .iter()
            .filter(|(_, item)| is_pair(item))
            .filter_map(|(name, _)| Some(table.key(name)?.display_repr().chars().count()))
            .max()
            .unwrap_or_default();
        for (mut key, item) in table.iter_mut() {
            if !is_pair(item) {
                continue;
            }
            self.first = false;
            let width = key.display_repr().chars().count();
            let decor = key.leaf_decor_mut();
            let before = decor.prefix().and_then(|each| each.as_str()).unwrap_or_default().to_owned();
            decor.set_prefix(one_blank_line_at_most(&before));
            decor.set_suffix(" ".repeat(widest - width + 1));
            if let Some(value) = item.as_value_mut() {
                value.decor_mut().set_prefix(" ");
            }
        }
        visit_table_mut(self, table);
    }
}

/// Whether an item is a key and its value, and not a table or a part of a dotted key.
fn is_pair(item: &Item) -> bool {
    item.as_value().is_some_and(|value| !value.as_inline_table().is_some_and(|table| table.is_dotted()))
}

/// One blank line before a table and the comments above it, none at the top of the file.
fn set_apart(decor: &mut Decor, first: bool) {
    let before = decor.prefix().and_then(|each| each.as_str()).unwrap_or_default().to_owned();
    let comments = one_blank_line_at_most(before.trim_start_matches(['\n', '\r', ' ', '\t']));
    decor.set_prefix(if first { comments } else { format!("\n{comments}") });
}

fn one_blank_line_at_most(text: &str) -> String {
    let (mut lines, mut blank) = (Vec::new(), false);
    for line in text.split('\n') {
        let line = line.trim_matches([' ', '\t', '\r']);
        if !(line.is_empty() && blank) {
            lines.push(line);
        }
        blank = line.is_empty();
    }
    lines.join("\n")
}

fn without_trailing_spaces(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_laid_out_in_one_way_and_every_comment_stays() {
        let text = "#:schema ../schema/stack.json\n# What it is.\nstack={ name = \"crew\", region = \"us-west-2\" }   \n\n\n\n[env.local] # here\nendpoint=\"local\"\n# Why.\nsender   =    \"a@b.c\"    # who\n[table.x]\n\n\n# The key.\nkey = { hash = \"id:S\" }\nrecovery = true\n# The end.\n";
        insta::assert_snapshot!(laid_out(text).expect("TOML"), @r#"
        #:schema ../schema/stack.json
        # What it is.
        stack = { name = "crew", region = "us-west-2" }

        [env.local] # here
        endpoint = "local"
        # Why.
        sender   = "a@b.c"    # who

        [table.x]

        # The key.
        key      = { hash = "id:S" }
        recovery = true
        # The end.
        "#);
    }

    #[test]
    fn what_is_laid_out_stays_as_it_is_and_says_the_same() {
        for text in [
            include_str!("../../stacks/shipcaptaincrew.toml"),
            include_str!("../../stacks/exec-reports.toml"),
            "a = [\n  1, # one\n  2,\n]\nlonger = \"\"\"\nx  \n\"\"\"\n",
            "a.b = 1\na.c = 2\nd={x=1}\n",
            "[a]\n[a.b]\nx=1\n[[c]]\ny=1\n[[c]]\ny=2\n",
            "",
            "# only words\n",
        ] {
            let once = laid_out(text).expect("TOML");
            assert_eq!(laid_out(&once).expect("TOML"), once, "{text}");
            let table = |text: &str| toml::from_str::<toml::Table>(text).expect("TOML");
            assert_eq!(table(&once), table(text), "{text}");
            assert_eq!(once.matches('#').count(), text.matches('#').count(), "{text}");
        }
    }

    #[test]
    fn the_stacks_of_this_repository_are_laid_out() {
        for text in [include_str!("../../stacks/shipcaptaincrew.toml"), include_str!("../../stacks/exec-reports.toml")]
        {
            assert_eq!(laid_out(text).expect("TOML"), text);
        }
    }

    #[test]
    fn what_is_no_toml_is_left_alone() {
        for text in ["a = ", "[", "a = 1\na = 2", "\u{0}"] {
            assert_eq!(laid_out(text), None, "{text}");
        }
    }
}
