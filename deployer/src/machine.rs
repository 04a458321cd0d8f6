//! What this machine has of what building and running a project takes.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// How long a program may take to say its version: the first start of a day reads the disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A program that may be needed.
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// How it is asked for its version.
    arguments: &'static [&'static str],
    /// The least version that will do: major, minor.
    least: (u32, u32),
    /// What it is for.
    pub needed_for: &'static str,
    /// What to do where it is missing.
    pub remedy: &'static str,
}

/// For functions.
pub const FOR_FUNCTIONS: [Tool; 2] = [
    Tool {
        name: "cargo",
        arguments: &["--version"],
        least: (1, 95),
        needed_for: "building functions",
        remedy: "install Rust: https://rustup.rs",
    },
    Tool {
        name: "cc",
        arguments: &["--version"],
        least: (0, 0),
        needed_for: "building functions for this machine",
        remedy: "install a C compiler (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)",
    },
];
/// For the local AWS, and for cargo-lambda, which is installed with pip.
pub const FOR_LOCAL: [Tool; 1] = [Tool {
    name: "python3",
    arguments: &["-c", "import sys, venv, ensurepip; print(sys.version)"],
    least: (3, 11),
    needed_for: "the local AWS",
    remedy: "install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv; macOS: brew install python)",
}];
/// For sites that are built.
pub const FOR_SITES: [Tool; 2] = [
    Tool {
        name: "node",
        arguments: &["--version"],
        least: (20, 19),
        needed_for: "building sites",
        remedy: "install Node 20.19 or newer: https://nodejs.org",
    },
    Tool {
        name: "npm",
        arguments: &["--version"],
        least: (0, 0),
        needed_for: "building sites",
        remedy: "it comes with Node: https://nodejs.org",
    },
];

impl Tool {
    /// The version that it says, or why it will not do.
    pub async fn version(&self) -> Result<String, String> {
        let mut command = Command::new(self.name);
        let asked = command.args(self.arguments).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = match tokio::time::timeout(ANSWER_WITHIN, asked).await {
            Err(_) => return Err("it does not answer".to_owned()),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return Err("it is missing".to_owned()),
            Ok(Err(error)) => return Err(error.to_string()),
            Ok(Ok(output)) => output,
        };
        if !output.status.success() {
            return Err(format!("it ends with {}", output.status));
        }
        let said = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
        let Some((major, minor)) = version(&said) else { return Ok(said) };
        if (major, minor) < self.least {
            return Err(format!("it is {major}.{minor}, and {}.{} is needed", self.least.0, self.least.1));
        }
        Ok(format!("{major}.{minor}"))
    }
}

/// The first two numbers with a dot between them: of `v20.19.1`, `cargo 1.95.0 (…)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let words = said.split(|each: char| !(each.is_ascii_digit() || each == '.'));
    let pair = |word: &str| {
        let mut numbers = word.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    words.filter(|word| word.contains('.')).find_map(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say_of_themselves() {
        for (said, found) in [
            ("v20.19.1", Some((20, 19))),
            ("cargo 1.95.0 (abc 2026-01-01)", Some((1, 95))),
            ("3.11.2 (main, Nov 30 2024, 21:22:50) [GCC 12.2.0]", Some((3, 11))),
            ("cc (Debian 12.2.0-14) 12.2.0", Some((12, 2))),
            ("nothing of the kind 7", None),
        ] {
            assert_eq!(version(said), found, "{said}");
        }
    }

    #[tokio::test]
    async fn a_program_that_is_missing_old_or_broken_will_not_do_and_says_why() {
        let tool = |name, arguments, least| Tool { name, arguments, least, needed_for: "", remedy: "" };
        assert_eq!(tool("no-such-program", &[], (0, 0)).version().await, Err("it is missing".to_owned()));
        let script = |script: &'static [&'static str], least| tool("sh", script, least);
        assert_eq!(script(&["-c", "echo v3.2.1"], (3, 2)).version().await, Ok("3.2".to_owned()));
        let old = script(&["-c", "echo v3.2.1"], (3, 11)).version().await;
        assert_eq!(old, Err("it is 3.2, and 3.11 is needed".to_owned()));
        assert!(script(&["-c", "exit 3"], (0, 0)).version().await.is_err());
    }
}
