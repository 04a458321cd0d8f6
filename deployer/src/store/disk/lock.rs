//! The lock of a state in a folder: the kernel's, with a file that says who holds it.

use std::time::Duration;

use deployer_local::files::Lock;
use deployer_local::private;

use super::{DiskStore, FOLDER};
use crate::error::{Exit, Failure};
use crate::store::Held;
use crate::store::holder::Holder;

const LOCK: &str = "lock";
/// How often a lock is looked at that nobody alive has signed: who just took it does so in a moment.
const LOOKS: usize = 20;
const SIGNED_WITHIN: Duration = Duration::from_millis(10);

/// A lock whose file says who holds it.
pub(super) struct Signed(Lock);

impl Drop for Signed {
    fn drop(&mut self) {
        // Nobody holds it any more: the next one must not be told otherwise.
        let _ = self.0.write(b"");
    }
}

impl DiskStore {
    /// Tries once to take and sign the lock; else who has it.
    pub(super) async fn signed_lock(&self, command: &str) -> Result<Result<Signed, Held>, Failure> {
        let me = Holder::here(command);
        for _ in 0..LOOKS {
            if let Some(mut lock) = self.take()? {
                let text = serde_json::to_vec(&me).map_err(|error| self.lock_failure(error))?;
                lock.write(&text).map_err(|error| self.lock_failure(error))?;
                return Ok(Ok(Signed(lock)));
            }
            if self.signed().holder.is_some_and(|holder| !holder.is_gone(&me)) {
                break;
            }
            // Who looks at a lock holds it for a moment, and who takes it signs it a moment later, over the name of one
            // that was killed.
            tokio::time::sleep(SIGNED_WITHIN).await;
        }
        Ok(Err(self.signed()))
    }

    /// Who holds the lock.
    pub(super) fn holder(&self) -> Result<Option<Held>, Failure> {
        let free = !self.file(LOCK).exists() || self.take()?.is_some();
        Ok((!free).then(|| self.signed()))
    }

    fn take(&self) -> Result<Option<Lock>, Failure> {
        let parts = [&FOLDER[..], &self.parts()[..]].concat();
        private::folders(&self.project, &parts).map_err(|error| Failure::file(&self.folder(), &error))?;
        Lock::try_take(&self.file(LOCK)).map_err(|error| self.lock_failure(error))
    }

    fn signed(&self) -> Held {
        let text = std::fs::read_to_string(self.file(LOCK)).unwrap_or_default();
        Held { holder: serde_json::from_str(&text).ok(), tag: text, silent_for: None }
    }

    fn lock_failure(&self, error: impl std::fmt::Display) -> Failure {
        let path = self.file(LOCK);
        Failure::new(Exit::Other, "file", format!("{}: {error}", path.display()))
    }
}
