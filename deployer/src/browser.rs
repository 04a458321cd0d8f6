//! Opening an address in the browser of whoever works here.

use std::io;
use std::process::{Command, Stdio};

/// The program that a person has chosen for it. Source: xdg-open(1).
const CHOSEN: &str = "BROWSER";
/// The system's own.
#[cfg(target_os = "macos")]
const OF_SYSTEM: &str = "open";
#[cfg(not(target_os = "macos"))]
const OF_SYSTEM: &str = "xdg-open";

/// Opens an address. It is not waited for: some browsers run until they are closed.
pub fn open(url: &str) -> io::Result<()> {
    let chosen = std::env::var_os(CHOSEN).filter(|program| !program.is_empty());
    let mut command = Command::new(chosen.unwrap_or_else(|| OF_SYSTEM.into()));
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}
