//! The project that is measured, and the AWS that it is shipped to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::files::{File, changed};
use super::meter::{Metered, Usage};
use super::names::Names;
use super::replay::{Replayed, replay};
use crate::{Emulator, Exchange, Fault, Rule, Wire, python};

/// What of this process's environment a run may see: how to find tools, and what cargo needs.
const PASSED_ON: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CC", "CXX", "TMPDIR"];

/// One step in the life of a stack, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first `up`, of all.
    First,
    /// An `up` that changes nothing.
    Unchanged,
    /// A plan while a change is pending.
    Planned,
    /// The `up` of that change.
    Changed,
    /// All of it is deleted.
    Down,
}

impl Step {
    /// The whole life.
    pub const ALL: [Self; 5] = [Self::First, Self::Unchanged, Self::Planned, Self::Changed, Self::Down];
    /// What is measured of a stack that has no code.
    pub const TWICE: [Self; 2] = [Self::First, Self::Unchanged];

    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Unchanged => "unchanged",
            Self::Planned => "planned",
            Self::Changed => "changed",
            Self::Down => "down",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::First | Self::Unchanged | Self::Changed => "up",
            Self::Planned => "plan",
            Self::Down => "down",
        }
    }
}

/// The way of the deployer's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the AWS at once: what is measured.
    Straight,
    /// Over a wire that keeps them.
    Recorded,
    /// Over a wire that adds a time to each.
    Far(Duration),
}

/// How one step went.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it took.
    pub usage: Usage,
    /// Its calls, where they were kept.
    pub exchanges: Vec<Exchange>,
}

/// What is measured with.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The deployer.
    pub deployer: PathBuf,
    /// The interpreter that measures.
    pub python: PathBuf,
    /// How often each thing is measured.
    pub rounds: usize,
    /// Whether other tools are measured, too.
    pub peers: bool,
}

impl Machine {
    /// A machine with the project's interpreter.
    pub async fn new(deployer: PathBuf, rounds: usize, peers: bool) -> Self {
        Self { deployer, python: python().await, rounds, peers }
    }
}

/// A stack in a folder of its own, and an AWS of its own.
#[derive(Debug)]
pub struct Project {
    /// What it is measured with.
    pub machine: Machine,
    stack: &'static str,
    files: Vec<File>,
    wire: Wire,
    // The AWS ends before its folder goes.
    emulator: Emulator,
    folder: TempDir,
}

impl Project {
    /// A project of these files, the stack of which has that name. What it ships is built.
    pub async fn new(machine: &Machine, stack: &'static str, files: Vec<File>) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("deployer-bench-").tempdir().map_err(|error| error.to_string())?;
        let emulator = Emulator::start().await;
        let wire = Wire::start(&emulator.endpoint);
        let project = Self { machine: machine.clone(), stack, files, wire, emulator, folder };
        project.write(&project.files)?;
        project.build().await?;
        Ok(project)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where its AWS answers.
    pub fn aws(&self) -> &str {
        &self.emulator.endpoint
    }

    /// Makes the AWS, the state and the files what they were in the beginning.
    pub async fn forget(&self) -> Result<(), String> {
        self.emulator.reset().await;
        self.wire.clear();
        self.write(&self.files)?;
        match std::fs::remove_dir_all(self.folder().join(".deployer/state")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    /// Makes the pending change.
    pub fn change(&self) -> Result<(), String> {
        self.write(&changed())
    }

    /// One life of the stack, from nothing, of these steps. Building is no part of what is measured.
    pub async fn life(&self, steps: &[Step], way: Way) -> Result<BTreeMap<Step, Seen>, String> {
        self.forget().await?;
        self.build().await?;
        let mut life = BTreeMap::new();
        for step in steps {
            if *step == Step::Planned {
                self.change()?;
                self.build().await?;
            }
            life.insert(*step, self.step(*step, way).await?);
        }
        Ok(life)
    }

    /// The recorded life, replayed raw.
    pub async fn replayed(&self, life: &BTreeMap<Step, Seen>) -> Result<BTreeMap<Step, Replayed>, String> {
        self.forget().await?;
        let mut names = Names::default();
        let mut replayed = BTreeMap::new();
        for (step, seen) in life {
            replayed.insert(*step, replay(self.aws(), &seen.exchanges, &mut names).await?);
        }
        Ok(replayed)
    }

    /// Runs any command in the project's folder; what it calls is this project's AWS.
    pub async fn run(&self, words: &[String], more: &[(String, String)]) -> Result<Usage, String> {
        let own = [
            ("CARGO_TARGET_DIR", self.folder().join("target").display().to_string()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ];
        let passed = PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        let environment = passed.chain(own).chain(more.iter().cloned()).collect();
        let metered = Metered { words: words.to_vec(), environment };
        metered.run(&self.machine.python, self.folder()).await
    }

    async fn step(&self, step: Step, way: Way) -> Result<Seen, String> {
        self.wire.clear();
        match way {
            Way::Straight => {}
            Way::Recorded => self.wire.keep_exchanges(),
            Way::Far(time) => self.wire.script(Rule::always("**", Fault::Delay(time))),
        }
        let endpoint = if way == Way::Straight { self.aws() } else { &self.wire.endpoint };
        let usage = self.deployer(step.verb(), endpoint).await?;
        Ok(Seen { usage, exchanges: self.wire.exchanges() })
    }

    async fn build(&self) -> Result<(), String> {
        if self.files.iter().any(|(path, _)| path == "Cargo.toml") {
            self.deployer("build", self.aws()).await?;
        }
        Ok(())
    }

    async fn deployer(&self, verb: &str, endpoint: &str) -> Result<Usage, String> {
        let folder = self.folder().display().to_string();
        let deployer = self.machine.deployer.display().to_string();
        let words = [&deployer, "-C", &folder, verb, "-s", self.stack, "-e", "local", "-y"].map(str::to_owned);
        self.run(&words, &[("DEPLOYER_ENDPOINT".to_owned(), endpoint.to_owned())]).await
    }

    /// Writes what is not there yet: what is not touched is known to be the same.
    fn write(&self, files: &[File]) -> Result<(), String> {
        for (path, content) in files {
            let path = self.folder().join(path);
            if std::fs::read(&path).is_ok_and(|found| found == *content) {
                continue;
            }
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| std::fs::write(&path, content))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}
