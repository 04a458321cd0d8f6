//! The part of `Cargo.lock` that a package is made of.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::diagnostic::Diagnostic;
use serde::Deserialize;

/// The packages of a lock file.
#[derive(Debug, Deserialize)]
pub struct Lock {
    #[serde(default, rename = "package")]
    packages: Vec<Locked>,
}

/// One package of a lock file.
#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Lock {
    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        toml::from_str(text).map_err(|error| {
            Diagnostic::error("bad-lock-file", format!("Cargo.lock: {}", error.message()))
                .hint("`cargo generate-lockfile` writes it anew")
        })
    }

    /// What a package of the project is made of: `name version` with source and checksum, each
    /// package once. `wanted` tells which of its own dependencies a package of the project needs for
    /// its library and programs: the lock file lists those of tests as well.
    pub fn closure(
        &self,
        package: &str,
        wanted: &dyn Fn(&str, &str) -> bool,
    ) -> Result<BTreeMap<String, String>, Diagnostic> {
        let mut by_name = BTreeMap::<&str, Vec<usize>>::new();
        for (index, each) in self.packages.iter().enumerate() {
            by_name.entry(&each.name).or_default().push(index);
        }
        let start = by_name
            .get(package)
            .and_then(|found| found.iter().copied().find(|index| self.packages[*index].source.is_none()));
        let start = start.ok_or_else(|| stale(format!("Cargo.lock does not know the package `{package}`")))?;
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            let each = &self.packages[index];
            for dependency in &each.dependencies {
                let name = dependency.split(' ').next().unwrap_or_default();
                if each.source.is_none() && !wanted(&each.name, name) {
                    continue;
                }
                let found = by_name.get(name).and_then(|found| self.find(found, dependency));
                let found = found.ok_or_else(|| {
                    stale(format!("Cargo.lock has no package `{dependency}`, which `{}` needs", each.name))
                })?;
                if seen.insert(found) {
                    open.push(found);
                }
            }
        }
        Ok(seen.into_iter().map(|index| self.packages[index].fact()).collect())
    }

    /// The package that `name`, `name version` or `name version (source)` stands for.
    fn find(&self, candidates: &[usize], dependency: &str) -> Option<usize> {
        let mut words = dependency.splitn(3, ' ').skip(1);
        let (version, source) = (words.next(), words.next());
        candidates.iter().copied().find(|index| {
            let each = &self.packages[*index];
            let source = source.and_then(|text| text.strip_prefix('(')?.strip_suffix(')'));
            version.is_none_or(|version| each.version == version)
                && source.is_none_or(|source| each.source.as_deref() == Some(source))
        })
    }
}

impl Locked {
    fn fact(&self) -> (String, String) {
        let from = self.source.as_deref().unwrap_or("this project");
        let checksum = self.checksum.as_deref().unwrap_or_default();
        (format!("{} {} {from}", self.name, self.version), checksum.to_owned())
    }
}

fn stale(message: String) -> Diagnostic {
    Diagnostic::error("stale-lock-file", message)
        .hint("`cargo metadata` brings Cargo.lock up to date; the deployer builds with `--locked`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
version = 4
[[package]]
name = "api"
version = "0.1.0"
dependencies = ["proptest", "rand 0.9.0", "shared"]
[[package]]
name = "shared"
version = "0.1.0"
dependencies = ["rand 0.8.0 (registry+https://example.org/index)"]
[[package]]
name = "rand"
version = "0.8.0"
source = "registry+https://example.org/index"
checksum = "88"
[[package]]
name = "rand"
version = "0.9.0"
source = "registry+https://example.org/index"
checksum = "99"
dependencies = ["core"]
[[package]]
name = "core"
version = "1.0.0"
source = "registry+https://example.org/index"
checksum = "11"
[[package]]
name = "proptest"
version = "1.0.0"
source = "registry+https://example.org/index"
checksum = "22"
"#;

    #[test]
    fn the_closure_has_what_is_reachable_without_tests() {
        let lock = Lock::parse(TEXT).unwrap();
        let found = lock.closure("api", &|_, name| name != "proptest").unwrap();
        let from = "registry+https://example.org/index";
        let expected = [format!("core 1.0.0 {from}"), format!("rand 0.8.0 {from}"), format!("rand 0.9.0 {from}")];
        assert_eq!(
            found.keys().cloned().collect::<Vec<_>>(),
            ["api 0.1.0 this project".to_owned()]
                .into_iter()
                .chain(expected)
                .chain(["shared 0.1.0 this project".to_owned()])
                .collect::<Vec<_>>()
        );
        assert_eq!(found[&format!("rand 0.9.0 {from}")], "99");
    }

    #[test]
    fn a_lock_file_that_lags_behind_is_told_from_a_broken_one() {
        let lock = Lock::parse(TEXT).unwrap();
        assert_eq!(lock.closure("new", &|_, _| true).unwrap_err().code, "stale-lock-file");
        assert_eq!(Lock::parse("[[package]]\nname = 1").unwrap_err().code, "bad-lock-file");
        assert_eq!(
            Lock::parse("[[package]]\nname = \"api\"\nversion = \"1\"\ndependencies = [\"gone\"]")
                .unwrap()
                .closure("api", &|_, _| true)
                .unwrap_err()
                .code,
            "stale-lock-file"
        );
    }
}
