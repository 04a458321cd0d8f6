//! The lock of a local state: one deployer at a time, and the others are told who.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::error::{Exit, Failure};

/// How often a waiting deployer asks again, at first and at most.
const FIRST_POLL: Duration = Duration::from_millis(50);
const SLOWEST_POLL: Duration = Duration::from_secs(1);

/// Who holds a lock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// What it runs.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
}

/// A held lock. The kernel frees it when its holder dies, however that happens.
pub struct Lock(File);

impl Lock {
    /// Takes the lock, waiting at most so long for the one who has it.
    pub async fn take(path: &Path, command: &str, wait: Duration) -> Result<Self, Failure> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|error| Failure::file(path, &error))?;
        let (mut waited, mut poll) = (Duration::ZERO, FIRST_POLL);
        while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if error != rustix::io::Errno::WOULDBLOCK {
                return Err(Failure::file(path, &error.into()));
            }
            if waited >= wait {
                return Err(held(&file));
            }
            tokio::time::sleep(poll).await;
            waited += poll;
            poll = (poll * 2).min(SLOWEST_POLL);
        }
        let lock = Self(file);
        lock.sign(command).map_err(|error| Failure::file(path, &error))?;
        Ok(lock)
    }

    fn sign(&self, command: &str) -> std::io::Result<()> {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let holder = Holder {
            pid: std::process::id(),
            host,
            command: command.to_owned(),
            since: jiff::Timestamp::now().strftime("%FT%TZ").to_string(),
        };
        let mut file = &self.0;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(serde_json::to_string(&holder)?.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody holds it any more: the next one must not be told otherwise.
        let _ = self.0.set_len(0);
    }
}

fn held(file: &File) -> Failure {
    let mut text = String::new();
    let mut file = file;
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    let who = match read.ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok()) {
        Some(holder) => {
            format!("`{}` (process {} on {}, since {})", holder.command, holder.pid, holder.host, holder.since)
        }
        None => "another deployer".to_owned(),
    };
    Failure::new(Exit::Locked, "locked", format!("the state is locked by {who}"))
        .hint("wait for it, or let this command wait with `--lock-wait 5m`")
}
