//! The reference stacks in two versions, with functions and a site that are small enough to be shipped hundreds of
//! times: what is swept is the deployer, not what it ships.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use super::rows::StateIn;

/// The repository's stack files.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../stacks");

/// The stacks that are swept.
pub const STACKS: &[&str] = &["shipcaptaincrew", "exec-reports"];

/// Which version of a project is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The one that is shipped first.
    First,
    /// The one that `Change` brings.
    Second,
}

/// What of each stack differs in the second version, where its file has it: tags of everything, a schedule, limits,
/// sizes.
const CHANGES: &[(&str, &str)] = &[
    ("owner = \"platform\"", "owner = \"crew\""),
    ("= 256\n", "= 512\n"),
    ("\"1 hour\"", "\"2 hours\""),
    ("0 14 ? * MON *", "0 15 ? * MON *"),
    ("limit = 1000", "limit = 2000"),
];

/// Declarations that each stack has besides: two secrets that are rotated, and params, of which in the second version one has another value, one another type and is
/// thus replaced, one is gone and one is new.
const FIRST: &str = r#"
[secret.fault-ring]
kind = "rs256-ring"
[secret.fault-random]
kind = "random"
[param.fault-value]
value = "one"
[param.fault-type]
value = "one"
[param.fault-gone]
value = "one"
"#;
const SECOND: &str = r#"
[secret.fault-ring]
kind = "rs256-ring"
[secret.fault-random]
kind = "random"
[param.fault-value]
value = "two"
[param.fault-type]
value = ["one", "two"]
[param.fault-new]
value = "two"
"#;

/// The bucket that keeps a stack's state, where its file says so. Nobody's inventory has it.
pub const STATE_BUCKET: &str = "deployer-faults-states";
/// The line of each stack file that begins its environment, and with what the bucket is named there.
const ENVIRONMENT: &str = "[env.local]";

/// The stack files as they are when they are first asked for: a sweep is not disturbed by who edits them.
static TEXTS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let text = |name: &str| {
        let path = Path::new(FOLDER).join(format!("{name}.toml"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    STACKS.iter().map(|name| (*name, text(name))).collect()
});

/// A stack's file.
fn stack(name: &str, version: Version, state: StateIn) -> String {
    let text = &TEXTS[name];
    // The site is there already: nothing of it is built.
    let line = |line: &str| match state {
        StateIn::Bucket if line.starts_with(ENVIRONMENT) => {
            format!("{line}\nstate = {{ bucket = \"{STATE_BUCKET}\" }}\n")
        }
        _ => format!("{line}\n"),
    };
    let unbuilt: String = text.lines().filter(|line| !is_command(line)).map(line).collect();
    match version {
        Version::First => unbuilt + FIRST,
        Version::Second => CHANGES.iter().fold(unbuilt, |text, (old, new)| text.replace(old, new)) + SECOND,
    }
}

/// Whether a line of a site says what makes or serves its files.
fn is_command(line: &str) -> bool {
    let said =
        ["install", "build", "dev"].into_iter().find_map(|key| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    said.is_some_and(|rest| rest.trim().starts_with('"'))
}

/// Every file of a project with all the stacks; `bucket`: the one whose state is in a bucket.
pub fn files(version: Version, bucket: Option<&str>) -> Vec<(String, String)> {
    let state = |name: &str| if bucket == Some(name) { StateIn::Bucket } else { StateIn::Folder };
    let stacks = STACKS.iter().map(|name| (format!("stacks/{name}.toml"), stack(name, version, state(name))));
    let mut files: Vec<_> = stacks.collect();
    let texts: String = files.iter().map(|(_, text)| text.as_str()).collect();
    files.extend(functions(&quoted_after(&texts, "package"), version));
    files.extend(quoted_after(&texts, "dir").iter().flat_map(|folder| site(folder, version)));
    files
}

/// The texts that stand in quotes behind `name =`.
fn quoted_after(text: &str, name: &str) -> BTreeSet<String> {
    let values = text.split(name).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('='));
    let quoted = values.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    quoted.map(str::to_owned).collect()
}

/// A workspace of functions that only say which version they are.
fn functions(packages: &BTreeSet<String>, version: Version) -> Vec<(String, String)> {
    let members: Vec<_> = packages.iter().map(|name| format!("\"{name}\"")).collect();
    let locked = |name: &String| format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    let mut files = vec![
        ("Cargo.toml".to_owned(), format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "))),
        ("Cargo.lock".to_owned(), format!("version = 4\n{}", packages.iter().map(locked).collect::<String>())),
    ];
    for name in packages {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        files.push((format!("{name}/Cargo.toml"), manifest));
        files.push((format!("{name}/src/main.rs"), format!("fn main() {{\n    println!(\"{version:?}\");\n}}\n")));
    }
    files
}

/// A page with two files that it needs, one of which is the same in both versions.
fn site(folder: &str, version: Version) -> Vec<(String, String)> {
    let script = format!("app-{version:?}0");
    let page = format!(
        "<!doctype html><title>{version:?}</title><link rel=stylesheet href=/assets/look-Bk3x9QzT.css><script type=module src=/assets/{script}.js></script>\n"
    );
    vec![
        (format!("{folder}/index.html"), page),
        (format!("{folder}/assets/look-Bk3x9QzT.css"), "body { margin: 0 }\n".to_owned()),
        (format!("{folder}/assets/{script}.js"), format!("console.log('{version:?}')\n")),
    ]
}

/// The stacks whose outputs a stack needs.
pub fn needs(name: &str) -> BTreeSet<String> {
    let text = stack(name, Version::First, StateIn::Folder);
    let names = text.split("${stack.").skip(1).filter_map(|rest| rest.split('.').next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_differ_in_the_stacks_the_code_and_the_site() {
        let (first, second) = (files(Version::First, None), files(Version::Second, None));
        for name in
            ["stacks/shipcaptaincrew.toml", "stacks/exec-reports.toml", "crew-api/src/main.rs", "site/dist/index.html"]
        {
            let of = |files: &[(String, String)]| files.iter().find(|(path, _)| path == name).cloned();
            assert!(of(&first).is_some() && of(&first) != of(&second), "{name}");
        }
        let in_bucket = files(Version::First, Some("exec-reports"));
        let differ: Vec<_> = in_bucket.iter().zip(&first).filter(|(one, other)| one != other).collect();
        assert!(
            matches!(&differ[..], [(kept, _)] if kept.0 == "stacks/exec-reports.toml" && kept.1.contains(STATE_BUCKET))
        );
        assert!(!first.iter().any(|(_, text)| text.contains("npm")));
        assert_eq!(needs("exec-reports"), BTreeSet::from(["shipcaptaincrew".to_owned()]));
    }
}
