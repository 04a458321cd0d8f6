//! The state of a stack and its lock, wherever they are kept.

use std::fs::OpenOptions;

use deployer_engine::state::{Scope, State};
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;

use super::project::{ENVIRONMENT, Project};
use super::rows::StateIn;
use super::stacks::STATE_BUCKET;

/// The state of a stack as it is kept.
#[derive(Debug)]
pub struct Kept(pub State);

impl Kept {
    /// Reads it; `None`: there is none, or it is damaged.
    pub async fn read(project: &Project, stack: &str, state: StateIn) -> Option<Self> {
        let text = text(project, stack, state).await?;
        let sealed: Value = serde_json::from_str(&text).ok()?;
        let scope: Scope = serde_json::from_value(sealed["state"]["scope"].clone()).ok()?;
        State::read(&text, &scope).ok().map(Self)
    }
}

/// The text of the state; `None`: there is none.
pub async fn text(project: &Project, stack: &str, state: StateIn) -> Option<String> {
    match state {
        StateIn::Folder => std::fs::read_to_string(project.state_folder(stack).join("state.json")).ok(),
        StateIn::Bucket => project.aws().text("s3", &object(stack, "state.json")).await,
    }
}

/// What is wrong when somebody holds the lock.
pub async fn lock_is_free(project: &Project, stack: &str, state: StateIn) -> Option<String> {
    if state == StateIn::Bucket {
        let path = object(stack, "lock.json");
        return project.aws().text("s3", &path).await.map(|holder| format!("{path} is held: {holder}"));
    }
    let path = project.state_folder(stack).join("lock");
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) => return Some(format!("{}: {error}", path.display())),
    };
    let taken = flock(&file, FlockOperation::NonBlockingLockExclusive);
    taken.is_err().then(|| format!("{} is held", path.display()))
}

/// Where a file of the state is in its bucket.
fn object(stack: &str, name: &str) -> String {
    format!("/{STATE_BUCKET}/{stack}/{ENVIRONMENT}/{name}")
}
