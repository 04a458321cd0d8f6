//! ministack as a child process: started with a clean environment, ended by its id.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::{Child, ChildStdin, Command};

use crate::error::LocalError;
use crate::files::{Backoff, private_folder, tail};
use crate::http::{self, Client};

/// Runs ministack until its starter is gone.
const LAUNCHER: &str = include_str!("launch.py");
/// The file in its folder that it locks while it runs, and that holds its process id.
pub const LOCK: &str = "ministack.lock";
/// Hang guard of a start: it takes 0.5 s, on a loaded machine several.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How many lines of its log an error shows.
const TAIL_LINES: usize = 12;

/// How to start it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The interpreter of its virtual environment.
    pub python: PathBuf,
    /// Its home, temporary files, state and log: a folder of its own.
    pub folder: PathBuf,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    /// What functions get as `AWS_ENDPOINT_URL`; absent: ministack itself.
    pub functions_endpoint: Option<String>,
    /// Whether it keeps what it has from one start to the next.
    pub persist: bool,
    /// Whether it enforces IAM on every call.
    pub auth: bool,
    /// Whether the folder is removed when it ends.
    pub remove_folder: bool,
}

/// A running ministack. It ends when this is dropped: one that persists saves first, one that does not
/// is killed.
#[derive(Debug)]
pub struct Ministack {
    child: Child,
    pid: u32,
    /// Held open: ministack ends when it closes, whatever becomes of this process.
    _pipe: Option<ChildStdin>,
    /// Where it answers, such as `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// What its health says, so that it is not taken for another one on that port.
    pub token: String,
}

#[derive(Deserialize)]
struct Health {
    edition: String,
}

impl Ministack {
    /// Starts it and waits until it answers.
    pub async fn start(options: &Options) -> Result<Self, LocalError> {
        let mut started = Self::spawn(options)?;
        let client = http::client();
        let mut backoff = Backoff::new(START_LIMIT);
        loop {
            if let Some(status) = started.child.try_wait().map_err(LocalError::file(&options.python))? {
                return Err(not_started(format!("ministack ended with {status}"), &options.folder));
            }
            if answers(&client, &started.endpoint, &started.token).await {
                return Ok(started);
            }
            if !backoff.pause().await {
                return Err(not_started(format!("no answer within {} s", START_LIMIT.as_secs()), &options.folder));
            }
        }
    }

    fn spawn(options: &Options) -> Result<Self, LocalError> {
        let (home, temporary) = (options.folder.join("home"), options.folder.join("tmp"));
        for folder in [&options.folder, &home, &temporary] {
            private_folder(folder)?;
        }
        let log_path = options.folder.join("log");
        let log = || {
            std::fs::File::options()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(&log_path)
                .map_err(LocalError::file(&log_path))
        };
        let (endpoint, token) = (format!("http://127.0.0.1:{}", options.port), fresh_token());
        let mut command = Command::new(&options.python);
        command
            .args(["-I", "-c", LAUNCHER])
            .current_dir(&home)
            .stdin(Stdio::piped())
            .stdout(log()?)
            .stderr(log()?)
            .kill_on_drop(!options.persist);
        command.arg(options.folder.join(LOCK));
        if options.remove_folder {
            command.arg(&options.folder);
        }
        // Functions inherit all of it, so nothing of the person's own environment may be in it.
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
            .env("HOME", &home)
            .env("TMPDIR", &temporary)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", options.port.to_string());
        command
            .env("AWS_ENDPOINT_URL", options.functions_endpoint.as_ref().unwrap_or(&endpoint))
            .env("MINISTACK_EDITION", &token);
        if options.persist {
            command.env("PERSIST_STATE", "1").env("STATE_DIR", options.folder.join("state")).env("S3_PERSIST", "1");
        }
        command.env("S3_DATA_DIR", options.folder.join("s3"));
        if options.auth {
            command.env("AUTH", "true");
        }
        let mut child = command.spawn().map_err(LocalError::file(&options.python))?;
        let pid = child.id().unwrap_or_default();
        // Waiting for a child would close its pipe.
        let pipe = child.stdin.take();
        Ok(Self { child, pid, _pipe: pipe, endpoint, token })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks it to save and end, and kills it after the limit. Whether it ended by itself.
    pub async fn stop(mut self, limit: Duration) -> bool {
        signal(self.pid, Signal::TERM);
        if tokio::time::timeout(limit, self.child.wait()).await.is_ok() {
            return true;
        }
        // What cannot be killed is gone already.
        let _ = self.child.kill().await;
        false
    }
}

/// Whether the ministack with that token answers there.
pub async fn answers(client: &Client, endpoint: &str, token: &str) -> bool {
    match http::get(client, endpoint, "/_ministack/health").await {
        Ok((_, body)) => serde_json::from_slice::<Health>(&body).is_ok_and(|health| health.edition == token),
        Err(_) => false,
    }
}

/// Sends a signal to one process. That it is gone already is all right.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// A port of 127.0.0.1 that is free now: the wanted one if it is.
pub fn free_port(wanted: Option<u16>) -> std::io::Result<u16> {
    let free = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| listener.local_addr())
            .map(|address| address.port())
    };
    match wanted.map(free) {
        Some(Ok(port)) => Ok(port),
        _ => free(0),
    }
}

fn fresh_token() -> String {
    let mut bytes = [0; 16];
    // Without randomness the process id still tells two of a folder apart.
    if getrandom::fill(&mut bytes).is_err() {
        bytes[..4].copy_from_slice(&std::process::id().to_be_bytes());
    }
    format!("deployer-{}", hex::encode(bytes))
}

fn not_started(message: String, folder: &Path) -> LocalError {
    LocalError::NotStarted { message, log: tail(&folder.join("log"), TAIL_LINES) }
}
