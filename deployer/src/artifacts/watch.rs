//! Whether something of what a stack ships has changed on the disk: a look costs a `stat` a file, on any file system.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{ArtifactStore, Requests, tree};

/// Files of the project's folder that every function depends on.
const OF_EVERY_FUNCTION: [&str; 2] = ["Cargo.toml", "Cargo.lock"];

/// What tells two contents of a file, or two lists of a folder, apart.
type Seen = Option<(u64, i64, i64, u64)>;

/// Files and folders that are looked at again and again.
#[derive(Default)]
pub struct Watched(BTreeMap<PathBuf, Seen>);

impl Watched {
    /// Watches files, and the folders that they are in: a new file changes its folder.
    pub fn new(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let files: BTreeSet<PathBuf> = files.into_iter().collect();
        let folders: BTreeSet<PathBuf> = files.iter().filter_map(|path| Some(path.parent()?.to_owned())).collect();
        Self::default().and(files).and(folders)
    }

    /// Watches these, too, whatever else comes and goes in their folders.
    #[must_use]
    pub fn and(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.0.extend(paths.into_iter().map(|path| (path.clone(), seen(&path))));
        self
    }

    /// Whether something has changed since the last look, or since they are watched.
    pub fn look(&mut self) -> bool {
        let mut changed = false;
        for (path, before) in &mut self.0 {
            let now = seen(path);
            changed |= now != *before;
            *before = now;
        }
        changed
    }
}

fn seen(path: &Path) -> Seen {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.ino(), facts.mtime(), facts.mtime_nsec(), facts.size()))
}

impl ArtifactStore {
    /// Watches the files that what is asked for is made of; while that cannot be told, every file of the project that git
    /// would not ignore.
    pub fn watched(&self, requests: &Requests) -> Watched {
        let place = |path: &String| self.project.join(path);
        let Ok(look) = self.look(requests) else {
            let all = tree::files(&self.project, "", &|_, _| false).unwrap_or_default();
            return Watched::new(all.iter().map(place));
        };
        let of_functions = look.functions.iter().flat_map(|each| each.sources.files.keys());
        let of_sites = look.sites.iter().flat_map(|(_, site)| site.inputs.files.keys());
        let manifests = look.functions.iter().map(|each| each.job.manifest.clone());
        let of_all =
            OF_EVERY_FUNCTION.iter().filter(|_| !look.functions.is_empty()).map(|name| self.project.join(name));
        // Much comes and goes in the project's own folder.
        let (top, below) = of_functions
            .chain(of_sites)
            .map(place)
            .partition::<Vec<_>, _>(|path| path.parent() == Some(self.project.as_path()));
        Watched::new(below).and(top).and(manifests).and(of_all)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_look_sees_what_was_written_made_renamed_and_removed_since_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("a"), "one").unwrap();
        let mut watched = Watched::new([file("a"), file("not-yet")]);
        assert!(!watched.look());
        let changes: [(&str, &dyn Fn()); 5] = [
            ("written", &|| fs::write(file("a"), "longer").unwrap()),
            ("made", &|| fs::write(file("not-yet"), "").unwrap()),
            ("a neighbour", &|| fs::write(file("neighbour"), "").unwrap()),
            // As editors save: beside it, then in its place.
            ("renamed", &|| fs::write(file("b"), "longer").and_then(|()| fs::rename(file("b"), file("a"))).unwrap()),
            ("removed", &|| fs::remove_file(file("a")).unwrap()),
        ];
        for (what, change) in changes {
            change();
            assert!(watched.look(), "{what}");
            assert!(!watched.look(), "{what}");
        }
    }
}
