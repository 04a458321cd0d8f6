//! Sites: what they are made of, when their build must run, and the manifest of what it made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use deployer_aws::kinds::site::SiteBuild;
use deployer_aws::site_manifest::{Manifest, ManifestFile};
use deployer_engine::diagnostic::{Diagnostic, shown};
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::cache::{Cache, Shelf};
use super::child::Child;
use super::command::Command;
use super::compile::Place;
use super::content_type;
use super::error::ArtifactError;
use super::event::Teller;
use super::install::install;
use super::leaking;
use super::site_files;
use super::source::Sources;
use super::stat::{Checksums, Hasher};
use super::tree::{self, joined, plain, unreadable};

/// Changes with the way the deployer makes manifests, so that they are made anew.
const MAKER: &str = "1";

/// A site as it is in the project now.
#[derive(Debug)]
pub struct Site {
    /// What its build reads; the digest of it names the build's output in the cache.
    pub inputs: Sources,
    /// The same, and the headers: what the release is made of.
    pub sources: Sources,
    /// The digest of that.
    pub digest: String,
    /// Its release, when the files of the last build are there and whole.
    pub release: Option<Release>,
}

/// The files of a site, ready to be published.
#[derive(Clone, Debug)]
pub struct Release {
    /// The files with their headers.
    pub manifest: Manifest,
    /// The manifest's name.
    pub digest: String,
    /// Where each content is, by its SHA-256 (hex).
    pub places: BTreeMap<String, PathBuf>,
}

/// What a build made: files by path, with their SHA-256.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Output {
    files: BTreeMap<String, String>,
}

impl Site {
    fn new(inputs: Sources, request: &SiteBuild, release: Option<Release>) -> Self {
        let sources = with_headers(&inputs, request);
        Self { inputs, digest: sources.sha256(), sources, release }
    }
}

/// Reads sites of one project.
pub struct Reader<'a> {
    /// The project's folder.
    pub project: &'a Path,
    /// Hashes its files.
    pub hasher: &'a Hasher,
    /// Keeps what builds made.
    pub cache: &'a Cache,
}

impl Reader<'_> {
    /// Reads a site. Without a build command its files are what it is made of.
    pub fn read(&self, request: &SiteBuild) -> Result<Site, Vec<Diagnostic>> {
        let dir = folder(request).map_err(|fault| vec![fault])?;
        let rules = Rules::new(request)?;
        if request.build.is_none() {
            let files = self.output(&dir)?;
            let inputs = Sources {
                files: files.iter().map(|(path, file)| (joined(&dir, path), file.sha256.clone())).collect(),
                ..Sources::default()
            };
            // What was looked at once is known by its digest.
            if !self.cache.has(Shelf::Sites, &inputs.sha256()) {
                self.remember(&dir, &inputs, &files)?;
            }
            let release = self.release(&dir, &rules, &files).map_err(|fault| vec![fault])?;
            return Ok(Site::new(inputs, request, Some(release)));
        }
        let inputs = self.inputs(request, &dir)?;
        let made = self
            .cache
            .read(Shelf::Sites, &inputs.sha256())
            .ok()
            .and_then(|text| serde_json::from_slice::<Output>(&text).ok());
        // What the folder holds counts only when it is what the build made of these inputs; else
        // the build runs, and faults of old files are no faults.
        let there = made.and_then(|made| self.output(&dir).ok().filter(|files| of(files) == made));
        let release = there.map(|files| self.release(&dir, &rules, &files)).transpose().map_err(|fault| vec![fault])?;
        Ok(Site::new(inputs, request, release))
    }

    /// Reads what the build has left and remembers that it belongs to these inputs.
    pub fn keep(&self, request: &SiteBuild, inputs: &Sources) -> Result<(), Vec<Diagnostic>> {
        let dir = folder(request).map_err(|fault| vec![fault])?;
        self.remember(&dir, inputs, &self.output(&dir)?)
    }

    /// Remembers that these files belong to these inputs, unless they hold what must not be published.
    fn remember(
        &self,
        dir: &str,
        inputs: &Sources,
        files: &BTreeMap<String, Checksums>,
    ) -> Result<(), Vec<Diagnostic>> {
        leaking::in_site(self.project, dir, files.iter().map(|(path, file)| (path, file.size)))?;
        let text = serde_json::to_vec(&of(files)).expect("a list is plain data");
        let kept = self.cache.write(Shelf::Sites, &inputs.sha256(), &text);
        kept.map_err(|error| vec![Diagnostic::error("unwritable", format!("the cache cannot be written: {error}"))])
    }

    /// How many bytes the built files have together. Tells all that must not be published.
    pub fn bytes(&self, request: &SiteBuild) -> Result<u64, Vec<Diagnostic>> {
        let dir = folder(request).map_err(|fault| vec![fault])?;
        Ok(self.output(&dir)?.values().map(|file| file.size).sum())
    }

    /// The files that the build reads: all of the site's folder but what is ignored or built.
    fn inputs(&self, request: &SiteBuild, dir: &str) -> Result<Sources, Vec<Diagnostic>> {
        let folder = folder_above(dir);
        let paths = tree::files(self.project, folder, &|path, _| path == dir)?;
        let asked = paths.iter().map(String::as_str).collect::<Vec<_>>();
        let found = self.hasher.hash(&asked).map_err(|(path, error)| vec![unreadable(&path, &error)])?;
        let files = paths.iter().cloned().zip(found.into_iter().map(|each| each.sha256)).collect();
        let settings = BTreeMap::from([
            ("dir".to_owned(), dir.to_owned()),
            ("build".to_owned(), request.build.clone().unwrap_or_default()),
        ]);
        let sources = Sources { files, packages: BTreeMap::new(), settings };
        Ok(match &request.install {
            Some(script) => sources.with_setting("install", script),
            None => sources,
        })
    }

    /// The files that are there, by path below the folder.
    fn output(&self, dir: &str) -> Result<BTreeMap<String, Checksums>, Vec<Diagnostic>> {
        let paths = site_files::files(self.project, dir)?;
        let full = paths.iter().map(|path| joined(dir, path)).collect::<Vec<_>>();
        let asked = full.iter().map(String::as_str).collect::<Vec<_>>();
        let found = self.hasher.hash(&asked).map_err(|(path, error)| vec![unreadable(&path, &error)])?;
        Ok(paths.into_iter().zip(found).collect())
    }

    fn release(&self, dir: &str, rules: &Rules, files: &BTreeMap<String, Checksums>) -> Result<Release, Diagnostic> {
        let entry = |(path, file): (&String, &Checksums)| ManifestFile {
            path: path.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            md5: file.md5.clone(),
            content_type: content_type::of(path).to_owned(),
            cache_control: rules.cache_control(path).to_owned(),
        };
        let manifest = Manifest::new(files.iter().map(entry).collect())
            .map_err(|error| Diagnostic::error("bad-site", error.to_string()))?;
        let places =
            files.iter().map(|(path, file)| (file.sha256.clone(), self.project.join(dir).join(path))).collect();
        Ok(Release { digest: manifest.sha256(), manifest, places })
    }
}

/// Runs the build of a site in its folder, with what it needs.
pub async fn build(
    place: Place<'_>,
    cache: &Cache,
    request: &SiteBuild,
    teller: &Teller<'_>,
) -> Result<(), ArtifactError> {
    let Some(script) = &request.build else { return Ok(()) };
    let dir = folder(request).map_err(|fault| ArtifactError::Faults(vec![fault]))?;
    if let Some(script) = &request.install {
        install(place, cache, script, folder_above(&dir), teller).await?;
    }
    let folder = place.project.join(folder_above(&dir));
    let child = Child {
        program: "sh",
        arguments: vec!["-c".to_owned(), script.clone()],
        folder: &folder,
        environment: place.environment,
    };
    Command { child, install: "a shell is needed to run the build of a site", tool: "sh" }
        .run(teller, &mut |_| false)
        .await
}

/// The folder of the built files, as a plain path below the project.
fn folder(request: &SiteBuild) -> Result<String, Diagnostic> {
    let plain = plain(&request.dir).filter(|path| !path.is_empty());
    plain.ok_or_else(|| {
        let fault = Diagnostic::error("bad-folder", format!("`{}` is no folder of the project", shown(&request.dir)));
        fault.at(request.location.clone()).hint("write a path from the project's folder, such as `site/dist`")
    })
}

/// The folder that the commands of a site run in: the one above the built files, below the project.
pub fn folder_above(dir: &str) -> &str {
    dir.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn of(files: &BTreeMap<String, Checksums>) -> Output {
    Output { files: files.iter().map(|(path, file)| (path.clone(), file.sha256.clone())).collect() }
}

fn with_headers(inputs: &Sources, request: &SiteBuild) -> Sources {
    let rules = request
        .cache
        .iter()
        .map(|(pattern, header)| format!("{pattern} = {header}\n"))
        .chain([request.cache_otherwise.clone()]);
    let mut sources = inputs.clone();
    sources.settings.extend([("headers".to_owned(), rules.collect()), ("maker".to_owned(), MAKER.to_owned())]);
    sources
}

/// Which files are kept by browsers and edges, and how long.
struct Rules {
    rules: Vec<(GlobMatcher, String)>,
    otherwise: String,
}

impl Rules {
    fn new(request: &SiteBuild) -> Result<Self, Vec<Diagnostic>> {
        let (mut rules, mut faults) = (Vec::new(), Vec::new());
        for (pattern, header) in &request.cache {
            // As in `.gitignore`, a pattern without a slash is one of names, in whatever folder.
            let anywhere = if pattern.contains('/') {
                pattern.trim_start_matches('/').to_owned()
            } else {
                format!("**/{pattern}")
            };
            match GlobBuilder::new(&anywhere).literal_separator(true).build() {
                Ok(glob) => rules.push((glob.compile_matcher(), header.clone())),
                Err(error) => {
                    let fault = Diagnostic::error(
                        "bad-pattern",
                        format!("`{}` is no pattern of paths: {}", shown(pattern), error.kind()),
                    );
                    faults.push(fault.at(request.location.clone()).hint("such as `assets/**` or `*.html`"));
                }
            }
        }
        if faults.is_empty() { Ok(Self { rules, otherwise: request.cache_otherwise.clone() }) } else { Err(faults) }
    }

    fn cache_control(&self, path: &str) -> &str {
        self.rules.iter().find(|(glob, _)| glob.is_match(path)).map_or(&self.otherwise, |(_, header)| header)
    }
}
