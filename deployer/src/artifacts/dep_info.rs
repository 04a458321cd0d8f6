//! What a compiled program was really made of, as cargo writes it beside the program: the proof of
//! what was hashed before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::tree::plain;

/// Files of the project that a program was made of and that its sources do not list, as sorted
/// paths below the project. Unreadable or absent: none.
pub fn unseen(dep_info: &Path, project: &Path, target: &Path, sources: &BTreeMap<String, String>) -> Vec<String> {
    let text = std::fs::read_to_string(dep_info).unwrap_or_default();
    let listed = text.lines().filter_map(|line| line.split_once(": ")).flat_map(|(_, files)| words(files));
    // What a build script has written is made of what the script reads.
    let places = listed.map(|file| project.join(file)).filter(|place| !place.starts_with(target));
    let below = |place: PathBuf| plain(place.strip_prefix(project).ok()?.to_str()?);
    let mut found = places.filter_map(below).collect::<Vec<_>>();
    found.retain(|path| !sources.contains_key(path) && project.join(path).is_file());
    found.sort();
    found.dedup();
    found
}

/// Words between spaces; a space of a name stands after a backslash.
fn words(text: &str) -> Vec<String> {
    const SPACE: char = '\0';
    let hidden = text.replace("\\ ", &SPACE.to_string());
    hidden.split_whitespace().map(|word| word.replace(SPACE, " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_not_hashed_is_found() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path();
        for path in ["src/main.rs", "data file.txt", "target/out/generated.rs"] {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), "").unwrap();
        }
        let at = root.display();
        let info = format!(
            "{at}/target/debug/x: {at}/src/main.rs {at}/data\\ file.txt {at}/target/out/generated.rs {at}/gone.rs /usr/include/x.h\n"
        );
        std::fs::write(root.join("x.d"), info).unwrap();
        let sources = BTreeMap::from([("src/main.rs".to_owned(), String::new())]);
        assert_eq!(unseen(&root.join("x.d"), root, &root.join("target"), &sources), ["data file.txt"]);
        assert!(unseen(&root.join("no.d"), root, &root.join("target"), &sources).is_empty());
    }
}
