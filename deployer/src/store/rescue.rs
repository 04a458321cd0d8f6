//! Rescue files: what a run learnt and could not write where the state is kept.
//!
//! The next run on the same state takes it up by itself.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use deployer_engine::journal::{Entry, fold};
use deployer_engine::state::{Scope, State};
use deployer_engine::value::sha256_hex;
use deployer_local::private;
use serde::{Deserialize, Serialize};

/// The folder of rescue files, below the project's.
const FOLDER: [&str; 2] = [".deployer", "rescue"];

/// What could not be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rescue {
    /// Whose state it belongs to.
    pub scope: Scope,
    /// That state's lineage.
    pub lineage: String,
    /// The serial of the state as it was last written for sure.
    pub serial: u64,
    /// What came of the run after that.
    pub entries: Vec<Entry>,
}

/// What a rescue file means for a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It goes on where the state ends.
    Next,
    /// The state was written since, by a run that looked everything up: it tells nothing new.
    Past,
    /// It belongs to another history.
    Other,
}

impl Rescue {
    /// What it means for this state. The write that is thought to have failed may have happened.
    pub fn fit(&self, state: &State) -> Fit {
        match state.serial.checked_sub(self.serial) {
            _ if self.scope != state.scope || self.lineage != state.lineage => Fit::Other,
            Some(0 | 1) => Fit::Next,
            Some(_) => Fit::Past,
            None => Fit::Other,
        }
    }

    /// The state with what could not be written.
    pub fn merge(&self, state: &mut State) {
        *state = fold(state.clone(), self.entries.iter().cloned());
    }

    /// Writes it below the project's folder, or where that cannot be written to into a private folder among the
    /// temporary ones; where it is.
    pub fn write(&self, project: &Path) -> io::Result<PathBuf> {
        let body = serde_json::to_value(self)?;
        let text = serde_json::json!({ "checksum": sha256_hex(&body), "rescue": body }).to_string();
        let name = name(&self.scope);
        let below = |folder: PathBuf| {
            let path = folder.join(&name);
            private::write(&path, text.as_bytes()).map(|()| path)
        };
        private::folders(project, &FOLDER).and_then(below).or_else(|_| {
            let folder = elsewhere(project);
            private::folder(&folder)?;
            below(folder)
        })
    }
}

/// The rescue files of a state, wherever they are. What cannot be read is left alone.
pub fn find(project: &Path, scope: &Scope) -> Vec<(PathBuf, Rescue)> {
    let home = FOLDER.iter().fold(project.to_owned(), |path, part| path.join(part));
    let paths = [home, elsewhere(project)].map(|folder| folder.join(name(scope)));
    paths.into_iter().filter_map(|path| Some((path.clone(), read(&path)?))).collect()
}

fn read(path: &Path) -> Option<Rescue> {
    let facts = std::fs::symlink_metadata(path).ok()?;
    let ours = facts.is_file() && facts.uid() == rustix::process::getuid().as_raw();
    let sealed: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok().filter(|_| ours)?).ok()?;
    let rescue = serde_json::from_value(sealed["rescue"].clone()).ok()?;
    (sealed["checksum"] == sha256_hex(&sealed["rescue"])).then_some(rescue)
}

fn name(scope: &Scope) -> String {
    format!("{}-{}-{}.json", scope.stack, scope.environment, scope.account)
}

/// This user's folder for this project, where every user may make one.
fn elsewhere(project: &Path) -> PathBuf {
    let digest = sha256_hex(&serde_json::Value::from(project.display().to_string()));
    let user = rustix::process::getuid().as_raw();
    std::env::temp_dir().join(format!("deployer-rescue-{user}-{}", &digest[..16]))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn scope() -> Scope {
        let word = |text: &str| text.to_owned();
        Scope { stack: word("s"), environment: word("e"), account: word("000000000000"), region: word("us-west-2") }
    }

    fn rescue() -> Rescue {
        let entries = vec![Entry::Told { outputs: [("url".to_owned(), "x".to_owned())].into() }];
        Rescue { scope: scope(), lineage: "l".into(), serial: 4, entries }
    }

    #[test]
    fn what_was_rescued_is_found_again_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = rescue().write(folder.path()).unwrap();
        assert!(path.starts_with(folder.path().join(".deployer/rescue")));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(find(folder.path(), &scope()), [(path.clone(), rescue())]);
        assert_eq!(find(folder.path(), &Scope { account: "1".into(), ..scope() }), []);
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replace("\"serial\":4", "\"serial\":5")).unwrap();
        assert_eq!(find(folder.path(), &scope()), [], "a changed one is no rescue");
    }

    #[test]
    fn where_the_project_cannot_be_written_to_it_is_among_the_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        // A file where the folder would be: nobody can make it, not even root.
        std::fs::write(folder.path().join(".deployer"), "").unwrap();
        let path = rescue().write(folder.path()).unwrap();
        assert!(path.starts_with(std::env::temp_dir()) && !path.starts_with(folder.path()));
        assert_eq!(find(folder.path(), &scope()), [(path.clone(), rescue())]);
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn only_what_goes_on_where_the_state_ends_is_merged() {
        let state = |lineage: &str, serial| State { serial, ..State::empty(scope(), lineage.to_owned()) };
        let cases = [(4, Fit::Next), (5, Fit::Next), (6, Fit::Past), (3, Fit::Other)];
        for (serial, fit) in cases {
            assert_eq!(rescue().fit(&state("l", serial)), fit, "{serial}");
        }
        assert_eq!(rescue().fit(&state("another", 4)), Fit::Other);
        let mut merged = state("l", 4);
        rescue().merge(&mut merged);
        assert_eq!(merged.outputs["url"], "x");
    }
}
