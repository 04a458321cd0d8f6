//! Mail: what a message is, how it becomes bytes, and the port that sends it.

mod address;
mod compose;
mod list;
mod ses;

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::BoxFuture;
use crate::call_error::CallError;

pub use address::{Address, header_text};
pub use compose::{KEY_HEADER, compose};
pub use list::List;
pub use ses::SesMailer;

/// The most recipients of one message, BCC included. Source: SES quotas.
pub const MOST_RECIPIENTS: usize = 50;
/// How long a mail may be on its way before nobody knows what became of it.
pub const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(15);

/// Where messages go.
pub trait Mailer: Send + Sync {
    /// Sends once, never again by itself. An error whose effect is unknown may be a mail that
    /// went out.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, CallError>>;
}

/// A message in two forms for the same readers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Who writes.
    pub from: Address,
    /// Who reads; everyone sees everyone.
    pub to: Vec<Address>,
    /// Who gets a copy unseen: in the envelope, never in a header.
    pub bcc: Vec<Address>,
    /// Where answers go; absent: to `from`.
    pub reply_to: Option<Address>,
    /// One line. Line breaks and other control characters become spaces.
    pub subject: String,
    /// The form for readers without HTML.
    pub text: String,
    /// The form with HTML.
    pub html: String,
    /// What the HTML shows as `cid:` and the picture's id.
    pub pictures: Vec<Picture>,
    /// The list that the message belongs to, by which mail programs sort; absent: none.
    pub list: Option<List>,
    /// The same for two messages only when they are the same message.
    pub key: MessageKey,
    /// The date that the message bears.
    pub dated: Timestamp,
}

/// A picture that travels within a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Picture {
    /// Its id within the message: letters, digits and `-`.
    pub id: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// Our own name for a message. SES replaces the Message-ID, so this goes into a header of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageKey(String);

/// What the sender gave for an accepted message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// SES's id of the message.
    pub message_id: String,
}

impl MessageKey {
    /// The key as it is in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LONGEST: usize = 200;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(allowed) {
            return Err("is not a message key: letters, digits, '-', '_' and '.'");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
