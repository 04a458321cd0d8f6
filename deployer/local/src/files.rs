//! Where the local AWS keeps what it keeps, for its owner's eyes only.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::LocalError;
use crate::private;

/// The files of a project folder's local AWS.
#[derive(Clone, Debug)]
pub struct Files {
    /// `.deployer`.
    base: PathBuf,
}

impl Files {
    /// The files of a project folder. Nothing is created.
    pub fn of(folder: &Path) -> Self {
        Self { base: folder.join(".deployer") }
    }

    /// Creates the folders, 0700 whatever the umask.
    pub fn create(&self) -> Result<(), LocalError> {
        private_folder(&self.base)?;
        private_folder(&self.base.join("local"))
    }

    /// What says that it runs, and where: `.deployer/local.json`.
    pub fn announcement(&self) -> PathBuf {
        self.base.join("local.json")
    }

    /// A file or folder of `.deployer/local/`.
    pub fn local(&self, name: &str) -> PathBuf {
        self.base.join("local").join(name)
    }

    /// The virtual environment.
    pub fn venv(&self) -> PathBuf {
        self.local("venv")
    }

    /// What the daemon and ministack print.
    pub fn log(&self) -> PathBuf {
        self.local("log")
    }

    /// Mail as it was sent, a file a message.
    pub fn mail(&self) -> PathBuf {
        self.local("mail")
    }
}

/// Creates a folder that nobody else may enter.
pub fn private_folder(path: &Path) -> Result<(), LocalError> {
    private::folder(path).map_err(LocalError::file(path))
}

/// Writes a file as [`private::write`] does.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), LocalError> {
    private::write(path, bytes).map_err(LocalError::file(path))
}

/// Writes JSON as [`write_private`] does.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), LocalError> {
    let text = serde_json::to_vec_pretty(value).map_err(io::Error::other).map_err(LocalError::file(path))?;
    write_private(path, &text)
}

/// Reads JSON. What is missing, damaged or of another version is `None`: it can be made again.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Removes a file or folder that may be gone already.
pub fn remove(path: &Path) -> Result<(), LocalError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LocalError::file(path)(error)),
        _ => Ok(()),
    }
}

/// The last lines of a text file, `""` when there is none.
pub fn tail(path: &Path, lines: usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A lock that one process holds at a time; the system releases it when the process ends.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock of a file if nobody has it.
    pub fn try_take(path: &Path) -> Result<Option<Self>, LocalError> {
        let file = lock_file(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(LocalError::file(path)(error.into())),
        }
    }

    /// Takes the lock of a file, waiting for whoever has it. Call it where waiting hurts nobody.
    pub fn take(path: &Path) -> Result<Self, LocalError> {
        let file = lock_file(path)?;
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self(file)),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(LocalError::file(path)(error.into())),
            }
        }
    }

    /// [`Lock::take`] in a thread of its own: a task that waits can be cancelled, and a process that
    /// ends does not wait for it.
    pub async fn wait(path: PathBuf) -> Result<Self, LocalError> {
        let (send, receive) = tokio::sync::oneshot::channel();
        let fallback = path.clone();
        std::thread::spawn(move || {
            // Nobody waits any more: the lock is dropped with the message.
            let _ = send.send(Self::take(&path));
        });
        receive.await.unwrap_or_else(|gone| Err(LocalError::file(&fallback)(io::Error::other(gone))))
    }

    /// Writes into the lock's file which process holds it: this one.
    pub fn sign(&mut self) -> io::Result<()> {
        self.write(std::process::id().to_string().as_bytes())
    }

    /// Writes into the lock's file who holds it, in words of the holder's own.
    pub fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(text)
    }

    /// The process that holds a signed lock. The lock is the proof: an id that was left behind in the
    /// file by a process that is gone does not count.
    pub fn holder(path: &Path) -> Result<Option<u32>, LocalError> {
        if !path.exists() || Self::try_take(path)?.is_some() {
            return Ok(None);
        }
        // A holder that has not signed yet will in a moment; 0 is nobody's id.
        Ok(Some(fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)))
    }

    /// Waits until nobody holds a lock; whether that came true within the limit.
    pub async fn wait_until_free(path: &Path, limit: Duration) -> Result<bool, LocalError> {
        let mut backoff = Backoff::new(limit);
        while Self::holder(path)?.is_some() {
            if !backoff.pause().await {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Pauses between looks at something that cannot be waited for: short ones first.
#[derive(Debug)]
pub struct Backoff {
    until: Instant,
    next: Duration,
}

impl Backoff {
    /// Pauses that add up to the limit.
    pub fn new(limit: Duration) -> Self {
        Self { until: Instant::now() + limit, next: Duration::from_millis(10) }
    }

    /// Pauses; whether it is worth while to look once more.
    pub async fn pause(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        tokio::time::sleep(self.next.min(left)).await;
        self.next = (self.next * 2).min(Duration::from_millis(250));
        !left.is_zero()
    }
}

fn lock_file(path: &Path) -> Result<File, LocalError> {
    private::update(path).map_err(LocalError::file(path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it was written").permissions().mode() & 0o777
    }

    #[test]
    fn what_is_written_is_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::of(folder.path());
        files.create().expect("folders");
        write_json(&files.announcement(), &["x"]).expect("a file");
        assert_eq!((mode(&files.local("")), mode(&files.announcement())), (0o700, 0o600));
        assert_eq!(read_json::<Vec<String>>(&files.announcement()), Some(vec!["x".to_owned()]));
    }

    #[test]
    fn a_damaged_file_reads_as_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("half.json");
        fs::write(&path, "{\"pid\": 1").expect("a file");
        assert_eq!(read_json::<serde_json::Value>(&path), None);
        assert_eq!(read_json::<serde_json::Value>(&folder.path().join("none.json")), None);
    }

    #[test]
    fn a_lock_has_one_holder_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let held = Lock::try_take(&path).expect("a lock");
        assert!(held.is_some());
        assert!(Lock::try_take(&path).expect("no error").is_none());
        drop(held);
        assert!(Lock::try_take(&path).expect("no error").is_some());
    }

    #[test]
    fn only_a_lock_that_is_held_has_a_holder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert_eq!(Lock::holder(&path).expect("no error"), None);
        let mut held = Lock::try_take(&path).expect("no error").expect("it is free");
        held.sign().expect("written");
        assert_eq!(Lock::holder(&path).expect("no error"), Some(std::process::id()));
        drop(held);
        assert_eq!(Lock::holder(&path).expect("no error"), None);
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        fs::write(&path, "a\nb\nc\n").expect("a file");
        assert_eq!(tail(&path, 2), "b\nc");
        assert_eq!(tail(&folder.path().join("none"), 2), "");
    }
}
