//! What a build tells while it runs.

use deployer_engine::address::DeclarationAddress;

/// Something that happened while artifacts were being built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildEvent {
    /// What is being built: several functions may come from one run of the compiler.
    pub addresses: Vec<DeclarationAddress>,
    /// What happened.
    pub what: BuildStep,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildStep {
    /// A command starts, as a person would type it.
    Started(String),
    /// A line that it printed, harmless to a terminal.
    Line(String),
    /// The command has ended or was stopped.
    Ended,
    /// Something that a person should know, such as a change to the toolchain.
    Notice(String),
    /// It is built.
    Finished {
        /// Size of what will be shipped, in bytes.
        bytes: u64,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
}

/// Who is told. Events come from several tasks at once.
pub type Progress<'a> = &'a (dyn Fn(BuildEvent) + Send + Sync);

/// Tells of one group of artifacts.
#[derive(Clone)]
pub struct Teller<'a> {
    addresses: Vec<DeclarationAddress>,
    progress: Progress<'a>,
}

impl<'a> Teller<'a> {
    /// Tells of these.
    pub fn new(addresses: Vec<DeclarationAddress>, progress: Progress<'a>) -> Self {
        Self { addresses, progress }
    }

    /// What it tells of.
    pub fn addresses(&self) -> &[DeclarationAddress] {
        &self.addresses
    }

    /// Tells that a command starts, and when the answer is dropped that it has ended: with its future, too.
    pub fn running(&self, command: String) -> Running<'_> {
        self.tell(BuildStep::Started(command));
        Running(self)
    }

    /// Tells it.
    pub fn tell(&self, what: BuildStep) {
        (self.progress)(BuildEvent { addresses: self.addresses.clone(), what });
    }
}

/// A command that runs.
pub struct Running<'a>(&'a Teller<'a>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.tell(BuildStep::Ended);
    }
}
