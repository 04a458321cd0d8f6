//! A small workspace in a folder of its own, and a store on it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use deployer_aws::kinds::function::{Architecture, FunctionBuild};
use deployer_aws::kinds::site::SiteBuild;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::{Location, Source, Span};
use deployer_engine::kind::{Artifact, Artifacts};

use super::super::{ArtifactError, ArtifactStore, BuildEvent, BuildStep, Requests};

/// Two programs, a library that one of them uses, and a lock file.
const FILES: &[(&str, &str)] = &[
    (".gitignore", "/target\n/.deployer/\n/bin/\n*.tmp\nnode_modules/\n/site/dist/\n"),
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"functions/*\"]\n[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\nshared = { path = \"functions/shared\" }\nspare = \"1\"\n[profile.dev]\ndebug = false\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"api\"\nversion = \"0.1.0\"\ndependencies = [\n \"shared\",\n]\n\n[[package]]\nname = \"other\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"shared\"\nversion = \"0.1.0\"\n",
    ),
    (
        "functions/api/Cargo.toml",
        "[package]\nname = \"api\"\nversion.workspace = true\nedition = \"2021\"\n[dependencies]\nshared.workspace = true\n",
    ),
    ("functions/api/src/main.rs", "fn main() {\n    println!(\"{}\", shared::word());\n}\n"),
    ("functions/api/README.md", "# api\n"),
    ("functions/shared/Cargo.toml", "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    ("functions/shared/src/lib.rs", "pub fn word() -> &'static str {\n    \"one\"\n}\n"),
    ("functions/other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    ("functions/other/src/main.rs", "fn main() {}\n"),
    ("site/package.json", "{}\n"),
    ("site/src/app.js", "1\n"),
];

/// A project and a store on it.
pub struct World {
    pub folder: tempfile::TempDir,
    pub store: ArtifactStore,
    pub events: Mutex<Vec<BuildEvent>>,
}

impl World {
    /// A project whose builds see this process's environment, and `more`.
    pub fn new(more: &[(&'static str, &str)]) -> Self {
        Self::with(|_| more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }

    /// The same, where what they see depends on where the project is.
    pub fn with(more: impl FnOnce(&Path) -> Vec<(&'static str, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut set = more(folder.path());
        // A target folder of its own: the one of this very test run is locked while it builds.
        set.push(("CARGO_TARGET_DIR", folder.path().join("target").display().to_string()));
        let others = std::env::vars_os().filter(|(name, _)| !set.iter().any(|(each, _)| name == each));
        let environment: Vec<(OsString, OsString)> =
            others.chain(set.iter().map(|(name, value)| (name.into(), value.into()))).collect();
        let store = ArtifactStore::with_environment(folder.path(), environment).unwrap();
        let world = Self { folder, store, events: Mutex::default() };
        FILES.iter().for_each(|(path, text)| world.write(path, text));
        world
    }

    pub fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old}");
        self.write(path, &text.replace(old, new));
    }

    pub fn program(&self, path: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(path, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn inspect(&self, requests: &Requests) -> Artifacts {
        self.store.inspect(requests).unwrap()
    }

    /// The only artifact of a request.
    pub fn one(&self, requests: &Requests) -> Artifact {
        let found = self.inspect(requests);
        assert_eq!(found.len(), 1);
        found.into_values().next().unwrap()
    }

    pub async fn build(&self, requests: &Requests) -> Result<Artifacts, ArtifactError> {
        let functions = requests.functions.iter().map(|each| each.address.clone());
        let all: BTreeSet<_> = functions.chain(requests.sites.iter().map(|each| each.address.clone())).collect();
        self.store.build(requests, &all, &|event| self.events.lock().unwrap().push(event)).await
    }

    /// The commands that were run since the last time this was asked.
    pub fn commands(&self) -> Vec<String> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        let started = events.into_iter().filter_map(|event| match event.what {
            BuildStep::Started(command) => Some(command),
            _ => None,
        });
        started.collect()
    }
}

pub fn address(text: &str) -> DeclarationAddress {
    text.parse().unwrap()
}

/// A place in a stack file.
pub fn location() -> Location {
    Source::new("stacks/crew.toml", "[function.api]\nbuild = { package = \"api\" }\n")
        .locate(Span { start: 35, end: 40 })
}

/// A function of a package, for the local AWS.
pub fn local(package: &str) -> Requests {
    Requests { functions: vec![function(package, true)], sites: Vec::new() }
}

pub fn function(package: &str, local: bool) -> FunctionBuild {
    let architecture = Architecture::of_this_machine();
    FunctionBuild {
        address: address(&format!("function.{package}")),
        package: package.to_owned(),
        architecture,
        profile: "release".to_owned(),
        local,
        location: location(),
    }
}

/// The site of the project, built by a command.
pub fn site(build: Option<&str>) -> SiteBuild {
    SiteBuild {
        address: address("site.web"),
        dir: "site/dist".to_owned(),
        install: None,
        build: build.map(str::to_owned),
        dev: None,
        cache: vec![("assets/**".to_owned(), "immutable".to_owned()), ("*.html".to_owned(), "no-cache".to_owned())],
        cache_otherwise: "short".to_owned(),
        location: location(),
    }
}

pub fn only_site(build: Option<&str>) -> Requests {
    Requests { functions: Vec::new(), sites: vec![site(build)] }
}

/// Whether a folder is there and empty, or not there.
pub fn is_bare(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// Makes a named pipe.
pub fn pipe(place: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(place).status().unwrap().success());
}
