//! What was mailed about which sail: the memory that keeps a nudge from coming twice.

mod dynamodb;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::mail::{MessageKey, Receipt};
use functions_shared::sail::EventId;
use jiff::{SignedDuration, Timestamp};

pub use dynamodb::DynamoNudges;

/// How long after a nudge about a sail no other goes out, whatever became of it.
pub const QUIET: SignedDuration = SignedDuration::from_hours(12);
/// How long a nudge is remembered.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Where nudges are remembered.
pub trait Nudges: Send + Sync {
    /// Takes the sail for this mail, unless a nudge about it is within the quiet period.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>>;

    /// Writes down what became of the mail. A claim of another mail is left alone.
    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>>;
}

/// One sail, taken for one mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The sail.
    pub event_id: EventId,
    /// The mail. Another run has another key, so a claim is never taken for somebody else's.
    pub key: MessageKey,
    /// When the sail was taken.
    pub at: Timestamp,
}

/// What became of an attempt to take a sail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// It is ours: mail, then settle.
    Won,
    /// It was mailed within the quiet period.
    Quiet,
    /// Somebody took it within the quiet period and never said what became of the mail.
    Unknown,
}

/// What became of a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// SES has taken it.
    Sent(Receipt),
    /// Nobody can tell.
    Unknown,
    /// It surely did not go out: the sail is free again.
    Refused,
}

impl Claim {
    /// The key of the nudge in the table.
    pub fn nudge_id(&self) -> String {
        format!("no-captain#{}", self.event_id)
    }

    /// Claims before this moment no longer count.
    pub fn quiet_since(&self) -> Timestamp {
        self.at.checked_sub(QUIET).unwrap_or(Timestamp::MIN)
    }
}
