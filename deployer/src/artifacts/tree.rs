//! The files of a folder that git would not ignore, found without git.

use std::fs;
use std::path::{Path, PathBuf};

use deployer_engine::diagnostic::{Diagnostic, MAX_FAULTS, shown};
use ignore::gitignore::Gitignore;

/// Folders that are never sources, whatever `.gitignore` says.
const NEVER: &[&str] = &[".git", ".deployer", "node_modules"];
/// Most files of one folder: a source tree of more is a mistake, such as a data folder that nobody ignores.
const MAX_FILES: usize = 50_000;
/// Deepest nesting of folders.
const MAX_DEPTH: usize = 64;

/// The files of one folder.
pub struct Tree<'a> {
    project: &'a Path,
    /// The project's real place, to tell where a link leads.
    real_project: PathBuf,
    /// Whether a folder, by its path below the project, is left out.
    leave_out: &'a dyn Fn(&str, &Path) -> bool,
    files: Vec<String>,
    faults: Vec<Diagnostic>,
}

/// Every file of `folder` (a path below the project, "" is the project itself) that no `.gitignore`
/// of the project excludes, as sorted paths below the project. `leave_out` is asked for each folder
/// below, with its path and its place.
pub fn files(
    project: &Path,
    folder: &str,
    leave_out: &dyn Fn(&str, &Path) -> bool,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let real_project = project.canonicalize().map_err(|error| vec![unreadable(".", &error)])?;
    let mut tree = Tree { project, real_project, leave_out, files: Vec::new(), faults: Vec::new() };
    let mut rules = Vec::new();
    let mut above = String::new();
    for part in folder.split('/').filter(|part| !part.is_empty()) {
        tree.read_rules(&above, &mut rules);
        above = joined(&above, part);
    }
    tree.visit(folder, &mut rules, &mut Vec::new());
    tree.files.sort();
    if tree.faults.is_empty() { Ok(tree.files) } else { Err(tree.faults) }
}

impl Tree<'_> {
    fn visit(&mut self, folder: &str, rules: &mut Vec<Gitignore>, through: &mut Vec<PathBuf>) {
        if through.len() > MAX_DEPTH {
            return self.fault(
                "too-deep",
                format!("`{}` is nested more than {MAX_DEPTH} folders deep", shown(folder)),
                "leave it out with .gitignore",
            );
        }
        let place = self.project.join(folder);
        let real = match place.canonicalize() {
            Ok(real) => real,
            Err(error) => return self.faults.push(unreadable(folder, &error)),
        };
        if !real.starts_with(&self.real_project) {
            return self.leaves(folder);
        }
        // A link to a folder above itself would be walked for ever.
        if through.contains(&real) {
            return;
        }
        let entries = fs::read_dir(&place).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.faults.push(unreadable(folder, &error)),
        };
        through.push(real);
        let before = rules.len();
        self.read_rules(folder, rules);
        for entry in entries {
            self.see(folder, &entry, rules, through);
        }
        rules.truncate(before);
        through.pop();
    }

    fn see(&mut self, folder: &str, entry: &fs::DirEntry, rules: &mut Vec<Gitignore>, through: &mut Vec<PathBuf>) {
        if self.files.len() >= MAX_FILES || self.faults.len() >= MAX_FAULTS {
            return;
        }
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let message = format!("the name of `{}` is no UTF-8", shown(&joined(folder, &name.to_string_lossy())));
            return self.fault("bad-file-name", message, "rename it or leave it out with .gitignore");
        };
        let (path, place) = (joined(folder, name), entry.path());
        let linked = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let facts = if linked { fs::metadata(&place) } else { entry.metadata() };
        let is_folder = facts.as_ref().is_ok_and(fs::Metadata::is_dir);
        let left_out = is_folder && (NEVER.contains(&name) || (self.leave_out)(&path, &place));
        if left_out || is_ignored(rules, &place, is_folder) {
            return;
        }
        if linked && !self.stays_inside(&place) {
            return self.leaves(&path);
        }
        match facts {
            Ok(facts) if facts.is_dir() => self.visit(&path, rules, through),
            Ok(facts) if facts.is_file() => self.files.push(path),
            // A pipe or a device is nothing to build from, and a link to nothing neither.
            _ => {}
        }
        if self.files.len() >= MAX_FILES {
            let message = format!("there are more than {MAX_FILES} files below `{}`", shown(folder));
            self.fault("too-many-files", message, "leave out with .gitignore what is no source");
        }
    }

    /// Whether a link leads to something in the project. One that leads nowhere does no harm.
    fn stays_inside(&self, place: &Path) -> bool {
        place.canonicalize().map_or(true, |real| real.starts_with(&self.real_project))
    }

    fn read_rules(&self, folder: &str, rules: &mut Vec<Gitignore>) {
        let place = self.project.join(folder).join(".gitignore");
        if fs::symlink_metadata(&place).is_ok_and(|facts| facts.is_file()) {
            // A line that is no pattern is passed over, as git does.
            rules.push(Gitignore::new(place).0);
        }
    }

    fn leaves(&mut self, path: &str) {
        let message = format!("`{}` is a link that leads out of the project", shown(path));
        self.fault("link-leaves-project", message, "put the file itself there, or leave it out with .gitignore");
    }

    fn fault(&mut self, code: &'static str, message: String, hint: &str) {
        self.faults.push(Diagnostic::error(code, message).hint(hint));
    }
}

fn is_ignored(rules: &[Gitignore], place: &Path, is_folder: bool) -> bool {
    let decided = rules.iter().rev().map(|each| each.matched(place, is_folder)).find(|each| !each.is_none());
    decided.is_some_and(|each| each.is_ignore())
}

/// A fault of a file or folder that cannot be read.
pub fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("`{}` cannot be read: {error}", shown(path)))
}

/// A path and one more part of it.
pub fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path with `.` and `..` taken out; absent when it leads out of the project or is absolute.
pub fn plain(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn project(files: &[&str]) -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        for path in files {
            let place = project.path().join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, *path).unwrap();
        }
        project
    }

    fn all(_: &str, _: &Path) -> bool {
        false
    }

    #[test]
    fn what_git_ignores_is_left_out_by_the_rules_of_every_folder_above() {
        let project = project(&[
            "a/src/main.rs",
            "a/out/x",
            "a/b.log",
            "a/keep/b.log",
            "a/node_modules/y",
            "a/.hidden",
            "other/z",
            "a/.git/HEAD",
        ]);
        fs::write(project.path().join(".gitignore"), "out/\n*.log\n").unwrap();
        fs::write(project.path().join("a/keep/.gitignore"), "!b.log\n").unwrap();
        let found = files(project.path(), "a", &all).unwrap();
        assert_eq!(found, ["a/.hidden", "a/keep/.gitignore", "a/keep/b.log", "a/src/main.rs"]);
    }

    #[test]
    fn a_link_within_the_project_is_followed_and_one_out_of_it_is_refused() {
        let project = project(&["a/x", "shared/y"]);
        symlink("../shared", project.path().join("a/shared")).unwrap();
        symlink(".", project.path().join("a/round")).unwrap();
        symlink("nowhere", project.path().join("a/nowhere")).unwrap();
        assert_eq!(files(project.path(), "a", &all).unwrap(), ["a/shared/y", "a/x"]);
        symlink("/etc/hostname", project.path().join("a/out")).unwrap();
        symlink("../..", project.path().join("a/up")).unwrap();
        let faults = files(project.path(), "a", &all).unwrap_err();
        assert_eq!(faults.iter().map(|each| each.code).collect::<Vec<_>>(), ["link-leaves-project"; 2]);
    }

    #[test]
    fn a_path_that_leads_out_is_none() {
        assert_eq!(plain("a/../b/./c").as_deref(), Some("b/c"));
        assert_eq!(plain("."), Some(String::new()));
        for path in ["/etc", "..", "a/../../b"] {
            assert_eq!(plain(path), None, "{path}");
        }
    }
}
