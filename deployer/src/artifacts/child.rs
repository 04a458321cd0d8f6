//! Processes that build: their output line by line, and nothing left behind.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::Instant;

use super::environment::find;

/// Longest line that is kept, in bytes; the rest of it is dropped.
const MAX_LINE_BYTES: usize = 16 << 10;
/// How long the output of an ended process is still read: a server that it has left behind, such as
/// a compiler cache, may hold it open for ever.
const GRACE: Duration = Duration::from_millis(500);

/// A process to be.
pub struct Child<'a> {
    /// The program, looked up in the `PATH` of `environment`.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub folder: &'a Path,
    /// All that it sees of the environment.
    pub environment: &'a [(OsString, OsString)],
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Error,
}

impl Child<'_> {
    /// The command as a person would type it.
    pub fn shown(&self) -> String {
        let quoted = self
            .arguments
            .iter()
            .map(|each| if each.contains([' ', '"', '\'']) { format!("'{each}'") } else { each.clone() });
        std::iter::once(self.program.to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Runs it to its end. Each line is given to `see` as it comes, without its end. When the
    /// future is dropped, the process and all that it started are told to stop.
    pub async fn run(&self, see: &mut (dyn FnMut(Stream, &str) + Send)) -> io::Result<ExitStatus> {
        let program = find(self.program, self.environment)
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it is not on the PATH"))?;
        let mut child = Command::new(program)
            .args(&self.arguments)
            .current_dir(self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()?;
        let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        let mut out = Lines::new(child.stdout.take().expect("standard output is piped"));
        let mut error = Lines::new(child.stderr.take().expect("standard error is piped"));
        let (mut open, mut ended) = ((true, true), None);
        let grace = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(grace);
        while open.0 || open.1 {
            tokio::select! {
                line = out.next(), if open.0 => match line? { Some(line) => see(Stream::Out, &line), None => open.0 = false },
                line = error.next(), if open.1 => match line? { Some(line) => see(Stream::Error, &line), None => open.1 = false },
                status = child.wait(), if ended.is_none() => {
                    ended = Some(status?);
                    grace.as_mut().reset(Instant::now() + GRACE);
                }
                () = &mut grace, if ended.is_some() => break,
            }
        }
        let status = match ended {
            Some(status) => status,
            None => child.wait().await?,
        };
        group.ended();
        Ok(status)
    }
}

/// The process group of a running child: it gets no Ctrl-C of the terminal, so we pass on the stop.
struct Group(Option<Pid>);

impl Group {
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::TERM);
        }
    }
}

/// The lines of a stream. Cancelling `next` loses nothing.
struct Lines<R> {
    stream: R,
    pending: Vec<u8>,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn new(stream: R) -> Self {
        Self { stream, pending: Vec::new(), ended: false }
    }

    async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.pending.iter().position(|each| *each == b'\n') {
                let line = self.pending.drain(..=end).collect::<Vec<_>>();
                return Ok(Some(text(&line)));
            }
            if self.ended || self.pending.len() > MAX_LINE_BYTES {
                let line = std::mem::take(&mut self.pending);
                return Ok((!line.is_empty()).then(|| text(&line)));
            }
            let mut chunk = [0; 8 << 10];
            let read = self.stream.read(&mut chunk).await?;
            self.ended = read == 0;
            self.pending.extend_from_slice(&chunk[..read]);
        }
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

/// A line as it may go to a terminal: no colours, no control characters, not endless.
pub fn harmless(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line.chars();
    while let Some(each) = rest.next() {
        match each {
            // An escape sequence of colours ends with a letter.
            '\u{1b}' => drop(rest.by_ref().find(char::is_ascii_alphabetic)),
            '\t' => shown.push_str("    "),
            each if each.is_control() || is_direction(each) => shown.extend(each.escape_unicode()),
            each => shown.push(each),
        }
        if shown.len() > MAX_LINE_BYTES {
            shown.push('…');
            break;
        }
    }
    shown
}

/// Characters that turn the direction of what follows: they make a line read as another.
fn is_direction(each: char) -> bool {
    matches!(each, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::super::tests::world::pipe;
    use super::*;

    fn environment(more: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        let path = std::env::var_os("PATH").unwrap();
        std::iter::once(("PATH".into(), path))
            .chain(more.iter().map(|(name, value)| (name.into(), value.into())))
            .collect()
    }

    async fn sh(script: &str, environment: &[(OsString, OsString)]) -> (ExitStatus, Vec<(Stream, String)>) {
        let mut lines = Vec::new();
        let child =
            Child { program: "sh", arguments: vec!["-c".into(), script.into()], folder: Path::new("/"), environment };
        let status = child.run(&mut |stream, line| lines.push((stream, line.to_owned()))).await.unwrap();
        (status, lines)
    }

    #[tokio::test]
    async fn both_streams_come_line_by_line_and_the_last_needs_no_end() {
        let (status, mut lines) = sh("echo one; echo two >&2; printf three; exit 3", &environment(&[])).await;
        assert_eq!(status.code(), Some(3));
        lines.sort_by(|one, other| one.1.cmp(&other.1));
        let expected = [(Stream::Out, "one"), (Stream::Out, "three"), (Stream::Error, "two")];
        assert_eq!(lines, expected.map(|(stream, line)| (stream, line.to_owned())));
    }

    #[tokio::test]
    async fn what_a_dropped_build_started_is_told_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("pipe");
        pipe(&named);
        // Whoever the build starts holds the pipe open: its end is seen when they are all gone.
        let script = format!("sleep 1000 > {} & wait", named.display());
        let environment = environment(&[]);
        let child = Child {
            program: "sh",
            arguments: vec!["-c".into(), script],
            folder: Path::new("/"),
            environment: &environment,
        };
        let mut ignore = |_: Stream, _: &str| {};
        let mut opened = tokio::select! {
            _ = child.run(&mut ignore) => panic!("it waits for ever"),
            file = tokio::fs::File::open(&named) => file.unwrap(),
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), opened.read_to_end(&mut Vec::new())).await;
        assert_eq!(ended.unwrap().unwrap(), 0);
    }

    #[tokio::test]
    async fn a_program_that_is_missing_is_said_so() {
        let child = Child {
            program: "no-such-program",
            arguments: Vec::new(),
            folder: Path::new("/"),
            environment: &environment(&[]),
        };
        assert_eq!(child.run(&mut |_, _| {}).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_line_cannot_play_with_the_terminal() {
        assert_eq!(harmless("\u{1b}[31merror\u{1b}[0m: a\tb\u{7}"), "error: a    b\\u{7}");
        assert_eq!(harmless("x\u{202e}y"), "x\\u{202e}y");
        assert!(harmless(&"a".repeat(1 << 20)).len() < MAX_LINE_BYTES + 10);
    }
}
