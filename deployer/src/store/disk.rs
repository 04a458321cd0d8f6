//! State and journal on the local disk: durable when a call returns, whole whenever it is cut.

mod journal;
pub mod layer;
mod lock;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deployer_aws::client::Gate;
use deployer_engine::journal::{Entry, Journal, JournalError, enter, fold};
use deployer_engine::state::{BadState, Scope, State};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::watch;

use self::layer::{Act, Layer, Real};
use self::lock::Signed;
use super::{Held, Loaded, StateStore, Taken, Writer, first, overtaken, replaced, unusable};
use crate::error::{Exit, Failure};

/// The folder of all states, below the project's.
const FOLDER: [&str; 2] = [".deployer", "state"];
const STATE: &str = "state.json";
const PREVIOUS: &str = "state.previous.json";
const JOURNAL: &str = "journal.jsonl";

/// The state of one environment of one stack, in a folder of its own.
#[derive(Clone)]
pub struct DiskStore {
    project: PathBuf,
    scope: Scope,
    layer: Arc<dyn Layer>,
}

impl DiskStore {
    /// The store of that scope below the project's `.deployer` folder. Nothing is touched yet.
    pub fn new(project: &Path, scope: Scope) -> Self {
        Self::on(Arc::new(Real), project, scope)
    }

    /// The same on another file system.
    pub fn on(layer: Arc<dyn Layer>, project: &Path, scope: Scope) -> Self {
        Self { project: project.to_owned(), scope, layer }
    }

    /// The folder of the state.
    pub fn folder(&self) -> PathBuf {
        FOLDER
            .iter()
            .fold(self.project.clone(), |path, part| path.join(part))
            .join(self.parts()[0])
            .join(self.parts()[1])
    }

    fn parts(&self) -> [&str; 2] {
        [&self.scope.stack, &self.scope.environment]
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The state as it was last written, and a notice when that is an older generation.
    fn base(&self) -> Result<(State, Option<String>), Failure> {
        match self.read(STATE) {
            Ok(Some(state)) => Ok((state, None)),
            Ok(None) => Ok((first(&self.scope), None)),
            Err(bad @ BadState::Damaged(_)) => match self.read(PREVIOUS) {
                Ok(Some(state)) => Ok((state, Some(replaced(&bad)))),
                _ => Err(self.unusable(&bad)),
            },
            Err(bad) => Err(self.unusable(&bad)),
        }
    }

    fn load_now(&self) -> Result<Loaded, Failure> {
        let (base, notice) = self.base()?;
        let path = self.file(JOURNAL);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failure::file(&path, &error)),
        };
        let entries = journal::entries(&text, &base, notice.is_some());
        let interrupted = !entries.is_empty();
        let base = match entries.first() {
            Some(Entry::Opened { lineage, .. }) => State { lineage: lineage.clone(), ..base },
            _ => base,
        };
        Ok(Loaded { state: fold(base, entries), notice, interrupted })
    }

    fn read(&self, name: &str) -> Result<Option<State>, BadState> {
        match std::fs::read_to_string(self.file(name)) {
            Ok(text) => State::read(&text, &self.scope).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BadState::Damaged(error.to_string())),
        }
    }

    fn unusable(&self, bad: &BadState) -> Failure {
        unusable(&self.file(STATE).display().to_string(), bad)
    }
}

impl StateStore for DiskStore {
    fn place(&self) -> String {
        self.folder().display().to_string()
    }

    fn load(&self) -> BoxFuture<'_, Result<Loaded, Failure>> {
        std::future::ready(self.load_now()).boxed()
    }

    fn try_lock<'a>(&'a self, command: &'a str) -> BoxFuture<'a, Result<Taken, Failure>> {
        async {
            Ok(match self.signed_lock(command).await? {
                Ok(lock) => {
                    let (store, state) = (self.clone(), first(&self.scope));
                    Taken::Ours(Box::new(DiskWriter { store, state, base: 0, lock, open: false }))
                }
                Err(held) => Taken::Held(held),
            })
        }
        .boxed()
    }

    fn held(&self) -> BoxFuture<'_, Result<Option<Held>, Failure>> {
        std::future::ready(self.holder()).boxed()
    }

    fn break_lock<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<bool, Failure>> {
        async {
            if self.holder()?.is_none() {
                return Ok(false);
            }
            let message = format!("{} is alive and holds the lock of {}", super::who(held), self.place());
            let pid = held.holder.as_ref().map_or_else(|| "PID".to_owned(), |holder| holder.pid.to_string());
            Err(Failure::new(Exit::Locked, "locked", message)
                .hint(format!("the lock is free as soon as that process ends: `kill {pid}`")))
        }
        .boxed()
    }
}

/// The holder of the lock. The kernel frees it when its process ends, however that happens.
struct DiskWriter {
    store: DiskStore,
    state: State,
    /// The serial that the next generation follows.
    base: u64,
    #[expect(dead_code, reason = "held until it is dropped")]
    lock: Signed,
    /// Whether the journal is this run's.
    open: bool,
}

impl DiskWriter {
    fn append_now(&self, entries: &[Entry]) -> io::Result<()> {
        let text = journal::text(entries);
        let (path, folder) = (self.store.file(JOURNAL), self.store.folder());
        let layer = &self.store.layer;
        if self.open {
            layer.act(Act::Append(&path, text.as_bytes()))?;
            return layer.act(Act::Sync(&path));
        }
        layer.act(Act::Write(&path, text.as_bytes()))?;
        layer.act(Act::Sync(&path))?;
        // Its name must be as durable as its lines.
        layer.act(Act::Sync(&folder))
    }

    /// Writes the next generation beside the present one, keeps that as the previous one, and takes its place.
    fn save_now(&self, text: &str, keep: bool) -> io::Result<()> {
        let [current, previous, next, kept, journal] =
            [STATE, PREVIOUS, "state.next.json", "state.kept.json", JOURNAL].map(|name| self.store.file(name));
        let layer = &self.store.layer;
        layer.act(Act::Write(&next, text.as_bytes()))?;
        layer.act(Act::Sync(&next))?;
        if keep {
            layer.act(Act::Remove(&kept))?;
            layer.act(Act::Link(&current, &kept))?;
            layer.act(Act::Rename(&kept, &previous))?;
        }
        layer.act(Act::Rename(&next, &current))?;
        layer.act(Act::Sync(&self.store.folder()))?;
        layer.act(Act::Remove(&journal))
    }
}

impl Journal for DiskWriter {
    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), JournalError>> {
        async {
            self.append_now(entries)
                .map_err(|error| JournalError(format!("{}: {error}", self.store.file(JOURNAL).display())))?;
            self.open = true;
            entries.iter().for_each(|entry| enter(&mut self.state, entry.clone()));
            Ok(())
        }
        .boxed()
    }

    fn is_dear(&self) -> bool {
        false
    }
}

impl Writer for DiskWriter {
    fn load(&mut self) -> BoxFuture<'_, Result<Loaded, Failure>> {
        async {
            let loaded = self.store.load_now()?;
            (self.state, self.base, self.open) = (loaded.state.clone(), loaded.state.serial, false);
            Ok(loaded)
        }
        .boxed()
    }

    fn anew(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        (self.state, self.base, self.open) = (first(&self.store.scope), 0, false);
        std::future::ready(Ok(())).boxed()
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn amend(&mut self, change: &mut dyn FnMut(&mut State)) {
        change(&mut self.state);
    }

    fn save(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        async {
            // A damaged generation is no use as the previous one: the one before it stays.
            let found = self.store.read(STATE);
            let keep = matches!(found, Ok(Some(_)));
            if matches!(&found, Ok(Some(found)) if found.serial != self.base)
                || matches!(found, Ok(None) if self.base != 0)
            {
                return Err(overtaken(&self.store.place()));
            }
            let next = State { serial: self.base + 1, ..self.state.clone() };
            self.save_now(&next.to_text(), keep).map_err(|error| {
                let message = format!("{}: the state cannot be written: {error}", self.store.file(STATE).display());
                Failure::new(Exit::Other, "state-not-written", message)
                    .hint("make room, then run again: what is done is found")
            })?;
            (self.state, self.base, self.open) = (next.clone(), next.serial, false);
            Ok(())
        }
        .boxed()
    }

    fn gate(&self) -> Option<Arc<dyn Gate>> {
        None
    }

    fn slips(&self) -> Option<watch::Receiver<bool>> {
        None
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        drop(self);
        std::future::ready(()).boxed()
    }
}
