//! Starting, finding, asking and stopping the local AWS of a folder.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::daemon::{DAEMON_LOCK, find};
use crate::error::LocalError;
use crate::files::{Backoff, Files, Lock, remove, tail, write_private};
use crate::http;
use crate::mail::{Mail, Mailbox};
use crate::ministack::{LOCK, signal};
use crate::venv;

/// Hang guard of a start: it takes a second, on a loaded machine several.
const START_LIMIT: Duration = Duration::from_secs(90);
/// How long a daemon that runs without answering may go on starting or ending.
const SETTLE_LIMIT: Duration = Duration::from_secs(15);
/// How long a daemon may take to end: ministack saves first.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How long a killed process may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// How many lines of the log an error shows.
const TAIL_LINES: usize = 12;
/// What `down` removes on request, in `.deployer/local/`. The virtual environment stays: it is a tool.
const KEPT_THINGS: &[&str] = &["state", "s3", "home", "tmp", "mail", "log", "log.old", "ports.json"];

/// A running local AWS, as `.deployer/local.json` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalAws {
    /// The daemon's process.
    pub pid: u32,
    /// Where API calls go, such as `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// Where browsers go, such as `http://localhost:4567`; see [`LocalAws::distribution_url`].
    pub edge: String,
    /// Whether IAM is enforced on every call.
    pub auth: bool,
    /// When it was ready.
    pub started_at: Timestamp,
    /// The version that started it.
    pub version: String,
    /// What ministack's health says, so that another one on that port is not taken for it.
    pub token: String,
}

impl LocalAws {
    /// Where a browser finds the distribution whose domain begins with that label
    /// (`e1abc` of `e1abc.cloudfront.net`).
    pub fn distribution_url(&self, label: &str) -> String {
        self.named(&format!("{label}.cloudfront"))
    }

    /// Where a browser reads the captured mail.
    pub fn mail_url(&self) -> String {
        self.named("mail")
    }

    /// Where a browser looks at what it holds.
    pub fn console_url(&self) -> String {
        self.named("console")
    }

    fn named(&self, name: &str) -> String {
        self.edge.replacen("://localhost", &format!("://{name}.localhost"), 1)
    }
}

/// What is known of a folder's local AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It runs and answers.
    Running(LocalAws),
    /// Its daemon runs but does not answer: it starts, ends, or hangs.
    NotAnswering {
        /// The daemon's process.
        pid: u32,
    },
    /// It does not run.
    Stopped,
}

/// How to start a local AWS that does not run.
pub struct Up<'a> {
    /// The program that runs `local serve`: the deployer itself.
    pub program: PathBuf,
    /// Whether IAM is enforced on every call; absent: as the one does that runs, else not. One that
    /// runs otherwise is restarted.
    pub auth: Option<bool>,
    /// Tells a person what takes long.
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// The local AWS of a folder: the one that runs, else a new one, ready to be called. Several processes
/// may ask at once.
pub async fn up(folder: &Path, options: &Up<'_>) -> Result<LocalAws, LocalError> {
    let folder = &fs::canonicalize(folder).map_err(LocalError::file(folder))?;
    let files = Files::of(folder);
    let suits = |found: &LocalAws| options.auth.is_none_or(|auth| auth == found.auth);
    if let Some(found) = find(&files).await.filter(suits) {
        return Ok(found);
    }
    files.create()?;
    let _turn = Lock::wait(files.local("up.lock")).await?;
    if let Some(found) = settled(&files).await?
        && suits(&found)
    {
        return Ok(found);
    }
    stop_holder(&files.local(DAEMON_LOCK), STOP_LIMIT).await?;
    venv::prepare(folder, options.say).await?;
    (options.say)("starting the local AWS …");
    let mut daemon = spawn(folder, &files, options)?;
    let ready = wait_until_ready(&files, &mut daemon).await;
    if ready.is_err() {
        signal(daemon.id(), Signal::TERM);
    }
    ready
}

/// Ends the local AWS of a folder, which saves what it has; `purge` removes that too. Whether one ran.
pub async fn down(folder: &Path, purge: bool) -> Result<bool, LocalError> {
    let files = Files::of(folder);
    if !files.local("").exists() {
        return Ok(false);
    }
    let _turn = Lock::wait(files.local("up.lock")).await?;
    let ran = stop_holder(&files.local(DAEMON_LOCK), STOP_LIMIT).await?;
    let orphaned = stop_holder(&files.local(LOCK), STOP_LIMIT).await?;
    remove(&files.announcement())?;
    for thing in KEPT_THINGS.iter().filter(|_| purge) {
        remove(&files.local(thing))?;
    }
    Ok(ran || orphaned)
}

/// What is known of a folder's local AWS. Nothing is changed.
pub async fn status(folder: &Path) -> Result<Status, LocalError> {
    let files = Files::of(folder);
    match find(&files).await {
        Some(found) => Ok(Status::Running(found)),
        None => {
            Ok(Lock::holder(&files.local(DAEMON_LOCK))?.map_or(Status::Stopped, |pid| Status::NotAnswering { pid }))
        }
    }
}

/// The mail that was sent to a folder's local AWS, the oldest first.
pub async fn mail(folder: &Path) -> Result<Vec<Mail>, LocalError> {
    let files = Files::of(folder);
    let found = find(&files).await.ok_or(LocalError::NotRunning)?;
    Mailbox::in_folder(files.mail()).messages(&http::client(), &found.endpoint).await
}

/// The variables by which AWS's own tools reach a folder's local AWS.
pub async fn environment(folder: &Path, region: &str) -> Result<Vec<(&'static str, String)>, LocalError> {
    let found = find(&Files::of(folder)).await.ok_or(LocalError::NotRunning)?;
    Ok(vec![
        ("AWS_ENDPOINT_URL", found.endpoint),
        ("AWS_REGION", region.to_owned()),
        // The first version of AWS's command line knows this name alone.
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ])
}

/// Ends the process that holds a signed lock, with a signal first and by force after the limit.
/// Whether there was one.
pub(crate) async fn stop_holder(path: &Path, limit: Duration) -> Result<bool, LocalError> {
    let Some(pid) = Lock::holder(path)? else { return Ok(false) };
    signal(pid, Signal::TERM);
    if Lock::wait_until_free(path, limit).await? {
        return Ok(true);
    }
    // Still the same one: the lock was never free.
    signal(pid, Signal::KILL);
    match Lock::wait_until_free(path, KILL_LIMIT).await? {
        true => Ok(true),
        false => Err(LocalError::NotStopped { pid }),
    }
}

/// The one that runs, given a moment to finish starting or ending; `None`: none does, or it hangs.
async fn settled(files: &Files) -> Result<Option<LocalAws>, LocalError> {
    let mut backoff = Backoff::new(SETTLE_LIMIT);
    loop {
        if let Some(found) = find(files).await {
            return Ok(Some(found));
        }
        if Lock::holder(&files.local(DAEMON_LOCK))?.is_none() || !backoff.pause().await {
            return Ok(None);
        }
    }
}

/// Starts the daemon with a log in place of a terminal and nothing of the person's environment but
/// where programs and home are.
fn spawn(folder: &Path, files: &Files, options: &Up<'_>) -> Result<Child, LocalError> {
    let log = files.log();
    if log.exists() {
        fs::rename(&log, files.local("log.old")).map_err(LocalError::file(&log))?;
    }
    write_private(&log, b"")?;
    let output = || File::options().append(true).open(&log).map_err(LocalError::file(&log));
    let mut arguments: Vec<OsString> = vec!["-C".into(), folder.into(), "local".into(), "serve".into()];
    arguments.extend(options.auth.unwrap_or(false).then(|| "--auth".into()));
    let kept = ["PATH", "HOME", "TMPDIR", "RUST_BACKTRACE"]
        .into_iter()
        .filter_map(|name| std::env::var_os(name).map(|value| (name, value)));
    let mut command = Command::new(&options.program);
    command
        .args(arguments)
        .env_clear()
        .envs(kept)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output()?)
        .stderr(output()?);
    command.spawn().map_err(LocalError::file(&options.program))
}

async fn wait_until_ready(files: &Files, daemon: &mut Child) -> Result<LocalAws, LocalError> {
    let failed = |message: String| LocalError::NotStarted { message, log: tail(&files.log(), TAIL_LINES) };
    let mut backoff = Backoff::new(START_LIMIT);
    loop {
        if let Some(found) = find(files).await.filter(|found| found.pid == daemon.id()) {
            return Ok(found);
        }
        if let Some(status) = daemon.try_wait().map_err(|error| failed(error.to_string()))? {
            return Err(failed(format!("it ended with {status}")));
        }
        if !backoff.pause().await {
            return Err(failed(format!("no answer within {} s", START_LIMIT.as_secs())));
        }
    }
}
