//! What git tells of the project: times of commits, and what is checked out.

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

use crate::error::{Exit, Failure};

/// The history of what is checked out, without what came in by merges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// When each commit was made, in epoch seconds, the youngest first.
    pub commits: Vec<i64>,
    /// The last one.
    pub head: Commit,
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id, 40 hex digits.
    pub id: String,
    /// When it was made, in epoch seconds.
    pub at: i64,
}

impl History {
    /// Reads it, from a moment on. A clone that was cut short is refused: it would tell too few.
    pub async fn read(folder: &Path, since: i64) -> Result<Self, Failure> {
        if git(folder, ["rev-parse", "--is-shallow-repository"]).await?.trim() == "true" {
            return Err(no_history("this clone was cut short"));
        }
        let since = format!("--since=@{since}");
        let commits = git(folder, ["log", "--first-parent", "--format=%ct", &since]).await?;
        let head = git(folder, ["log", "-1", "--format=%H %ct"]).await?;
        let head =
            head.trim().split_once(' ').and_then(|(id, at)| Some(Commit { id: id.to_owned(), at: at.parse().ok()? }));
        Ok(Self {
            commits: commits.lines().filter_map(|at| at.parse().ok()).collect(),
            head: head.ok_or_else(|| no_history("there is no commit"))?,
        })
    }
}

async fn git<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Result<String, Failure> {
    let told = Command::new("git").arg("-C").arg(folder).args(arguments).output().await;
    match told {
        Ok(told) if told.status.success() => Ok(String::from_utf8_lossy(&told.stdout).into_owned()),
        _ => Err(no_history("git tells nothing of this folder")),
    }
}

fn no_history(why: &str) -> Failure {
    Failure::new(Exit::Other, "no-history", format!("commits cannot be counted: {why}"))
        .hint("run this in a clone with all its history (in a pipeline: fetch depth 0)")
}
