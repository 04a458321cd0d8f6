//! The files of a built site: what may be published, and what must never be.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use deployer_engine::diagnostic::{Diagnostic, MAX_FAULTS, shown};

use super::tree::{joined, unreadable};

/// Most files of a site.
const MAX_FILES: usize = 50_000;
/// Deepest nesting of folders.
const MAX_DEPTH: usize = 32;
/// Longest path below the site's folder, in bytes: a key of S3 has 1024, and something stands before it.
const MAX_PATH_BYTES: usize = 1024 - 64;
/// What a desktop leaves behind; it is passed over.
const LITTER: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];
/// Names that are never published, in small letters.
const SECRET_NAMES: &[&str] = &[".git", ".hg", ".svn", ".npmrc", ".netrc", ".htpasswd", ".aws", ".ssh", ".deployer"];
/// How such names begin.
const SECRET_BEGINNINGS: &[&str] = &[".env", "id_"];
/// How such names end.
const SECRET_ENDINGS: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".keystore"];

/// Walks the folder of a site.
struct Walk<'a> {
    project: &'a Path,
    real_folder: PathBuf,
    files: Vec<String>,
    /// Paths by their small letters.
    by_small: BTreeMap<String, String>,
    faults: Vec<Diagnostic>,
}

/// Every file of the folder `dir` (a path below the project), as sorted paths below `dir`. All faults at once.
pub fn files(project: &Path, dir: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
    let place = project.join(dir);
    let real = |place: &Path| place.canonicalize().map_err(|error| vec![unreadable(dir, &error)]);
    let (real_project, real_folder) = (real(project)?, real(&place)?);
    if !real_folder.starts_with(&real_project) || real_folder == real_project {
        let fault = Diagnostic::error("link-leaves-project", format!("`{}` leads out of the project", shown(dir)));
        return Err(vec![fault.hint("a site is a folder of the project")]);
    }
    let mut walk = Walk { project, real_folder, files: Vec::new(), by_small: BTreeMap::new(), faults: Vec::new() };
    walk.visit(dir, "", 0);
    if walk.files.is_empty() && walk.faults.is_empty() {
        walk.faults.push(Diagnostic::error("empty-site", format!("there is no file in `{}`", shown(dir))));
    }
    walk.files.sort();
    if walk.faults.is_empty() { Ok(walk.files) } else { Err(walk.faults) }
}

impl Walk<'_> {
    fn visit(&mut self, dir: &str, folder: &str, depth: usize) {
        let full = joined(dir, folder);
        if depth > MAX_DEPTH {
            return self.fault(
                "too-deep",
                &full,
                &format!("is nested more than {MAX_DEPTH} folders deep"),
                "flatten it",
            );
        }
        let entries = fs::read_dir(self.project.join(&full)).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.faults.push(unreadable(&full, &error)),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if self.faults.len() < MAX_FAULTS && self.files.len() <= MAX_FILES {
                self.see(dir, folder, &entry, depth);
            }
        }
    }

    fn see(&mut self, dir: &str, folder: &str, entry: &fs::DirEntry, depth: usize) {
        let name = entry.file_name();
        let lossy = joined(&joined(dir, folder), &name.to_string_lossy());
        let Some(name) = name.to_str() else {
            return self.fault("bad-file-name", &lossy, "has a name that is no UTF-8", "rename it");
        };
        if LITTER.contains(&name) {
            return;
        }
        let path = joined(folder, name);
        if !self.may_be_named(&lossy, &path, name) {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => self.visit(dir, &path, depth + 1),
            Ok(kind) if kind.is_file() => self.take(path),
            Ok(kind) if kind.is_symlink() => self.follow(&lossy, path, &entry.path()),
            Ok(kind) => {
                let what = if kind.is_fifo() || kind.is_socket() { "is a pipe or a socket" } else { "is a device" };
                self.fault("no-regular-file", &lossy, what, "a site has files and folders only");
            }
            Err(error) => self.faults.push(unreadable(&lossy, &error)),
        }
    }

    fn may_be_named(&mut self, shown_as: &str, path: &str, name: &str) -> bool {
        let before = self.faults.len();
        if name.chars().any(|each| each.is_control() || each == '\\') || path.len() > MAX_PATH_BYTES {
            self.fault(
                "bad-file-name",
                shown_as,
                "has a name that cannot be published",
                "rename it: no control characters, no `\\`, not too long",
            );
        }
        if is_secret(name) {
            self.fault(
                "secret-in-site",
                shown_as,
                "looks like a secret, and a site is public",
                "keep it out of the build's output, or rename it",
            );
        }
        let small = path.to_lowercase();
        match self.by_small.get(&small).filter(|other| *other != path).cloned() {
            Some(other) => self.fault(
                "case-clash",
                shown_as,
                &format!("and `{}` differ only in capitals", shown(&other)),
                "rename one: on many machines they are one file",
            ),
            None => drop(self.by_small.insert(small, path.to_owned())),
        }
        self.faults.len() == before
    }

    /// A link to a file of the same site is that file.
    fn follow(&mut self, shown_as: &str, path: String, place: &Path) {
        match place.canonicalize() {
            Ok(real) if !real.starts_with(&self.real_folder) => self.fault(
                "link-leaves-site",
                shown_as,
                "is a link that leads out of the site",
                "put the file itself there",
            ),
            Ok(real) if real.is_file() => {
                let hidden = real
                    .strip_prefix(&self.real_folder)
                    .unwrap_or(&real)
                    .iter()
                    .filter_map(|part| part.to_str())
                    .any(is_secret);
                if hidden {
                    self.fault("secret-in-site", shown_as, "is a link to what looks like a secret", "remove it");
                } else {
                    self.take(path);
                }
            }
            Ok(_) => self.fault("link-in-site", shown_as, "is a link to a folder", "put the files themselves there"),
            Err(_) => self.fault("link-in-site", shown_as, "is a link that leads nowhere", "remove it"),
        }
    }

    fn take(&mut self, path: String) {
        self.files.push(path);
        if self.files.len() == MAX_FILES + 1 {
            let message = format!("the site has more than {MAX_FILES} files");
            self.faults.push(Diagnostic::error("too-many-files", message));
        }
    }

    fn fault(&mut self, code: &'static str, path: &str, what: &str, hint: &str) {
        self.faults.push(Diagnostic::error(code, format!("`{}` {what}", shown(path))).hint(hint));
    }
}

fn is_secret(name: &str) -> bool {
    let small = name.to_lowercase();
    SECRET_NAMES.contains(&small.as_str())
        || SECRET_BEGINNINGS.iter().any(|each| small.starts_with(each))
        || SECRET_ENDINGS.iter().any(|each| small.ends_with(each))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::tests::world::pipe;
    use super::*;

    fn site(paths: &[&str]) -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        for path in paths {
            let place = project.path().join("site/dist").join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, *path).unwrap();
        }
        project
    }

    fn codes(project: &tempfile::TempDir) -> Vec<&'static str> {
        files(project.path(), "site/dist").unwrap_err().into_iter().map(|each| each.code).collect()
    }

    #[test]
    fn a_plain_site_is_taken_whole() {
        let project = site(&["index.html", "assets/a.js", ".well-known/security.txt", "assets/keys.json", ".DS_Store"]);
        symlink("index.html", project.path().join("site/dist/home.html")).unwrap();
        let found = files(project.path(), "site/dist").unwrap();
        assert_eq!(found, [".well-known/security.txt", "assets/a.js", "assets/keys.json", "home.html", "index.html"]);
    }

    #[test]
    fn every_secret_is_named_at_once() {
        let secrets = [
            ".env",
            ".env.production",
            "a/.ENV",
            ".git/config",
            "tls.pem",
            "a/tls.KEY",
            "id_rsa",
            "id_ed25519.pub",
            ".npmrc",
            "a/.ssh/known",
        ];
        let project = site(&[&secrets[..], &["index.html"]].concat());
        let faults = files(project.path(), "site/dist").unwrap_err();
        assert_eq!(faults.len(), secrets.len());
        assert!(faults.iter().all(|each| each.code == "secret-in-site"), "{faults:?}");
    }

    // Elsewhere names are UTF-8 and capitals make no difference: such a tree cannot be made.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_hostile_tree_is_refused_with_all_its_faults() {
        use std::collections::BTreeSet;
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let project =
            site(&["index.html", "Index.html", "a/b.txt", "line\nfeed.txt", "back\\slash.txt", ".hidden.pem/x"]);
        let dist = project.path().join("site/dist");
        symlink("/etc/hostname", dist.join("out.txt")).unwrap();
        symlink("../../..", dist.join("up")).unwrap();
        symlink("a", dist.join("folder")).unwrap();
        symlink("gone", dist.join("gone.txt")).unwrap();
        pipe(&dist.join("pipe"));
        fs::write(dist.join(OsStr::from_bytes(b"caf\xe9.html")), "x").unwrap();
        let found = codes(&project);
        assert_eq!(found.len(), 10, "{found:?}");
        let expected =
            ["bad-file-name", "case-clash", "link-in-site", "link-leaves-site", "no-regular-file", "secret-in-site"];
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(expected));
    }

    #[test]
    fn a_link_to_a_secret_of_the_site_does_not_hide_it() {
        let project = site(&["index.html"]);
        fs::create_dir(project.path().join("site/dist/.git")).unwrap();
        fs::write(project.path().join("site/dist/.git/config"), "x").unwrap();
        symlink(".git/config", project.path().join("site/dist/config.txt")).unwrap();
        assert_eq!(codes(&project), ["secret-in-site", "secret-in-site"]);
    }

    #[test]
    fn a_folder_that_leads_out_or_is_empty_is_no_site() {
        let project = tempfile::tempdir().unwrap();
        symlink("/etc", project.path().join("public")).unwrap();
        assert_eq!(files(project.path(), "public").unwrap_err()[0].code, "link-leaves-project");
        fs::create_dir(project.path().join("empty")).unwrap();
        assert_eq!(files(project.path(), "empty").unwrap_err()[0].code, "empty-site");
        assert_eq!(files(project.path(), "gone").unwrap_err()[0].code, "unreadable");
    }
}
