//! What a function's binary is made of, found by reading files: no process is started.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deployer_engine::diagnostic::{Diagnostic, shown};
use serde_json::Value;

use super::cache::sha256_hex;
use super::lock::Lock;
use super::manifest::{Manifest, Workspace};
use super::mentions::PACKAGE;
use super::source::Sources;
use super::stat::Hasher;
use super::tree::{self, joined, plain, unreadable};

/// Changes with the way the deployer builds and packs, so that everything is built anew.
const BUILDER: &str = "1";
/// Folders at the top of a package whose files no program is made of.
const OF_TESTS: &[&str] = &["tests", "benches", "examples", "target"];
/// Files in the project's folder that change what the compiler does.
const OF_PROJECT: &[&str] = &["rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config"];
/// Parts of the root manifest that change what is built whatever the package.
const OF_ROOT: &[&[&str]] = &[&["workspace", "resolver"], &["patch"], &["replace"], &["cargo-features"]];
/// Variables that change what is built. Their values are hashed, never kept.
const OF_ENVIRONMENT: &[&str] = &["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"];
/// The same: every variable that begins so.
const OF_ENVIRONMENT_BEGIN: &str = "CARGO_PROFILE_";

/// What is built: the same sources make another binary for another of these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flavour {
    /// The processor, as the triple of the compiler begins: `aarch64` or `x86_64`.
    pub processor: &'static str,
    /// Whether it is for the local AWS.
    pub local: bool,
    /// The profile in the root manifest.
    pub profile: String,
}

/// Reads what functions are made of; the workspace and the lock file are read once.
pub struct Reader<'a> {
    project: &'a Path,
    hasher: &'a Hasher,
    environment: &'a [(String, String)],
    workspace: &'a Workspace,
    lock: Lock,
}

/// The packages of the project that one package is made of.
struct Parts {
    /// Manifests by folder.
    manifests: BTreeMap<String, Manifest>,
    /// Entries of `[workspace.dependencies]` that they take.
    inherited: BTreeSet<String>,
    /// For each package the names of what its library and programs need.
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    /// Reads the lock file of the project.
    pub fn open(
        project: &'a Path,
        hasher: &'a Hasher,
        environment: &'a [(String, String)],
        workspace: &'a Workspace,
    ) -> Result<Self, Diagnostic> {
        let hint = "`cargo generate-lockfile` writes it; it belongs into version control";
        let text = std::fs::read_to_string(project.join("Cargo.lock"))
            .map_err(|error| unreadable("Cargo.lock", &error).hint(hint))?;
        Ok(Self { project, hasher, environment, workspace, lock: Lock::parse(&text)? })
    }

    /// What the package is made of.
    pub fn read(&self, package: &Manifest, flavour: &Flavour) -> Result<Sources, Vec<Diagnostic>> {
        let parts = self.parts(package)?;
        let files = self.files(&parts)?;
        let name = package.package().unwrap_or_default();
        let needs =
            |package: &str, dependency: &str| parts.needs.get(package).is_none_or(|names| names.contains(dependency));
        let packages = self.lock.closure(name, &needs).map_err(|fault| vec![fault])?;
        Ok(Sources { files, packages, settings: self.settings(&parts, flavour) })
    }

    /// The package and, through and through, those of the project that it depends on.
    fn parts(&self, package: &Manifest) -> Result<Parts, Vec<Diagnostic>> {
        let mut parts = Parts { manifests: BTreeMap::new(), inherited: BTreeSet::new(), needs: BTreeMap::new() };
        let mut open = vec![package.clone()];
        let mut faults = Vec::new();
        while let Some(manifest) = open.pop() {
            if parts.manifests.contains_key(&manifest.folder) {
                continue;
            }
            let dependencies = manifest.dependencies(&self.workspace.root);
            let names = dependencies.iter().map(|each| each.package.clone()).collect();
            parts.needs.insert(manifest.package().unwrap_or_default().to_owned(), names);
            for dependency in dependencies {
                let base = if dependency.inherited.is_some() { "" } else { manifest.folder.as_str() };
                match dependency.path.map(|path| self.at(base, &path)) {
                    Some(Ok(found)) => open.push(found),
                    Some(Err(fault)) => faults.push(fault),
                    None => {}
                }
                parts.inherited.extend(dependency.inherited);
            }
            parts.manifests.insert(manifest.folder.clone(), manifest);
        }
        for (_, path) in self.patches() {
            match self.at("", &path) {
                Ok(found)
                    if parts.needs.values().any(|names| found.package().is_some_and(|name| names.contains(name))) =>
                {
                    parts.manifests.entry(found.folder.clone()).or_insert(found);
                }
                Ok(_) => {}
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(parts) } else { Err(faults) }
    }

    /// The manifest in a folder that another manifest names.
    fn at(&self, base: &str, path: &str) -> Result<Manifest, Diagnostic> {
        let leaves = || {
            let message = format!(
                "the dependency at `{}` of `{}` is outside the project",
                shown(path),
                joined(base, "Cargo.toml")
            );
            Diagnostic::error("dependency-leaves-project", message)
                .hint("move it into the project, or take it from a registry or from git")
        };
        let folder = plain(&joined(base, path)).filter(|_| !path.starts_with('/')).ok_or_else(leaves)?;
        let known = self.workspace.packages.values().find(|each| each.folder == folder);
        known.map_or_else(|| Manifest::read(self.project, &folder), |manifest| Ok(manifest.clone()))
    }

    /// Packages that `[patch]` puts in place of others, with their folders.
    fn patches(&self) -> Vec<(String, String)> {
        let tables = self.workspace.root.table.get("patch").and_then(toml::Value::as_table);
        let entries = tables.into_iter().flat_map(|tables| tables.values()).filter_map(toml::Value::as_table).flatten();
        entries.filter_map(|(name, value)| Some((name.clone(), value.get("path")?.as_str()?.to_owned()))).collect()
    }

    fn files(&self, parts: &Parts) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        let mut paths = OF_PROJECT
            .iter()
            .filter(|path| self.project.join(path).is_file())
            .map(|path| (*path).to_owned())
            .collect::<BTreeSet<_>>();
        let mut faults = Vec::new();
        for folder in parts.manifests.keys() {
            match self.files_of(folder) {
                Ok(found) => paths.extend(found),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut files = BTreeMap::new();
        let mut open = paths.into_iter().collect::<Vec<_>>();
        while !open.is_empty() {
            let asked = open.iter().map(String::as_str).collect::<Vec<_>>();
            let found = self.hasher.hash(&asked).map_err(|(path, error)| vec![unreadable(&path, &error)])?;
            let mut mentioned = BTreeSet::new();
            for (path, checksums) in open.into_iter().zip(found) {
                mentioned.extend(checksums.mentions.iter().filter_map(|mention| self.mentioned(parts, &path, mention)));
                files.insert(path, checksums.sha256);
            }
            open = mentioned.into_iter().filter(|path| !files.contains_key(path)).collect();
        }
        Ok(files)
    }

    /// The files of a package, without those of packages in folders below it.
    fn files_of(&self, folder: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
        let of_tests = OF_TESTS.iter().map(|name| joined(folder, name)).collect::<Vec<_>>();
        let leave_out =
            |path: &str, place: &Path| of_tests.iter().any(|each| each == path) || place.join("Cargo.toml").is_file();
        let mut found = tree::files(self.project, folder, &leave_out)?;
        found.retain(|path| !is_prose(folder, path));
        Ok(found)
    }

    /// The file of the project that a source takes in, when there is one.
    fn mentioned(&self, parts: &Parts, source: &str, mention: &str) -> Option<String> {
        let parent = |path: &str| path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
        let path = match mention.strip_prefix(PACKAGE) {
            Some(rest) => {
                let package = parts
                    .manifests
                    .keys()
                    .filter(|folder| source.starts_with(&joined(folder, "")))
                    .max_by_key(|folder| folder.len())?;
                plain(&joined(package, rest.trim_start_matches('/')))?
            }
            None if mention.starts_with('/') => return None,
            None => plain(&joined(&parent(source), mention))?,
        };
        let real = self.project.join(&path).canonicalize().ok()?;
        (real.is_file() && real.starts_with(self.project.canonicalize().ok()?)).then_some(path)
    }

    /// The profile and those that it inherits from.
    fn profiles(&self, name: &str) -> Vec<String> {
        let mut found = vec![name.to_owned()];
        while let Some(parent) =
            found.last().and_then(|last| self.workspace.root.get(&["profile", last, "inherits"])?.as_str())
        {
            if found.iter().any(|each| each == parent) {
                break;
            }
            found.push(parent.to_owned());
        }
        found
    }

    fn settings(&self, parts: &Parts, flavour: &Flavour) -> BTreeMap<String, String> {
        let root = &self.workspace.root;
        let text = |value: &toml::Value| digest(serde_json::to_value(value).unwrap_or_default());
        let made_for = if flavour.local { "local" } else { "aws" };
        let plain =
            [("builder", BUILDER), ("processor", flavour.processor), ("for", made_for), ("profile", &flavour.profile)];
        let mut settings =
            plain.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>();
        let inherits = parts.manifests.values().any(Manifest::inherits_package);
        let package: &[&str] = &["workspace", "package"];
        let profiles = self.profiles(&flavour.profile);
        let profiles = profiles.iter().map(|name| vec!["profile", name.as_str()]);
        for path in OF_ROOT.iter().copied().chain(inherits.then_some(package)).map(<[_]>::to_vec).chain(profiles) {
            settings.extend(root.get(&path).map(|value| (path.join("."), text(value))));
        }
        for name in &parts.inherited {
            settings.extend(
                root.get(&["workspace", "dependencies", name])
                    .map(|value| (format!("workspace.dependencies.{name}"), text(value))),
            );
        }
        let variables = self
            .environment
            .iter()
            .filter(|(name, _)| OF_ENVIRONMENT.contains(&name.as_str()) || name.starts_with(OF_ENVIRONMENT_BEGIN));
        settings.extend(variables.map(|(name, value)| (format!("${name}"), digest(Value::String(value.clone())))));
        settings
    }
}

/// Whether a file at the top of a package is prose. A source that takes it in brings it back.
fn is_prose(folder: &str, path: &str) -> bool {
    let name = path.strip_prefix(&joined(folder, "")).unwrap_or(path);
    !name.contains('/') && name.to_ascii_lowercase().ends_with(".md")
}

fn digest(mut value: Value) -> String {
    value.sort_all_objects();
    sha256_hex(value.to_string().as_bytes())
}
