//! The project's folder: its stack files, and which of them a command means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::{Diagnostic, Source, did_you_mean};
use deployer_engine::resolve::stack_dependencies;
use deployer_engine::stack::{self, StackFile};

use crate::error::{Exit, Failure};

/// The folder of the stack files, below the project's.
const STACKS: &str = "stacks";

/// A project: the folder that holds `stacks/`.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
}

impl Project {
    /// The project that a folder is in: the nearest one above that has `stacks/`.
    pub fn find(folder: &Path) -> Result<Self, Failure> {
        let folder = folder.canonicalize().map_err(|error| Failure::file(folder, &error))?;
        let found = folder.ancestors().find(|each| each.join(STACKS).is_dir());
        found.map(|each| Self { folder: each.to_owned() }).ok_or_else(|| {
            let message = format!("there is no folder `{STACKS}/` in {} or above it", folder.display());
            Failure::new(Exit::Usage, "no-project", message)
                .hint("go to the project's folder, or name it with `-C DIR`; `deployer init` begins a new one")
        })
    }

    /// The folder of the stack files.
    pub fn stack_folder(&self) -> PathBuf {
        self.folder.join(STACKS)
    }

    /// Where the stack files are, sorted.
    pub fn stack_paths(&self) -> Result<Vec<PathBuf>, Failure> {
        let folder = self.stack_folder();
        let entries = std::fs::read_dir(&folder).map_err(|error| Failure::file(&folder, &error))?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|each| each == "toml"))
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// Every stack file, each after those whose outputs it uses. All faults of all files at once.
    pub fn stacks(&self) -> Result<Vec<StackFile>, Failure> {
        let (folder, paths) = (self.stack_folder(), self.stack_paths()?);
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for path in paths {
            match self.read(&path) {
                Ok(file) => files.push(file),
                Err(found) => faults.extend(found.diagnostics),
            }
        }
        if !faults.is_empty() {
            return Err(Failure { exit: Exit::Usage, diagnostics: faults });
        }
        if files.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                "no-stack",
                format!("there is no stack file in {}", folder.display()),
            )
            .hint("`deployer init` writes a first one"));
        }
        in_order(files)
    }

    fn read(&self, path: &Path) -> Result<StackFile, Failure> {
        let shown = path.strip_prefix(&self.folder).unwrap_or(path).display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
            let source = Source::new(&shown, &before);
            Failure::from(
                Diagnostic::error("bad-encoding", "this is not UTF-8")
                    .at(source.locate(deployer_engine::diagnostic::Span { start: before.len(), end: before.len() })),
            )
        })?;
        Ok(stack::parse(Source::new(&shown, &text))?)
    }

    /// The first of these stacks, the named one or all, that declares this address.
    pub fn declaring(&self, name: Option<&str>, address: &str) -> Result<(StackFile, DeclarationAddress), Failure> {
        let mut declared = Vec::new();
        for file in self.select(name, name.is_none())? {
            if let Some(found) = file.declarations.iter().find(|each| each.address.to_string() == address) {
                let address = found.address.clone();
                return Ok((file, address));
            }
            declared.extend(file.declarations.iter().map(|each| each.address.to_string()));
        }
        // A wrong kind with the right name: the name is what is meant.
        let name = address.split_once('.').map(|(_, name)| name);
        let candidates = || declared.iter().map(String::as_str);
        let hint = did_you_mean(address, candidates()).or_else(|| did_you_mean(name?, candidates()));
        Err(Failure::usage(format!("no stack declares `{}`", address.escape_debug())).hint(
            hint.unwrap_or_else(|| "an address is `kind.name`, as between the brackets of the stack file".to_owned()),
        ))
    }

    /// The stacks that a command means: the named one, all, or the only one.
    pub fn select(&self, name: Option<&str>, all: bool) -> Result<Vec<StackFile>, Failure> {
        let files = self.stacks()?;
        let names = || files.iter().map(|file| file.name.as_str());
        match name {
            Some(_) if all => Err(Failure::usage("both `-s` and `--all`").hint("one stack, or every one")),
            _ if all => Ok(files),
            Some(name) => {
                let wanted = name.trim_end_matches(".toml").rsplit('/').next().unwrap_or(name).to_owned();
                let hint = did_you_mean(&wanted, names())
                    .unwrap_or_else(|| format!("the stacks are {}", names().collect::<Vec<_>>().join(", ")));
                let found = files
                    .into_iter()
                    .find(|file| file.name == wanted || file.source.path.ends_with(&format!("/{wanted}.toml")));
                found
                    .map(|file| vec![file])
                    .ok_or_else(|| Failure::usage(format!("there is no stack `{wanted}`")).hint(hint))
            }
            None if files.len() == 1 => Ok(files),
            None => {
                let listed = names().collect::<Vec<_>>().join(", ");
                Err(Failure::usage("which stack?").hint(format!("say `-s NAME` or `--all`; the stacks are {listed}")))
            }
        }
    }
}

/// Stacks after those that they need; a cycle is an error.
fn in_order(files: Vec<StackFile>) -> Result<Vec<StackFile>, Failure> {
    let names: BTreeSet<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut waiting: BTreeMap<String, (StackFile, BTreeSet<String>)> = BTreeMap::new();
    for file in files {
        let needs =
            stack_dependencies(&file).into_iter().filter(|each| names.contains(each) && *each != file.name).collect();
        if let Some((other, _)) = waiting.insert(file.name.clone(), (file, needs)) {
            return Err(Failure::usage(format!("two stack files have the name `{}`", other.name))
                .hint("a stack's name must be its own: physical names begin with it"));
        }
    }
    let mut ordered: Vec<StackFile> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .find(|(_, (_, needs))| needs.iter().all(|each| ordered.iter().any(|file| file.name == *each)))
            .map(|(name, _)| name.clone());
        let Some((file, _)) = ready.and_then(|name| waiting.remove(&name)) else {
            let cycle = waiting.keys().cloned().collect::<Vec<_>>().join(" and ");
            return Err(Failure::usage(format!("the stacks {cycle} need each other's outputs"))
                .hint("let one of them read the value at run time, from a parameter"));
        };
        ordered.push(file);
    }
    Ok(ordered)
}
