//! Processes that build: their output line by line, and nothing left behind.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::time::Instant;

use super::environment::find;

/// Longest line that is kept, in bytes; the rest of it is dropped.
const MAX_LINE_BYTES: usize = 16 << 10;
/// How long the output of an ended process is still read: a server that it has left behind, such as
/// a compiler cache, may hold it open for ever.
const GRACE: Duration = Duration::from_millis(500);
/// How often is looked whether the rest of a stopped group is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
        self.start()?.ended(see).await
    }

    /// Starts it, in a process group of its own.
    pub fn start(&self) -> io::Result<Started> {
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
        let out = Lines::new(child.stdout.take().expect("standard output is piped"));
        let error = Lines::new(child.stderr.take().expect("standard error is piped"));
        Ok(Started { child, group, output: Output { out: Some(out), error: Some(error) } })
    }
}

/// A process that was started. When it is dropped, it and all that it started are told to stop.
pub struct Started {
    child: tokio::process::Child,
    group: Group,
    output: Output,
}

impl Started {
    /// Gives each line to `see` as it comes, without its end, until the process ends by itself.
    async fn ended(&mut self, see: &mut (dyn FnMut(Stream, &str) + Send)) -> io::Result<ExitStatus> {
        let Self { child, group, output } = self;
        let mut ended = None;
        let grace = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(grace);
        loop {
            tokio::select! {
                line = output.next() => match line? {
                    Some((stream, line)) => see(stream, &line),
                    None => break,
                },
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
        group.0 = None;
        Ok(status)
    }

    /// The next line of either stream, without its end; absent: nobody can write any more. Cancelling it loses nothing.
    pub async fn line(&mut self) -> io::Result<Option<String>> {
        Ok(self.output.next().await?.map(|(_, line)| line))
    }

    /// Tells it and all that it started to stop, and waits until they are gone; those that stay are killed after the limit.
    pub async fn stop(mut self, limit: Duration) {
        let Some(group) = self.group.0.take() else { return };
        let _ = kill_process_group(group, Signal::TERM);
        let gone = async {
            // The first of the group is ours to bury, the others are the system's.
            let _ = self.child.wait().await;
            while test_kill_process_group(group).is_ok() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if tokio::time::timeout(limit, gone).await.is_err() {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.child.wait().await;
        }
    }
}

/// Both streams of a process, while they are open.
struct Output {
    out: Option<Lines<ChildStdout>>,
    error: Option<Lines<ChildStderr>>,
}

impl Output {
    /// The next line of either stream; absent: both have ended. Cancelling it loses nothing.
    async fn next(&mut self) -> io::Result<Option<(Stream, String)>> {
        loop {
            let (stream, line) = tokio::select! {
                line = next_of(&mut self.out), if self.out.is_some() => (Stream::Out, line?),
                line = next_of(&mut self.error), if self.error.is_some() => (Stream::Error, line?),
                else => return Ok(None),
            };
            match (line, stream) {
                (Some(line), stream) => return Ok(Some((stream, line))),
                (None, Stream::Out) => self.out = None,
                (None, Stream::Error) => self.error = None,
            }
        }
    }
}

async fn next_of<R: AsyncRead + Unpin>(lines: &mut Option<Lines<R>>) -> io::Result<Option<String>> {
    match lines {
        Some(lines) => lines.next().await,
        None => Ok(None),
    }
}

/// The process group of a running child: it gets no Ctrl-C of the terminal, so we pass on the stop.
struct Group(Option<Pid>);

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
mod tests;
