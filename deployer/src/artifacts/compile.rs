//! Functions from packages of the workspace: plain cargo for the local AWS, cargo-lambda for AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use deployer_engine::address::DeclarationAddress;
use serde::Deserialize;

use super::command::{self, Command};
use super::elf::{self, LAMBDA_GLIBC};
use super::environment::with_path;
use super::error::ArtifactError;
use super::event::Teller;
use super::function_sources::Flavour;
use super::tools;

/// A function to be compiled.
#[derive(Clone, Debug)]
pub struct Job {
    /// The declaration that ships it.
    pub address: DeclarationAddress,
    /// The package that it comes from.
    pub package: String,
    /// The program of the package.
    pub program: String,
    /// The package's manifest.
    pub manifest: PathBuf,
    /// What for.
    pub flavour: Flavour,
}

/// Where builds run.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The project's folder.
    pub project: &'a Path,
    /// What a build sees of the environment.
    pub environment: &'a [(OsString, OsString)],
}

/// A compiled function.
#[derive(Debug)]
pub struct Compiled {
    /// The program that is shipped.
    pub program: PathBuf,
    /// Where cargo has put the program at first; it may have been moved since.
    pub executable: PathBuf,
}

/// What cargo says of one thing that it has built.
#[derive(Deserialize)]
struct Message {
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The programs of a run of cargo, by manifest and name.
#[derive(Default)]
struct Built(BTreeMap<(PathBuf, String), PathBuf>);

impl Built {
    /// Takes a line of standard output in, when it is one of cargo's messages.
    fn take(&mut self, line: &str) -> bool {
        let Ok(message) = serde_json::from_str::<Message>(line) else { return false };
        if let (Some(manifest), Some(target), Some(executable)) =
            (message.manifest_path, message.target, message.executable)
            && target.kind.iter().any(|kind| kind == "bin")
        {
            self.0.insert((manifest, target.name), executable);
        }
        true
    }

    fn find(&self, job: &Job) -> Result<&PathBuf, ArtifactError> {
        self.0.get(&(job.manifest.clone(), job.program.clone())).ok_or_else(|| ArtifactError::Unfit {
            address: job.address.clone(),
            message: format!("cargo has built no program `{}` from the package `{}`", job.program, job.package),
            hint: "the program may need features that are not on by default".to_owned(),
        })
    }
}

/// Compiles for the local AWS, all in one run of cargo, with the workspace's own target folder.
///
/// `--workspace --bin …` builds the same programs as `-p …`, but with the features that the whole
/// workspace asks of its dependencies: so `cargo build --workspace` and this share every crate,
/// where `-p` would compile the AWS SDK and the HTTP stack a second time.
pub async fn for_local(
    place: Place<'_>,
    jobs: &[Job],
    teller: &Teller<'_>,
) -> Result<BTreeMap<DeclarationAddress, Compiled>, ArtifactError> {
    let mut arguments =
        ["build", "--locked", "--workspace", "--message-format=json-render-diagnostics"].map(str::to_owned).to_vec();
    for program in jobs.iter().map(|job| &job.program).collect::<BTreeSet<_>>() {
        arguments.extend(["--bin".to_owned(), program.clone()]);
    }
    // Symbols are most of a debug program, and nothing on Lambda reads them.
    for package in jobs.iter().map(|job| &job.package).collect::<BTreeSet<_>>() {
        arguments.extend(["--config".to_owned(), format!("profile.dev.package.{package}.strip=\"symbols\"")]);
    }
    let mut built = Built::default();
    command::cargo(place.project, place.environment, arguments).run(teller, &mut |line| built.take(line)).await?;
    let compiled = |job: &Job| {
        let executable = built.find(job)?.clone();
        Ok((job.address.clone(), Compiled { program: executable.clone(), executable }))
    };
    jobs.iter().map(compiled).collect()
}

/// Compiles for AWS, all jobs of one processor and profile in one run of cargo-lambda.
pub async fn for_aws(
    place: Place<'_>,
    jobs: &[Job],
    output: &Path,
    teller: &Teller<'_>,
) -> Result<BTreeMap<DeclarationAddress, Compiled>, ArtifactError> {
    let Some(Flavour { processor, profile, .. }) = jobs.first().map(|job| &job.flavour) else {
        return Ok(BTreeMap::new());
    };
    let tools = tools::cargo_lambda(place, teller).await?;
    let environment = tools.map_or_else(|| place.environment.to_vec(), |folder| with_path(place.environment, &folder));
    tools::target(Place { environment: &environment, ..place }, processor, teller).await?;
    let output = output.join(processor);
    let mut arguments =
        ["lambda", "build", "--locked", "--skip-target-check", "--message-format=json-render-diagnostics"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(if *processor == "aarch64" { "--arm64" } else { "--x86-64" }.to_owned());
    arguments.extend(if profile == "release" {
        vec!["--release".to_owned()]
    } else {
        vec!["--profile".to_owned(), profile.clone()]
    });
    arguments.extend(["--lambda-dir".to_owned(), output.display().to_string()]);
    for (package, program) in jobs.iter().map(|job| (&job.package, &job.program)).collect::<BTreeSet<_>>() {
        arguments.extend(["-p".to_owned(), package.clone(), "--bin".to_owned(), program.clone()]);
        forget(&output.join(program).join("bootstrap"))?;
    }
    arguments.extend(["--config".to_owned(), remapped(place)]);
    let mut built = Built::default();
    let command = Command { install: tools::INSTALL, ..command::cargo(place.project, &environment, arguments) };
    command.run(teller, &mut |line| built.take(line)).await?;
    // cargo-lambda moves the programs out of cargo's target folder.
    let compiled = |job: &Job| {
        Ok((
            job.address.clone(),
            Compiled { program: output.join(&job.program).join("bootstrap"), executable: built.find(job)?.clone() },
        ))
    };
    jobs.iter().map(compiled).collect()
}

/// What is left of an earlier build must not be taken for this one's.
fn forget(path: &Path) -> Result<(), ArtifactError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ArtifactError::io("removing", path)(error)),
        _ => Ok(()),
    }
}

/// Takes the places of this machine out of the program, so that two people build the same bytes.
fn remapped(place: Place<'_>) -> String {
    let variable =
        |name: &str| place.environment.iter().find(|(each, _)| each == name).map(|(_, value)| PathBuf::from(value));
    let registry = variable("CARGO_HOME").or_else(|| Some(variable("HOME")?.join(".cargo")));
    let places = [(registry, "/cargo"), (Some(place.project.to_owned()), "/project")];
    let flags =
        places.into_iter().filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.to_str()?)));
    format!("build.rustflags={}", toml::Value::Array(flags.map(toml::Value::String).collect()))
}

/// Refuses a program that Lambda would not start.
pub fn check_for_aws(job: &Job, content: &[u8]) -> Result<(), ArtifactError> {
    let unfit = |message: String, hint: &str| {
        Err(ArtifactError::Unfit { address: job.address.clone(), message, hint: hint.to_owned() })
    };
    let program = match elf::read(content) {
        Ok(program) => program,
        Err(message) => {
            return unfit(message, "AWS builds are cross-compiled for Linux: is another linker configured?");
        }
    };
    if program.processor != job.flavour.processor {
        return unfit(
            format!("it is built for {}, not for {}", program.processor, job.flavour.processor),
            "does `.cargo/config.toml` set another target?",
        );
    }
    match program.glibc {
        Some(needed) if needed > LAMBDA_GLIBC => {
            let message = format!(
                "it needs glibc {needed}, and Lambda (Amazon Linux 2023) has {LAMBDA_GLIBC}: it would not start"
            );
            unfit(
                message,
                "let cargo-lambda link it with zig (no `compiler` in the package's metadata, no linker in `.cargo/config.toml`)",
            )
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(processor: &'static str) -> Job {
        let flavour = Flavour { processor, local: false, profile: "release".into() };
        Job {
            address: DeclarationAddress::new("function", "api").unwrap(),
            package: "api".into(),
            program: "api".into(),
            manifest: "/p/api/Cargo.toml".into(),
            flavour,
        }
    }

    #[test]
    fn the_place_of_a_program_is_taken_from_what_cargo_says() {
        let mut built = Built::default();
        assert!(built.take(r#"{"reason":"compiler-artifact","manifest_path":"/p/api/Cargo.toml","target":{"kind":["bin"],"name":"api"},"executable":"/t/debug/api"}"#));
        assert!(built.take(r#"{"reason":"compiler-artifact","manifest_path":"/p/x/Cargo.toml","target":{"kind":["lib"],"name":"x"},"executable":null}"#));
        assert!(built.take(r#"{"reason":"build-finished","success":true}"#));
        assert!(!built.take("plain words of a build script"));
        assert_eq!(built.find(&job("x86_64")).unwrap(), Path::new("/t/debug/api"));
        assert!(Built::default().find(&job("x86_64")).is_err());
    }

    #[test]
    fn places_of_this_machine_are_mapped_away() {
        let environment = [("HOME".into(), "/home/a \"b\"".into())];
        let place = Place { project: Path::new("/src/p"), environment: &environment };
        assert_eq!(
            remapped(place),
            r#"build.rustflags=['--remap-path-prefix=/home/a "b"/.cargo=/cargo', "--remap-path-prefix=/src/p=/project"]"#
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_for_another_processor_and_what_is_none_are_refused() {
        let content = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let other = if std::env::consts::ARCH == "x86_64" { "aarch64" } else { "x86_64" };
        assert!(check_for_aws(&job(other), &content).unwrap_err().to_string().contains("not for"));
        assert!(check_for_aws(&job(other), b"#!/bin/sh").unwrap_err().to_string().contains("no 64-bit Linux program"));
    }
}
