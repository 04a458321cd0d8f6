//! Runs of the deployer that are killed, fed, watched, or on a terminal of their own.

use std::io::{Seek as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::{Ran, World, ran};

/// How often the kernel is asked about a process that runs.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Runs a command on a terminal of its own: what it is given is typed, and in the end it tells whether the terminal is as
/// it was.
pub const TERMINAL: &str = r#"
import os, pty, select, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
before = termios.tcgetattr(terminal)[3]
watched = [terminal, 0]
while True:
    ready = select.select(watched, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 100)
        os.write(terminal, typed) if typed else watched.remove(0)
    if terminal in ready:
        try:
            shown = os.read(terminal, 10000)
        except OSError:
            break
        os.write(1, shown)
after = termios.tcgetattr(terminal)[3]
print("the terminal is", "as it was" if after == before else "changed", flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// The same command on a terminal of its own; what is typed there is its stdin.
pub fn on_a_terminal(inner: &Command) -> Command {
    let inner = inner.as_std();
    let mut command = Command::new("python3");
    command.args(["-c", TERMINAL]).arg(inner.get_program()).args(inner.get_args());
    command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl World {
    /// Runs a command that may be killed by what the wire does to it.
    pub async fn run_killed(&self, line: &str) -> Ran {
        let mut child = self.command(line.split_whitespace());
        let child = child.spawn().expect("the deployer starts");
        self.wire.is_process("A", child.id().expect("it was not waited for"));
        Ran::of(child.wait_with_output().await.expect("it ends"))
    }

    /// Runs a command with something on its stdin.
    pub async fn run_with(&self, line: &str, input: &str) -> Ran {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(input.as_bytes()).expect("written");
        file.rewind().expect("rewound");
        ran(self.command(line.split_whitespace()).stdin(Stdio::from(file))).await
    }

    /// Runs a command, and what the kernel tells everybody of it meanwhile.
    pub async fn run_watched(&self, line: &str) -> (Ran, String) {
        let child = self.command(line.split_whitespace()).spawn().expect("the deployer starts");
        let pid = child.id().expect("it was not waited for");
        let mut told = String::new();
        let ended = child.wait_with_output();
        tokio::pin!(ended);
        loop {
            told.push_str(&told_by_the_kernel(pid));
            match tokio::time::timeout(LOOK_EVERY, &mut ended).await {
                Ok(output) => return (Ran::of(output.expect("it ends")), told),
                Err(_) => continue,
            }
        }
    }

    /// Runs a command on a terminal, where somebody types when asked: what was shown there.
    pub async fn run_typed(&self, line: &str, question: &str, typed: &str) -> String {
        let mut child = on_a_terminal(&self.command(line.split_whitespace())).spawn().expect("it starts");
        let mut keyboard = child.stdin.take().expect("it is piped");
        let mut screen = child.stdout.take().expect("it is piped");
        let (mut shown, mut part) = (Vec::new(), [0; 4096]);
        let mut answer = Some(format!("{typed}\n"));
        loop {
            let read = screen.read(&mut part).await.expect("what is shown");
            shown.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&shown);
            if read == 0 {
                let status = child.wait().await.expect("it ends");
                assert!(status.success(), "{text}");
                return text.into_owned();
            }
            if text.contains(question)
                && let Some(answer) = answer.take()
            {
                keyboard.write_all(answer.as_bytes()).await.expect("typed");
            }
        }
    }
}

/// What the kernel tells everybody of a process and of all that it started.
pub fn told_by_the_kernel(pid: u32) -> String {
    let file = |pid: &str, name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let (mut open, mut told) = (vec![pid.to_string()], String::new());
    while let Some(pid) = open.pop() {
        told.push_str(&String::from_utf8_lossy(&[file(&pid, "cmdline"), file(&pid, "environ")].concat()));
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
        open.extend(children.flat_map(|each| each.split_whitespace().map(str::to_owned).collect::<Vec<_>>()));
    }
    told
}
