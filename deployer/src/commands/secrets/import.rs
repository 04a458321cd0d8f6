//! `deployer secrets import`: the names of a plaintext `.env` file go into the stack file, its secret values to AWS alone.

mod afterwards;
mod classify;
mod entries;
mod env_file;
mod stack_file;

use std::path::Path;

use deployer_aws::secrets::set;
use deployer_engine::diagnostic::Source;

use self::afterwards::afterwards;
use self::classify::Sort;
use self::entries::{Entry, entries, reader, tell, without_made};
use self::stack_file::{with_entries, with_reader};
use super::opened::Opened;
use crate::applying::{confirmed, locked, may_go_on};
use crate::arguments::Globals;
use crate::commands::fmt::replace;
use crate::error::{Exit, Failure};
use crate::leaks::{Allowed, in_stack};
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
    /// The address of the function that reads them.
    pub reader: Option<&'a str>,
    /// Only show it.
    pub dry_run: bool,
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
    let reader = options.reader.map(|word| reader(word, &file)).transpose()?;
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
    let before = Opened::open(project, &file, globals, true, report).await?;
    without_made(&entries, &before.context.stack)?;
    // The stack file first: run again, it has these entries already, and the values follow.
    let text = with_entries(&file.source.text, entries.iter().map(|each| (&each.address, &each.line, each.sort)))?;
    let text = match &reader {
        Some(reader) => {
            with_reader(&text, reader, entries.iter().map(|each| (&each.address, each.line.name.as_str())))?
        }
        None => text,
    };
    let leaks = in_stack(&Source::new(&file.source.path, &text), &Allowed::read(&project.folder)?);
    if !leaks.is_empty() {
        return Err(leaks.into());
    }
    replace(&path, &text)?;
    let file = project.select(Some(&file.name), false)?.remove(0);
    let opened = Opened::open(project, &file, globals, false, report).await?;
    let work = async |writer: &mut dyn Writer| {
        let wanted = opened.wanted(writer.state())?;
        store(&opened, &wanted, &entries, report).await
    };
    locked(&opened.context, globals, "secrets import", report, signals, work).await?;
    report.note(&afterwards(options.file, &entries, reader.is_some()));
    Ok(Exit::Done)
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
        let Some((secret, standing)) = found.iter().find(|(secret, _)| secret.address == entry.address) else {
            continue;
        };
        let version = set(&opened.cloud, secret, &entry.line.value, standing.is_some()).await?;
        report.note(&format!("{}: version {version} of {}", secret.address, secret.name));
    }
    Ok(())
}
