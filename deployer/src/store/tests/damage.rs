//! A journal that is damaged: what it says up to the damage counts, and nothing that was not written.

use std::path::PathBuf;

use deployer_engine::journal::Entry;
use deployer_engine::state::{Standing, State};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use super::{loaded, opened, record, saved, scope, taken, told};
use crate::store::disk::DiskStore;

/// Journals that are spoilt at random.
const CASES: usize = 256;

/// A state, and the journal of a run that was killed.
struct Killed {
    _folder: TempDir,
    store: DiskStore,
    journal: PathBuf,
    /// The journal as it was written.
    whole: Vec<u8>,
    /// The state as it is after so many of its lines, none first.
    known: Vec<State>,
}

impl Killed {
    async fn run() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = DiskStore::new(folder.path(), scope("s"));
        saved(&store, "before").await;
        let mut known = vec![loaded(&store).await.state];
        let mut writer = taken(&store, "deployer up").await;
        let state = writer.load().await.unwrap().state;
        let made = |name: &str| Entry::Done { record: Box::new(record(name)), retire: Standing::Deposed };
        for entry in [opened(&state), told("one"), made("a"), made("b"), told("two")] {
            writer.append(&[entry]).await.unwrap();
            known.push(writer.state().clone());
        }
        drop(writer);
        let journal = store.folder().join("journal.jsonl");
        let whole = std::fs::read(&journal).unwrap();
        Self { _folder: folder, store, journal, whole, known }
    }

    /// What is loaded with this journal is what some number of its lines tell.
    async fn is_believed_in_part(&self, journal: &[u8], what: &str) {
        std::fs::write(&self.journal, journal).unwrap();
        let state = loaded(&self.store).await.state;
        assert!(
            self.known.iter().any(|known| known.records == state.records && known.outputs == state.outputs),
            "{what}"
        );
    }
}

#[tokio::test]
async fn every_prefix_of_a_journal_counts_as_far_as_its_lines_are_whole() {
    let killed = Killed::run().await;
    for end in 0..=killed.whole.len() {
        killed.is_believed_in_part(&killed.whole[..end], &format!("{end} bytes")).await;
    }
    killed.is_believed_in_part(&killed.whole, "all of it").await;
    assert_eq!(loaded(&killed.store).await.state.outputs["text"], "two");
}

#[tokio::test]
async fn what_a_flipped_bit_of_a_journal_says_is_not_believed() {
    let killed = Killed::run().await;
    // One bit of each byte, each time another.
    for at in 0..killed.whole.len() {
        let bit = at % 8;
        let mut bent = killed.whole.clone();
        bent[at] ^= 1 << bit;
        killed.is_believed_in_part(&bent, &format!("byte {at}, bit {bit}")).await;
    }
}

#[tokio::test]
async fn nothing_that_stands_in_a_journal_by_accident_is_believed() {
    let killed = Killed::run().await;
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..200), "\\PC{0,80}".prop_map(String::into_bytes)];
    let spoilt = (bytes, 0..=killed.whole.len(), 0..40_usize);
    let mut runner = TestRunner::default();
    for _ in 0..CASES {
        let (bytes, at, lost) = spoilt.new_tree(&mut runner).unwrap().current();
        let after = (at + lost).min(killed.whole.len());
        let journal = [&killed.whole[..at], &bytes, &killed.whole[after..]].concat();
        killed.is_believed_in_part(&journal, &format!("{:?}", String::from_utf8_lossy(&journal))).await;
    }
}
