//! The deployer as people run it: a process with a project folder, before an AWS on this machine.

mod as_aws;
mod canaries;
mod carried;
mod changes;
mod commands;
mod dev;
mod editor;
mod faults;
mod given;
mod guides;
mod init;
mod interrupted;
mod journey;
mod leaks;
mod life;
mod looking;
mod permissions;
mod rebuild;
mod safety;
mod secrecy;
mod secrets;
mod states;
mod stopping;
mod under_load;
mod world;

#[test]
fn no_test_file_is_forgotten() {
    use std::collections::BTreeSet;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let text = std::fs::read_to_string(format!("{folder}/runner.rs")).unwrap();
    let listed: BTreeSet<String> =
        text.lines().filter_map(|line| Some(line.strip_prefix("mod ")?.trim_end_matches(';').to_owned())).collect();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let present: BTreeSet<String> =
        files.map(|name| name.trim_end_matches(".rs").to_owned()).filter(|name| name != "runner").collect();
    assert_eq!(listed, present);
}
