//! The lines of a journal file: an entry each, with a checksum.

use deployer_engine::journal::Entry;
use deployer_engine::state::State;
use deployer_engine::value::sha256_hex;
use serde::{Deserialize, Serialize};

/// Hex digits of a line's checksum: enough to notice a torn or flipped line.
const CHECKSUM_CHARS: usize = 16;

#[derive(Serialize, Deserialize)]
struct Line {
    sum: String,
    entry: Entry,
}

/// Entries as lines.
pub fn text(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let line = Line { sum: checksum(entry), entry: entry.clone() };
        format!("{}\n", serde_json::to_string(&line).expect("an entry is plain data"))
    };
    entries.iter().map(line).collect()
}

/// The entries of a journal that belongs to this state, up to the first torn one. `fallback`: the state is the
/// previous generation, and a journal of the lost one after it counts, too.
pub fn entries(text: &[u8], base: &State, fallback: bool) -> Vec<Entry> {
    let text = String::from_utf8_lossy(text);
    let entries: Vec<Entry> = text.lines().map_while(unsealed).collect();
    let fits = |serial: u64| serial == base.serial || (fallback && serial == base.serial + 1);
    match entries.first() {
        Some(Entry::Opened { lineage, serial }) if fits(*serial) && (*lineage == base.lineage || base.serial == 0) => {
            entries
        }
        _ => Vec::new(),
    }
}

fn unsealed(text: &str) -> Option<Entry> {
    let line: Line = serde_json::from_str(text).ok()?;
    (line.sum == checksum(&line.entry)).then_some(line.entry)
}

fn checksum(entry: &Entry) -> String {
    let mut sum = sha256_hex(&serde_json::to_value(entry).expect("an entry is plain data"));
    sum.truncate(CHECKSUM_CHARS);
    sum
}
