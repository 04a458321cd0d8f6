//! Stopping: how urgently a run should end.

/// How urgently a run should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Not at all.
    #[default]
    No,
    /// Start nothing new, let calls in flight end.
    Soon,
    /// Leave at once: the journal holds what is open.
    Now,
}
