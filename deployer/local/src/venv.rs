//! The virtual environment that ministack runs in: made once, by whoever needs it first.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::error::LocalError;
use crate::files::{Files, Lock, remove, tail, write_private};

/// ministack and all that it needs, with the hash of each file that may be installed.
const REQUIREMENTS: &str = include_str!("../requirements.txt");
/// Interpreters to try, in this order.
const PYTHONS: &[&str] = &["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
/// Ends well under a Python that is new enough and can make virtual environments.
const PROBE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
/// How many lines of pip are shown when it fails.
const TAIL_LINES: usize = 15;

/// What runs ministack: the interpreter of the folder's virtual environment, which is made when it is
/// missing or of other requirements. `say` tells a person what takes long. Several processes may call
/// it at once: one makes it, the others wait.
pub async fn prepare(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf, LocalError> {
    let files = Files::of(folder);
    if !is_current(&files.venv(), REQUIREMENTS) {
        files.create()?;
    }
    prepare_in(&files.local(""), REQUIREMENTS, &|| say("preparing the local AWS (once) …")).await
}

/// The interpreter of the virtual environment `venv` in `home`, a folder that exists. It is made when it is missing
/// or of other requirements: lines of pip's, each pinned, with the hashes of what may be installed. `say` is called
/// before that. Several processes may call it at once.
pub async fn prepare_in(home: &Path, requirements: &str, say: &(dyn Fn() + Sync)) -> Result<PathBuf, LocalError> {
    let venv = home.join("venv");
    let python = venv.join("bin/python");
    if is_current(&venv, requirements) {
        return Ok(python);
    }
    let _lock = Lock::wait(home.join("venv.lock")).await?;
    if is_current(&venv, requirements) {
        return Ok(python);
    }
    say();
    make(home, requirements).await?;
    Ok(python)
}

/// Whether the stamp, written last, is of these requirements and this interpreter.
fn is_current(venv: &Path, requirements: &str) -> bool {
    stamp(venv, requirements)
        .is_some_and(|wanted| fs::read_to_string(venv.join("stamp")).is_ok_and(|found| found == wanted))
}

/// The stamp of a whole environment: its requirements, and the interpreter behind its links. `None`
/// when that interpreter is gone.
fn stamp(venv: &Path, requirements: &str) -> Option<String> {
    let interpreter = fs::canonicalize(venv.join("bin/python")).ok()?;
    Some(format!("{}\n{}\n", hex::encode(Sha256::digest(requirements)), interpreter.display()))
}

async fn make(home: &Path, requirements: &str) -> Result<(), LocalError> {
    let (venv, log) = (home.join("venv"), home.join("venv.log"));
    remove(&venv)?;
    write_private(&log, b"")?;
    let pinned = home.join("requirements.txt");
    write_private(&pinned, requirements.as_bytes())?;
    let base = find_python().await?;
    run(Command::new(base).args(["-m", "venv"]).arg(&venv), &log)
        .await
        .map_err(|output| LocalError::Python { message: output })?;
    // Wheels alone: nothing of the index is executed while it is installed.
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
    ])
    .arg(&pinned);
    run(&mut pip, &log).await.map_err(|output| LocalError::Packages { output })?;
    let wanted = stamp(&venv, requirements)
        .ok_or_else(|| LocalError::Python { message: format!("{} has no interpreter", venv.display()) })?;
    write_private(&venv.join("stamp"), wanted.as_bytes())
}

async fn find_python() -> Result<&'static str, LocalError> {
    for name in PYTHONS {
        let probed = Command::new(name)
            .args(["-c", PROBE])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await;
        if probed.is_ok_and(|status| status.success()) {
            return Ok(name);
        }
    }
    Err(LocalError::Python {
        message: format!("none of {} is 3.11 or newer and has the modules venv and ensurepip", PYTHONS.join(", ")),
    })
}

/// Runs a command to its end with its output in the log; a failure carries the log's last lines.
async fn run(command: &mut Command, log: &Path) -> Result<(), String> {
    let output = || File::options().append(true).open(log).map_or_else(|_| Stdio::null(), Stdio::from);
    let status = command.stdin(Stdio::null()).stdout(output()).stderr(output()).kill_on_drop(true).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(tail(log, TAIL_LINES)),
        Err(error) => Err(format!("{}: {error}", command.as_std().get_program().display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_pinned_and_has_a_hash() {
        let joined = REQUIREMENTS.replace("\\\n", " ");
        let lines: Vec<&str> =
            joined.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
        assert!(lines.iter().any(|line| line.starts_with("ministack==1.5.33 ")));
        for line in lines {
            assert!(line.contains("==") && line.contains("--hash=sha256:"), "{line}");
        }
    }

    #[test]
    fn an_unfinished_or_outdated_environment_is_not_current() {
        let folder = tempfile::tempdir().expect("a folder");
        let venv = folder.path().join("venv");
        fs::create_dir_all(venv.join("bin")).expect("a folder");
        assert!(!is_current(&venv, REQUIREMENTS), "no interpreter");
        fs::write(venv.join("bin/python"), "").expect("a file");
        assert!(!is_current(&venv, REQUIREMENTS), "no stamp");
        fs::write(venv.join("stamp"), stamp(&venv, REQUIREMENTS).expect("an interpreter")).expect("a file");
        assert!(is_current(&venv, REQUIREMENTS));
        fs::write(venv.join("stamp"), "other requirements").expect("a file");
        assert!(!is_current(&venv, REQUIREMENTS));
    }
}
