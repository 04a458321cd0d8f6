//! What one run of a command takes: time on the wall, time of processors, memory.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

/// Only the parent of a process is told by the system what that process has used, and only Python asks it on every
/// system without unsafe code of ours.
const METER: &str = include_str!("meter.py");

/// What a run has used.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// From its start to its end.
    pub wall: Duration,
    /// All processors together, in the program and in the system for it.
    pub cpu: Duration,
    /// The most memory that it held, in bytes. Below about 10 MB it is that of its starter.
    pub peak_bytes: u64,
    /// All that it said.
    pub said: String,
}

#[derive(Deserialize)]
struct Measured {
    wall: f64,
    cpu: f64,
    peak: u64,
    exit: i32,
}

/// A command that is to be measured.
#[derive(Clone, Debug)]
pub struct Metered {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
}

impl Metered {
    /// Runs it to its end; a failure is an error that shows what it said.
    pub async fn run(&self, python: &Path, folder: &Path) -> Result<Usage, String> {
        let said = folder.join("said");
        let mut command = Command::new(python);
        command
            .args(["-I", "-S", "-c", METER])
            .arg(&said)
            .args(&self.words)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        let output = command.output().await.map_err(|error| format!("{}: {error}", python.display()))?;
        let measured: Measured =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("{}: {error}", self.words.join(" ")))?;
        let said = std::fs::read(&said).map_err(|error| format!("{}: {error}", said.display()))?;
        let said = String::from_utf8_lossy(&said).into_owned();
        if measured.exit != 0 {
            return Err(format!("{} ended with {}\n{said}", self.words.join(" "), measured.exit));
        }
        let seconds = Duration::from_secs_f64;
        Ok(Usage { wall: seconds(measured.wall), cpu: seconds(measured.cpu), peak_bytes: measured.peak, said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(code: &str) -> Metered {
        Metered { words: ["python3", "-c", code].map(str::to_owned).to_vec(), environment: std::env::vars().collect() }
    }

    #[tokio::test]
    async fn a_run_is_measured_and_a_failure_shows_what_was_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let measure = |code: &str| {
            let metered = python(code);
            let folder = folder.path().to_owned();
            async move { metered.run(Path::new("python3"), &folder).await }
        };
        let used = measure("held = b'x' * 64_000_000; print('done')").await.expect("it ends well");
        assert_eq!(used.said, "done\n");
        assert!(used.peak_bytes >= 64_000_000, "{used:?}");
        assert!(used.wall > Duration::ZERO && used.cpu > Duration::ZERO, "{used:?}");
        let failed = measure("raise SystemExit('no such stack')").await.expect_err("it fails");
        assert!(failed.contains("ended with 1") && failed.contains("no such stack"), "{failed}");
    }
}
