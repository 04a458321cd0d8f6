//! State and journal on the local disk: durable when a call returns, whole whenever it is cut.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use deployer_engine::journal::{Entry, Journal, JournalError, fold};
use deployer_engine::state::{BadState, Scope, State};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::lock::Lock;
use crate::error::{Exit, Failure};

/// The folder of all states, below the project's.
const FOLDER: &str = ".deployer/state";
const STATE: &str = "state.json";
const PREVIOUS: &str = "state.previous.json";
const JOURNAL: &str = "journal.jsonl";
/// Hex digits of a journal line's checksum: enough to notice a torn or flipped line.
const LINE_CHECKSUM_CHARS: usize = 16;

/// The state of one environment of one stack, in a folder of its own.
#[derive(Clone, Debug)]
pub struct DiskStore {
    folder: PathBuf,
    scope: Scope,
}

/// A state as it was found.
pub struct Loaded {
    /// The state, its journal folded in.
    pub state: State,
    /// What a person should know: a damaged state that its previous generation replaced.
    pub notice: Option<String>,
    /// Whether a journal was left behind by a run that did not end.
    pub interrupted: bool,
}

impl DiskStore {
    /// The store of that scope below the project's `.deployer` folder. Nothing is touched yet.
    pub fn new(project: &Path, scope: Scope) -> Self {
        Self { folder: project.join(FOLDER).join(&scope.stack).join(&scope.environment), scope }
    }

    /// Takes the lock; see [`Lock::take`].
    pub async fn lock(&self, command: &str, wait: Duration) -> Result<Lock, Failure> {
        private_folder(&self.folder).map_err(|error| Failure::file(&self.folder, &error))?;
        Lock::take(&self.folder.join("lock"), command, wait).await
    }

    /// Reads the state and folds in what an interrupted run left in the journal. Changes nothing.
    pub fn load(&self) -> Result<Loaded, Failure> {
        let (base, notice) = match self.read(STATE) {
            Ok(Some(state)) => (state, None),
            Ok(None) => (self.first(), None),
            Err(bad @ BadState::Damaged(_)) => match self.read(PREVIOUS) {
                Ok(Some(state)) => (
                    state,
                    Some(format!(
                        "{bad}; its previous generation is used instead: what changed since is found again by names and tags"
                    )),
                ),
                _ => return Err(self.unusable(&bad)),
            },
            Err(bad) => return Err(self.unusable(&bad)),
        };
        let entries = self.journal(&base, notice.is_some())?;
        let interrupted = !entries.is_empty();
        let base = match entries.first() {
            Some(Entry::Opened { lineage, .. }) => State { lineage: lineage.clone(), ..base },
            _ => base,
        };
        Ok(Loaded { state: fold(base, entries), notice, interrupted })
    }

    fn first(&self) -> State {
        let mut random = [0_u8; 16];
        // A lineage tells histories apart; without randomness the first serial still does its work.
        let _ = getrandom::fill(&mut random);
        State::empty(self.scope.clone(), hex::encode(random))
    }

    fn read(&self, name: &str) -> Result<Option<State>, BadState> {
        match std::fs::read_to_string(self.folder.join(name)) {
            Ok(text) => State::read(&text, &self.scope).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BadState::Damaged(error.to_string())),
        }
    }

    fn unusable(&self, bad: &BadState) -> Failure {
        Failure::new(Exit::Other, "bad-state", format!("{}: {bad}", self.folder.join(STATE).display()))
            .hint("nothing was changed; keep the file and ask for help if it is not what you expect")
    }

    /// The lines of a journal that belongs to this state, up to the first torn one. `fallback`: the state is
    /// the previous generation, and a journal of the lost one after it counts, too.
    fn journal(&self, base: &State, fallback: bool) -> Result<Vec<Entry>, Failure> {
        let path = self.folder.join(JOURNAL);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::file(&path, &error)),
        };
        let text = String::from_utf8_lossy(&text);
        let entries: Vec<Entry> = text.lines().map_while(unsealed).collect();
        let fits = |serial: u64| serial == base.serial || (fallback && serial == base.serial + 1);
        Ok(match entries.first() {
            Some(Entry::Opened { lineage, serial })
                if fits(*serial) && (*lineage == base.lineage || base.serial == 0) =>
            {
                entries
            }
            _ => Vec::new(),
        })
    }

    /// The named values that a stack told last; none when it is not up.
    pub fn outputs_at(project: &Path, stack: &str, environment: &str) -> BTreeMap<String, String> {
        let text =
            std::fs::read_to_string(project.join(FOLDER).join(stack).join(environment).join(STATE)).unwrap_or_default();
        State::outputs_of(&text).unwrap_or_default()
    }

    /// Writes the state as the next generation and empties the journal. The former one is kept beside it.
    pub fn save(&self, mut state: State) -> io::Result<State> {
        state.serial += 1;
        let (current, previous, next) =
            (self.folder.join(STATE), self.folder.join(PREVIOUS), self.folder.join("state.next.json"));
        let mut file = private_file(&next, true)?;
        file.write_all(state.to_text().as_bytes())?;
        file.sync_all()?;
        // A damaged generation is no use as the previous one: the one before it stays.
        if matches!(self.read(STATE), Ok(Some(_))) {
            let kept = self.folder.join("state.kept.json");
            let _ = std::fs::remove_file(&kept);
            std::fs::hard_link(&current, &kept).or_else(|_| std::fs::copy(&current, &kept).map(drop))?;
            std::fs::rename(&kept, &previous)?;
        }
        std::fs::rename(&next, &current)?;
        File::open(&self.folder)?.sync_all()?;
        match std::fs::remove_file(self.folder.join(JOURNAL)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(state)
    }

    /// A journal for a run on the state as it is saved now.
    pub fn open_journal(&self) -> io::Result<DiskJournal> {
        let file = private_file(&self.folder.join(JOURNAL), true)?;
        // Its name must be as durable as its lines.
        File::open(&self.folder)?.sync_all()?;
        Ok(DiskJournal { file })
    }
}

/// A journal file: a line an entry, each with its checksum.
pub struct DiskJournal {
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Line {
    sum: String,
    entry: Entry,
}

impl Journal for DiskJournal {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        let text: String = entries.iter().map(sealed).collect();
        let written = self
            .file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| JournalError(error.to_string()));
        Box::pin(std::future::ready(written))
    }

    fn is_dear(&self) -> bool {
        false
    }
}

fn checksum(entry: &Entry) -> String {
    let mut sum = deployer_engine::value::sha256_hex(&serde_json::to_value(entry).expect("an entry is plain data"));
    sum.truncate(LINE_CHECKSUM_CHARS);
    sum
}

fn sealed(entry: &Entry) -> String {
    let line = Line { sum: checksum(entry), entry: entry.clone() };
    format!("{}\n", serde_json::to_string(&line).expect("an entry is plain data"))
}

fn unsealed(text: &str) -> Option<Entry> {
    let line: Line = serde_json::from_str(text).ok()?;
    (line.sum == checksum(&line.entry)).then_some(line.entry)
}

/// A folder that only its owner may enter, whatever the umask.
fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))
}

/// A file that only its owner may read, whatever the umask; a link in its place is refused.
fn private_file(path: &Path, empty: bool) -> io::Result<File> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file =
        OpenOptions::new().write(true).create(true).truncate(empty).mode(0o600).custom_flags(no_follow).open(path)?;
    file.set_permissions(PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn store(folder: &Path) -> DiskStore {
        let scope = Scope {
            stack: "s".into(),
            environment: "e".into(),
            account: "000000000000".into(),
            region: "us-west-2".into(),
        };
        let store = DiskStore::new(folder, scope);
        private_folder(&store.folder).unwrap();
        store
    }

    fn told(text: &str) -> Entry {
        Entry::Told { outputs: [("text".to_owned(), text.to_owned())].into() }
    }

    fn open(store: &DiskStore, entries: &[Entry]) {
        let state = store.load().unwrap().state;
        let opened = Entry::Opened { lineage: state.lineage, serial: state.serial };
        let mut journal = store.open_journal().unwrap();
        block_on(journal.append(&[opened])).unwrap();
        block_on(journal.append(entries)).unwrap();
    }

    #[test]
    fn a_saved_state_is_read_back_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let saved = store.save(store.load().unwrap().state).unwrap();
        assert_eq!(store.load().unwrap().state, saved);
        assert_eq!(saved.serial, 1);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&store.folder), mode(&store.folder.join(STATE))), (0o700, 0o600));
    }

    #[test]
    fn an_interrupted_run_is_folded_in_up_to_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        open(&store, &[told("one"), told("two")]);
        let path = store.folder.join(JOURNAL);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(store.load().unwrap().state.outputs["text"], "two");
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let loaded = store.load().unwrap();
            assert!(["one", "two"].contains(&loaded.state.outputs.get("text").map_or("one", String::as_str)));
        }
    }

    #[test]
    fn a_journal_of_an_older_state_is_not_folded_in_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        open(&store, &[told("one")]);
        let path = store.folder.join(JOURNAL);
        let left = std::fs::read(&path).unwrap();
        let mut state = store.load().unwrap().state;
        state.outputs.clear();
        store.save(state).unwrap();
        std::fs::write(&path, left).unwrap();
        let loaded = store.load().unwrap();
        assert!(loaded.state.outputs.is_empty() && !loaded.interrupted);
    }

    #[test]
    fn every_flipped_bit_of_a_state_is_noticed_and_the_previous_generation_serves() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        store.save(store.load().unwrap().state).unwrap();
        let mut state = store.load().unwrap().state;
        state.outputs.insert("text".into(), "value".into());
        store.save(state).unwrap();
        let path = store.folder.join(STATE);
        let whole = std::fs::read(&path).unwrap();
        let text = serde_json::from_slice::<serde_json::Value>(&whole).unwrap();
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            if serde_json::from_slice::<serde_json::Value>(&bent).is_ok_and(|each| each == text) {
                continue; // white space: the content is the same
            }
            std::fs::write(&path, &bent).unwrap();
            match store.load() {
                Ok(loaded) => assert_eq!((loaded.state.serial, loaded.notice.is_some()), (1, true), "byte {at}"),
                Err(failure) => assert_eq!(failure.diagnostics[0].code, "bad-state", "byte {at}"),
            }
        }
    }

    #[tokio::test]
    async fn the_second_deployer_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let lock = store.lock("deployer up", Duration::ZERO).await.unwrap();
        let Err(failure) = store.lock("deployer down", Duration::ZERO).await else { panic!("two held it") };
        assert_eq!(failure.exit, Exit::Locked);
        assert!(
            failure.diagnostics[0].message.contains(&format!("`deployer up` (process {}", std::process::id())),
            "{failure}"
        );
        drop(lock);
        store.lock("deployer down", Duration::ZERO).await.unwrap();
    }
}
