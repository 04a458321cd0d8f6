//! Functions: found in the workspace, hashed, compiled, packed and remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use deployer_aws::kinds::function::{Architecture, FunctionBuild};
use deployer_engine::diagnostic::{Diagnostic, did_you_mean, shown};
use serde::{Deserialize, Serialize};

use super::cache::{Cache, Shelf};
use super::compile::{self, Compiled, Job, Place};
use super::dep_info;
use super::error::ArtifactError;
use super::event::{BuildStep, Progress, Teller};
use super::function_sources::{Flavour, Reader};
use super::manifest::{Manifest, Workspace};
use super::source::{Sources, size};
use super::stat::Hasher;
use super::zip::{self, Effort};
use super::{leaking, located};

/// Largest zip that Lambda takes in one call, in bytes. Source: UpdateFunctionCode.
const MAX_ZIP_BYTES: u64 = 50 << 20;
/// The profile of builds for the local AWS: the one of `cargo build`, whose crates it shares.
const LOCAL_PROFILE: &str = "dev";

/// A function as it is in the project now.
pub struct Function {
    /// What was asked for.
    pub request: FunctionBuild,
    /// How it is compiled.
    pub job: Job,
    /// What it is made of.
    pub sources: Sources,
    /// The digest of that.
    pub digest: String,
    /// What was built of it, when the cache has it.
    pub zip: Option<Zip>,
}

/// What was built of some sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zip {
    /// SHA-256 in base64, as Lambda's `CodeSha256`.
    pub zip_sha256_base64: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was built, RFC 3339.
    pub built_at: String,
}

/// What the index says of some sources, whether or not the zip itself is still there.
pub fn find(cache: &Cache, source_sha256: &str) -> Option<Zip> {
    serde_json::from_slice(&cache.read(Shelf::Functions, source_sha256).ok()?).ok()
}

/// Remembers what was built of some sources.
pub fn remember(cache: &Cache, source_sha256: &str, zip: &Zip) -> Result<(), ArtifactError> {
    let text = serde_json::to_vec(zip).expect("an index is plain data");
    cache
        .write(Shelf::Functions, source_sha256, &text)
        .map_err(ArtifactError::io("writing", &cache.path(Shelf::Functions, source_sha256)))
}

/// Reads what functions are made of. All faults at once, each where the stack file asks for it.
pub fn read(
    place: Place<'_>,
    hasher: &Hasher,
    cache: &Cache,
    requests: &[FunctionBuild],
) -> Result<Vec<Function>, Vec<Diagnostic>> {
    let Some(first) = requests.first() else { return Ok(Vec::new()) };
    let at_first =
        |faults: Vec<Diagnostic>| faults.into_iter().map(|fault| located(fault, &first.location)).collect::<Vec<_>>();
    let workspace = Workspace::read(place.project).map_err(at_first)?;
    let environment = place
        .environment
        .iter()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect::<Vec<_>>();
    let reader =
        Reader::open(place.project, hasher, &environment, &workspace).map_err(|fault| at_first(vec![fault]))?;
    let mut known = BTreeMap::<(String, Flavour), Sources>::new();
    let (mut found, mut faults) = (Vec::<Function>::new(), Vec::new());
    for request in requests {
        let one = job(place, &workspace, request).and_then(|(job, package)| {
            let key = (job.package.clone(), job.flavour.clone());
            let sources = match known.get(&key) {
                Some(sources) => sources.clone(),
                None => known.entry(key).or_insert(reader.read(package, &job.flavour)?).clone(),
            };
            let sources = sources.with_setting("program", &job.program);
            let digest = sources.sha256();
            let zip = find(cache, &digest)
                .filter(|zip| zip::hex_of(&zip.zip_sha256_base64).is_some_and(|name| cache.has(Shelf::Zips, &name)));
            Ok(Function { request: request.clone(), job, sources, digest, zip })
        });
        match one {
            Ok(function) => found.push(function),
            Err(these) => faults.extend(these.into_iter().map(|fault| located(fault, &request.location))),
        }
    }
    faults.extend(clashes(&found));
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn job<'a>(
    place: Place<'_>,
    workspace: &'a Workspace,
    request: &FunctionBuild,
) -> Result<(Job, &'a Manifest), Vec<Diagnostic>> {
    let package = workspace.packages.get(&request.package).ok_or_else(|| vec![unknown_package(workspace, request)])?;
    let program = program(&request.package, &package.programs(place.project)).map_err(|fault| vec![fault])?;
    let processor = match request.architecture {
        _ if request.local => std::env::consts::ARCH,
        Architecture::Arm64 => "aarch64",
        Architecture::X86_64 => "x86_64",
    };
    let profile = if request.local { LOCAL_PROFILE.to_owned() } else { request.profile.clone() };
    let flavour = Flavour { processor, local: request.local, profile };
    let manifest = place.project.join(&package.folder).join("Cargo.toml");
    Ok((
        Job { address: request.address.clone(), package: request.package.clone(), program, manifest, flavour },
        package,
    ))
}

fn unknown_package(workspace: &Workspace, request: &FunctionBuild) -> Diagnostic {
    let names = workspace.packages.keys().map(String::as_str).collect::<Vec<_>>();
    let listed =
        format!("the packages are {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
    let hint = did_you_mean(&request.package, names).map_or(listed.clone(), |nearest| format!("{nearest} {listed}"));
    let message = format!(
        "`build.package` of {} is `{}`, which is no package of the workspace",
        request.address,
        shown(&request.package)
    );
    Diagnostic::error("unknown-package", message).at(request.location.clone()).hint(hint)
}

/// The program named after the package, else its only one.
fn program(package: &str, programs: &[String]) -> Result<String, Diagnostic> {
    let named = programs.iter().find(|each| *each == package);
    let found = named.or_else(|| programs.first().filter(|_| programs.len() == 1));
    found.cloned().ok_or_else(|| match programs {
        [] => Diagnostic::error("no-program", format!("the package `{package}` has no program"))
            .hint("a function is a program: add src/main.rs"),
        several => {
            let message = format!("the package `{package}` has several programs, none of them named `{package}`");
            Diagnostic::error("no-program", message)
                .hint(format!("its programs are {}: give one the name of the package", several.join(", ")))
        }
    })
}

/// Cargo puts programs of one name into one file, whatever their packages.
fn clashes(functions: &[Function]) -> Vec<Diagnostic> {
    let mut packages = BTreeMap::<&str, &Function>::new();
    let mut faults = Vec::new();
    for function in functions {
        let other = packages.entry(&function.job.program).or_insert(function);
        if other.job.package != function.job.package {
            let message = format!(
                "the packages `{}` and `{}` both have a program named `{}`",
                other.job.package, function.job.package, function.job.program
            );
            faults.push(
                Diagnostic::error("program-clash", message)
                    .at(function.request.location.clone())
                    .hint("give one of them another name in its [[bin]]"),
            );
        }
    }
    faults
}

/// Compiles and packs functions, in their order. The zips are in the cache, and not remembered yet.
pub async fn build(
    place: Place<'_>,
    cache: &Cache,
    functions: &[&Function],
    progress: Progress<'_>,
) -> Result<Vec<Zip>, ArtifactError> {
    let started = Instant::now();
    let mut programs = BTreeMap::new();
    // One after the other: they share the target folder, whose lock lets only one run at a time.
    for flavour in functions.iter().map(|each| &each.job.flavour).collect::<BTreeSet<_>>() {
        let jobs = functions
            .iter()
            .filter(|each| each.job.flavour == *flavour)
            .map(|each| each.job.clone())
            .collect::<Vec<_>>();
        let teller = Teller::new(jobs.iter().map(|job| job.address.clone()).collect(), progress);
        let built = if flavour.local {
            compile::for_local(place, &jobs, &teller).await?
        } else {
            compile::for_aws(place, &jobs, &output(cache)?, &teller).await?
        };
        programs.extend(built);
    }
    let mut zips = Vec::new();
    for function in functions {
        let address = &function.request.address;
        let Compiled { program, executable } =
            programs.remove(address).expect("what was to be compiled is compiled, or there is an error");
        let teller = Teller::new(vec![address.clone()], progress);
        tell_unseen(place, function, &executable, &teller);
        let zip = pack(place, cache, &function.job, program).await?;
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        teller.tell(BuildStep::Finished { bytes: zip.bytes, elapsed_ms });
        zips.push(zip);
    }
    Ok(zips)
}

/// Says which files the program was made of although nobody saw them before: their changes will not be noticed.
fn tell_unseen(place: Place<'_>, function: &Function, executable: &Path, teller: &Teller<'_>) {
    // `<target>/debug/x`, `<target>/<triple>/release/x`
    let above = if function.job.flavour.local { 2 } else { 3 };
    let target = executable.ancestors().nth(above).unwrap_or(executable);
    for path in dep_info::unseen(&executable.with_extension("d"), place.project, target, &function.sources.files) {
        let message = format!(
            "{} is compiled from `{path}`, too, and a change of it would not be noticed: move it into the package's folder",
            function.request.address
        );
        teller.tell(BuildStep::Notice(message));
    }
}

fn output(cache: &Cache) -> Result<PathBuf, ArtifactError> {
    cache.private_folder(&["build"]).map_err(ArtifactError::io("making", &cache.index("build")))
}

/// Packs a program into the cache. Reading and packing tens of megabytes is no work for an event loop.
async fn pack(place: Place<'_>, cache: &Cache, job: &Job, program: PathBuf) -> Result<Zip, ArtifactError> {
    let (of_job, project) = (job.clone(), place.project.to_owned());
    let packing = tokio::task::spawn_blocking(move || {
        let content = std::fs::read(&program).map_err(ArtifactError::io("reading", &program))?;
        if !of_job.flavour.local {
            compile::check_for_aws(&of_job, &content)?;
        }
        check_for_keys(&project, &of_job, &content)?;
        let effort = if of_job.flavour.local { Effort::Quick } else { Effort::Small };
        zip::pack(&[(zip::BOOTSTRAP, &content)], effort)
            .map_err(|error| ArtifactError::io("packing", &program)(io::Error::other(error)))
    });
    let packed = packing.await.expect("packing does not panic")?;
    let bytes = packed.content.len() as u64;
    check_size(job, bytes)?;
    cache
        .write(Shelf::Zips, &packed.sha256_hex, &packed.content)
        .map_err(ArtifactError::io("writing", &cache.path(Shelf::Zips, &packed.sha256_hex)))?;
    Ok(Zip { zip_sha256_base64: packed.sha256_base64, bytes, built_at: jiff::Timestamp::now().to_string() })
}

/// A zip is kept by AWS for as long as its version, and read by whoever may read the function.
fn check_for_keys(project: &Path, job: &Job, content: &[u8]) -> Result<(), ArtifactError> {
    match leaking::in_program(project, &job.package, content).map_err(ArtifactError::Faults)? {
        None => Ok(()),
        Some(message) => Err(ArtifactError::Unfit {
            address: job.address.clone(),
            message,
            hint: "let it read a secret by its name when it runs; what is no key goes into `leaks.toml`".to_owned(),
        }),
    }
}

fn check_size(job: &Job, bytes: u64) -> Result<(), ArtifactError> {
    if job.flavour.local || bytes <= MAX_ZIP_BYTES {
        return Ok(());
    }
    let message = format!("its zip has {}, and Lambda takes {} in one call", size(bytes), size(MAX_ZIP_BYTES));
    Err(ArtifactError::Unfit {
        address: job.address.clone(),
        message,
        hint: "leave data out of the program".to_owned(),
    })
}
