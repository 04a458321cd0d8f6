//! What a person does once the values are where they belong.

use std::path::Path;

use super::classify::Sort;
use super::entries::Entry;

/// What is left for a person to do.
pub fn afterwards(file: &Path, entries: &[Entry], has_reader: bool) -> String {
    let name = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let example = entries.iter().find(|each| !has_reader && each.sort != Sort::Plain);
    let reader = example.map_or_else(String::new, |Entry { line, address, .. }| {
        format!(
            "\nA function reads a secret by its name:\n  env    = {{ {} = \"${{{address}.ref}}\" }}\n  grants = [\"read {address}\"]\n",
            line.name
        )
    });
    format!(
        "{reader}
`deployer up` makes the plain ones{}. Then take the file out of the project, and out of its history:
  git rm --cached {name}; echo {name} >> .gitignore
  git filter-repo --invert-paths --path {name}        # or: git log --all -- {name}, to see where it was
  git push --force --all; git push --force --tags     # everybody clones anew
Who has an old clone has the old values: make new ones where they are used, and `deployer secrets set` each.",
        if has_reader { ", and ships the function with its new environment" } else { "" }
    )
}
