//! New declarations in a stack file, which stays otherwise as its author wrote it.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::value::literal;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

use super::classify::Sort;
use super::env_file::Line;
use crate::error::{Exit, Failure};

/// The text with a declaration for each entry that it does not declare yet: `external` secrets, and params with their
/// values. Comments of the entries go with them.
pub fn with_entries<'a>(
    text: &str,
    entries: impl Iterator<Item = (&'a DeclarationAddress, &'a Line, Sort)>,
) -> Result<String, Failure> {
    let mut document = parsed(text)?;
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

/// The text in which a function has each entry's name in its environment, and the right to read what stands there. What it
/// has already stays.
pub fn with_reader<'a>(
    text: &str,
    reader: &DeclarationAddress,
    entries: impl Iterator<Item = (&'a DeclarationAddress, &'a str)>,
) -> Result<String, Failure> {
    let mut document = parsed(text)?;
    let function = document.get_mut(reader.kind()).and_then(|all| all.get_mut(reader.name()));
    let function = function.and_then(Item::as_table_like_mut).ok_or_else(|| bad(format!("`{reader}` is no table")))?;
    for (address, name) in entries {
        let attribute = if address.kind() == "secret" { "ref" } else { "name" };
        variables(function, reader)?.entry(name).or_insert(value(format!("${{{address}.{attribute}}}")));
        grant(function, reader, &format!("read {address}"))?;
    }
    if let Some(inline) = function.get_mut("env").and_then(Item::as_inline_table_mut) {
        inline.fmt();
    }
    Ok(document.to_string())
}

/// The environment of a function, which it gets when it has none.
fn variables<'a>(
    function: &'a mut dyn TableLike,
    reader: &DeclarationAddress,
) -> Result<&'a mut dyn TableLike, Failure> {
    let variables = function.entry("env").or_insert_with(|| Item::Table(Table::new()));
    variables.as_table_like_mut().ok_or_else(|| bad(format!("`env` of {reader} is no table")))
}

/// Adds a grant on a line of its own.
fn grant(function: &mut dyn TableLike, reader: &DeclarationAddress, grant: &str) -> Result<(), Failure> {
    let grants = function.entry("grants").or_insert_with(|| value(Array::new()));
    let grants = grants.as_array_mut().ok_or_else(|| bad(format!("`grants` of {reader} is no list")))?;
    if !grants.iter().any(|each| each.as_str() == Some(grant)) {
        grants.push_formatted(toml_edit::Value::from(grant).decorated("\n    ", ""));
        grants.set_trailing_comma(true);
        grants.set_trailing("\n");
    }
    Ok(())
}

fn parsed(text: &str) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|error: toml_edit::TomlError| bad(error.message().to_owned()))
}

fn bad(what: String) -> Failure {
    Failure::new(Exit::Usage, "bad-stack-file", what)
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

    #[test]
    fn a_reader_gets_names_and_grants_and_keeps_what_it_has() {
        let entries = ["secret.slack-token", "param.greeting"].map(|each| each.parse::<DeclarationAddress>().unwrap());
        let entries = || entries.iter().zip(["SLACK_TOKEN", "GREETING"]);
        let told = |before: &str| {
            let once = with_reader(before, &"function.tools".parse().unwrap(), entries()).ok().unwrap();
            let twice = with_reader(&once, &"function.tools".parse().unwrap(), entries()).ok().unwrap();
            assert_eq!(once, twice);
            once
        };
        let before = "[function.tools] # all of them\nbuild = { package = \"tools\" }\n\n[output]\nurl = \"x\"\n";
        insta::assert_snapshot!(told(before), @r#"
        [function.tools] # all of them
        build = { package = "tools" }
        grants = [
            "read secret.slack-token",
            "read param.greeting",
        ]

        [function.tools.env]
        SLACK_TOKEN = "${secret.slack-token.ref}"
        GREETING = "${param.greeting.name}"

        [output]
        url = "x"
        "#);
        let before = "[function.tools]\nenv = { GREETING = \"ahoy\" }\ngrants = [\"rw table.roles\"] # few\n";
        insta::assert_snapshot!(told(before), @r#"
        [function.tools]
        env = { GREETING = "ahoy", SLACK_TOKEN = "${secret.slack-token.ref}" }
        grants = ["rw table.roles",
            "read secret.slack-token",
            "read param.greeting",
        ] # few
        "#);
    }
}
