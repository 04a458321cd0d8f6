//! Checksums of files, remembered by size, times and inode, so that an unchanged project costs a
//! `stat` a file and no reading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use deployer_aws::site_manifest::ManifestFile;
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::mentions;

/// Where the checksums are remembered.
const INDEX: &str = "stat.json";
/// The form of the file; another number is another form, and forgotten.
const VERSION: u32 = 1;
/// A file as young as this is hashed again the next time, in nanoseconds: it may be written once
/// more within the same tick of its clock, and size and times would not tell.
const YOUNG_NS: i64 = 2_000_000_000;
/// Entries of files that were not asked for in this run are kept up to this many in all.
const MOST_ENTRIES: usize = 100_000;
/// Below this many files threads cost more than they save.
const WORTH_THREADS: usize = 16;

/// What is known of a file's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums {
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// MD5, lower-case hex: the ETag that S3 gives such a file.
    pub md5: String,
    /// Files that a Rust source takes in when it is compiled; see [`mentions`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
}

/// What must be the same for a file to be the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stat {
    device: u64,
    inode: u64,
    modified_ns: i64,
    changed_ns: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    stat: Stat,
    #[serde(flatten)]
    checksums: Checksums,
}

#[derive(Default, Serialize, Deserialize)]
struct Index {
    version: u32,
    files: BTreeMap<String, Entry>,
}

/// Hashes files of one project.
pub struct Hasher {
    project: PathBuf,
    known: BTreeMap<String, Entry>,
    fresh: Mutex<BTreeMap<String, Option<Entry>>>,
    young_ns: i64,
}

impl Hasher {
    /// A hasher that remembers what the last run wrote down. A damaged file is forgotten.
    pub fn open(project: &Path, cache: &Cache) -> Self {
        let index = fs::read(cache.index(INDEX)).ok().and_then(|text| serde_json::from_slice::<Index>(&text).ok());
        let known = index.filter(|index| index.version == VERSION).map(|index| index.files).unwrap_or_default();
        Self { project: project.to_owned(), known, fresh: Mutex::default(), young_ns: YOUNG_NS }
    }

    /// The checksums of files, by path below the project with `/` between its parts, in their order.
    pub fn hash(&self, paths: &[&str]) -> Result<Vec<Checksums>, (String, io::Error)> {
        let mut found = paths.iter().map(|path| self.remembered(path)).collect::<Result<Vec<_>, _>>()?;
        let open =
            found.iter().zip(paths).filter(|(found, _)| found.is_none()).map(|(_, path)| *path).collect::<Vec<_>>();
        let mut read = self.read_all(&open)?.into_iter();
        found.iter_mut().filter(|each| each.is_none()).for_each(|each| *each = read.next());
        Ok(found.into_iter().flatten().collect())
    }

    /// Reads files, on several threads where that pays.
    fn read_all(&self, paths: &[&str]) -> Result<Vec<Checksums>, (String, io::Error)> {
        let read = |path: &&str| self.read(path).map_err(|error| ((*path).to_owned(), error));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        if threads == 1 || paths.len() < WORTH_THREADS {
            return paths.iter().map(read).collect();
        }
        let parts = paths.chunks(paths.len().div_ceil(threads));
        std::thread::scope(|scope| {
            let running = parts.map(|part| scope.spawn(move || part.iter().map(read).collect::<Result<Vec<_>, _>>()));
            // All are started before one is waited for.
            let running = running.collect::<Vec<_>>();
            let parts = running.into_iter().map(|each| each.join().expect("hashing does not panic"));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// Writes down what this run has learnt; nothing when it has learnt nothing.
    pub fn save(&self, cache: &Cache) -> io::Result<()> {
        let fresh = self.fresh.lock().expect("hashing does not panic");
        let learnt =
            fresh.iter().filter_map(|(path, entry)| Some((path.clone(), entry.clone()?))).collect::<BTreeMap<_, _>>();
        if learnt.is_empty() {
            return Ok(());
        }
        let asked = fresh.keys().collect::<BTreeSet<_>>();
        let room = MOST_ENTRIES.saturating_sub(fresh.len());
        let others = self.known.iter().filter(|(path, _)| !learnt.contains_key(*path));
        let (kept, unasked): (Vec<_>, Vec<_>) = others.partition(|(path, _)| asked.contains(path));
        let old =
            kept.into_iter().chain(unasked.into_iter().take(room)).map(|(path, entry)| (path.clone(), entry.clone()));
        let files = old.chain(learnt.clone()).collect();
        let text = serde_json::to_vec(&Index { version: VERSION, files }).expect("an index is plain data");
        cache.write_index(INDEX, &text)
    }

    /// What is known of a file that is as it was.
    fn remembered(&self, path: &str) -> Result<Option<Checksums>, (String, io::Error)> {
        let failed = |error| (path.to_owned(), error);
        let facts = fs::metadata(self.project.join(path)).map_err(failed)?;
        // Opening a pipe would wait for its writer.
        if !facts.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
        }
        let same = |entry: &&Entry| entry.checksums.size == facts.len() && entry.stat == Stat::of(&facts);
        let found = self.known.get(path).filter(same).map(|entry| entry.checksums.clone());
        if found.is_some() {
            self.learn(path, None);
        }
        Ok(found)
    }

    fn read(&self, path: &str) -> io::Result<Checksums> {
        let mut file = File::open(self.project.join(path))?;
        let before = file.metadata()?;
        let mut content = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0));
        file.read_to_end(&mut content)?;
        let checksums = checksums(path, &content);
        let after = file.metadata()?;
        let stat = Stat::of(&after);
        let steady = stat == Stat::of(&before) && after.len() == checksums.size && !stat.is_young(self.young_ns);
        self.learn(path, steady.then(|| Entry { stat, checksums: checksums.clone() }));
        Ok(checksums)
    }

    fn learn(&self, path: &str, entry: Option<Entry>) {
        self.fresh.lock().expect("hashing does not panic").insert(path.to_owned(), entry);
    }
}

fn checksums(path: &str, content: &[u8]) -> Checksums {
    let ManifestFile { size, sha256, md5, .. } = ManifestFile::new(path, content, "", "");
    let mentions = if path.ends_with(".rs") { mentions::find(&String::from_utf8_lossy(content)) } else { Vec::new() };
    Checksums { size, sha256, md5, mentions }
}

impl Stat {
    fn of(facts: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            device: facts.dev(),
            inode: facts.ino(),
            modified_ns: nanoseconds(facts.mtime(), facts.mtime_nsec()),
            changed_ns: nanoseconds(facts.ctime(), facts.ctime_nsec()),
        }
    }

    fn is_young(&self, young_ns: i64) -> bool {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        self.modified_ns.max(self.changed_ns) > now - young_ns
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::world::pipe;
    use super::*;

    fn open(project: &Path, young_ns: i64) -> Hasher {
        Hasher { young_ns, ..Hasher::open(project, &Cache::new(project)) }
    }

    #[test]
    fn an_unchanged_file_is_not_read_again() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        fs::write(project.path().join("a.txt"), "one").unwrap();
        let first = open(project.path(), 0);
        let real = first.hash(&["a.txt"]).unwrap();
        first.save(&cache).unwrap();
        // What a second run answers with is what was written down: proof that it did not read.
        let text = fs::read_to_string(cache.index(INDEX)).unwrap();
        fs::write(cache.index(INDEX), text.replace(&real[0].sha256, "remembered")).unwrap();
        assert_eq!(open(project.path(), 0).hash(&["a.txt"]).unwrap()[0].sha256, "remembered");
        fs::write(project.path().join("a.txt"), "two").unwrap();
        assert_eq!(
            open(project.path(), 0).hash(&["a.txt"]).unwrap()[0].sha256,
            super::super::cache::sha256_hex(b"two")
        );
    }

    #[test]
    fn a_young_file_is_not_remembered() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        fs::write(project.path().join("a.txt"), "one").unwrap();
        let hasher = open(project.path(), i64::MAX / 2);
        hasher.hash(&["a.txt"]).unwrap();
        hasher.save(&cache).unwrap();
        assert!(!cache.index(INDEX).exists());
    }

    #[test]
    fn many_files_come_back_in_their_order() {
        let project = tempfile::tempdir().unwrap();
        let names = (0..100).map(|each| format!("{each}.txt")).collect::<Vec<_>>();
        names.iter().for_each(|name| fs::write(project.path().join(name), name).unwrap());
        let paths = names.iter().map(String::as_str).collect::<Vec<_>>();
        let found = open(project.path(), 0).hash(&paths).unwrap();
        let expected = names.iter().map(|name| super::super::cache::sha256_hex(name.as_bytes()));
        assert_eq!(found.into_iter().map(|each| each.sha256).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_damaged_memory_is_forgotten_and_a_pipe_is_not_opened() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        cache.write_index(INDEX, b"{\"version\":1,\"files\":[").unwrap();
        let hasher = open(project.path(), 0);
        assert!(hasher.known.is_empty());
        pipe(&project.path().join("pipe"));
        assert_eq!(hasher.hash(&["pipe"]).unwrap_err().0, "pipe");
    }
}
