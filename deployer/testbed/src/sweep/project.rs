//! A project with an AWS of its own, and the wire between: what every case starts from.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

use super::rows::StateIn;
use super::stacks::{STATE_BUCKET, Version, files, needs};
use crate::inventory::Api;
use crate::{Emulator, Inventory, Wire, inventory};

/// The region of every stack.
const REGION: &str = "us-west-2";
/// The environment of every stack.
pub const ENVIRONMENT: &str = "local";
/// A hang guard for one run of the deployer, nothing that is measured.
const LONG: Duration = Duration::from_secs(300);
/// What of this process's environment a run may see: how to find cargo, and what cargo needs.
const PASSED_ON: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CC", "CXX", "TMPDIR"];

/// A project with the reference stacks.
#[derive(Debug)]
pub struct Project {
    /// Between the deployer and its AWS.
    pub wire: Wire,
    deployer: PathBuf,
    // The AWS ends before its folder goes.
    emulator: Emulator,
    folder: TempDir,
}

/// How a run of the deployer went.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// All that it said.
    pub said: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status, said: text(&output.stdout) + &text(&output.stderr) }
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "exit {:?}, signal {:?}\n{}", self.status.code(), self.status.signal(), self.said)
    }
}

impl Project {
    /// A project that the deployer at that path ships.
    pub async fn new(deployer: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("deployer-faults-").tempdir().expect("a folder");
        let emulator = Emulator::start().await;
        let wire = Wire::start(&emulator.endpoint);
        let project = Self { wire, deployer: deployer.to_owned(), emulator, folder };
        project.write(Version::First, None);
        project
    }

    /// Makes the files those of a version; `bucket`: the stack whose state is in a bucket.
    pub fn write(&self, version: Version, bucket: Option<&str>) {
        for (path, text) in files(version, bucket) {
            let path = self.folder.path().join(path);
            if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
                continue;
            }
            std::fs::create_dir_all(path.parent().expect("it is below the project")).expect("folders");
            std::fs::write(path, text).expect("a file");
        }
        let other = if version == Version::First { Version::Second } else { Version::First };
        let wanted = files(version, bucket);
        for (path, _) in files(other, bucket).iter().filter(|(path, _)| !wanted.iter().any(|(each, _)| each == path)) {
            // One that is not there yet is gone, too.
            let _ = std::fs::remove_file(self.folder.path().join(path));
        }
    }

    /// Where everything is that the deployer keeps.
    pub fn kept(&self) -> PathBuf {
        self.folder.path().join(".deployer")
    }

    /// Where the state of a stack is.
    pub fn state_folder(&self, stack: &str) -> PathBuf {
        self.kept().join("state").join(stack).join(ENVIRONMENT)
    }

    /// Forgets what is up, on both sides: no stack was ever shipped, but for the outputs that this one needs. What is
    /// built stays. Where the state will be in a bucket that is there, empty.
    pub async fn forget(&self, stack: &str, state: StateIn) {
        self.wire.clear();
        self.write(Version::First, None);
        remove(&self.kept().join("state"));
        for other in needs(stack) {
            let kept = self.folder.path().join("outputs").join(&other);
            if !kept.exists() {
                self.run(&other, "up").await;
                std::fs::create_dir_all(&kept).expect("a folder");
                std::fs::copy(self.state_folder(&other).join("state.json"), kept.join("state.json")).expect("a state");
                remove(&self.kept().join("state"));
            }
            std::fs::create_dir_all(self.state_folder(&other)).expect("a folder");
            std::fs::copy(kept.join("state.json"), self.state_folder(&other).join("state.json")).expect("a state");
        }
        self.emulator.reset().await;
        if state == StateIn::Bucket {
            self.write(Version::First, Some(stack));
            self.aws().make_bucket(STATE_BUCKET).await;
        }
        self.wire.clear();
    }

    /// The deployer with the wire as its AWS, the project as its folder, and little else.
    pub fn command(&self, stack: &str, verb: &str) -> Command {
        let mut command = Command::new(&self.deployer);
        let passed = PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .env_clear()
            .envs(passed)
            .env("CARGO_TARGET_DIR", self.folder.path().join("target"))
            .env("DEPLOYER_ENDPOINT", &self.wire.endpoint)
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
            .arg("-C")
            .arg(self.folder.path())
            .args(verb.split(' '))
            .args(["-s", stack, "-e", ENVIRONMENT, "-y"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a verb, such as `up` or `plan --detailed-exitcode`, to its end.
    pub async fn run(&self, stack: &str, verb: &str) -> Ran {
        let mut child = self.command(stack, verb);
        let child = child.spawn().expect("the deployer starts");
        // Before any of its calls goes on that sends a signal.
        self.wire.is_process("A", child.id().expect("it was not waited for"));
        let output = tokio::time::timeout(LONG, child.wait_with_output());
        Ran::of(&output.await.expect("it does not hang").expect("it ends"))
    }

    /// Everything that exists, but for what keeps the state.
    pub async fn inventory(&self) -> Inventory {
        inventory(&self.emulator.endpoint, REGION).await.without_bucket(STATE_BUCKET)
    }

    /// What of it bears the tags of a stack, and at which address.
    pub fn addressed(&self, inventory: &Inventory, stack: &str) -> Vec<(String, String)> {
        inventory.addressed(stack, ENVIRONMENT)
    }

    /// Where its AWS answers, past the wire.
    pub fn aws(&self) -> Api {
        Api::new(&self.emulator.endpoint, REGION)
    }
}

fn remove(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => {}
    }
}
