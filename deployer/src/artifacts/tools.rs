//! The programs that builds for AWS need: cargo-lambda with its linker, and Rust's library for the target.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::cache::Cache;
use super::child::Child;
use super::command::Command;
use super::compile::Place;
use super::environment::{find, with_path};
use super::error::ArtifactError;
use super::event::{BuildStep, Teller};

/// What is installed, each file of it by its checksum.
const PINNED: &str = include_str!("cargo-lambda.txt");
/// Where it is installed, below `.deployer`.
const FOLDER: &str = "build-venv";
/// Says in the folder that the installation is whole, and of what.
const MARK: &str = "deployer-pinned.txt";
/// What to do where it cannot be installed.
pub const INSTALL: &str = "install cargo-lambda and zig so that both are on the PATH: https://www.cargo-lambda.info";
/// Variables by which pip finds its index. They are pip's alone: builds do not see them.
const OF_PIP: &[&str] = &[
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_CERT",
    "PIP_PROXY",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_CACHE_DIR",
];

/// The folder with cargo-lambda and zig, when it must be put on the `PATH`; installs them into the
/// project when the machine has them not.
pub async fn cargo_lambda(place: Place<'_>, teller: &Teller<'_>) -> Result<Option<PathBuf>, ArtifactError> {
    // Without zig cargo-lambda would ask a question, or install it by itself.
    if find("cargo-lambda", place.environment).is_some() && find("zig", place.environment).is_some() {
        return Ok(None);
    }
    let parent = Cache::new(place.project)
        .private_folder(&[])
        .map_err(ArtifactError::io("making", &place.project.join(".deployer")))?;
    let folder = parent.join(FOLDER);
    let _lock = lock(parent.join("build-venv.lock")).await?;
    let programs = folder.join("bin");
    if fs::read_to_string(folder.join(MARK)).is_ok_and(|mark| mark == PINNED) {
        return Ok(Some(programs));
    }
    teller.tell(BuildStep::Notice(format!(
        "installing cargo-lambda and zig into {} (once a project, 115 MB to download)",
        folder.display()
    )));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(ArtifactError::io("removing", &folder))?;
    }
    install(place, &folder, teller).await?;
    fs::write(folder.join(MARK), PINNED).map_err(ArtifactError::io("writing", &folder))?;
    Ok(Some(programs))
}

async fn install(place: Place<'_>, folder: &Path, teller: &Teller<'_>) -> Result<(), ArtifactError> {
    let python = |program: &str, arguments: &[&str], environment: &[(OsString, OsString)]| {
        let arguments = arguments.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
        let (program, environment) = (program.to_owned(), environment.to_vec());
        async move {
            let child = Child { program: &program, arguments, folder: place.project, environment: &environment };
            Command { child, install: "install Python 3 with venv, or cargo-lambda and zig by hand", tool: "python3" }
                .run(teller, &mut |_| false)
                .await
        }
    };
    let text = |path: &Path| path.display().to_string();
    python("python3", &["-m", "venv", &text(folder)], place.environment).await?;
    let pinned = folder.join("pinned.txt");
    fs::write(&pinned, PINNED).map_err(ArtifactError::io("writing", &pinned))?;
    let of_pip = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| OF_PIP.contains(&name)));
    let environment = with_path(place.environment, &folder.join("bin")).into_iter().chain(of_pip).collect::<Vec<_>>();
    let arguments = [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar=off",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "-r",
        &text(&pinned),
    ];
    python("python", &arguments, &environment).await
}

/// Makes sure that the toolchain has Rust's library for the target, and says so when it adds it.
pub async fn target(place: Place<'_>, processor: &str, teller: &Teller<'_>) -> Result<(), ArtifactError> {
    let triple = format!("{processor}-unknown-linux-gnu");
    let run = |program: &'static str, arguments: &[&str]| {
        let arguments = arguments.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
        let child = Child { program, arguments, folder: place.project, environment: place.environment };
        Command {
            child,
            install: "install Rust with rustup, which has libraries for other processors: https://rustup.rs",
            tool: program,
        }
    };
    let printed = run("rustc", &["--print", "sysroot"]).answer().await?;
    let library = Path::new(printed.trim()).join("lib/rustlib").join(&triple).join("lib");
    if library.is_dir() {
        return Ok(());
    }
    teller.tell(BuildStep::Notice(format!(
        "adding Rust's library for {triple} to the toolchain: rustup target add {triple}"
    )));
    run("rustup", &["target", "add", &triple]).run(teller, &mut |_| false).await
}

/// Waits for another deployer that installs into the same project. The lock is gone with the file.
async fn lock(path: PathBuf) -> Result<File, ArtifactError> {
    let locking = tokio::task::spawn_blocking(move || {
        let file =
            File::options().create(true).append(true).open(&path).map_err(ArtifactError::io("opening", &path))?;
        flock(&file, FlockOperation::LockExclusive)
            .map_err(|error| ArtifactError::io("locking", &path)(error.into()))?;
        Ok(file)
    });
    locking.await.expect("locking a file does not panic")
}
