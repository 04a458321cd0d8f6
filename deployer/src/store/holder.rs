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
            started: if let Process::RunningSince(started) = process(pid) { started } else { 0 },
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
        comparable
            && match process(self.pid) {
                Process::Gone => true,
                Process::RunningSince(started) => started != self.started,
                Process::Hidden => false,
            }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (process {} on {}, since {})", self.command, self.pid, self.host, self.since)
    }
}

/// What the kernel tells of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    /// There is none of this number, or it has ended and only waits to be reaped.
    Gone,
    /// Since when it runs, in the kernel's ticks since its own start.
    RunningSince(u64),
    /// It is there, or may be, and its facts are not for us.
    Hidden,
}

fn process(number: u32) -> Process {
    match std::fs::read_to_string(format!("/proc/{number}/stat")) {
        Ok(text) => facts(&text).unwrap_or(Process::Hidden),
        Err(_) => {
            // Processes of others may be hidden there; who may not be asked a signal of is there, too.
            let pid = i32::try_from(number).ok().and_then(rustix::process::Pid::from_raw);
            match pid.map(rustix::process::test_kill_process) {
                Some(Err(rustix::io::Errno::SRCH)) => Process::Gone,
                _ => Process::Hidden,
            }
        }
    }
}

/// The name before the last bracket may hold anything. Source: proc(5), fields 3 and 22.
fn facts(stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    match *fields.first()? {
        "Z" | "X" => Some(Process::Gone),
        _ => fields.get(19)?.parse().ok().map(Process::RunningSince),
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
        let started = if let Process::RunningSince(started) = process(child.id()) { started } else { 1 };
        let ended = Holder { pid: child.id(), started, ..here.clone() };
        // It is gone before it is reaped, too; reaping it is the only way to know that it has ended.
        child.wait().unwrap();
        assert!(ended.is_gone(&here));
    }

    #[test]
    fn a_process_of_which_nothing_can_be_read_is_not_known_to_be_gone() {
        let after = "1 ".repeat(18);
        assert_eq!(facts(&format!("7 (a) b) S {after}4711 9")), Some(Process::RunningSince(4711)));
        assert_eq!(facts(&format!("7 (sh) Z {after}4711 9")), Some(Process::Gone));
        assert_eq!(facts("7 (sh) S 1 1"), None);
        assert_eq!(process(u32::MAX), Process::Hidden, "no number of a process");
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
