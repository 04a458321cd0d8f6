//! A project on somebody's desk: a function that answers, a site with a server of its own, and no AWS yet.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use deployer_local::files::{Files, Lock};
use deployer_local::ministack::signal;
use deployer_local::venv;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use super::{PASSED_ON, new_folder};

/// The repository, whose virtual environment serves all tests.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const STACK: &str = r#"stack = { name = "fleet", region = "us-west-2" }
[env.local]
endpoint = "local"
[env.account]
account = "111122223333"
[param.greeting]
value = "ahoy"
[mail.main]
from = "crew@example.com"
[function.hello]
build = { package = "hello" }
[schedule.hourly]
rate   = "1 hour"
target = "function.hello"
[site.web]
dir = "web/dist"
dev = "sh serve.sh"
[cdn.main]
route = [{ path = "/*", to = "site.web", spa = "index.html" }]
[output]
url = "${cdn.main.url}"
"#;

/// A server that another process of its group is, as with npm.
const SERVER: &str =
    "echo \"$DEPLOYER_URL\" >url\npython3 -m http.server \"$PORT\" --bind 127.0.0.1 &\necho $! >server.pid\nwait\n";

/// A function without a crate of others: it answers every event alike.
const FUNCTION: &str = r##"use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("Lambda says where it is");
    loop {
        let id = call(&api, "GET", "next", "");
        println!("{{\"level\":\"INFO\",\"message\":\"was asked\"}}");
        call(&api, "POST", &format!("{id}/response"), "\"ahoy\"");
    }
}

/// The id of the request that the answer names.
fn call(api: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(api).expect("it listens");
    let length = body.len();
    write!(stream, "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nhost: {api}\r\ncontent-length: {length}\r\n\r\n{body}").expect("sent");
    let mut answer = BufReader::new(stream);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        answer.read_line(&mut line).expect("a line");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() { break } else { continue }
        };
        match name.to_ascii_lowercase().as_str() {
            "lambda-runtime-aws-request-id" => id = value.to_owned(),
            "content-length" => length = value.parse().expect("a number"),
            _ => {}
        }
    }
    answer.take(length).read_to_end(&mut Vec::new()).expect("a body");
    id
}
"##;

/// The project's folder. A local AWS of it ends with the test.
pub struct Desk(TempDir);

impl Desk {
    /// The project, of which nothing is up.
    pub async fn new() -> Self {
        let desk = Self(new_folder());
        let files = Files::of(desk.path());
        files.create().expect("folders");
        venv::prepare(Path::new(REPOSITORY), &|_| {}).await.expect("an environment for the local AWS");
        let there = std::fs::canonicalize(Files::of(Path::new(REPOSITORY)).venv()).expect("it is there");
        std::os::unix::fs::symlink(there, files.venv()).expect("a link");
        for (path, text) in [
            ("stacks/fleet.toml", STACK),
            ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"hello\"]\n"),
            ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n"),
            ("hello/Cargo.toml", "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
            ("hello/src/main.rs", FUNCTION),
            ("web/dist/index.html", "<!doctype html><title>Fleet</title>\n"),
            ("web/serve.sh", SERVER),
        ] {
            desk.write(path, text);
        }
        desk
    }

    /// The deployer in this folder, with little of this process's environment.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deployer"));
        let passed = PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .env_clear()
            .envs(passed)
            .env("CARGO_TARGET_DIR", self.path().join("target"))
            .arg("-C")
            .arg(self.path())
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).expect("a file")
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is below the project")).expect("folders");
        std::fs::write(path, content).expect("a file");
    }

    /// Writes a program.
    pub fn program(&self, path: &str, content: &str) {
        self.write(path, content);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path().join(path), mode).expect("a mode");
    }

    /// Replaces a text that a file of the project holds exactly once.
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(old).count(), 1, "{old} in {path}");
        self.write(path, &text.replace(old, new));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // A test that failed half-way must leave no process: the daemon ends its ministack.
        if let Ok(Some(pid)) = Lock::holder(&Files::of(self.path()).local("daemon.lock")) {
            signal(pid, Signal::TERM);
        }
    }
}
