//! What looks like a key is not shipped: neither in a site, which everybody reads, nor in a function's zip.

use std::path::Path;

use deployer_engine::diagnostic::Diagnostic;

use super::tree::{joined, unreadable};
use crate::leaks::{ALLOW_FILE, Allowed, Leak, Text, scan};

/// The largest file that is looked at, in bytes: pictures and films are larger, and no text is.
const MOST_BYTES: u64 = 16 << 20;

/// Faults of a site's files, which are below `dir`, that hold what looks like a key.
pub fn in_site<'a>(
    project: &Path,
    dir: &str,
    files: impl Iterator<Item = (&'a String, u64)>,
) -> Result<(), Vec<Diagnostic>> {
    let allowed = allowed(project)?;
    let mut faults = Vec::new();
    for (path, _) in files.filter(|(_, size)| *size <= MOST_BYTES) {
        let full = joined(dir, path);
        match std::fs::read(project.join(&full)) {
            Ok(content) => faults.extend(found(&full, &content, &allowed).iter().map(Leak::fault)),
            Err(error) => faults.push(unreadable(&full, &error)),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The first place in a program that looks like a key: what it is, and what allows it.
pub fn in_program(project: &Path, package: &str, content: &[u8]) -> Result<Option<String>, Vec<Diagnostic>> {
    let allowed = allowed(project)?;
    let place = format!("{package}.zip/bootstrap");
    Ok(found(&place, content, &allowed).first().map(|leak| format!("its program holds {} [{}]", leak.what, leak.rule)))
}

fn found(path: &str, content: &[u8], allowed: &Allowed) -> Vec<Leak> {
    let mut leaks = scan(path, content, Text::Built);
    leaks.retain(|leak| !allowed.covers(leak));
    leaks
}

fn allowed(project: &Path) -> Result<Allowed, Vec<Diagnostic>> {
    Allowed::read(project).map_err(|failure| match failure.diagnostics {
        faults if faults.is_empty() => {
            vec![Diagnostic::error("bad-allow-list", format!("{ALLOW_FILE} cannot be read"))]
        }
        faults => faults,
    })
}
