//! How a call can be spoilt.

use std::fmt;
use std::time::Duration;

use rustix::process::Signal;

/// How a call is spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// AWS is not asked; the answer is an error of this status and code, in the form of its service.
    Answer(u16, &'static str),
    /// AWS is asked and does it; the answer is an error all the same.
    AnswerAfter(u16, &'static str),
    /// AWS is not asked; the connection is cut.
    CutBefore,
    /// AWS is asked and does it; the connection is cut before the answer.
    CutAfter,
    /// AWS is asked and does it; the connection is cut in the middle of the answer.
    CutMid,
    /// AWS gets half of the request, and the connection is cut on both sides.
    Truncate,
    /// AWS is not asked, and no answer ever comes.
    HangBefore,
    /// AWS is asked and does it, and no answer ever comes.
    HangAfter,
    /// The caller's process gets the signal; then AWS is asked, unless the caller is killed.
    SignalBefore(Signal),
    /// AWS is asked and does it; then the caller's process gets the signal, and the answer unless it is killed.
    SignalAfter(Signal),
    /// The call waits this long before AWS is asked.
    Delay(Duration),
    /// The call waits until [`super::Wire::release`] opens the gate of this name.
    Hold(&'static str),
    /// A read is answered as it was answered the last time; one that was never asked is passed on.
    Stale,
    /// Somebody else sends the same request just before: its ETag or lock token is no longer the newest.
    Bump,
    /// A write to DynamoDB meets another one that is under way: nothing is written.
    TransactionConflict,
}

impl Fault {
    /// Whether no answer ever comes.
    pub(super) fn hangs(self) -> bool {
        matches!(self, Self::HangBefore | Self::HangAfter)
    }
}

/// In one word, as logs show it.
impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(status, code) => write!(out, "{status}-{code}"),
            Self::AnswerAfter(status, code) => write!(out, "{status}-{code}-after"),
            Self::CutBefore => write!(out, "drop-before"),
            Self::CutAfter => write!(out, "drop-after"),
            Self::CutMid => write!(out, "cut-mid"),
            Self::Truncate => write!(out, "trunc-req"),
            Self::HangBefore => write!(out, "hang-before"),
            Self::HangAfter => write!(out, "hang-after"),
            Self::SignalBefore(signal) => write!(out, "signal-{}-before", signal.as_raw()),
            Self::SignalAfter(signal) => write!(out, "signal-{}-after", signal.as_raw()),
            Self::Delay(time) => write!(out, "delay-{}ms", time.as_millis()),
            Self::Hold(gate) => write!(out, "hold-{gate}"),
            Self::Stale => write!(out, "stale"),
            Self::Bump => write!(out, "bump"),
            Self::TransactionConflict => write!(out, "transaction-conflict"),
        }
    }
}
