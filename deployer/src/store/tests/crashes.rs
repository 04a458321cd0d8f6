//! The local store on a disk that fails and on machines that lose power: whatever is left is the old state, the
//! new one, or the previous generation with a notice.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{loaded, opened, saved, scope, taken, text, told};
use crate::store::disk::DiskStore;
use crate::store::disk::layer::{Act, Layer, Real};
use crate::store::{StateStore, Writer};

/// One act, remembered.
#[derive(Clone, Debug)]
enum Done {
    Write(PathBuf, Vec<u8>),
    Append(PathBuf, Vec<u8>),
    Sync(PathBuf),
    Link(PathBuf, PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

/// A file system that remembers what was done, and fails from some act on.
struct Remembering {
    done: Mutex<Vec<Done>>,
    fails_at: usize,
    /// Whether the act that fails has done the half of it.
    half: bool,
}

impl Remembering {
    fn new(fails_at: usize, half: bool) -> Arc<Self> {
        Arc::new(Self { done: Mutex::default(), fails_at, half })
    }

    fn done(&self) -> Vec<Done> {
        self.done.lock().unwrap().clone()
    }
}

impl Layer for Remembering {
    fn act(&self, act: Act<'_>) -> io::Result<()> {
        let mut done = self.done.lock().unwrap();
        if done.len() >= self.fails_at {
            match act {
                Act::Write(path, bytes) if self.half => Real.act(Act::Write(path, &bytes[..bytes.len() / 2]))?,
                Act::Append(path, bytes) if self.half => Real.act(Act::Append(path, &bytes[..bytes.len() / 2]))?,
                _ => {}
            }
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        done.push(match act {
            Act::Write(path, bytes) => Done::Write(path.to_owned(), bytes.to_owned()),
            Act::Append(path, bytes) => Done::Append(path.to_owned(), bytes.to_owned()),
            Act::Sync(path) => Done::Sync(path.to_owned()),
            Act::Link(from, to) => Done::Link(from.to_owned(), to.to_owned()),
            Act::Rename(from, to) => Done::Rename(from.to_owned(), to.to_owned()),
            Act::Remove(path) => Done::Remove(path.to_owned()),
        });
        Real.act(act)
    }
}

/// A run that tells `new`: two writes to the journal, and a save.
async fn run(store: &DiskStore) -> Result<(), String> {
    let mut writer = taken(store, "deployer up").await;
    let state = writer.load().await.map_err(|failure| failure.to_string())?.state;
    let appended = async |writer: &mut dyn Writer| {
        writer.append(&[opened(&state)]).await?;
        writer.append(&[told("new")]).await
    };
    appended(&mut *writer).await.map_err(|error| error.to_string())?;
    writer.save().await.map_err(|failure| failure.to_string())
}

/// A folder with two generations, the later one telling `old`.
async fn before() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::new(folder.path(), scope("s"));
    saved(&store, "older").await;
    saved(&store, "old").await;
    folder
}

/// What can be read is a state that was, and a further run is possible.
async fn is_whole(folder: &Path, what: &str) {
    let store = DiskStore::new(folder, scope("s"));
    let found = store.load().await.unwrap_or_else(|failure| panic!("{what}: {failure}"));
    let told = text(&found.state).unwrap();
    let known = if found.notice.is_some() { &["older", "old", "new"][..] } else { &["old", "new"] };
    assert!(known.contains(&told), "{what}: {told}, {:?}", found.notice);
    run(&store).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = loaded(&store).await;
    assert_eq!((text(&found.state), found.notice, found.interrupted), (Some("new"), None, false), "{what}");
}

#[tokio::test]
async fn an_error_at_any_act_leaves_the_old_state_or_the_new_one() {
    for half in [false, true] {
        for at in 0.. {
            let folder = before().await;
            let layer = Remembering::new(at, half);
            let ended = run(&DiskStore::on(Arc::clone(&layer) as _, folder.path(), scope("s"))).await;
            is_whole(folder.path(), &format!("act {at}, half {half}, after {:?}", layer.done().last())).await;
            if ended.is_ok() {
                assert!(at > 8, "only {at} acts");
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_a_journal_could_not_take_is_saved_whole_when_there_is_room_again() {
    let folder = before().await;
    // The journal is opened by three acts, then the disk is full for one; half a line is left.
    let store = DiskStore::on(Arc::new(FullOnce(Mutex::new(0))), folder.path(), scope("s"));
    let mut writer = taken(&store, "deployer up").await;
    let state = writer.load().await.unwrap().state;
    writer.append(&[opened(&state)]).await.unwrap();
    assert!(writer.append(&[told("new")]).await.is_err());
    assert_eq!(text(&loaded(&store).await.state), Some("old"));
    writer.amend(&mut |state| *state = deployer_engine::journal::fold(state.clone(), [told("new")]));
    writer.save().await.unwrap();
    let found = loaded(&store).await;
    assert_eq!((text(&found.state), found.interrupted), (Some("new"), false));
}

struct FullOnce(Mutex<usize>);

impl Layer for FullOnce {
    fn act(&self, act: Act<'_>) -> io::Result<()> {
        let mut acts = self.0.lock().unwrap();
        *acts += 1;
        match act {
            Act::Append(path, bytes) if *acts == 4 => {
                Real.act(Act::Append(path, &bytes[..bytes.len() / 2]))?;
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            act => Real.act(act),
        }
    }
}

/// What a machine that lost power may have kept of the acts: content that was not synced may be lost or torn, and
/// of the names that were not synced only the first so many.
#[tokio::test]
async fn every_crash_image_of_a_run_is_the_old_state_the_new_one_or_the_previous_generation() {
    let reference = before().await;
    let layer = Remembering::new(usize::MAX, false);
    let start = copied(reference.path());
    run(&DiskStore::on(Arc::clone(&layer) as _, reference.path(), scope("s"))).await.unwrap();
    let done = layer.done();
    let mut images = 0;
    for until in 0..=done.len() {
        let acts = &done[..until];
        let synced =
            acts.iter().rposition(|act| matches!(act, Done::Sync(path) if path.is_dir())).map_or(0, |at| at + 1);
        let names = acts[synced..].iter().filter(|act| changes_names(act)).count();
        for kept_names in 0..=names {
            for torn in [Torn::Lost, Torn::Half, Torn::Whole] {
                let image = copied(start.path());
                replay(acts, synced, kept_names, torn, reference.path(), image.path());
                is_whole(image.path(), &format!("{until} acts, {kept_names} names, content {torn:?}")).await;
                images += 1;
            }
        }
    }
    assert!(images > 50, "{images} images");
}

#[derive(Clone, Copy, Debug)]
enum Torn {
    Lost,
    Half,
    Whole,
}

fn changes_names(act: &Done) -> bool {
    !matches!(act, Done::Sync(_) | Done::Append(..))
}

fn replay(acts: &[Done], synced: usize, kept_names: usize, torn: Torn, from: &Path, to: &Path) {
    let moved = |path: &Path| to.join(path.strip_prefix(from).unwrap());
    let mut names = 0;
    for (at, act) in acts.iter().enumerate() {
        if at >= synced && changes_names(act) {
            names += 1;
            if names > kept_names {
                continue;
            }
        }
        let survives = |path: &Path, bytes: &[u8]| {
            let is_synced = acts[at..].iter().any(|later| matches!(later, Done::Sync(other) if other == path));
            let kept = match torn {
                _ if is_synced => bytes.len(),
                Torn::Whole => bytes.len(),
                Torn::Half => bytes.len() / 2,
                Torn::Lost => 0,
            };
            bytes[..kept].to_vec()
        };
        let done = match act {
            Done::Write(path, bytes) => Real.act(Act::Write(&moved(path), &survives(path, bytes))),
            // A file whose name was lost is not there to be added to.
            Done::Append(path, _) if !moved(path).exists() => Ok(()),
            Done::Append(path, bytes) => Real.act(Act::Append(&moved(path), &survives(path, bytes))),
            Done::Sync(_) => Ok(()),
            Done::Link(from, to) => Real.act(Act::Link(&moved(from), &moved(to))),
            Done::Rename(from, to) => Real.act(Act::Rename(&moved(from), &moved(to))),
            Done::Remove(path) => Real.act(Act::Remove(&moved(path))),
        };
        done.unwrap();
    }
}

fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let state = DiskStore::new(folder, scope("s")).folder();
    let into = DiskStore::new(copy.path(), scope("s")).folder();
    std::fs::create_dir_all(&into).unwrap();
    for entry in std::fs::read_dir(state).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, into.join(path.file_name().unwrap())).unwrap();
    }
    copy
}

#[tokio::test]
async fn what_is_kept_is_its_owners_alone() {
    let folder = before().await;
    let store = DiskStore::new(folder.path(), scope("s"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&store.folder()), 0o700);
    for entry in std::fs::read_dir(store.folder()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn every_flipped_bit_of_a_state_is_noticed_and_the_previous_generation_serves() {
    let folder = before().await;
    let store = DiskStore::new(folder.path(), scope("s"));
    let path = store.folder().join("state.json");
    let whole = std::fs::read(&path).unwrap();
    let content = serde_json::from_slice::<serde_json::Value>(&whole).unwrap();
    for at in 0..whole.len() {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        if serde_json::from_slice::<serde_json::Value>(&bent).is_ok_and(|each| each == content) {
            continue; // white space: the content is the same
        }
        std::fs::write(&path, &bent).unwrap();
        match store.load().await {
            Ok(found) => assert_eq!((text(&found.state), found.notice.is_some()), (Some("older"), true), "byte {at}"),
            Err(failure) => assert!(["damaged-state", "bad-state"].contains(&failure.diagnostics[0].code), "byte {at}"),
        }
    }
}

#[tokio::test]
async fn a_generation_that_somebody_else_wrote_is_not_overwritten() {
    let folder = before().await;
    let store = DiskStore::new(folder.path(), scope("s"));
    let path = store.folder().join("state.json");
    let mut writer = taken(&store, "deployer up").await;
    let former = std::fs::read(&path).unwrap();
    writer.load().await.unwrap();
    writer.save().await.unwrap();
    // A backup is put back under a run: its serial is an older one.
    std::fs::write(&path, former).unwrap();
    assert_eq!(writer.save().await.unwrap_err().diagnostics[0].code, "overtaken");
    assert_eq!(text(&loaded(&store).await.state), Some("old"));
}

#[tokio::test]
async fn a_journal_of_an_older_state_is_not_folded_in_again() {
    let folder = before().await;
    let store = DiskStore::new(folder.path(), scope("s"));
    let path = store.folder().join("journal.jsonl");
    let mut writer = taken(&store, "deployer up").await;
    let state = writer.load().await.unwrap().state;
    writer.append(&[opened(&state), told("new")]).await.unwrap();
    let left = std::fs::read(&path).unwrap();
    writer.save().await.unwrap();
    writer.amend(&mut |state| state.outputs.clear());
    writer.save().await.unwrap();
    std::fs::write(&path, left).unwrap();
    let found = loaded(&store).await;
    assert!(found.state.outputs.is_empty() && !found.interrupted);
}
