//! `deployer secrets import`: the names of a plaintext `.env` file go into the stack file, its secret values to AWS alone.

mod classify;
mod env_file;
mod stack_file;

use std::path::Path;

use deployer_aws::secrets::set;
use deployer_engine::address::DeclarationAddress;
use serde_json::json;

use self::classify::{Sort, classify};
use self::env_file::{Line, parse};
use self::stack_file::with_entries;
use super::opened::Opened;
use crate::applying::{confirmed, locked, may_go_on};
use crate::arguments::Globals;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// What the command line says.
pub struct Options<'a> {
    /// The file.
    pub file: &'a Path,
    /// Names that are no secrets.
    pub plain: &'a [String],
    /// Names that are secrets.
    pub secret: &'a [String],
    /// Only show it.
    pub dry_run: bool,
}

/// An entry of the file and what becomes of it.
struct Entry {
    line: Line,
    sort: Sort,
    address: DeclarationAddress,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let file = project.select(globals.stack.as_deref(), false)?.remove(0);
    let entries = entries(options)?;
    tell(&entries, report);
    if options.dry_run {
        return Ok(Exit::Done);
    }
    may_go_on(globals)?;
    let path = project.folder.join(&*file.source.path);
    let question =
        format!("Write these into {} and put the secret values into Parameter Store? [y/N]", file.source.path);
    if !confirmed(globals, report, &question, &["y", "yes"]).await? {
        return Ok(Exit::Other);
    }
    // Where the values go must be there before a file is written.
    Opened::open(project, &file, globals, true, report).await?;
    // The stack file first: run again, it has these entries already, and the values follow.
    let text = with_entries(&file.source.text, entries.iter().map(|each| (&each.address, &each.line, each.sort)))?;
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, &error))?;
    let file = project.select(Some(&file.name), false)?.remove(0);
    let opened = Opened::open(project, &file, globals, false, report).await?;
    let work = async |writer: &mut dyn Writer| {
        let wanted = opened.wanted(writer.state())?;
        store(&opened, &wanted, &entries, report).await
    };
    locked(&opened.context, globals, "secrets import", report, signals, work).await?;
    report.note(&afterwards(options.file, &entries));
    Ok(Exit::Done)
}

/// The entries of the file, with what each is taken for.
fn entries(options: &Options<'_>) -> Result<Vec<Entry>, Failure> {
    let path = options.file;
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?);
    let lines = parse(&path.display().to_string(), &text)?;
    for name in options.plain.iter().chain(options.secret) {
        if !lines.iter().any(|line| line.name == *name) {
            return Err(Failure::usage(format!("{} has no `{}`", path.display(), name.escape_debug())));
        }
    }
    let entry = |line: Line| {
        let sort = match (options.secret.contains(&line.name), options.plain.contains(&line.name)) {
            (true, _) => Sort::Secret("said so"),
            (false, true) => Sort::Plain,
            (false, false) => classify(&line),
        };
        let kind = if sort == Sort::Plain { "param" } else { "secret" };
        let name = line.name.to_lowercase().replace('_', "-");
        let address = DeclarationAddress::new(kind, &name).map_err(|_| {
            Failure::usage(format!("`{}` cannot name a declaration", line.name.escape_debug()))
                .hint("a name begins with a letter, and has letters, digits and `_`")
        })?;
        Ok(Entry { line, sort, address })
    };
    lines.into_iter().map(entry).collect()
}

/// Names, and what each is taken for; no values.
fn tell(entries: &[Entry], report: &Reporter) {
    let widest = entries.iter().map(|each| each.line.name.len()).max().unwrap_or_default();
    for Entry { line, sort, address } in entries {
        let (word, why) = match sort {
            Sort::Secret(why) => ("secret", *why),
            Sort::Plain => ("plain", "neither its name nor its value tells of a secret"),
        };
        let told =
            json!({ "type": "import", "name": line.name, "sort": word, "address": address.to_string(), "why": why });
        report.result(&format!("  {word:6}  {:widest$}  {address}  ({why})", line.name), &told);
    }
}

/// Puts the secret values in place, one after another: a stopped run is taken up by running it again.
async fn store(
    opened: &Opened,
    wanted: &deployer_engine::kind::Wanted,
    entries: &[Entry],
    report: &Reporter,
) -> Result<(), Failure> {
    let secrets: Vec<_> = entries.iter().filter(|each| each.sort != Sort::Plain).collect();
    if secrets.is_empty() {
        return Ok(());
    }
    let addresses: Vec<_> = secrets.iter().map(|each| each.address.clone()).collect();
    let found = opened.find(wanted, &addresses).await?;
    for entry in secrets {
        let Some((secret, _)) = found.iter().find(|(secret, _)| secret.address == entry.address) else { continue };
        let version = set(&opened.cloud, secret, &entry.line.value).await?;
        report.note(&format!("{}: version {version} of {}", secret.address, secret.name));
    }
    Ok(())
}

/// What is left for a person to do.
fn afterwards(file: &Path, entries: &[Entry]) -> String {
    let name = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let example = entries.iter().find(|each| each.sort != Sort::Plain);
    let reader = example.map_or_else(String::new, |Entry { line, address, .. }| {
        format!(
            "\nA function reads a secret by its name:\n  env    = {{ {} = \"${{{address}.ref}}\" }}\n  grants = [\"read {address}\"]\n",
            line.name
        )
    });
    format!(
        "{reader}
`deployer up` makes the plain ones. Then take the file out of the project, and out of its history:
  git rm --cached {name}; echo {name} >> .gitignore
  git filter-repo --invert-paths --path {name}        # or: git log --all -- {name}, to see where it was
  git push --force --all; git push --force --tags     # everybody clones anew
Who has an old clone has the old values: make new ones where they are used, and `deployer secrets set` each."
    )
}
