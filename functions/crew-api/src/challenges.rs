//! Challenges: one for each time that somebody asks for a link, as a port.
//!
//! A challenge is opened by whoever asks and redeemed once: by the long token of its mail, or by the short code of
//! it together with the challenge's own id, which only the asking browser holds. Of code and token nothing is kept
//! but their digests under a key. The same item is the outbox: the one mail about a challenge is taken before it is
//! sent and settled after, so that no second one goes out. What is taken and not settled as sent is in the index
//! `unsettled`, for an administrator to look at. An invitation is there from the moment on that it is opened: who is
//! invited does not know that there is a mail to ask for.

mod dynamodb;
mod proof;

use std::fmt;
use std::str::FromStr;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::mail::{Address, MessageKey};
use functions_shared::person::PersonId;
use functions_shared::random;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

pub use dynamodb::{DynamoChallenges, UNSETTLED_INDEX};
pub use proof::{Code, Digest, Digests, LinkToken, digest};

/// How long a link and its code can be redeemed.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// The most lost mails that are told at once.
pub const MOST_LOST: u32 = 100;
/// How often a code can be tried, right or wrong.
pub const MOST_TRIES: u32 = 5;

/// Where challenges are kept.
pub trait Challenges: Send + Sync {
    /// Writes a new challenge, about which no mail was sent yet. One that is owed is told as lost until it is sent.
    fn open<'a>(
        &'a self,
        id: &'a ChallengeId,
        challenge: &'a Challenge,
        owed: Option<&'a Owed>,
    ) -> BoxFuture<'a, Result<(), CallError>>;
    /// The challenge, while its mail waits to be sent.
    fn waiting<'a>(&'a self, id: &'a ChallengeId) -> BoxFuture<'a, Result<Option<Challenge>, CallError>>;
    /// Takes the challenge for its one mail and keeps what that can be redeemed by. False: somebody has taken it,
    /// or its time is over.
    fn take<'a>(&'a self, id: &'a ChallengeId, taking: &'a Taking) -> BoxFuture<'a, Result<bool, CallError>>;
    /// The mails that were taken and of which nobody knows, that surely did not go out, or that are owed and were never
    /// taken: the oldest first, at most [`MOST_LOST`]. Those just on their way are left out.
    fn lost(&self, now: Timestamp) -> BoxFuture<'_, Result<Vec<Lost>, CallError>>;
    /// Writes down what became of the mail.
    fn settle<'a>(&'a self, id: &'a ChallengeId, outcome: &'a MailOutcome) -> BoxFuture<'a, Result<(), CallError>>;
    /// Counts one try of the code, and only then tells the digest to compare with. `None`: no try is left, the
    /// time is over, or there is no code to try.
    fn try_code<'a>(&'a self, id: &'a ChallengeId, now: Timestamp) -> BoxFuture<'a, Result<Option<Digest>, CallError>>;
    /// Uses the challenge up, in the one write that checks the digest, the time and that nobody has done so. Tells
    /// whose it is; `None`: it cannot be used.
    fn redeem<'a>(
        &'a self,
        id: &'a ChallengeId,
        redeeming: &'a Redeeming,
    ) -> BoxFuture<'a, Result<Option<Address>, CallError>>;
    /// Whether the table can be read.
    fn health(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// 128 random bits as 32 hexadecimal digits.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ChallengeId(String);

/// Somebody asked for a link, or was invited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// For which address; nobody may have it.
    pub email: Address,
    /// Why there is a mail.
    pub purpose: Purpose,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// Why there is a mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A browser waits: link and code.
    SignIn,
    /// Nobody waits: the link alone.
    Invitation,
}

/// A mail that nobody waits for, so that nobody else would miss it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owed {
    /// Whom it is for.
    pub person_id: PersonId,
    /// Our name for it.
    pub key: MessageKey,
}

/// What a challenge gets when its mail is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Taking {
    /// What the mail can be redeemed by.
    pub digests: Digests,
    /// Whom the mail is for.
    pub person_id: PersonId,
    /// Our name for the mail.
    pub key: MessageKey,
    /// When.
    pub now: Timestamp,
}

/// A mail that perhaps or surely did not go out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lost {
    /// Whom it was for.
    pub person_id: PersonId,
    /// Why there was a mail.
    pub purpose: Purpose,
    /// Our name for the mail.
    pub key: MessageKey,
    /// Whether it surely did not go out; else nobody knows.
    pub refused: bool,
    /// When it was about to be sent; of one that was never taken, since when it is owed.
    pub at: Timestamp,
}

/// What became of the mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailOutcome {
    /// SES has taken it.
    Sent,
    /// Nobody can tell. It is not sent again.
    Unknown,
    /// It surely did not go out. It is not sent again either: whoever asks again gets another one.
    Refused,
    /// The address is nobody's, or of somebody who was shut out.
    Nobody,
}

/// A use of a challenge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Redeeming {
    /// By what.
    pub by: Proof,
    /// When.
    pub now: Timestamp,
}

/// By what a challenge is redeemed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Proof {
    /// The digest of the short code.
    Code(Digest),
    /// The digest of the long token.
    Token(Digest),
}

impl ChallengeId {
    /// One that meets no other.
    pub fn new() -> Result<Self, CallError> {
        Ok(Self(random::id()?))
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Challenge {
    /// From this moment on it cannot be redeemed, whether it is still in the table or not.
    pub fn expires_at(&self) -> Timestamp {
        self.opened_at + LIFE
    }
}

impl Purpose {
    /// Both of them.
    const ALL: [Self; 2] = [Self::SignIn, Self::Invitation];

    /// The purpose's name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Invitation => "invitation",
        }
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChallengeId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |each: u8| each.is_ascii_digit() || (b'a'..=b'f').contains(&each);
        match text.len() == 32 && text.bytes().all(digit) {
            true => Ok(Self(text.to_owned())),
            false => Err("is not a challenge: 32 hexadecimal digits"),
        }
    }
}
