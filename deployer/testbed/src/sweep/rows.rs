//! What the table is made of: a situation a line, a mode a line.

use rustix::process::Signal;

use crate::Fault;

/// What happens before the run that is spoilt.
#[derive(Clone, Copy, Debug)]
pub enum Before {
    /// A verb of the deployer, undisturbed.
    Run(&'static str),
    /// The next version of the stack file, the code and the site.
    Change,
}

/// What is there afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// All that the stack file says, and a plan without changes.
    TheStack,
    /// Nothing that bears the stack's tags.
    Nothing,
}

/// Where the stack's state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateIn {
    /// In the project's folder.
    Folder,
    /// In a bucket.
    Bucket,
}

/// A run that can be spoilt anywhere.
#[derive(Debug)]
pub struct Situation {
    /// Its name, as `SITUATION=…` says it.
    pub name: &'static str,
    /// Where the state is.
    pub state: StateIn,
    /// What goes before it.
    pub before: &'static [Before],
    /// The verb that is spoilt, and run again until it ends well.
    pub verb: &'static str,
    /// Another verb, which is run after it instead, whatever came of it.
    pub then: Option<&'static str>,
    /// What it leaves.
    pub leaves: Leaves,
}

impl Situation {
    /// The verb that ends it.
    pub fn last_verb(&self) -> &'static str {
        self.then.unwrap_or(self.verb)
    }

    /// Whether it is over when the last run ended so, after so many beyond the spoilt one.
    pub fn is_over(&self, ended_well: bool, reruns: usize) -> bool {
        ended_well && (reruns > 0 || self.then.is_none())
    }
}

use Before::{Change, Run};
use StateIn::{Bucket, Folder};

/// Every situation.
#[rustfmt::skip]
pub const SITUATIONS: &[Situation] = &[
    Situation { name: "first-up", state: Folder, before: &[], verb: "up", then: None, leaves: Leaves::TheStack },
    Situation { name: "given-up", state: Folder, before: &[], verb: "up", then: Some("down"), leaves: Leaves::Nothing },
    Situation { name: "update", state: Folder, before: &[Run("up"), Change], verb: "up", then: None, leaves: Leaves::TheStack },
    Situation { name: "rotate", state: Folder, before: &[Run("up")], verb: "secrets rotate fault-ring fault-random --emergency", then: None, leaves: Leaves::TheStack },
    Situation { name: "down", state: Folder, before: &[Run("up")], verb: "down", then: None, leaves: Leaves::Nothing },
    Situation { name: "update-bucket", state: Bucket, before: &[Run("up"), Change], verb: "up", then: None, leaves: Leaves::TheStack },
];

/// The situation of that name.
///
/// # Panics
/// When there is none.
pub fn situation(name: &str) -> &'static Situation {
    SITUATIONS.iter().find(|each| each.name == name).unwrap_or_else(|| panic!("no situation is called {name}"))
}

/// How a run that was spoilt may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// By a signal that nobody can catch.
    Killed,
    /// With this exit code, or done when the signal came too late.
    Stopped(i32),
    /// Done, or with some of it done.
    ByItself,
}

/// A way to spoil a call.
#[derive(Debug)]
pub struct Mode {
    /// Its name, as `MODE=…` says it.
    pub name: &'static str,
    /// What happens to the call.
    pub fault: Fault,
    /// How the run may end.
    pub ends: Ends,
    /// Whether the whole table has it; the others are for those who look for more.
    pub everywhere: bool,
}

/// Every mode.
#[rustfmt::skip]
pub const MODES: &[Mode] = &[
    Mode { name: "kill-before", fault: Fault::SignalBefore(Signal::KILL), ends: Ends::Killed, everywhere: true },
    Mode { name: "kill-after", fault: Fault::SignalAfter(Signal::KILL), ends: Ends::Killed, everywhere: true },
    Mode { name: "drop-after", fault: Fault::CutAfter, ends: Ends::ByItself, everywhere: true },
    Mode { name: "500-after", fault: Fault::AnswerAfter(500, "InternalError"), ends: Ends::ByItself, everywhere: true },
    Mode { name: "drop-before", fault: Fault::CutBefore, ends: Ends::ByItself, everywhere: false },
    Mode { name: "cut-mid", fault: Fault::CutMid, ends: Ends::ByItself, everywhere: false },
    Mode { name: "trunc-req", fault: Fault::Truncate, ends: Ends::ByItself, everywhere: false },
    Mode { name: "500", fault: Fault::Answer(500, "InternalError"), ends: Ends::ByItself, everywhere: false },
    Mode { name: "502", fault: Fault::Answer(502, "BadGateway"), ends: Ends::ByItself, everywhere: false },
    Mode { name: "503", fault: Fault::Answer(503, "ServiceUnavailable"), ends: Ends::ByItself, everywhere: false },
    Mode { name: "429", fault: Fault::Answer(429, "ThrottlingException"), ends: Ends::ByItself, everywhere: false },
    Mode { name: "term-before", fault: Fault::SignalBefore(Signal::TERM), ends: Ends::Stopped(143), everywhere: false },
    Mode { name: "int-after", fault: Fault::SignalAfter(Signal::INT), ends: Ends::Stopped(130), everywhere: false },
];
