//! Everything that an artifact is made of, as one digest and a list that says what changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::cache::{Cache, Shelf, sha256_hex};

/// What an artifact is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// SHA-256 of each file, by its path below the project.
    pub files: BTreeMap<String, String>,
    /// Packages of others by name, version and source, with their checksums.
    pub packages: BTreeMap<String, String>,
    /// Anything else: profile, architecture, command. Long values stand as their digests.
    pub settings: BTreeMap<String, String>,
}

impl Sources {
    /// SHA-256 of the list, lower-case hex.
    pub fn sha256(&self) -> String {
        sha256_hex(&self.to_bytes())
    }

    /// The same with one more setting.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Keeps the list, so that a later plan can say what changed. Losing it loses those words only.
    /// `digest` is [`Sources::sha256`].
    pub fn keep(&self, digest: &str, cache: &Cache) {
        if !cache.has(Shelf::Sources, digest) {
            let _ = cache.write(Shelf::Sources, digest, &self.to_bytes());
        }
    }

    /// The list of that digest, when this project has kept it.
    pub fn find(cache: &Cache, sha256: &str) -> Option<Self> {
        serde_json::from_slice(&cache.read_checked(Shelf::Sources, sha256).ok()?).ok()
    }

    /// What differs, in a few words such as `3 files, 1 dependency`. Empty: nothing.
    pub fn changes_to(&self, new: &Self) -> String {
        let files = count(differing(&self.files, &new.files), "file", "files");
        // A new version of a package is one change, though its key differs.
        let named = |packages: &BTreeMap<String, String>| {
            let mut by_name = BTreeMap::<String, BTreeSet<String>>::new();
            for (key, checksum) in packages {
                let (name, rest) = key.split_once(' ').unwrap_or((key, ""));
                by_name.entry(name.to_owned()).or_default().insert(format!("{rest} {checksum}"));
            }
            by_name
        };
        let packages = count(differing(&named(&self.packages), &named(&new.packages)), "dependency", "dependencies");
        let settings = count(differing(&self.settings, &new.settings), "build setting", "build settings");
        [files, packages, settings].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a list is plain data")
    }
}

fn differing<V: PartialEq>(old: &BTreeMap<String, V>, new: &BTreeMap<String, V>) -> usize {
    let keys = old.keys().chain(new.keys()).collect::<BTreeSet<_>>();
    keys.into_iter().filter(|key| old.get(*key) != new.get(*key)).count()
}

fn count(number: usize, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }))
}

/// A size as a person reads it: `812 B`, `4.1 kB`, `4.1 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let tenths = |unit: u64| (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    // 999.95 kB is the first that reads better as 1.0 MB.
    let (name, unit) = UNITS.into_iter().find(|(_, unit)| tenths(*unit) < 10_000).unwrap_or(UNITS[2]);
    format!("{}.{} {name}", tenths(unit) / 10, tenths(unit) % 10)
}

/// Two sizes, the unit said once where both have it: `4.1 → 4.2 MB`.
pub fn sizes(old: u64, new: u64) -> String {
    let (old, new) = (size(old), size(new));
    match (old.split_once(' '), new.split_once(' ')) {
        _ if old == new => new,
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} → {new}"),
        _ => format!("{old} → {new}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn changes_are_counted_in_words() {
        let old = Sources {
            files: map(&[("a", "1"), ("b", "1"), ("c", "1")]),
            packages: map(&[("serde 1.0.1 r", "x"), ("toml 1.0.0 r", "y")]),
            settings: map(&[("profile", "p")]),
        };
        let new = Sources {
            files: map(&[("a", "2"), ("c", "1"), ("d", "1")]),
            packages: map(&[("serde 1.0.2 r", "z"), ("toml 1.0.0 r", "y")]),
            settings: map(&[("profile", "q")]),
        };
        assert_eq!(old.changes_to(&new), "3 files, 1 dependency, 1 build setting");
        assert_eq!(old.changes_to(&old), "");
        assert_ne!(old.sha256(), new.sha256());
    }

    #[test]
    fn a_list_is_found_again_by_its_digest() {
        let project = tempfile::tempdir().unwrap();
        let cache = Cache::new(project.path());
        let list = Sources { files: map(&[("a", "1")]), ..Sources::default() };
        assert_eq!(Sources::find(&cache, &list.sha256()), None);
        list.keep(&list.sha256(), &cache);
        assert_eq!(Sources::find(&cache, &list.sha256()), Some(list));
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (4_149_999, "4.1 MB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (47_000_000_000, "47.0 GB"),
        ] {
            assert_eq!(size(bytes), shown, "{bytes}");
        }
        assert_eq!(sizes(4_100_000, 4_200_000), "4.1 → 4.2 MB");
        assert_eq!(sizes(900_000, 1_200_000), "900.0 kB → 1.2 MB");
        assert_eq!(sizes(4_100_000, 4_100_001), "4.1 MB");
    }
}
