//! New declarations in a stack file, which stays otherwise as its author wrote it.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::value::literal;
use toml_edit::{DocumentMut, Item, Table, value};

use super::classify::Sort;
use super::env_file::Line;
use crate::error::{Exit, Failure};

/// The text with a declaration for each entry that it does not declare yet: `external` secrets, and params with their
/// values. Comments of the entries go with them.
pub fn with_entries<'a>(
    text: &str,
    entries: impl Iterator<Item = (&'a DeclarationAddress, &'a Line, Sort)>,
) -> Result<String, Failure> {
    let bad = |what: String| Failure::new(Exit::Usage, "bad-stack-file", what);
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| bad(error.message().to_owned()))?;
    for (address, line, sort) in entries {
        let kind = document.entry(address.kind()).or_insert_with(|| {
            let mut all = Table::new();
            all.set_implicit(true);
            Item::Table(all)
        });
        let kind = kind.as_table_like_mut().ok_or_else(|| bad(format!("`{}` is no table", address.kind())))?;
        if kind.contains_key(address.name()) {
            continue;
        }
        let mut declaration = Table::new();
        match sort {
            Sort::Secret(_) => declaration.insert("kind", value("external")),
            Sort::Plain => declaration.insert("value", value(literal(line.value.reveal()))),
        };
        let comments: String = line.comments.iter().map(|comment| format!("# {comment}\n")).collect();
        declaration.decor_mut().set_prefix(format!("\n{comments}"));
        kind.insert(address.name(), Item::Table(declaration));
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use deployer_engine::secret::Secret;

    use super::*;

    #[test]
    fn declarations_are_added_and_everything_else_stays() {
        let before = "#:schema x\n# the shop\nstack = { name = \"shop\", region = \"us-west-2\" } # one line\n\n[secret.origin]   # there\nkind = \"random\"\n\n[output]\nurl = \"x\"\n";
        let line = |name: &str, text: &str, comments: &[&str]| Line {
            name: name.to_owned(),
            value: Secret::new(text.to_owned()),
            comments: comments.iter().map(|each| (*each).to_owned()).collect(),
        };
        let lines = [
            ("secret.origin", line("ORIGIN", "hunter2", &[]), Sort::Secret("")),
            ("secret.slack-token", line("SLACK_TOKEN", "hunter2", &["for the crew's channel"]), Sort::Secret("")),
            ("param.greeting", line("GREETING", "a \"${b}\"", &[]), Sort::Plain),
        ];
        let addresses: Vec<DeclarationAddress> = lines.iter().map(|(address, ..)| address.parse().unwrap()).collect();
        let entries = addresses.iter().zip(&lines).map(|(address, (_, line, sort))| (address, line, *sort));
        let after = with_entries(before, entries).ok().unwrap();
        insta::assert_snapshot!(after, @r#"
        #:schema x
        # the shop
        stack = { name = "shop", region = "us-west-2" } # one line

        [secret.origin]   # there
        kind = "random"

        # for the crew's channel
        [secret.slack-token]
        kind = "external"

        [output]
        url = "x"

        [param.greeting]
        value = 'a "$${b}"'
        "#);
    }
}
