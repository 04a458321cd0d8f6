//! No test file is forgotten.

use std::fs;
use std::path::Path;

#[test]
fn every_test_file_is_part_of_the_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let root = fs::read_to_string(folder.join("aws.rs")).unwrap();
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|each| each == "rs"));
    let names = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).filter(|name| name != "aws");
    let forgotten: Vec<_> = names.filter(|name| !root.contains(&format!("mod {name};"))).collect();
    assert_eq!(forgotten, Vec::<String>::new());
}
