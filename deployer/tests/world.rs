//! A project folder, an AWS of its own, and the deployer between them.

pub mod aws;
pub mod desk;
pub mod fleet;
pub mod product;
pub mod running;

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use deployer_local::ministack::signal;
use deployer_testbed::{Emulator, Inventory, Wire, inventory};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use self::aws::Aws;

/// The region of every stack in these tests.
pub const REGION: &str = "us-west-2";
/// A hang guard for one run of the deployer, nothing that is measured: the first run of a day compiles functions.
const LONG: Duration = Duration::from_secs(540);
/// What of this process's environment a run may see: how to find cargo, and what cargo needs.
const PASSED_ON: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CC", "CXX", "TMPDIR"];

/// A stack of everything that needs no build.
pub const SHOP: &str = r#"stack = { name = "shop", region = "us-west-2", tags = { owner = "tests" } }

[env.local]
endpoint = "local"
[env.account]
account = "000000000000"

[table.orders]
key = { hash = "order_id:S" }

[param.greeting]
value = "ahoy"

[secret.token]
kind = "random"

[waf.edge]
managed = [{ set = "core" }]

[output]
orders = "${table.orders.name}"
"#;

/// A project, its AWS, and the wire between.
pub struct World {
    pub wire: Wire,
    /// Where the AWS behind the wire answers.
    pub endpoint: String,
    /// Where cargo builds.
    pub target: PathBuf,
    /// The keys that the deployer is given.
    pub keys: (String, String),
    // The AWS ends before its folder goes.
    aws: Running,
    pub folder: TempDir,
}

/// An AWS that ends with the test.
#[allow(clippy::large_enum_variant, reason = "a test has one of them")]
pub enum Running {
    /// One that keeps nothing.
    Emulator(Emulator),
    /// The local AWS of the project's folder, by its process.
    Local(u32),
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Local(pid) = self {
            signal(*pid, Signal::TERM);
        }
    }
}

/// How a run of the deployer went.
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl World {
    /// A project with this stack file.
    pub async fn with(stack: &str) -> Self {
        let world = Self::before(new_folder(), Emulator::start().await);
        world.write("stacks/shop.toml", stack);
        world
    }

    /// An empty project in this folder.
    pub async fn within(folder: TempDir) -> Self {
        Self::before(folder, Emulator::start().await)
    }

    /// The shop, up, with nothing on the wire's record.
    pub async fn brought_up() -> Self {
        let world = Self::with(SHOP).await;
        world.run("up -e local -y").await.exits(0);
        world.wire.clear();
        world
    }

    /// A project with this stack file, before an AWS that enforces IAM.
    pub async fn guarded(stack: &str) -> Self {
        let world = Self::before(new_folder(), Emulator::start_with_auth().await);
        world.write("stacks/shop.toml", stack);
        world
    }

    fn before(folder: TempDir, emulator: Emulator) -> Self {
        let endpoint = emulator.endpoint.clone();
        Self::around(folder, endpoint, Running::Emulator(emulator))
    }

    fn around(folder: TempDir, endpoint: String, aws: Running) -> Self {
        let keys = ("test".to_owned(), "test".to_owned());
        Self { wire: Wire::start(&endpoint), endpoint, target: target_folder(), keys, aws, folder }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("it is below the project")).expect("folders");
        std::fs::write(path, content).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).expect("a file")
    }

    /// Replaces a text that a file of the project holds exactly once.
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(old).count(), 1, "{old} in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// The deployer with the wire as its AWS, the project as its folder, and little else.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deployer"));
        let passed = PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .env_clear()
            .envs(passed)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("DEPLOYER_ENDPOINT", &self.wire.endpoint)
            .envs([("AWS_ACCESS_KEY_ID", &self.keys.0), ("AWS_SECRET_ACCESS_KEY", &self.keys.1)])
            .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
            .current_dir(self.folder.path())
            .arg("-C")
            .arg(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command line, such as `up -e local -y`, to its end.
    pub async fn run(&self, line: &str) -> Ran {
        ran(&mut self.command(line.split_whitespace())).await
    }

    /// The same; what went over the wire before is forgotten first.
    pub async fn run_anew(&self, line: &str) -> Ran {
        self.wire.clear();
        self.run(line).await
    }

    /// The AWS behind the wire, as a person with its console has it.
    pub fn aws(&self) -> Aws {
        Aws::new(&self.endpoint, REGION)
    }

    pub async fn inventory(&self) -> Inventory {
        inventory(&self.endpoint, REGION).await
    }

    /// The names of everything that exists.
    pub async fn names(&self) -> Vec<String> {
        self.inventory().await.keys().cloned().collect()
    }
}

fn new_folder() -> TempDir {
    tempfile::Builder::new().prefix("deployer-project-").tempdir().expect("a folder")
}

/// Runs a command to its end.
pub async fn ran(command: &mut Command) -> Ran {
    let output = tokio::time::timeout(LONG, command.output()).await.expect("it does not hang").expect("it starts");
    Ran::of(output)
}

/// The target directory that these tests were built in: functions are built there, too, and share every crate.
pub fn target_folder() -> PathBuf {
    let deployer = Path::new(env!("CARGO_BIN_EXE_deployer"));
    deployer.ancestors().nth(2).expect("target/<profile>/deployer").to_owned()
}

impl Ran {
    pub fn of(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the deployer writes UTF-8");
        Self { status: output.status, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// The lines of `--json`.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
    }

    pub fn says(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signal = self.status.signal();
        write!(out, "exit {:?}, signal {signal:?}\n{}\n{}", self.status.code(), self.out, self.err)
    }
}
