//! The first files of a project.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use deployer_engine::schema::stack_schema;

use crate::error::{Exit, Failure};
use crate::render::Reporter;

/// The longest name of a stack.
const MAX_NAME_CHARS: usize = 32;
/// The name where the folder's tells nothing.
const NAMELESS: &str = "product";

/// Writes a stack file that can be brought up at once, and the schema that explains it to editors. What is there stays.
pub fn begin(folder: &Path, report: &Reporter) -> Result<Exit, Failure> {
    let folder = folder.canonicalize().map_err(|error| Failure::file(folder, &error))?;
    let name = name(folder.file_name().and_then(|name| name.to_str()).unwrap_or_default());
    let kinds = deployer_aws::kinds::all();
    let schema = serde_json::to_string_pretty(&stack_schema(&kinds.schemas().collect::<Vec<_>>())).unwrap_or_default();
    let stack = format!("stacks/{name}.toml");
    for (path, text) in [
        (stack.as_str(), stack_file(&name)),
        ("schema/stack.json", format!("{schema}\n")),
        (".gitignore", ".deployer/\n/target/\nnode_modules/\n".to_owned()),
    ] {
        let at = folder.join(path);
        match write(&at, &text) {
            Ok(()) => report.say(&format!("  {path}")),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => report.say(&format!("  {path} is there already")),
            Err(error) => return Err(Failure::file(&at, &error)),
        }
    }
    report.say("`deployer up -e local` brings it up in this folder, without an account");
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// A folder's name as a stack's: small letters, digits and `-`, beginning with a letter.
fn name(folder: &str) -> String {
    let plain = |each: char| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' };
    let text: String = folder.chars().map(plain).collect();
    let text = text.trim_start_matches(|each: char| !each.is_ascii_lowercase());
    let text = text[..text.len().min(MAX_NAME_CHARS)].trim_end_matches('-');
    if text.is_empty() { NAMELESS.to_owned() } else { text.to_owned() }
}

fn stack_file(name: &str) -> String {
    format!(
        r#"#:schema ../schema/stack.json
stack = {{ name = "{name}", region = "us-west-2" }}

[env.local]                                     # an AWS in this folder: no account, no cost
endpoint = "local"

# [env.prod]
# account = "111122223333"
# state   = {{ bucket = "{name}-states-111122223333" }}   # `deployer init -e prod` makes it
# protect = true

[param.greeting]
value = "ahoy"

[output]
greeting = "${{param.greeting.name}}"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_folder_gives_a_name_that_a_stack_may_have() {
        let cases = [
            ("crew", "crew"),
            ("Crew Site_2", "crew-site-2"),
            ("42-answers", "answers"),
            ("--", NAMELESS),
            ("", NAMELESS),
            ("größe", "gr--e"),
        ];
        for (folder, wanted) in cases {
            assert_eq!(name(folder), wanted, "{folder}");
        }
        assert_eq!(name(&"a-".repeat(30)).len(), 31);
    }
}
