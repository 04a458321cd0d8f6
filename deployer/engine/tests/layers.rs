//! The house's own rules: modules in reading order, no file forgotten, no AWS below.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    text.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.trim_end_matches(';').to_owned())).collect()
}

/// Every Rust file of a module: `name.rs` and what is below `name/`.
fn files(module: &str) -> Vec<PathBuf> {
    let mut found = vec![root().join(format!("src/{module}.rs"))];
    let mut folders = vec![root().join(format!("src/{module}"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

/// The code of a file without its tests, which may use anything.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    assert!(modules.len() > 10, "the list of modules was not understood");
    let mut faults = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        for file in files(module) {
            let code = code(&file);
            let later = modules[at + 1..].iter().filter(|later| {
                code.contains(&format!("crate::{later}::")) || code.contains(&format!("crate::{later};"))
            });
            faults.extend(later.map(|later| format!("{} uses {later}, which stands below it", file.display())));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_engine_has_no_aws_below_it() {
    let metadata = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "deployer-engine",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let crates = String::from_utf8(metadata.stdout).unwrap();
    assert!(crates.contains("serde_json"));
    assert_eq!(
        crates.lines().filter(|line| line.contains("aws") || line.starts_with("hyper")).collect::<Vec<_>>(),
        Vec::<&str>::new()
    );
}

#[test]
fn no_test_file_is_forgotten() {
    let text = fs::read_to_string(root().join("tests/engine.rs")).unwrap();
    let listed: BTreeSet<String> =
        text.lines().filter_map(|line| Some(line.strip_prefix("mod ")?.trim_end_matches(';').to_owned())).collect();
    let files =
        fs::read_dir(root().join("tests")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let present: BTreeSet<String> =
        files.map(|name| name.trim_end_matches(".rs").to_owned()).filter(|name| name != "engine").collect();
    assert_eq!(listed, present);
}
