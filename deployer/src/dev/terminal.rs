//! A terminal that gives each key as it is pressed, and is as it was when this is dropped.

use std::io::{IsTerminal as _, Read as _};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The terminal on standard input, while keys are read from it.
pub struct Terminal {
    before: Termios,
    keys: UnboundedReceiver<char>,
}

impl Terminal {
    /// Takes the terminal over; absent: standard input is none. Ctrl-C stays what it is.
    pub fn open() -> Option<Self> {
        let input = std::io::stdin();
        if !input.is_terminal() {
            return None;
        }
        let before = tcgetattr(&input).ok()?;
        let mut modes = before.clone();
        modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&input, OptionalActions::Now, &modes).ok()?;
        let (send, keys) = unbounded_channel();
        // A read of a terminal cannot be cancelled: its thread ends with the process.
        std::thread::spawn(move || {
            let mut key = [0];
            while matches!(std::io::stdin().read(&mut key), Ok(1)) && send.send(char::from(key[0])).is_ok() {}
        });
        Some(Self { before, keys })
    }

    /// The next key.
    pub async fn key(&mut self) -> Option<char> {
        self.keys.recv().await
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
