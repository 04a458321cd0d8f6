//! One command of a build: told about while it runs, its last words kept for when it fails.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::child::{Child, Stream, harmless};
use super::error::ArtifactError;
use super::event::{BuildStep, Teller};

/// How many of the last lines an error shows.
const LAST_LINES: usize = 120;
/// Words by which cargo says what it is doing. They are progress, and of no use in an error.
const DOING: &[&str] = &[
    "Compiling",
    "Checking",
    "Building",
    "Downloading",
    "Downloaded",
    "Fresh",
    "Blocking",
    "Updating",
    "Locking",
    "Running",
    "Finished",
    "Adding",
];

/// A command of a build.
pub struct Command<'a> {
    /// The process.
    pub child: Child<'a>,
    /// What to do when its program is missing.
    pub install: &'a str,
    /// The name of the program in messages.
    pub tool: &'static str,
}

impl Command<'_> {
    /// Runs it. Lines of standard output are given to `out`; when that has no use for one it is shown.
    pub async fn run(
        &self,
        teller: &Teller<'_>,
        out: &mut (dyn FnMut(&str) -> bool + Send),
    ) -> Result<(), ArtifactError> {
        let shown = self.child.shown();
        let running = teller.running(shown.clone());
        let mut last = VecDeque::new();
        let mut see = |stream, line: &str| {
            if stream == Stream::Out && out(line) {
                return;
            }
            let line = harmless(line);
            if !is_progress(&line) {
                last.push_back(line.clone());
                if last.len() > LAST_LINES {
                    last.pop_front();
                }
            }
            teller.tell(BuildStep::Line(line));
        };
        let ended = self.child.run(&mut see).await;
        drop(running);
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(ArtifactError::Build {
                addresses: teller.addresses().to_vec(),
                command: shown,
                ended: status.to_string(),
                output: Vec::from(last).join("\n"),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.unusable(error.to_string())),
            Err(error) => Err(ArtifactError::Io { doing: "running", path: self.child.program.into(), source: error }),
        }
    }

    /// Runs it and returns what it printed. Nobody is told: it answers at once.
    pub async fn answer(&self) -> Result<String, ArtifactError> {
        let mut printed = String::new();
        let mut keep = |stream, line: &str| {
            if stream == Stream::Out {
                printed.push_str(line);
                printed.push('\n');
            }
        };
        match self.child.run(&mut keep).await {
            Ok(status) if status.success() => Ok(printed),
            Ok(status) => Err(self.unusable(format!("`{}` ended with {status}", self.child.shown()))),
            Err(error) => Err(self.unusable(error.to_string())),
        }
    }

    fn unusable(&self, message: String) -> ArtifactError {
        ArtifactError::Tool { tool: self.tool, message, hint: self.install.to_owned() }
    }
}

/// A command in the project's folder.
pub fn cargo<'a>(project: &'a Path, environment: &'a [(OsString, OsString)], arguments: Vec<String>) -> Command<'a> {
    let child = Child { program: "cargo", arguments, folder: project, environment };
    Command { child, install: "install Rust: https://rustup.rs", tool: "cargo" }
}

fn is_progress(line: &str) -> bool {
    let word = line.trim_start().split(' ').next().unwrap_or_default();
    line.starts_with("  ") && DOING.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifacts::event::BuildEvent;

    #[tokio::test]
    async fn who_is_told_that_a_command_runs_is_told_of_its_end_when_it_is_stopped_too() {
        let told = std::sync::Mutex::new(Vec::new());
        let says = tokio::sync::Notify::new();
        let progress = |event: BuildEvent| {
            if matches!(event.what, BuildStep::Line(_)) {
                says.notify_one();
            }
            told.lock().unwrap().push(event.what);
        };
        let environment: Vec<_> = std::env::vars_os().collect();
        let arguments = vec!["-c".to_owned(), "echo ready; sleep 1000".to_owned()];
        let child = Child { program: "sh", arguments, folder: Path::new("/"), environment: &environment };
        let command = Command { child, install: "", tool: "sh" };
        let teller = Teller::new(Vec::new(), &progress);
        let mut out = |_: &str| false;
        tokio::select! {
            _ = command.run(&teller, &mut out) => panic!("it waits for ever"),
            () = says.notified() => {}
        }
        let told = told.lock().unwrap();
        assert_eq!(told[1..], [BuildStep::Line("ready".to_owned()), BuildStep::Ended]);
    }

    #[test]
    fn what_cargo_is_doing_is_told_from_what_it_says() {
        for line in ["   Compiling serde v1.0.0", "    Finished `dev` profile", "    Blocking waiting for file lock"] {
            assert!(is_progress(line), "{line}");
        }
        for line in ["error[E0308]: mismatched types", "  --> src/main.rs:1:1", "   |", "    Compilingx", ""] {
            assert!(!is_progress(line), "{line}");
        }
    }
}
