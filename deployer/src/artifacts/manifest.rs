//! What the deployer reads of a `Cargo.toml`: names, programs and the packages it depends on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use deployer_engine::diagnostic::{Diagnostic, Source, Span};
use toml::{Table, Value};

use super::tree::{joined, plain, unreadable};

/// Tables of a manifest whose packages reach a binary; those of tests do not.
const DEPENDENCIES: &[&str] = &["dependencies", "build-dependencies", "build_dependencies"];

/// A manifest of the project.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The folder it stands in, below the project; "" is the project itself.
    pub folder: String,
    /// Its tables.
    pub table: Table,
}

/// A package that another one depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package's own name, whatever it is called here.
    pub package: String,
    /// The key it has under `[workspace.dependencies]`, when it is taken from there.
    pub inherited: Option<String>,
    /// Its folder as written, relative to the manifest that says so; absent: from a registry or git.
    pub path: Option<String>,
}

impl Manifest {
    /// Reads the manifest of a folder below the project.
    pub fn read(project: &Path, folder: &str) -> Result<Self, Diagnostic> {
        let path = joined(folder, "Cargo.toml");
        let text = fs::read_to_string(project.join(&path)).map_err(|error| unreadable(&path, &error))?;
        let table = parse(&path, &text)?;
        Ok(Self { folder: folder.to_owned(), table })
    }

    /// The name of its package, when it has one.
    pub fn package(&self) -> Option<&str> {
        self.table.get("package")?.get("name")?.as_str()
    }

    /// A value deeper inside, such as `["workspace", "members"]`.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.table.get(*first)?, |value, key| value.get(*key))
    }

    /// The names of its programs.
    pub fn programs(&self, project: &Path) -> Vec<String> {
        let named = self.table.get("bin").and_then(Value::as_array).into_iter().flatten();
        let mut found = named.filter_map(|each| each.get("name")?.as_str().map(str::to_owned)).collect::<Vec<_>>();
        let guessed = self.get(&["package", "autobins"]).and_then(Value::as_bool).unwrap_or(true);
        if guessed {
            let source = project.join(&self.folder).join("src");
            found.extend(self.package().filter(|_| source.join("main.rs").is_file()).map(str::to_owned));
            let entries = fs::read_dir(source.join("bin")).into_iter().flatten().flatten();
            found.extend(entries.filter_map(|entry| program_of(&entry.path())));
        }
        found.sort();
        found.dedup();
        found
    }

    /// What its library and its programs are made of. `root` holds what it inherits.
    pub fn dependencies(&self, root: &Manifest) -> Vec<Dependency> {
        let for_targets = self
            .table
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flat_map(|targets| targets.values())
            .filter_map(Value::as_table);
        let tables = std::iter::once(&self.table).chain(for_targets);
        let listed = tables.flat_map(|table| DEPENDENCIES.iter().filter_map(|key| table.get(*key)?.as_table()));
        listed.flatten().map(|(key, value)| dependency(key, value, root)).collect()
    }

    /// Whether the package takes something from `[workspace.package]`.
    pub fn inherits_package(&self) -> bool {
        let package = self.table.get("package").and_then(Value::as_table);
        package.into_iter().flatten().any(|(_, value)| is_inherited(value))
    }
}

/// Reads TOML of the project.
pub fn parse(path: &str, text: &str) -> Result<Table, Diagnostic> {
    text.parse::<Table>().map_err(|error| {
        let span = error.span().map_or(Span::default(), |at| Span { start: at.start, end: at.end });
        Diagnostic::error("syntax", error.message().to_owned()).at(Source::new(path, text).locate(span))
    })
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool).unwrap_or(false)
}

fn dependency(key: &str, value: &Value, root: &Manifest) -> Dependency {
    let inherited = is_inherited(value).then(|| key.to_owned());
    let real = match &inherited {
        Some(key) => root.get(&["workspace", "dependencies", key]).unwrap_or(value),
        None => value,
    };
    let text = |name: &str| real.get(name).and_then(Value::as_str).map(str::to_owned);
    Dependency { package: text("package").unwrap_or_else(|| key.to_owned()), inherited, path: text("path") }
}

fn program_of(path: &Path) -> Option<String> {
    let name = if path.is_dir() {
        path.join("main.rs").is_file().then(|| path.file_name())?
    } else {
        path.extension().is_some_and(|each| each == "rs").then(|| path.file_stem())?
    };
    name.and_then(|name| name.to_str()).map(str::to_owned)
}

/// The manifests of a workspace.
#[derive(Debug)]
pub struct Workspace {
    /// The one in the project's folder.
    pub root: Manifest,
    /// Those of the packages, by their names.
    pub packages: BTreeMap<String, Manifest>,
}

impl Workspace {
    /// Reads the manifest of the project and of each member.
    pub fn read(project: &Path) -> Result<Self, Vec<Diagnostic>> {
        let root = Manifest::read(project, "").map_err(|fault| {
            let hint = "a function is built from a package of the Cargo workspace in the project's folder: its \
                        `Cargo.toml` says `[workspace]` and `members = [\"functions/*\"]`";
            vec![fault.hint(hint)]
        })?;
        let mut faults = Vec::new();
        let mut packages = BTreeMap::new();
        let members = std::iter::once(String::new()).chain(member_folders(project, &root));
        for folder in members {
            match if folder.is_empty() { Ok(root.clone()) } else { Manifest::read(project, &folder) } {
                Ok(manifest) => {
                    let name = manifest.package().map(str::to_owned);
                    packages.extend(name.map(|name| (name, manifest)));
                }
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { root, packages })
    }
}

/// The folders that `[workspace] members` names, patterns filled in.
fn member_folders(project: &Path, root: &Manifest) -> Vec<String> {
    let texts = |key: &str| {
        let values = root.get(&["workspace", key]).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).filter_map(plain).collect::<Vec<_>>()
    };
    let excluded = texts("exclude");
    let mut found = texts("members").iter().flat_map(|pattern| matching(project, pattern)).collect::<Vec<_>>();
    found.retain(|folder| {
        !folder.is_empty() && !excluded.iter().any(|each| folder == each || folder.starts_with(&format!("{each}/")))
    });
    found.sort();
    found.dedup();
    found
}

/// Folders of the project that match a pattern such as `functions/*`. One without wildcards is
/// taken as it is, so that its absence is noticed.
fn matching(project: &Path, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in pattern.split('/') {
        let glob =
            globset::Glob::new(part).map(|glob| glob.compile_matcher()).ok().filter(|_| part.contains(['*', '?', '[']));
        let Some(glob) = glob else {
            found = found.iter().map(|folder| joined(folder, part)).collect();
            continue;
        };
        let inside = |folder: &String| {
            let entries = fs::read_dir(project.join(folder)).into_iter().flatten().flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            names.filter(|name| glob.is_match(name)).map(|name| joined(folder, &name)).collect::<Vec<_>>()
        };
        found = found.iter().flat_map(inside).collect();
        found.retain(|folder| project.join(folder).is_dir());
    }
    // Cargo, too, passes over matches that are no packages.
    if pattern.contains(['*', '?', '[']) {
        found.retain(|folder| project.join(folder).join("Cargo.toml").is_file());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(project: &Path, path: &str, text: &str) {
        let place = project.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    #[test]
    fn members_come_by_name_and_by_pattern() {
        let project = tempfile::tempdir().unwrap();
        write(
            project.path(),
            "Cargo.toml",
            "[workspace]\nmembers = [\"tool\", \"functions/*\"]\nexclude = [\"functions/old\"]\n",
        );
        for name in ["tool", "functions/api", "functions/old"] {
            write(
                project.path(),
                &format!("{name}/Cargo.toml"),
                &format!("[package]\nname = \"{}\"\n", name.rsplit('/').next().unwrap()),
            );
        }
        write(project.path(), "functions/README.md", "no package");
        write(project.path(), "functions/notes/x", "no package");
        let found = Workspace::read(project.path()).unwrap();
        assert_eq!(found.packages.keys().collect::<Vec<_>>(), ["api", "tool"]);
        assert_eq!(found.packages["api"].folder, "functions/api");
    }

    #[test]
    fn every_sort_of_dependency_but_those_of_tests_is_found() {
        let project = tempfile::tempdir().unwrap();
        write(
            project.path(),
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nshared = { path = \"lib/shared\" }\nserde = \"1\"\n",
        );
        let manifest = "[package]\nname = \"a\"\nversion.workspace = true\n[dependencies]\nshared.workspace = true\nserde = { workspace = true }\nother = { package = \"real\", path = \"../real\", optional = true }\n[build-dependencies]\ncc = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dev-dependencies]\nproptest = \"1\"\n";
        write(project.path(), "a/Cargo.toml", manifest);
        let found = Workspace::read(project.path()).unwrap();
        let a = &found.packages["a"];
        let mut names =
            a.dependencies(&found.root).into_iter().map(|each| (each.package, each.path)).collect::<Vec<_>>();
        names.sort();
        let expected =
            [("cc", None), ("libc", None), ("real", Some("../real")), ("serde", None), ("shared", Some("lib/shared"))];
        assert_eq!(names, expected.map(|(name, path)| (name.to_owned(), path.map(str::to_owned))));
        assert!(a.inherits_package());
    }

    #[test]
    fn programs_are_those_that_cargo_would_find() {
        let project = tempfile::tempdir().unwrap();
        write(project.path(), "Cargo.toml", "[package]\nname = \"a\"\n[[bin]]\nname = \"named\"\npath = \"x.rs\"\n");
        for path in ["src/main.rs", "src/bin/one.rs", "src/bin/two/main.rs", "src/bin/notes.txt"] {
            write(project.path(), path, "");
        }
        let found = Workspace::read(project.path()).unwrap();
        assert_eq!(found.packages["a"].programs(project.path()), ["a", "named", "one", "two"]);
    }

    #[test]
    fn a_fault_of_a_manifest_has_its_place() {
        let project = tempfile::tempdir().unwrap();
        assert_eq!(Workspace::read(project.path()).unwrap_err()[0].code, "unreadable");
        write(project.path(), "Cargo.toml", "[workspace]\nmembers = [\"gone\"\n");
        let fault = &Workspace::read(project.path()).unwrap_err()[0];
        assert_eq!((fault.code, fault.location.as_ref().unwrap().file.as_str()), ("syntax", "Cargo.toml"));
    }
}
