//! The cache of a project: `.deployer/cache`, private, every file in it named by what it holds.
//!
//! Losing any of it costs time only. A file is whole or absent: it is written beside its place,
//! made durable, then renamed.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use deployer_local::private;
use sha2::{Digest as _, Sha256};

/// Only the owner may read what the project builds: a zip is code, a source list names files.
const PRIVATE_FILE: u32 = 0o600;
/// How many files of a folder outlive those that are in use: enough for a few stacks and environments.
const KEEP: usize = 20;
/// The same for small JSON files: plans compare with sources of long ago.
const KEEP_SMALL: usize = 400;

/// One folder of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Lists of sources by their digest.
    Sources,
    /// What was built from a function's sources, by their digest.
    Functions,
    /// Zips by their digest.
    Zips,
    /// What a site's build made of its inputs, by their digest.
    Sites,
    /// Manifests of site releases by their digest.
    Manifests,
    /// What was left when a site's packages were installed, by the digest of what they were installed from.
    Installs,
}

impl Shelf {
    fn folder(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Functions => "functions",
            Self::Zips => "zips",
            Self::Sites => "sites",
            Self::Manifests => "manifests",
            Self::Installs => "installs",
        }
    }

    fn extension(self) -> &'static str {
        if self == Self::Zips { "zip" } else { "json" }
    }

    fn keep(self) -> usize {
        if self == Self::Zips { KEEP } else { KEEP_SMALL }
    }
}

/// The cache of one project. Folders are made when something is first written.
#[derive(Debug)]
pub struct Cache {
    project: PathBuf,
}

impl Cache {
    /// The cache of the project in that folder. Nothing is read or made.
    pub fn new(project: &Path) -> Self {
        Self { project: project.to_owned() }
    }

    /// Where the file of that name is or would be. `name` is a digest in lower-case hex.
    pub fn path(&self, shelf: Shelf, name: &str) -> PathBuf {
        self.root().join(shelf.folder()).join(format!("{name}.{}", shelf.extension()))
    }

    /// Where a file that is not named by its content is or would be, such as `stat.json`.
    pub fn index(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// The content of a file, or `NotFound`.
    pub fn read(&self, shelf: Shelf, name: &str) -> io::Result<Vec<u8>> {
        if !is_digest(name) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no SHA-256 in lower-case hex"));
        }
        fs::read(self.path(shelf, name))
    }

    /// The content of a file that is named by its own digest. Another content is as good as none.
    pub fn read_checked(&self, shelf: Shelf, name: &str) -> io::Result<Vec<u8>> {
        let content = self.read(shelf, name)?;
        if sha256_hex(&content) == name {
            Ok(content)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", self.path(shelf, name).display())))
        }
    }

    /// Whether the file is there.
    pub fn has(&self, shelf: Shelf, name: &str) -> bool {
        is_digest(name) && self.path(shelf, name).is_file()
    }

    /// Puts a file in its place.
    pub fn write(&self, shelf: Shelf, name: &str, content: &[u8]) -> io::Result<()> {
        self.put(&self.path(shelf, name), content)
    }

    /// Puts a file that is not named by its content in its place.
    pub fn write_index(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.put(&self.index(name), content)
    }

    /// Forgets the oldest files of a folder beyond those that are kept; `wanted` ones always stay.
    pub fn prune(&self, shelf: Shelf, wanted: &BTreeSet<String>) -> io::Result<()> {
        let mut others = Vec::new();
        for entry in fs::read_dir(self.root().join(shelf.folder()))? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if !wanted.contains(name) {
                let written =
                    fs::symlink_metadata(&path).and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
                others.push((written, path));
            }
        }
        others.sort_by(|one, other| other.cmp(one));
        for (_, path) in others.into_iter().skip(shelf.keep()) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// A private folder of the project below `.deployer`, made if it is not there.
    pub fn private_folder(&self, parts: &[&str]) -> io::Result<PathBuf> {
        private::folders(&private::folders(&self.project, &[".deployer"])?, parts)
    }

    fn root(&self) -> PathBuf {
        self.project.join(".deployer").join("cache")
    }

    fn put(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let parent = path.parent().expect("a file of the cache is in a folder");
        self.private_folder(&["cache"])?;
        if parent != self.root() {
            private::folder(parent)?;
        }
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(parent)?;
        // The umask may have taken the owner's own rights as well.
        file.as_file().set_permissions(Permissions::from_mode(PRIVATE_FILE))?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(parent)?.sync_all()
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// Whether a text is a SHA-256 in lower-case hex, and so a safe file name.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|each| matches!(each, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_kept_is_private_and_whole() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        let name = sha256_hex(b"zip");
        assert!(!cache.has(Shelf::Zips, &name));
        cache.write(Shelf::Zips, &name, b"zip").unwrap();
        assert_eq!(cache.read_checked(Shelf::Zips, &name).unwrap(), b"zip");
        assert_eq!(mode(&cache.path(Shelf::Zips, &name)), 0o600);
        for folder in [".deployer", ".deployer/cache", ".deployer/cache/zips"] {
            assert_eq!(mode(&project.path().join(folder)), 0o700, "{folder}");
        }
        let beside = fs::read_dir(project.path().join(".deployer/cache/zips")).unwrap().count();
        assert_eq!(beside, 1, "no temporary file stays");
    }

    #[test]
    fn a_damaged_file_and_a_name_that_is_no_digest_are_refused() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        let name = sha256_hex(b"zip");
        cache.write(Shelf::Zips, &name, b"other").unwrap();
        assert_eq!(cache.read_checked(Shelf::Zips, &name).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(cache.read(Shelf::Zips, "../../../etc/passwd").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert!(!cache.has(Shelf::Manifests, "../x"));
    }

    #[test]
    fn a_link_in_place_of_the_cache_is_refused() {
        let (project, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), project.path().join(".deployer")).unwrap();
        let cache = Cache::new(project.path());
        assert!(cache.write(Shelf::Zips, &sha256_hex(b"zip"), b"zip").is_err());
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn pruning_keeps_the_last_twenty_zips_and_those_in_use() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        let names = (0..25u8).map(|each| sha256_hex(&[each])).collect::<Vec<_>>();
        for (age, name) in names.iter().rev().enumerate() {
            cache.write(Shelf::Zips, name, b"zip").unwrap();
            let written = SystemTime::now() - std::time::Duration::from_secs(age as u64);
            File::options().write(true).open(cache.path(Shelf::Zips, name)).unwrap().set_modified(written).unwrap();
        }
        cache.prune(Shelf::Zips, &BTreeSet::from([names[0].clone()])).unwrap();
        let kept = names.iter().filter(|each| cache.has(Shelf::Zips, each)).collect::<Vec<_>>();
        assert_eq!(kept, std::iter::once(&names[0]).chain(&names[5..]).collect::<Vec<_>>());
    }
}
