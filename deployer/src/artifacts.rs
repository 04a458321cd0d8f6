//! What a stack ships: functions and sites, hashed before the plan and built before they are needed.
//!
//! A plan asks [`ArtifactStore::inspect`], which reads files and starts no process. Whoever ships
//! asks [`ArtifactStore::build`], which builds what the cache has not. What is built is named by
//! its content, and found again by the digest of everything that it is made of.

mod cache;
mod child;
mod command;
mod compile;
mod content_type;
mod dep_info;
mod dev_server;
mod elf;
mod environment;
mod error;
mod event;
mod function;
mod function_sources;
mod install;
mod leaking;
mod lock;
mod manifest;
mod mentions;
mod serve;
mod site;
mod site_files;
mod source;
mod stat;
mod tools;
mod tree;
mod watch;
mod zip;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use deployer_aws::kinds::function::FunctionBuild;
use deployer_aws::kinds::site::SiteBuild;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::kind::{Artifact, Artifacts};

pub use self::child::{Started, harmless};
pub use self::error::ArtifactError;
pub use self::event::{BuildEvent, BuildStep};
pub use self::watch::Watched;

use self::cache::{Cache, Shelf};
use self::compile::Place;
use self::event::{Progress, Teller};
use self::function::Function;
use self::site::Site;
use self::source::{Sources, sizes};
use self::stat::Hasher;

/// How often something is built because its sources have changed meanwhile: once, once more for a build
/// that writes into its own sources, once more for a person who saves a file.
const ROUNDS: usize = 3;

/// What a stack asks to have built.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Its functions.
    pub functions: Vec<FunctionBuild>,
    /// Its sites.
    pub sites: Vec<SiteBuild>,
}

/// What a project's stacks ship.
pub struct ArtifactStore {
    project: PathBuf,
    cache: Cache,
    /// All that a build sees of the environment.
    environment: Vec<(OsString, OsString)>,
    /// Where the files of the sites are, by SHA-256 (hex).
    places: Mutex<HashMap<String, PathBuf>>,
}

/// Everything that was asked for, as it is in the project now.
struct Look {
    functions: Vec<Function>,
    sites: Vec<(SiteBuild, Site)>,
}

impl ArtifactStore {
    /// Opens the project in that folder. Nothing is written yet.
    pub fn open(project: &Path) -> Result<Self, ArtifactError> {
        Self::with_environment(project, std::env::vars_os())
    }

    /// The same with another environment than that of this process.
    fn with_environment(
        project: &Path,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ArtifactError> {
        let project = project.canonicalize().map_err(ArtifactError::io("opening", project))?;
        let cache = Cache::new(&project);
        Ok(Self { cache, environment: environment::allowed(environment), places: Mutex::default(), project })
    }

    /// Hashes what is asked for and says what is built already. Starts no process; all faults at once.
    pub fn inspect(&self, requests: &Requests) -> Result<Artifacts, Vec<Diagnostic>> {
        self.look(requests).map(|look| look.artifacts())
    }

    /// Builds, of the given addresses, what is not built yet, and returns all artifacts as they then are.
    pub async fn build(
        &self,
        requests: &Requests,
        only: &BTreeSet<DeclarationAddress>,
        progress: Progress<'_>,
    ) -> Result<Artifacts, ArtifactError> {
        let mut rounds = 0..ROUNDS;
        loop {
            let before = self.look(requests).map_err(ArtifactError::Faults)?;
            let (functions, sites) = before.missing(only);
            let of_functions = functions.iter().map(|each| &each.request.address);
            let Some(first) = of_functions.chain(sites.iter().map(|(request, _)| &request.address)).next() else {
                self.prune(&before);
                return Ok(before.artifacts());
            };
            if rounds.next().is_none() {
                return Err(ArtifactError::Unsteady { address: first.clone() });
            }
            let zips = function::build(self.place(), &self.cache, &functions, progress);
            let (zips, ()) = futures::future::try_join(zips, self.build_sites(&sites, progress)).await?;
            // Only what was made of the sources as they are now is remembered as made of them.
            let now = self.look(requests).map_err(ArtifactError::Faults)?;
            for (function, zip) in functions.into_iter().zip(zips).filter(|(function, _)| now.has(function)) {
                function::remember(&self.cache, &function.digest, &zip)?;
            }
            self.remember_sites(&sites, &now)?;
        }
    }

    /// What differs between two sources of an artifact, in a few words such as `3 files, 4.1 → 4.2 MB`.
    /// Absent: this project does not know one of them any more.
    pub fn describe_change(&self, address: &DeclarationAddress, old_source: &str, new_source: &str) -> Option<String> {
        let (old, new) = (Sources::find(&self.cache, old_source)?, Sources::find(&self.cache, new_source)?);
        let changes = old.changes_to(&new);
        let bytes = |source: &str| function::find(&self.cache, source).map(|zip| zip.bytes);
        let both = bytes(old_source).zip(bytes(new_source)).filter(|_| address.kind() == "function");
        let sizes = both.map(|(old, new)| sizes(old, new));
        let words = [Some(changes).filter(|text| !text.is_empty()), sizes];
        Some(words.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    fn place(&self) -> Place<'_> {
        Place { project: &self.project, environment: &self.environment }
    }

    fn reader<'a>(&'a self, hasher: &'a Hasher) -> site::Reader<'a> {
        site::Reader { project: &self.project, hasher, cache: &self.cache }
    }

    fn look(&self, requests: &Requests) -> Result<Look, Vec<Diagnostic>> {
        let hasher = Hasher::open(&self.project, &self.cache);
        let mut faults = Vec::new();
        let mut look = Look { functions: Vec::new(), sites: Vec::new() };
        match function::read(self.place(), &hasher, &self.cache, &requests.functions) {
            Ok(functions) => look.functions = functions,
            Err(found) => faults.extend(found),
        }
        let reader = self.reader(&hasher);
        for request in &requests.sites {
            match reader.read(request) {
                Ok(site) => look.sites.push((request.clone(), site)),
                Err(found) => faults.extend(found.into_iter().map(|fault| located(fault, &request.location))),
            }
        }
        // What is learnt saves time the next time; a project that cannot be written to can be planned all the same.
        let _ = hasher.save(&self.cache);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.keep(&look);
        Ok(look)
    }

    /// Keeps the lists of sources, the manifests, and in mind where the files of the sites are.
    fn keep(&self, look: &Look) {
        look.functions.iter().for_each(|each| each.sources.keep(&each.digest, &self.cache));
        let mut places = self.places.lock().expect("nothing panics with the places");
        for (_, site) in &look.sites {
            site.sources.keep(&site.digest, &self.cache);
            if let Some(release) = &site.release {
                if !self.cache.has(Shelf::Manifests, &release.digest) {
                    let _ = self.cache.write(Shelf::Manifests, &release.digest, &release.manifest.to_bytes());
                }
                places.extend(release.places.clone());
            }
        }
    }

    async fn build_sites(&self, sites: &[&(SiteBuild, Site)], progress: Progress<'_>) -> Result<(), ArtifactError> {
        for (request, _) in sites {
            let started = std::time::Instant::now();
            let teller = Teller::new(vec![request.address.clone()], progress);
            site::build(self.place(), &self.cache, request, &teller).await?;
            let hasher = Hasher::open(&self.project, &self.cache);
            let bytes = self.reader(&hasher).bytes(request).map_err(|found| {
                ArtifactError::Faults(found.into_iter().map(|fault| located(fault, &request.location)).collect())
            })?;
            teller.tell(BuildStep::Finished {
                bytes,
                elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            });
        }
        Ok(())
    }

    fn remember_sites(&self, sites: &[&(SiteBuild, Site)], now: &Look) -> Result<(), ArtifactError> {
        let hasher = Hasher::open(&self.project, &self.cache);
        let reader = self.reader(&hasher);
        for (request, site) in sites {
            if now.sites.iter().any(|(other, now)| other.address == request.address && now.inputs == site.inputs) {
                reader.keep(request, &site.inputs).map_err(ArtifactError::Faults)?;
            }
        }
        Ok(())
    }

    /// Forgets what is old. That this fails costs a few files on the disk.
    fn prune(&self, look: &Look) {
        let zips = look
            .functions
            .iter()
            .filter_map(|each| each.zip.as_ref())
            .filter_map(|zip| zip::hex_of(&zip.zip_sha256_base64));
        let _ = self.cache.prune(Shelf::Zips, &zips.collect());
        for shelf in [Shelf::Sources, Shelf::Functions, Shelf::Sites, Shelf::Manifests, Shelf::Installs] {
            let _ = self.cache.prune(shelf, &look.digests());
        }
    }
}

impl Look {
    /// Of the given addresses, what is not built.
    fn missing(&self, only: &BTreeSet<DeclarationAddress>) -> (Vec<&Function>, Vec<&(SiteBuild, Site)>) {
        let functions = self.functions.iter().filter(|each| each.zip.is_none() && only.contains(&each.request.address));
        let sites =
            self.sites.iter().filter(|(request, site)| site.release.is_none() && only.contains(&request.address));
        (functions.collect(), sites.collect())
    }

    /// Whether a function is still made of the same.
    fn has(&self, function: &Function) -> bool {
        self.functions
            .iter()
            .any(|each| each.request.address == function.request.address && each.digest == function.digest)
    }

    fn artifacts(&self) -> Artifacts {
        let functions = self.functions.iter().map(|each| {
            let built = each.zip.as_ref().map(|zip| zip.zip_sha256_base64.clone());
            (each.request.address.clone(), Artifact { source_sha256: each.digest.clone(), built })
        });
        let sites = self.sites.iter().map(|(request, site)| {
            let built = site.release.as_ref().map(|release| release.digest.clone());
            (request.address.clone(), Artifact { source_sha256: site.digest.clone(), built })
        });
        functions.chain(sites).collect::<BTreeMap<_, _>>()
    }

    /// The names of all small files that belong to what was asked for.
    fn digests(&self) -> BTreeSet<String> {
        let functions = self.functions.iter().map(|each| each.digest.clone());
        let sites = self.sites.iter().flat_map(|(_, site)| {
            [
                Some(site.inputs.sha256()),
                Some(site.digest.clone()),
                site.release.as_ref().map(|release| release.digest.clone()),
            ]
        });
        functions.chain(sites.flatten()).collect()
    }
}

/// A fault without a place is shown where the stack file asks for what has it.
fn located(fault: Diagnostic, location: &deployer_engine::diagnostic::Location) -> Diagnostic {
    if fault.location.is_some() { fault } else { fault.at(location.clone()) }
}

#[cfg(test)]
mod tests;
