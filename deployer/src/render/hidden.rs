//! A question whose answer nobody sees.

use std::io::Write as _;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::plain;

/// The terminal's settings before its echo was turned off; set back when this goes, also when the question is given up.
struct Silenced(Termios);

impl Silenced {
    fn new() -> Option<Self> {
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent).ok()?;
        Some(Self(before))
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        // A terminal that is gone needs no settings.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}

/// Asks, and gives the answer with its newline; empty when there is none or when it could be seen. The echo goes first: who
/// sees the question may type at once.
pub async fn ask(question: &str) -> String {
    let Some(_silenced) = Silenced::new() else { return String::new() };
    let mut error = anstream::stderr();
    let _ = write!(error, "{} ", plain(question)).and_then(|()| error.flush());
    let read = || {
        let mut given = String::new();
        std::io::stdin().read_line(&mut given).map(|_| given)
    };
    tokio::task::spawn_blocking(read).await.ok().and_then(Result::ok).unwrap_or_default()
}
