//! What the commands of a site need, installed once: again only when what is installed from, or what is installed, differs.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::cache::{Cache, Shelf, sha256_hex};
use super::child::Child;
use super::command::Command;
use super::compile::Place;
use super::error::ArtifactError;
use super::event::Teller;
use super::source::Sources;
use super::tree::joined;

/// What package managers install from.
const FROM: [&str; 11] = [
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    ".npmrc",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    ".pnpmfile.cjs",
    "yarn.lock",
    ".yarnrc.yml",
    "bun.lock",
    "bun.lockb",
];
/// What they write when all is installed: npm, pnpm, Yarn 1 and Yarn. Where nothing of it is left, nobody knows.
const LEFT: [&str; 4] = [
    "node_modules/.package-lock.json",
    "node_modules/.modules.yaml",
    "node_modules/.yarn-integrity",
    "node_modules/.yarn-state.yml",
];

/// Runs the command that installs what a site's other commands need, unless that is there as it was left.
/// `folder`: the one that they run in, below the project.
pub async fn install(
    place: Place<'_>,
    cache: &Cache,
    script: &str,
    folder: &str,
    teller: &Teller<'_>,
) -> Result<(), ArtifactError> {
    let there = left(place.project, folder)?;
    if !there.is_empty() && kept(cache, &wanted(place.project, folder, script)?).is_some_and(|kept| kept == there) {
        return Ok(());
    }
    let at = place.project.join(folder);
    let child = Child {
        program: "sh",
        arguments: vec!["-c".to_owned(), script.to_owned()],
        folder: &at,
        environment: place.environment,
    };
    Command { child, install: "a shell is needed to install what a site needs", tool: "sh" }
        .run(teller, &mut |_| false)
        .await?;
    // The command may have written the lock file itself.
    let (wanted, there) = (wanted(place.project, folder, script)?, left(place.project, folder)?);
    let text = serde_json::to_vec(&there).expect("a list is plain data");
    cache
        .write(Shelf::Installs, &wanted, &text)
        .map_err(ArtifactError::io("writing", &cache.path(Shelf::Installs, &wanted)))
}

/// What was left when this was installed the last time.
fn kept(cache: &Cache, wanted: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_slice(&cache.read(Shelf::Installs, wanted).ok()?).ok()
}

/// The digest of what is installed from.
fn wanted(project: &Path, folder: &str, script: &str) -> Result<String, ArtifactError> {
    let files = digests(project, folder, &FROM)?;
    let sources = Sources { files, ..Sources::default() };
    Ok(sources.with_setting("folder", folder).with_setting("install", script).sha256())
}

/// What tells that all is installed.
fn left(project: &Path, folder: &str) -> Result<BTreeMap<String, String>, ArtifactError> {
    digests(project, folder, &LEFT)
}

/// The SHA-256 of those files that are there, by path below the project.
fn digests(project: &Path, folder: &str, names: &[&str]) -> Result<BTreeMap<String, String>, ArtifactError> {
    let mut found = BTreeMap::new();
    for name in names {
        let path = joined(folder, name);
        match std::fs::read(project.join(&path)) {
            Ok(content) => drop(found.insert(path, sha256_hex(&content))),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(ArtifactError::io("reading", &project.join(&path))(error)),
        }
    }
    Ok(found)
}
