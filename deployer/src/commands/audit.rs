//! `deployer audit --secrets`: what looks like a key in the files of the project.

use ignore::WalkBuilder;
use serde_json::json;

use crate::error::{Exit, Failure};
use crate::leaks::{ALLOW_FILE, Allowed, Leak, Text, scan};
use crate::project::Project;
use crate::render::Reporter;

/// The largest file that is looked at, in bytes: what is larger was not written by a person.
const MOST_BYTES: u64 = 4 << 20;

/// What a look through the files of a project found.
pub struct Looked {
    /// How many files were looked through.
    pub files: usize,
    /// What looks like a key and is not allowed.
    pub found: Vec<Leak>,
}

/// Tells what looks like a key. Exits with 2 when there is any such thing.
pub fn run(project: &Project, report: &Reporter) -> Result<Exit, Failure> {
    let Looked { files, found } = look(project)?;
    found.iter().for_each(|leak| tell(leak, report));
    let count = found.len();
    report.note(&format!("{files} files, {count} findings; what was looked at and is no key stands in {ALLOW_FILE}"));
    Ok(if found.is_empty() { Exit::Done } else { Exit::Differences })
}

/// Looks through every file that git would keep, hidden ones too.
pub fn look(project: &Project) -> Result<Looked, Failure> {
    let allowed = Allowed::read(&project.folder)?;
    let mut looked = Looked { files: 0, found: Vec::new() };
    let walk = WalkBuilder::new(&project.folder)
        .hidden(false)
        .require_git(false)
        .sort_by_file_path(Ord::cmp)
        .filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != ".deployer")
        .build();
    for entry in walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        if entry.metadata().is_ok_and(|facts| facts.len() > MOST_BYTES) {
            continue;
        }
        let path = entry.path();
        let content = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let shown = path.strip_prefix(&project.folder).unwrap_or(path).to_string_lossy().into_owned();
        looked.files += 1;
        let leaks = scan(&shown, &content, as_what(&shown, &content));
        looked.found.extend(leaks.into_iter().filter(|leak| !allowed.covers(leak)));
    }
    Ok(looked)
}

/// How closely a file is looked at.
fn as_what(path: &str, content: &[u8]) -> Text {
    match path {
        // Digests of what is used stand there, as they should.
        _ if path.ends_with(".lock") || path.ends_with("package-lock.json") => Text::Built,
        _ if content.contains(&0) => Text::Built,
        _ if path.starts_with("stacks/") => Text::Stack,
        _ => Text::Written,
    }
}

fn tell(leak: &Leak, report: &Reporter) {
    let line = json!({ "type": "finding", "path": leak.path, "line": leak.line, "code": leak.rule, "what": leak.what });
    report.result(&format!("{}:{}: {} [{}]", leak.path, leak.line, leak.what, leak.rule), &line);
}
