//! Who holds a lock, and whether that process still lives.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// When that process was started, in the kernel's ticks since its own start; 0 where that is unknown.
    /// It tells the process from a later one of the same number.
    #[serde(default)]
    pub started: u64,
    /// The name of its machine.
    pub host: String,
    /// Its kernel's run and its space of process numbers; empty where they are unknown. Numbers of two
    /// processes can be compared where this is equal.
    #[serde(default)]
    pub machine: String,
    /// What it runs.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Made at random: tells one holding from another.
    #[serde(default)]
    pub token: String,
}

impl Holder {
    /// This process.
    pub fn here(command: &str) -> Self {
        let pid = std::process::id();
        Self {
            pid,
            started: running_since(pid).unwrap_or_default(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            machine: machine().unwrap_or_default(),
            command: command.to_owned(),
            since: jiff::Timestamp::now().strftime("%FT%TZ").to_string(),
            token: super::random_hex(),
        }
    }

    /// Whether its process is known to be gone. `here` is somebody on this machine.
    pub fn is_gone(&self, here: &Self) -> bool {
        let comparable = !here.machine.is_empty() && self.machine == here.machine && self.started != 0;
        comparable && running_since(self.pid) != Some(self.started)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (process {} on {}, since {})", self.command, self.pid, self.host, self.since)
    }
}

/// When a process was started; `None` when there is none, or it has ended and only waits to be reaped.
fn running_since(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the last bracket may hold anything. Source: proc(5), fields 3 and 22.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    match *fields.first()? {
        "Z" | "X" => None,
        _ => fields.get(19)?.parse().ok(),
    }
}

fn machine() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), space.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ended_or_whose_number_is_anothers_is_gone() {
        let here = Holder::here("deployer up");
        assert!(!here.is_gone(&here));
        assert!(Holder { started: here.started - 1, ..here.clone() }.is_gone(&here), "a later process of its number");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let ended = Holder { pid: child.id(), started: running_since(child.id()).unwrap_or(1), ..here.clone() };
        // It is gone before it is reaped, too; reaping it is the only way to know that it has ended.
        child.wait().unwrap();
        assert!(ended.is_gone(&here));
    }

    #[test]
    fn a_process_of_another_machine_is_never_known_to_be_gone() {
        let here = Holder::here("deployer up");
        let elsewhere = Holder { machine: "another".into(), pid: u32::MAX, ..here.clone() };
        assert!(!elsewhere.is_gone(&here));
        let unknown = Holder { machine: String::new(), ..elsewhere };
        assert!(!unknown.is_gone(&Holder { machine: String::new(), ..here }));
    }
}
